"""Measure the whole recovery notebook on a large file: CPU seconds and peak memory, all processes.

    python scripts/bench_recovery.py [--rows 1000000] [--keep FOLDER]

Customers in accounts and brands, two waves, with weights; three in ten had a problem, half of them
complained, and of those everything that the study can use was asked. `figures` is what `bench.py`
calls.
"""

from pathlib import Path

import large
import numpy as np
import pandas as pd
from large import SEED, rating

ABOUT = 'title = "A large file of complaints"\n'
ASKED = {  # of complainers: role to number of items
    "justice_distributive": 2,
    "justice_procedural": 2,
    "justice_interactional": 2,
    "justice_informational": 2,
    "recovery_satisfaction": 2,
}
CODEBOOK = """variable,label,type,role,construct,low,high,values
id,,id,id,,,,
account,,id,account,,,,
brand,Brand,category,brand,,,,Aster; Boreal; Cirrus
segment,Segment,category,segment,,,,Small; Medium; Large
wave,Wave,category,wave,,,,2025; 2026
weight,,number,weight,,0,20,
tenure,Tenure,number,covariate,,0,40,
problem,Problem,binary,problem,,,,0=No; 1=Yes
complained,Complained,binary,complained,,,,0=No; 1=Yes
complaint_channel,Channel,category,complaint_channel,,,,Shop; Phone; Online
answered,Answered,binary,answered,,,,0=No; 1=Yes
response_days,Days,number,response_time,,0,365,
resolved,Resolved,binary,resolved,,,,0=No; 1=Yes
severity,Severity,scale,severity,,1,5,
blames,Blames,scale,attribution,,1,7,
earlier_problems,Earlier problems,number,earlier_problems,,0,20,
earlier_resolved,Earlier one resolved,binary,earlier_resolved,,,,0=No; 1=Yes
prior,Satisfied before,scale,prior_satisfaction,,1,7,
recommend,Recommend,scale,recommend,,0,10,
talk,Speaks well,scale,word_of_mouth,,1,7,
satisfaction,Satisfied,scale,satisfaction,,1,7,
left,Left,binary,churned,,,,0=No; 1=Yes
from,From,date,followed_from,,,,
until,Until,date,followed_until,,,,
revenue,Revenue,number,revenue,,0,1000000,
{scales}
"""


def write_dataset(folder: Path, rows: int) -> None:
    """Write a dataset folder of `rows` customers."""
    rng = np.random.default_rng(SEED)
    account = rng.integers(max(rows // 4, 1), size=rows)
    mood = 0.4 * rng.normal(size=account.max() + 1)[account] + rng.normal(size=rows)
    problem = rng.random(rows) < _chance(-0.8 - 0.4 * mood)
    complained = problem & (rng.random(rows) < _chance(0.2 + 0.3 * mood))
    resolved = complained & (rng.random(rows) < _chance(0.6 + 0.4 * mood))
    now = mood - 0.4 * problem + 0.5 * resolved
    days = np.minimum(np.ceil(rng.exponential(900 * np.exp(0.4 * now))), 365).astype(int)
    start = np.datetime64("2025-01-01") + rng.integers(0, 365, rows)
    columns = {
        "id": [f"R{row}" for row in range(rows)],
        "account": np.char.add("A", account.astype(str)),
        **_groups(rng, account),
        "weight": rng.gamma(4, 0.25, rows).round(3),
        "tenure": rng.gamma(2, 3, rows).clip(0, 40).round(1),
        "problem": problem.astype(int),
        "complained": _of(problem, complained),
        "complaint_channel": np.where(complained, _one(rng, rows, "Shop Phone Online"), None),
        "answered": _of(complained, resolved | (rng.random(rows) < 0.7)),
        "response_days": _of(complained, rng.exponential(5 - resolved * 2).round()),
        "resolved": _of(complained, resolved),
        "severity": _of(problem, rating(rng, np.full(rows, 3.0), 1, 5)),
        "blames": _of(problem, rating(rng, np.full(rows, 4.5), 1, 7)),
        "earlier_problems": _of(problem, rng.poisson(0.7, rows)),
        "earlier_resolved": _of(problem, rng.random(rows) < 0.5),
        "prior": rating(rng, 4.6 + mood, 1, 7),
        "recommend": rating(rng, 7.5 + 1.6 * now, 0, 10),
        "talk": rating(rng, 4.6 + now, 1, 7),
        "satisfaction": rating(rng, 4.6 + now, 1, 7),
        "left": (days < 365).astype(int),
        "from": start.astype(str),
        "until": (start + days).astype(str),
        "revenue": rng.gamma(2, 400, rows).round(),
    }
    fair = 3.0 + 2.0 * resolved + 0.5 * mood
    for name, items in ASKED.items():
        own = fair + 0.7 * rng.normal(size=rows)
        for item in range(1, items + 1):
            columns[f"{name}_{item}"] = _of(complained, rating(rng, own, 1, 7))
    for item in range(1, 4):
        columns[f"loyalty_{item}"] = rating(rng, 4.6 + now, 1, 7)
    pd.DataFrame(columns).to_csv(folder / "responses.csv", index=False)
    (folder / "codebook.csv").write_text(CODEBOOK.format(scales="\n".join(_scales())), "utf-8")
    (folder / "about.toml").write_text(ABOUT, "utf-8")


def _scales() -> list[str]:
    scales = ASKED | {"loyalty": 3}
    return [
        f"{name}_{item},{name.replace('_', ' ').title()} {item},scale,{name},{name},1,7,"
        for name, items in scales.items()
        for item in range(1, items + 1)
    ]


def _groups(rng: np.random.Generator, account: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "brand": np.array(["Aster", "Boreal", "Cirrus"])[account % 3],
        "segment": np.array(["Small", "Medium", "Large"])[account % 7 % 3],
        "wave": _one(rng, len(account), "2025 2026"),
    }


def _one(rng: np.random.Generator, rows: int, words: str) -> np.ndarray:
    return rng.choice(np.array(words.split(), dtype=object), rows)


def _chance(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-log_odds))


def _of(asked: np.ndarray, answer: np.ndarray) -> pd.Series:
    """The answers of those who were asked."""
    return pd.Series(answer).astype("Int64").where(asked)


def figures(quick: bool) -> list[dict]:
    """What `bench.py` prints and records."""
    return large.figures(__file__, "recovery", quick=quick)


if __name__ == "__main__":
    large.main(__file__, "recovery", write_dataset)
