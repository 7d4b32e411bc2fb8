"""A made-up business survey: accounts, the people in them, and what they may say."""

import numpy as np
import pandas as pd

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey

PARTS = ["User", "Buyer", "Decider"]


def _item(name: str, kind: str = "scale", low: float = 1.0, high: float = 7.0, **settings):
    ends = {"low": low, "high": high} if kind == "scale" else {}
    return Variable(variable=name, type=kind, label=settings.pop("label", name), **ends, **settings)


BOOK = [
    _item("account", "id", roles=("account",)),
    _item("person", "id", roles=("person",)),
    _item("branch", "category", roles=("branch",)),
    _item("part", "category", roles=("stakeholder",), label="Part"),
    _item("influence", "number", roles=("influence",)),
    _item("contacts", "number", roles=("contacts",)),
    _item("wave", "category", roles=("wave",)),
    _item("brand", "category", roles=("brand",), label="Brand"),
    _item("recommend", roles=("recommend",), low=0.0, high=10.0),
    *(_item(f"sat{i}", roles=("satisfaction",), construct="satisfaction") for i in (1, 2, 3)),
    _item("weight", "number", roles=("weight",)),
]


def rows(groups: int = 60, seed: int = 1, rho: float = 0.4) -> pd.DataFrame:
    """People of `groups` accounts of one to five; every account belongs to one brand."""
    rng = np.random.default_rng(seed)
    account = np.repeat(np.arange(groups), rng.integers(1, 6, groups))
    n = len(account)
    part = rng.integers(0, 3, n)
    mood = np.sqrt(rho) * rng.normal(size=groups)[account]
    mood += np.sqrt(1 - rho) * rng.normal(size=n) + 0.4 * (part == 2)
    frame = pd.DataFrame({
        "account": pd.Series([f"A{code:03}" for code in account], dtype="str"),
        "person": pd.Series([f"P{row:04}" for row in range(n)], dtype="str"),
        "branch": pd.Categorical.from_codes(account % 4, list("NESW")),
        "part": pd.Categorical.from_codes(part, PARTS),
        "influence": np.round(0.2 + 0.3 * part + 0.1 * rng.random(n), 2),
        "contacts": 5.0 + account % 7,
        "wave": pd.Categorical.from_codes(np.ones(n, dtype=int), ["2025", "2026"]),
        "brand": pd.Categorical.from_codes(account % 2, ["Aster", "Boreal"]),
        "recommend": np.clip(np.rint(7.5 + 2 * mood), 0, 10),
        "weight": rng.uniform(0.5, 2, n),
    })  # fmt: skip
    for item in (1, 2, 3):
        frame[f"sat{item}"] = np.clip(np.rint(4.5 + mood + 0.4 * rng.normal(size=n)), 1, 7)
    return frame


def firms(frame: pd.DataFrame | None = None, without: str = "") -> Survey:
    """A survey of these rows (60 accounts when None) without some columns."""
    frame = rows() if frame is None else frame
    left_out = without.split()
    book = {
        item.variable: item
        for item in BOOK
        if item.variable in frame and item.variable not in left_out
    }
    return Survey(answers=frame[list(book)], codebook=book, about=About(title="Firms"))
