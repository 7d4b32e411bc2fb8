"""Time the latent class engine, beside stepmix on the same simulated yes-or-no answers.

    python scripts/bench_lca.py             # 10,000 rows, 1 to 6 classes, 20 starts, with stepmix
    python scripts/bench_lca.py --alone     # the same without stepmix
    python scripts/bench_lca.py --million 5 # four classes in 1,000,000 rows of five categories

Seconds of the process's CPU time, which neither a busy machine nor other processes change.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings

import numpy as np

from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse

ITEMS, CLASSES, STARTS = 12, 4, 20
GIVEN = {1: 1, 2: 3, 3: 3, 4: 2, 5: 1, 6: 1}  # starts of stepmix, by classes: it is slow
SHARES = [0.4, 0.3, 0.2, 0.1]
MOST = "2 GiB"


def answers(rows: int, seed: int = 1) -> np.ndarray:
    """Answers of four types to twelve yes-or-no questions."""
    rng = np.random.default_rng(seed)
    chances = rng.beta(0.8, 0.8, size=(CLASSES, ITEMS))
    kind = rng.choice(CLASSES, rows, p=SHARES)
    return (rng.random((rows, ITEMS)) < chances[kind]).astype(float)


def ratings(rows: int, categories: int, seed: int = 1) -> np.ndarray:
    """Answers of four types to twelve questions with several answers, nearly all unlike."""
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(np.full(categories, 0.8), size=(CLASSES, ITEMS)).cumsum(axis=2)
    kind = rng.choice(CLASSES, rows, p=SHARES)
    found = np.empty((rows, ITEMS))
    for item in range(ITEMS):
        found[:, item] = (rng.random(rows)[:, None] > chances[kind, item, :-1]).sum(axis=1)
    return found


def main() -> None:
    """Print one line a number of classes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--alone", action="store_true", help="without stepmix")
    parser.add_argument("--rows", type=int, default=0, help="rows, 10,000 or with --million that")
    parser.add_argument("--million", type=int, metavar="CATEGORIES", help="four classes only")
    options = parser.parse_args()
    if options.million:
        print(json.dumps(_large(options.rows or 1_000_000, options.million)))
        return
    for line in compare(options.rows or 10_000, {} if options.alone else GIVEN, most=6):
        print(line, flush=True)


def figures(quick: bool) -> list[dict]:
    """What `bench.py` prints and records."""
    rows, most = (2_000, 3) if quick else (10_000, 6)
    lines = list(compare(rows, GIVEN, most=most))
    ours, theirs = (sum(line[key] for line in lines) for key in ("ours", "theirs"))
    worst = max(lines[1:], key=lambda line: line["ours"] / line["theirs"])
    behind = min(line["loglik"] - line["stepmix"] for line in lines)
    given = ", ".join(str(GIVEN[line["classes"]]) for line in lines)
    against = f"stepmix, {STARTS} starts from the time of {given}: {theirs:.3g} CPU s"
    name = f"latent classes, {rows:,} rows x {ITEMS}, 1 to {most} classes, {STARTS} starts"
    slowest = f"{worst['classes']} classes, the worst of 2 to {most}: {worst['theirs']:.3g} CPU s"
    found = [
        _figure(name, ours, "CPU s", against),
        _figure(name, ours / theirs, "ratio", against),
        _figure(name, worst["ours"] / worst["theirs"], "ratio", slowest),
        _figure(f"{name}, least gain", behind, "log-likelihood", "the best start of stepmix"),
    ]
    size = 50_000 if quick else 1_000_000
    for categories in (2, 5):
        command = [sys.executable, __file__, "--million", str(categories), "--rows", str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        large = json.loads(done.stdout)
        name = f"latent classes, {size:,} rows x {ITEMS} of {categories} answers, {CLASSES} classes"
        against = f"{large['patterns']:,} patterns, {large['starts']} starts; "
        found += [
            _figure(name, large["seconds"], "CPU s", against + "collapsing included"),
            _figure(name, large["gib"], "GiB at peak", against + f"the bound is {MOST}"),
        ]
    return found


def compare(rows: int, given: dict[int, int], *, most: int):
    """Ours and stepmix's seconds and log-likelihood for each number of classes."""
    data = answers(rows)
    near, began = None, time.process_time()
    patterns = collapse(data)
    collapsed = time.process_time() - began
    for classes in range(1, most + 1):
        rng, began = np.random.default_rng([1, classes]), time.process_time()
        near = fit(patterns, classes, starts=STARTS, rng=rng, near=near)
        line = {
            "classes": classes,
            "ours": time.process_time() - began + (collapsed if classes == 1 else 0.0),
            "loglik": near.loglik,
            "starts": near.starts,
            "finished": near.finished,
            "at_the_best": near.replicated,
        }
        if given:
            taken, line["stepmix"] = _stepmix(data, classes, given[classes])
            line["theirs"] = taken / given[classes] * STARTS
        yield line


def _figure(name: str, value: float, unit: str, against: str) -> dict:
    return {"name": name, "value": round(float(value), 4), "unit": unit, "against": against}


def _large(rows: int, categories: int) -> dict[str, float]:
    data = answers(rows) if categories == 2 else ratings(rows, categories)
    began = time.process_time()
    patterns = collapse(data)
    found = fit(patterns, CLASSES, starts=STARTS, rng=np.random.default_rng(1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": time.process_time() - began,
        "gib": peak / (1 << 20 if sys.platform != "darwin" else 1 << 30),
        "patterns": len(patterns.codes),
        "loglik": found.loglik,
        "starts": found.starts,
        "finished": found.finished,
        "at_the_best": found.replicated,
    }


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
