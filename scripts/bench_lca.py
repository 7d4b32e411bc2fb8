"""Time the latent class engine against stepmix on the same simulated yes-or-no answers.

    python scripts/bench_lca.py             # 10,000 rows, 1 to 6 classes, 20 starts
    python scripts/bench_lca.py --million   # our engine alone on 1,000,000 rows
    python scripts/bench_lca.py --oracle 3  # starts that stepmix is given; 0 leaves it out

Seconds of this process's CPU time, which neither a busy machine nor other processes change.
"""

import argparse
import resource
import time
import warnings

import numpy as np

from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse

ITEMS, CLASSES = 12, 4


def answers(rows: int, seed: int = 1) -> np.ndarray:
    """Answers of four types to twelve yes-or-no questions."""
    rng = np.random.default_rng(seed)
    chances = rng.beta(0.8, 0.8, size=(CLASSES, ITEMS))
    kind = rng.choice(CLASSES, rows, p=[0.4, 0.3, 0.2, 0.1])
    return (rng.random((rows, ITEMS)) < chances[kind]).astype(float)


def main() -> None:
    """Print one line a number of classes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--million", action="store_true", help="1,000,000 rows, no oracle")
    parser.add_argument("--oracle", type=int, default=3, help="starts given to stepmix")
    parser.add_argument("--most", type=int, default=6, help="largest number of classes")
    given = parser.parse_args()
    rows = 1_000_000 if given.million else 10_000
    data = answers(rows)
    began = time.process_time()
    patterns = collapse(data)
    taken = time.process_time() - began
    print(f"{rows:,} rows, {len(patterns.codes):,} patterns, collapsed in {taken:.2f} s")
    near = None
    for classes in range(1, given.most + 1):
        began = time.process_time()
        near = fit(patterns, classes, starts=20, rng=np.random.default_rng([1, classes]), near=near)
        ours = time.process_time() - began
        line = f"K={classes} LL {near.loglik:.4f} {ours:.2f} s ({near.starts} starts)"
        if given.oracle and not given.million:
            line += _oracle(data, classes, given.oracle)
        print(line, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB")


def figures(quick: bool) -> list[dict]:
    """What `bench.py` prints and records."""
    rows, classes, given = (2_000, 3, 1) if quick else (10_000, 4, 3)
    data = answers(rows)
    began = time.process_time()
    model = fit(collapse(data), classes, starts=20, rng=np.random.default_rng(1))
    ours = time.process_time() - began
    taken, _ = _stepmix(data, classes, given)
    theirs = taken / given * 20
    name = f"latent classes, {rows:,} rows, {classes} classes, {model.starts} starts"
    against = f"stepmix, 20 starts from the time of {given}"
    return [
        {
            "name": name,
            "value": round(value, 4),
            "unit": unit,
            "against": f"{against}: {theirs:.3g} CPU s",
        }
        for value, unit in ((ours, "CPU s"), (ours / theirs, "ratio"))
    ]


def _oracle(data: np.ndarray, classes: int, starts: int) -> str:
    taken, loglik = _stepmix(data, classes, starts)
    scaled = taken / starts * 20
    return f"; stepmix LL {loglik:.4f} {taken:.1f} s ({starts} starts), {scaled:.0f} s for 20"


def _stepmix(data: np.ndarray, classes: int, starts: int) -> tuple[float, float]:
    """CPU seconds that stepmix takes, and the log-likelihood it reaches."""
    from stepmix.stepmix import StepMix

    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = StepMix(
            n_components=classes, measurement="binary", n_init=starts, random_state=1,
            abs_tol=1e-10, rel_tol=0, max_iter=5000, progress_bar=0, verbose=0,
        ).fit(data)  # fmt: skip
    taken = time.process_time() - began
    return taken, model.score(data) * len(data)


if __name__ == "__main__":
    main()
