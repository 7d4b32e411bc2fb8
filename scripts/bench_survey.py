"""Measure the whole survey notebook on a large file: CPU seconds and peak memory, all processes.

    python scripts/bench_survey.py [--rows 1000000] [--keep FOLDER]

Twenty rated items of customers in accounts, brands, segments and two waves, with weights, times
and days, made with a fixed seed; about three answers in a hundred are missing. `figures` is what
`bench.py` calls.
"""

from pathlib import Path

import large
import numpy as np
import pandas as pd
from large import SEED, rating

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
        "recommend": rating(rng, 7.5 + 1.6 * mood, 0, 10),
        "effort": rating(rng, 3.5 - 0.6 * mood, 1, 7),
    }
    for name, items in SCALES.items():
        own = 0.7 * mood + 0.5 * rng.normal(size=rows)
        for item in range(1, items + 1):
            columns[f"{name}_{item}"] = rating(rng, 4.5 + 0.8 * own, 1, 7)
    pd.DataFrame(columns).to_csv(folder / "responses.csv", index=False)
    lines = [
        f"{name}_{item},{name.title()} {item},scale,{'item' if name == 'trust' else name},"
        f"{'' if name == 'driver' else name},1,7,"
        for name, items in SCALES.items()
        for item in range(1, items + 1)
    ]
    (folder / "codebook.csv").write_text(CODEBOOK.format(scales="\n".join(lines)), "utf-8")
    (folder / "about.toml").write_text(ABOUT, "utf-8")


def figures(quick: bool) -> list[dict]:
    """What `bench.py` prints and records."""
    return large.figures(__file__, "survey", quick=quick)


if __name__ == "__main__":
    large.main(__file__, "survey", write_dataset)
