"""Measure what checking a large survey file costs: CPU seconds and peak memory of one process.

    python scripts/bench_check.py [--rows 1000000]

The file is made with a fixed seed: 20 columns of ids, scales, categories, weights, dates and text,
with missing codes and about one bad cell in a hundred. `measure` is what `bench.py` calls.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20260101
CODEBOOK = """variable,label,type,role,construct,low,high,reverse,missing,values
id,,id,id,,,,,,
{scales}
recommend,,scale,recommend,,0,10,,99,
problem,,binary,problem,,,,,,1=Yes; 0=No|2
segment,,category,segment,,,,,,1=Small|small; 2=Medium; 3=Large
brand,,category,brand,,,,,,Aster; Boreal; Cirrus
weight,,number,weight,,0,20,,,
day,,date,date,,,,,,
spent,,number,,,0,,,-99,
"""
SCALES = [f"q{i}" for i in range(1, 13)]


def write_dataset(folder: Path, *, rows: int) -> int:
    """Write a dataset of `rows` respondents to `folder`; return how many cells break a rule."""
    rng = np.random.default_rng(SEED)
    texts = {"id": np.char.add("R", np.arange(rows).astype(str))}
    bad = 0
    for name in SCALES:
        texts[name] = rng.choice([*"1234567", "99"], rows, p=[0.135] * 7 + [0.055])
    texts["recommend"] = rng.choice([*map(str, range(11)), "99"], rows)
    texts["problem"] = rng.choice(["1", "2", ""], rows)
    texts["segment"] = rng.choice(["1", "small", "Medium", "3"], rows)
    texts["brand"] = rng.choice(["Aster", "Boreal", "Cirrus"], rows)
    texts["weight"] = np.char.mod("%.4f", rng.gamma(4, 0.25, rows))
    days = np.datetime64("2025-01-01") + rng.integers(0, 365, rows)
    texts["day"] = days.astype(str)
    texts["spent"] = np.char.mod("%.2f", rng.gamma(2, 50, rows))
    wrong = {"recommend": "11", "segment": "Lrage", "day": "2025-02-31", "weight": "heavy"}
    for name in [*SCALES, *wrong]:
        cells = texts[name].astype("U16")
        places = rng.random(rows) < 0.01
        cells[places] = wrong.get(name, "8")
        texts[name] = cells
        bad += int(places.sum())
    pd.DataFrame(texts).to_csv(folder / "responses.csv", index=False)
    scales = "\n".join(f"{name},,scale,driver,,1,7,,99," for name in SCALES)
    (folder / "codebook.csv").write_text(CODEBOOK.format(scales=scales), encoding="utf-8")
    (folder / "about.toml").write_text('title = "A large file"\n', encoding="utf-8")
    return bad


def measure(rows: int = 1_000_000) -> dict[str, float]:
    """CPU seconds and peak memory in GiB of `crmresearch check` on a file of `rows` rows."""
    with tempfile.TemporaryDirectory() as name:
        # each in its own process: a child starts with its parent's peak memory on the books
        made = _process("--make", name, "--rows", str(rows))
        checked = _process("--check", name)
        size = (Path(name) / "responses.csv").stat().st_size
    return {"rows": rows, "columns": 20, "megabytes": size / 1e6, **made, **checked}


def figures(quick: bool) -> list[dict]:
    """What `bench.py` prints and records."""
    rows = 50_000 if quick else 1_000_000
    found = measure(rows)
    name = f"check of {rows:,} rows x {found['columns']} columns"
    bound = "" if quick else "; the bound is "
    return [
        {
            "name": name,
            "value": round(found[key], 4),
            "unit": unit,
            "against": f"{found['megabytes']:.0f} MB of CSV" + (bound and bound + limit),
        }
        for key, unit, limit in (
            ("cpu_seconds", "CPU s", "15"),
            ("peak_gib", "GiB at peak", "1.5"),
        )
    ]


def _process(*arguments: str) -> dict[str, float]:
    command = [sys.executable, __file__, *arguments]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _check(folder: str) -> None:
    from crmresearch.data.inspection import inspect

    found = len(inspect(folder).blocking)
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = used.ru_maxrss / (1 << 20 if sys.platform != "darwin" else 1 << 30)
    print(
        json.dumps(
            {
                "problems": found,
                "cpu_seconds": used.ru_utime + used.ru_stime,
                "peak_gib": peak,
            }
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--check", metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--make", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        print(json.dumps({"bad_cells": write_dataset(Path(options.make), rows=options.rows)}))
    elif options.check:
        _check(options.check)
    else:
        for key, value in measure(options.rows).items():
            print(f"{key}: {value:,.6g}")
