"""Simulated customers with types and ratings as they are and as they would have them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey

TYPES = ("Best friends", "Business partners", "Basic exchange", "Enslavement")
WANTED = np.array([0.2, 0.3, 0.45, 0.05])
HAD = np.array(  # by type wanted
    [
        [0.70, 0.10, 0.15, 0.05],
        [0.00, 0.60, 0.20, 0.20],
        [0.05, 0.05, 0.70, 0.20],
        [0.00, 0.00, 0.30, 0.70],
    ]
)
LOYALTY = np.array(
    [
        [6.0, 5.5, 4.5, 3.0],
        [5.0, 5.5, 5.0, 3.5],
        [5.0, 5.0, 5.0, 4.0],
        [4.0, 4.0, 4.0, 4.0],
    ]
)
ITEMS = 2


def variable(name: str, kind: str, role: str, **more) -> Variable:
    return Variable(variable=name, label=name.replace("_", " "), type=kind, roles=(role,), **more)


def customers(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Types wanted and had, as positions in `TYPES`, and loyalty."""
    wanted = rng.choice(len(TYPES), n, p=WANTED)
    had = (rng.random(n)[:, None] > np.cumsum(HAD[wanted], axis=1)[:, :-1]).sum(axis=1)
    loyalty = LOYALTY[wanted, had] + rng.normal(0, 1, n)
    return pd.DataFrame({"wanted": wanted, "had": had, "loyalty": loyalty})


def cards(n: int = 1200, seed: int = 1, *, accounts: int = 0, weights: bool = False) -> Survey:
    """A survey with both cards, loyalty, a brand and, if asked for, accounts and weights."""
    rng = np.random.default_rng(seed)
    people = customers(n, rng)
    frame = pd.DataFrame(
        {side: pd.Categorical.from_codes(people[side], TYPES) for side in ("wanted", "had")}
    )
    frame["loyalty"] = people["loyalty"]
    frame["firm"] = pd.Categorical(rng.choice(["Nord", "Sued"], n))
    book = {
        "wanted": variable("wanted", "category", "relationship_expected"),
        "had": variable("had", "category", "relationship"),
        "loyalty": variable("loyalty", "number", "loyalty"),
        "firm": variable("firm", "category", "brand"),
    }
    if accounts:
        of = rng.integers(accounts, size=n)
        frame["account"] = of.astype(str)
        frame["loyalty"] += rng.normal(0, 0.5, accounts)[of]
        book["account"] = variable("account", "id", "account")
    if weights:
        frame["w"] = rng.uniform(0.5, 2.0, n)
        book["w"] = variable("w", "number", "weight")
    return Survey(answers=frame, codebook=book, about=About(title="T"))


def rated(
    n: int = 800,
    seed: int = 1,
    *,
    names: tuple[str, ...] = ("valence", "closeness", "power"),
    items: int = ITEMS,
    shift: float = -0.5,
) -> Survey:
    """A survey of ratings, experienced `shift` from expected; loyalty falls away from agreement."""
    rng = np.random.default_rng(seed)
    frame, book = pd.DataFrame(index=range(n)), {}
    loss = np.zeros(n)
    for name in names:
        want = rng.normal(4.5, 1.2, n)
        have = want + shift + rng.normal(0, 1, n)
        loss += 0.3 * (have - want) ** 2
        for role, score in (("expected", want), ("experienced", have)):
            for item in range(items):
                column = f"{role}_{name}_{item}"
                values = np.clip(np.rint(score + rng.normal(0, 0.4, n)), 1, 7)
                frame[column] = values
                book[column] = variable(column, "scale", role, construct=name, low=1.0, high=7.0)
    frame["loyalty"] = 6 - loss + rng.normal(0, 0.8, n)
    book["loyalty"] = variable("loyalty", "number", "loyalty")
    return Survey(answers=frame, codebook=book, about=About(title="T"))


def changed(survey: Survey, **columns) -> Survey:
    """The survey with other answers, and nothing of what was made of the old ones."""
    return replace(survey, answers=survey.answers.assign(**columns))
