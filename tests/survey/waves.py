"""Surveys of several waves, made by hand for the tests of change."""

import numpy as np
import pandas as pd

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey

BOOK = {
    item.variable: item
    for item in (
        Variable(
            variable="recommend", label="R", type="scale", roles=("recommend",), low=0, high=10
        ),
        Variable(variable="sat1", label="S", type="scale", roles=("satisfaction",), low=1, high=7),
        Variable(variable="person", label="Person", type="id", roles=("person",)),
        Variable(variable="account", label="Account", type="id", roles=("account",)),
        Variable(variable="weight", label="Weight", type="number", roles=("weight",)),
        Variable(variable="size", label="Size", type="category", roles=("segment",)),
        Variable(variable="region", label="Region", type="category", roles=("brand",)),
        Variable(variable="wave", label="Wave", type="category", roles=("wave",)),
        Variable(variable="day", label="Day", type="date", roles=("date",)),
    )
}


def survey(frame: pd.DataFrame, keep: str) -> Survey:
    """The columns in `keep` of a frame as a survey."""
    book = {name: BOOK[name] for name in keep.split()}
    return Survey(answers=frame[list(book)], codebook=book, about=About(title="Test"))


def answers(n: int = 200, *, stay: int = 50, seed: int = 0) -> pd.DataFrame:
    """`n` answers, half in either wave, the first `stay` people in both."""
    rng = np.random.default_rng(seed)
    half = n // 2
    people = [*range(half), *range(stay), *range(half, 2 * half - stay)]
    mood = rng.normal(size=2 * half)[people]
    values = 4 + mood + 0.5 * rng.normal(size=2 * half)
    days = np.r_[np.arange(half) % 180, 365 + np.arange(half) % 180]
    return pd.DataFrame(
        {
            "recommend": np.clip(np.rint(7 + 2 * mood + rng.normal(size=2 * half)), 0, 10),
            "sat1": np.clip(values, 1, 7),
            "person": [f"P{number}" for number in people],
            "account": [f"A{number // 2}" for number in people],
            "weight": rng.uniform(0.5, 2, 2 * half),
            "size": categorical(np.arange(2 * half) % 3, ["Small", "Medium", "Large"]),
            "region": categorical(np.arange(2 * half) % 2, ["North", "South"]),
            "wave": categorical(np.repeat([0, 1], half), ["2025", "2026"]),
            "day": pd.Timestamp("2025-01-01") + pd.to_timedelta(days, unit="D"),
        }
    )


def categorical(codes: np.ndarray, names: list[str]) -> pd.Categorical:
    """Codes from 0 as an ordered list of labels."""
    return pd.Categorical.from_codes(codes, names)
