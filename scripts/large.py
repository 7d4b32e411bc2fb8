"""What the benchmarks of a study on a large file share: make it, run the report, count the cost."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
SEED = 20260101
BOUNDS = {"cpu_seconds": ("CPU s", "60"), "peak_gib": ("GiB at peak", "3")}


def rating(rng: np.random.Generator, middle: np.ndarray, low: int, high: int) -> pd.array:
    """Whole answers around `middle`, three in a hundred missing."""
    answers = np.clip(np.rint(middle + rng.normal(size=len(middle))), low, high)
    answers[rng.random(len(middle)) < 0.03] = np.nan
    return pd.array(answers, dtype="Int64")


def figures(script: str, study: str, *, quick: bool) -> list[dict]:
    """What `bench.py` prints and records."""
    found = measure(script, 20_000 if quick else 1_000_000)
    name = f"{study} notebook on {found['rows']:,} rows"
    return [
        {
            "name": name,
            "value": round(found[key], 4),
            "unit": unit,
            "against": "a small file" if quick else f"the bound is {bound}",
        }
        for key, (unit, bound) in BOUNDS.items()
    ]


def measure(script: str, rows: int, keep: Path | None = None) -> dict[str, float]:
    """CPU seconds and peak memory in GiB of `crmresearch run`, publishing included."""
    with tempfile.TemporaryDirectory() as made:
        folder = keep or Path(made)
        folder.mkdir(exist_ok=True)
        # a process of its own: a child starts with its parent's peak memory on the books
        _process(script, "--make", str(folder), "--rows", str(rows))
        found = _process(script, "--run", str(folder))
    return {"rows": rows, **found}


def main(script: str, study: str, write: Callable[[Path, int], None]) -> None:
    """The command line of a `bench_*.py`."""
    parser = ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="where to leave the data and the notebook")
    parser.add_argument("--make", metavar="FOLDER", help=SUPPRESS)
    parser.add_argument("--run", metavar="FOLDER", help=SUPPRESS)
    options = parser.parse_args()
    if options.make:
        write(Path(options.make), options.rows)
        print("{}")
    elif options.run:
        print(json.dumps(_run(study, options.run)))
    else:
        for key, value in measure(script, options.rows, options.keep).items():
            print(f"{key}: {value:,.6g}")


def _process(script: str, *arguments: str) -> dict[str, float]:
    command = [sys.executable, script, *arguments]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _run(study: str, folder: str) -> dict[str, float]:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "crmresearch", "run", study, "--force"]
    command += ["--data", folder, "--reports", str(Path(folder) / "reports")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = used.ru_maxrss / (1 << 20 if sys.platform != "darwin" else 1 << 30)
    return {"cpu_seconds": used.ru_utime + used.ru_stime, "peak_gib": peak}
