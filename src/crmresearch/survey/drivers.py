"""What goes with satisfaction: the relative importance of the parts of the offer."""

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods import drivers
from crmresearch.methods.drivers import RelativeWeights
from crmresearch.report.estimates import Estimate
from crmresearch.survey.sample import sampling

OUTCOMES = ("satisfaction", "recommend", "loyalty")


def outcome(survey: Survey) -> str:
    """The role that the drivers are held against: the first there is of `OUTCOMES`, or empty."""
    return next((role for role in OUTCOMES if role in survey.roles), "")


def relative_weights(survey: Survey, *, seed: int, resamples: int = 1000) -> RelativeWeights | None:
    """Johnson's relative weights of the driver ratings for satisfaction, bootstrapped.

    Each correlation rests on those who gave both answers. None where the data have no drivers, no
    outcome or too few answers.
    """
    role = outcome(survey)
    if not role or "driver" not in survey.roles:
        return None
    return drivers.relative_weights(
        survey.items("driver"),
        survey.score(role).to_numpy(),
        rng=np.random.default_rng(seed),
        design=sampling(survey),
        resamples=resamples,
    )


def importance(
    survey: Survey, weights: RelativeWeights | None, *, level: float = 0.95
) -> list[Estimate]:
    """Each driver's share of the explained variance, the largest first, after R².

    The last estimate, ``driver.lead``, is how far the first driver's share lies above that of the
    strongest other one.
    """
    if weights is None:
        return []
    names = {item.variable: item.name for item in survey.variables("driver")}
    found = drivers.importance(weights, key="driver", names=names, level=level)
    name = "Lead of the strongest driver over the next"
    ahead = drivers.lead(weights, key="driver.lead", name=name, level=level)
    return found + ([ahead] if ahead else [])


def shares(estimates: list[Estimate]) -> list[Estimate]:
    """Only the drivers' shares among the estimates of `importance`."""
    return [item for item in estimates if item.unit == "share"]


def rank_table(survey: Survey, weights: RelativeWeights | None) -> pd.DataFrame:
    """How often each driver took each rank among the resamples, strongest driver first."""
    if weights is None:
        return pd.DataFrame(columns=["Driver"])
    names = {item.variable: item.name for item in survey.variables("driver")}
    order = [weights.names[position] for position in np.argsort(-weights.raw, kind="stable")]
    table = drivers.rank_probabilities(weights).loc[order]
    table.columns = [f"rank {rank}" for rank in table.columns]
    table.insert(0, "Driver", [names[column] for column in table.index])
    return table.reset_index(drop=True)
