"""Measure the whole survey notebook on a large file: CPU seconds and peak memory of all processes.

    python scripts/bench_survey.py [--rows 1000000] [--keep FOLDER]

Twenty rated items of customers in accounts, brands, segments and two waves, with weights, times
and days, made with a fixed seed; about three answers in a hundred are missing. `figures` is what
`bench.py` calls.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
SEED = 20260101
SCALES = {"satisfaction": 3, "loyalty": 3, "trust": 4, "driver": 8}  # items from 1 to 7
ABOUT = """title = "A large file"
paths = ["trust -> satisfaction, loyalty", "satisfaction -> loyalty"]
"""
CODEBOOK = """variable,label,type,role,construct,low,high,values
id,,id,id,,,,
account,,id,account,,,,
brand,Brand,category,brand,,,,Aster; Boreal; Cirrus
segment,Segment,category,segment,,,,Small; Medium; Large
wave,Wave,category,wave,,,,2025; 2026
weight,,number,weight,,0,20,
seconds,,number,duration,,0,,
day,,date,date,,,,
recommend,Recommend,scale,recommend,,0,10,
effort,Effort,scale,effort,,1,7,
{scales}
"""


def write_dataset(folder: Path, rows: int) -> None:
    """Write a dataset folder of `rows` respondents."""
    rng = np.random.default_rng(SEED)
    accounts = max(rows // 4, 1)
    account = rng.integers(accounts, size=rows)
    mood = 0.4 * rng.normal(size=accounts)[account] + rng.normal(size=rows)
    columns = {
        "id": [f"R{row}" for row in range(rows)],
        "account": np.char.add("A", account.astype(str)),
        "brand": np.array(["Aster", "Boreal", "Cirrus"])[account % 3],
        "segment": np.array(["Small", "Medium", "Large"])[account % 7 % 3],
        "wave": np.array(["2025", "2026"])[rng.integers(2, size=rows)],
        "weight": rng.gamma(4, 0.25, rows).round(3),
        "seconds": rng.gamma(9, 40, rows).round(),
        "day": (np.datetime64("2025-01-01") + rng.integers(0, 365, rows)).astype(str),
        "recommend": _rating(rng, 7.5 + 1.6 * mood, 0, 10),
        "effort": _rating(rng, 3.5 - 0.6 * mood, 1, 7),
    }
    for name, items in SCALES.items():
        own = 0.7 * mood + 0.5 * rng.normal(size=rows)
        for item in range(1, items + 1):
            columns[f"{name}_{item}"] = _rating(rng, 4.5 + 0.8 * own, 1, 7)
    pd.DataFrame(columns).to_csv(folder / "responses.csv", index=False)
    lines = [
        f"{name}_{item},{name.title()} {item},scale,{'item' if name == 'trust' else name},"
        f"{'' if name == 'driver' else name},1,7,"
        for name, items in SCALES.items()
        for item in range(1, items + 1)
    ]
    (folder / "codebook.csv").write_text(CODEBOOK.format(scales="\n".join(lines)), "utf-8")
    (folder / "about.toml").write_text(ABOUT, "utf-8")


def _rating(rng: np.random.Generator, middle: np.ndarray, low: int, high: int) -> pd.array:
    answers = np.clip(np.rint(middle + rng.normal(size=len(middle))), low, high)
    answers[rng.random(len(middle)) < 0.03] = np.nan
    return pd.array(answers, dtype="Int64")


def measure(rows: int, keep: Path | None = None) -> dict[str, float]:
    """CPU seconds and peak memory in GiB of `crmresearch run`, publishing included."""
    with tempfile.TemporaryDirectory() as made:
        folder = keep or Path(made)
        folder.mkdir(exist_ok=True)
        # a process of its own: a child starts with its parent's peak memory on the books
        _process("--make", str(folder), "--rows", str(rows))
        found = _process("--run", str(folder))
    return {"rows": rows, "items": 2 + sum(SCALES.values()), **found}


def figures(quick: bool) -> list[dict]:
    """What `bench.py` prints and records."""
    found = measure(20_000 if quick else 1_000_000)
    name = f"survey notebook on {found['rows']:,} rows x {found['items']} items"
    bounds = {"cpu_seconds": ("CPU s", "60"), "peak_gib": ("GiB at peak", "3")}
    return [
        {
            "name": name,
            "value": round(found[key], 4),
            "unit": unit,
            "against": "a small file" if quick else f"the bound is {bound}",
        }
        for key, (unit, bound) in bounds.items()
    ]


def _process(*arguments: str) -> dict[str, float]:
    command = [sys.executable, __file__, *arguments]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _run(folder: str) -> dict[str, float]:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "crmresearch", "run", "survey", "--force"]
    command += ["--data", folder, "--reports", str(Path(folder) / "reports")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = used.ru_maxrss / (1 << 20 if sys.platform != "darwin" else 1 << 30)
    return {"cpu_seconds": used.ru_utime + used.ru_stime, "peak_gib": peak}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="where to leave the data and the notebook")
    parser.add_argument("--make", metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--run", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        write_dataset(Path(options.make), options.rows)
        print("{}")
    elif options.run:
        print(json.dumps(_run(options.run)))
    else:
        for key, value in measure(options.rows, options.keep).items():
            print(f"{key}: {value:,.6g}")
