"""Published tables as answers, simulated customers, and a survey of types with outcomes."""

from collections.abc import Callable
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from crmresearch.archetypes.indicators import Indicators, read_indicators
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey

REFERENCE = files("crmresearch.validation") / "reference" / "golden" / "data"
SHARES = np.array([0.40, 0.27, 0.19, 0.14])
# yes to four positive and three negative signs: warm, cool, ambivalent, negative
CHANCES = np.array(
    [
        [0.90, 0.85, 0.80, 0.90, 0.05, 0.10, 0.05],
        [0.75, 0.70, 0.15, 0.20, 0.10, 0.15, 0.10],
        [0.80, 0.85, 0.60, 0.70, 0.80, 0.75, 0.70],
        [0.10, 0.15, 0.05, 0.10, 0.75, 0.80, 0.85],
    ]
)
LOYALTY = np.array([5.5, 4.5, 4.0, 3.0])


def counted(table: str) -> pd.DataFrame:
    """Rows from text like ``1112:2``: each pattern as often as its count."""
    rows = [entry.split(":") for entry in table.split()]
    return pd.DataFrame(
        [
            [float(answer) for answer in pattern]
            for pattern, times in rows
            for _ in range(int(times))
        ]
    )


def customers(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Answers (n, 7) of four types and the type of each."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(len(SHARES), n, p=SHARES)
    return (rng.random((n, CHANCES.shape[1])) < CHANCES[kind]).astype(float), kind, rng


def survey_of(n: int = 1200, seed: int = 3, **extra) -> Survey:
    """A survey of simulated customers with loyalty, brand and seven signs."""
    answers, kind, rng = customers(n, seed)
    signs = [f"good_{j}" for j in range(4)] + [f"bad_{j}" for j in range(3)]
    frame = pd.DataFrame(answers, columns=signs)
    frame["stay"] = (LOYALTY[kind] + rng.normal(0, 0.8, n)).round(2)
    frame["firm"] = pd.Categorical(rng.choice(["Nord", "Sued"], n))
    book = {
        name: Variable(
            variable=name,
            label=name.replace("_", " "),
            type="binary",
            roles=("indicator",),
            construct="positive" if name.startswith("good") else "negative",
        )
        for name in signs
    }
    book["stay"] = Variable(
        variable="stay", label="Stays", type="number", roles=("loyalty",), low=0, high=10
    )
    book["firm"] = Variable(variable="firm", label="Firm", type="category", roles=("brand",))
    for name, (values, variable) in extra.items():
        frame[name], book[name] = values, variable
    return Survey(answers=frame, codebook=book, about=About(title="T"))


@pytest.fixture(scope="session")
def survey() -> Survey:
    """The survey of 1,200 customers."""
    return survey_of()


@pytest.fixture(scope="session")
def indicators(survey: Survey) -> Indicators:
    """Its indicators."""
    return read_indicators(survey)


@pytest.fixture(scope="session")
def make_survey() -> Callable[..., Survey]:
    """Make another one."""
    return survey_of


@pytest.fixture(scope="session")
def golden() -> Callable[[str], pd.DataFrame]:
    """One of the two reference datasets (synthetic, eight items with three answers)."""
    return lambda name: pd.read_csv(str(REFERENCE / f"{name}.csv")).iloc[:, :8]
