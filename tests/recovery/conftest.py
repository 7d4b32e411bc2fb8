"""Small surveys of customers with known fates."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.recovery.cases import Cases, read

BINARY = (
    "problem", "noticed", "complained", "answered", "resolved", "earlier_resolved", "churned",
)  # fmt: skip
NUMBER = ("covariate", "weight", "response_time", "earlier_problems", "revenue")
DATE = ("date", "followed_from", "followed_until")
CATEGORY = (
    "condition", "segment", "channel", "brand", "wave", "complained_to", "complaint_channel",
    "relationship",
)  # fmt: skip
LABEL = ("account", "person")


def variable(name: str) -> Variable:
    """A variable for a column whose name starts with its role."""
    role = name.partition("-")[0]
    if role in BINARY:
        return Variable(variable=name, label=name, type="binary", roles=(role,))
    for kind, names in (("category", CATEGORY), ("id", LABEL), ("date", DATE)):
        if role in names:
            return Variable(variable=name, label=name, type=kind, roles=(role,))
    if role in NUMBER:
        return Variable(variable=name, label=name, type="number", roles=(role,))
    high = 10.0 if role == "recommend" else 7.0
    low = 0.0 if role == "recommend" else 1.0
    return Variable(variable=name, label=name, type="scale", roles=(role,), low=low, high=high)


@pytest.fixture(scope="session")
def survey() -> Callable[..., Survey]:
    """Make a survey of columns named by their roles; ``-`` and more makes a second one."""

    def make(design: str = "cross-section", **columns) -> Survey:
        frame = pd.DataFrame({name.replace("_2", "-2"): values for name, values in columns.items()})
        for name in frame:
            if variable(name).type in ("binary", "number", "scale"):
                frame[name] = frame[name].astype(float)
            elif variable(name).type == "category":
                frame[name] = frame[name].astype("category")
            elif variable(name).type == "date":
                frame[name] = pd.to_datetime(frame[name])
        codebook = {name: variable(name) for name in frame}
        return Survey(answers=frame, codebook=codebook, about=About(title="T", design=design))

    return make


@pytest.fixture(scope="session")
def cases(survey) -> Callable[..., Cases]:
    """The same, read as cases."""
    return lambda design="cross-section", **columns: read(survey(design, **columns))


def world(seed: int, n: int = 3000) -> dict[str, np.ndarray]:
    """Customers whose fate depends on their satisfaction before, and what it did to them.

    Unhappy customers have more problems; happy ones are handled better. Having a problem costs
    0.8 points, resolving it gives 0.7 back, delight gives nothing more.
    """
    rng = np.random.default_rng(seed)
    prior = np.clip(rng.normal(5, 1.2, n), 1, 7)
    problem = rng.random(n) < 1 / (1 + np.exp(1.0 * (prior - 4)))
    complained = problem & (rng.random(n) < 0.6)
    resolved = complained & (rng.random(n) < 1 / (1 + np.exp(-0.9 * (prior - 4))))
    handling = np.clip(2.2 + 1.6 * resolved + 0.6 * (prior - 4) + rng.normal(0, 0.9, n), 1, 7)
    loyalty = 1.5 + 0.7 * prior - 0.8 * problem + 0.7 * resolved + rng.normal(0, 0.8, n)
    satisfaction = 1.0 + 0.8 * prior - 0.5 * problem + rng.normal(0, 0.6, n)
    return {
        "problem": problem.astype(float),
        "complained": np.where(problem, complained, np.nan),
        "resolved": np.where(complained, resolved, np.nan),
        "recovery_satisfaction": np.where(complained, handling, np.nan),
        "loyalty": loyalty,
        "satisfaction": satisfaction,
        "prior_satisfaction": prior,
    }


@pytest.fixture(scope="session")
def make_world() -> Callable[..., dict[str, np.ndarray]]:
    """See `world`."""
    return world


@pytest.fixture(scope="session")
def customers(cases) -> Cases:
    """One world of 3,000 customers."""
    return cases(**world(20260101))


@pytest.fixture(scope="session")
def experiment(cases) -> Cases:
    """A crossed experiment of 240 people in which only the second factor does something."""
    rng = np.random.default_rng(6)
    arms = [
        f"{agent} agent, {reply} reply" for agent in ("Plain", "Human") for reply in ("dry", "kind")
    ]
    condition = np.repeat(arms, 60)
    kind = np.array(["kind" in arm for arm in condition])
    return cases(
        "experiment",
        condition=condition,
        loyalty=4 + 0.9 * kind + rng.normal(0, 1, 240),
        satisfaction=4 + rng.normal(0, 1, 240),
    )
