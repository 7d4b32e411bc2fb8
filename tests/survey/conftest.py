"""A small survey made by hand, and the parts of one that tests leave out."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey


def variable(name: str, kind: str = "scale", **settings) -> Variable:
    settings = {"roles": (), "label": name} | settings
    if kind == "scale":
        settings = {"low": 1.0, "high": 7.0} | settings
    return Variable(variable=name, type=kind, **settings)


BOOK = [
    variable("recommend", roles=("recommend",), low=0.0, high=10.0),
    *(variable(f"sat{i}", roles=("satisfaction",), construct="satisfaction") for i in (1, 2, 3)),
    *(variable(f"loy{i}", roles=("loyalty",), construct="loyalty") for i in (1, 2, 3)),
    variable(
        "effort",
        roles=("effort",),
        values={"1": ("Very low",), "7": ("Very high",)},
        label="Effort",
    ),
    *(variable(f"drv{i}", roles=("driver",)) for i in (1, 2, 3)),
    variable("seconds", "number", roles=("duration",)),
    variable("weight", "number", roles=("weight",)),
    variable("account", "id", roles=("account",)),
    variable("size", "category", roles=("segment",), label="Size"),
    variable("wave", "category", roles=("wave",), label="Wave"),
]


def answers(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=n)
    columns = {}
    for item in BOOK:
        if item.type == "scale":
            middle = (item.low + item.high) / 2
            raw = middle + 1.2 * (mood + rng.normal(size=n))
            columns[item.variable] = np.clip(np.rint(raw), item.low, item.high)
    columns["seconds"] = rng.uniform(200, 500, n)
    columns["weight"] = rng.uniform(0.3, 3, n)
    columns["account"] = [f"A{row // 3}" for row in range(n)]
    sizes = ["Small", "Medium", "Large"]
    columns["size"] = pd.Categorical([sizes[row % 3] for row in range(n)], categories=sizes)
    waves = ["2025", "2026"]
    columns["wave"] = pd.Categorical([waves[row % 2] for row in range(n)], categories=waves)
    return pd.DataFrame(columns)


@pytest.fixture(scope="session")
def make() -> Callable[..., Survey]:
    """Make a survey of `n` customers with only the columns in `keep` (all where empty)."""

    def made(n: int = 60, keep: str = "", *, frame: pd.DataFrame | None = None) -> Survey:
        wanted = keep.split() or [item.variable for item in BOOK]
        book = {item.variable: item for item in BOOK if item.variable in wanted}
        table = answers(n) if frame is None else frame
        return Survey(answers=table[list(book)], codebook=book, about=About(title="Test"))

    return made
