"""Customers as cases: what happened to each, on which path, and what is known beside it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.errors import DataError
from crmresearch.methods.calibration import calibration
from crmresearch.methods.weighting import Design, design
from crmresearch.recovery.events import (
    EVENTS,
    NO_COMPLAINT,
    NO_PROBLEM,
    PATHS,
    events_of,
    handling,
    paths_of,
)
from crmresearch.recovery.outcomes import OUTCOMES, Outcome, outcomes_of, values_of
from crmresearch.report.estimates import NAN, Estimate

__all__ = ["NO_PROBLEM", "OUTCOMES", "PATHS", "Cases", "Outcome", "known", "read", "withheld"]
PRIOR = "prior satisfaction"


@dataclass(frozen=True, slots=True)
class Cases:
    """One row a customer.

    Parameters
    ----------
    frame : float columns ``problem``, ``noticed``, ``complained``, ``answered``, ``resolved``,
        ``satisfied``, ``delighted`` (1, 0, NaN unknown or not asked), ``handling`` (0 to 1),
        ``prior`` and one column an outcome, where the data have them; the events of a customer
        without a problem are 0, see `events`
    outcomes : those in the data, the main one first
    path : the path each customer took, missing where it is not known
    covariates : what differences are adjusted for
    cluster : customers of one account, or answers of one person, belong together; None without
    cluster_name : ``account`` or ``person``
    sampling : weights and clusters, for shares of the population
    condition : the arm of an experiment, None without
    randomised : whether chance assigned the arms
    same_range : whether satisfaction now and before share a range, so that they can be subtracted
    answers : the survey, for what one part of the study alone asks of it
    contradictions : how many customers' events did not agree, by key of `events.CONTRADICTIONS`
    """

    frame: pd.DataFrame
    outcomes: tuple[Outcome, ...]
    path: pd.Series
    covariates: pd.DataFrame
    cluster: pd.Series | None
    cluster_name: str
    sampling: Design
    condition: pd.Series | None
    randomised: bool
    same_range: bool
    answers: Survey
    contradictions: Mapping[str, int] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Whether the data have all of these columns."""
        return all(name in self.frame.columns for name in names)

    @property
    def reference(self) -> str:
        """The path that the others are compared with."""
        return NO_PROBLEM if self.has("problem") else NO_COMPLAINT

    @property
    def weighted(self) -> bool:
        """Whether customers count differently in shares."""
        return self.sampling.weights is not None


def read(answers: Survey, *, delight: float = 0.8) -> Cases:
    """The cases of a survey.

    Parameters
    ----------
    answers : a survey that meets `recovery.NEEDS`
    delight : share of the range of the handling scale from which a complainer is delighted; above
        half of it he is satisfied. On a scale from 1 to 7, 0.8 stands for 5.8.

    Raises
    ------
    DataError
        Where a problem, complaint, answer, resolution or departure is not recorded as yes or no.
    """
    _require_binary(answers)
    columns, contradictions = events_of(answers)
    columns |= handling(columns, answers, delight)
    outcomes = outcomes_of(answers)
    columns |= {item.key: values_of(item, answers).to_numpy() for item in outcomes}
    covariates = _covariates(answers)
    if "prior_satisfaction" in answers.roles:
        columns["prior"] = covariates[PRIOR].to_numpy()
    frame = pd.DataFrame(columns, index=answers.answers.index)
    cluster_name = next((role for role in ("account", "person") if role in answers.roles), "")
    cluster = answers.items(cluster_name).iloc[:, 0] if cluster_name else None
    condition = answers.items("condition").iloc[:, 0] if "condition" in answers.roles else None
    return Cases(
        frame=frame,
        outcomes=outcomes,
        path=paths_of(frame),
        covariates=covariates,
        cluster=cluster,
        cluster_name=cluster_name,
        sampling=design(
            len(frame),
            answers.weights(),
            None,
            cluster,
            cluster_name=cluster_name or "customer",
            calibration=calibration(answers.raking()),
        ),
        condition=condition,
        randomised=condition is not None and answers.about.design == "experiment",
        same_range=_same_range(answers),
        answers=answers,
        contradictions=contradictions,
    )


def withheld(estimate: Estimate, smallest: int, min_cell: int) -> Estimate:
    """`estimate` without its numbers where the smallest group behind it is below `min_cell`."""
    if smallest >= min_cell:
        return estimate
    method = f"not shown: fewer than {min_cell} customers, or would reveal such a group"
    return dataclasses.replace(estimate, value=NAN, low=NAN, high=NAN, p=NAN, n=0, method=method)


def _covariates(answers: Survey) -> pd.DataFrame:
    """What to adjust for, one column each under the name that a reader knows it by."""
    columns = {}
    for item in answers.variables("covariate"):
        name = item.name if item.name not in columns and item.name != PRIOR else item.variable
        columns[name] = answers.answers[item.variable]
    if "prior_satisfaction" in answers.roles:
        columns[PRIOR] = answers.score("prior_satisfaction")
    return pd.DataFrame(columns, index=answers.answers.index)


def _require_binary(answers: Survey) -> None:
    wrong = [
        f"role '{role}': column '{item.variable}' is of type {item.type}, but the recovery study "
        "needs it as yes or no. Make its type binary in the codebook, with the codes of its "
        "answers under values and those that are neither under missing."
        for role in (*EVENTS, "churned")
        for item in answers.variables(role)
        if item.type != "binary"
    ]
    if wrong:
        lines = "\n".join(f"  {number}. {text}" for number, text in enumerate(wrong, 1))
        raise DataError(f"{len(wrong)} data problem(s):\n{lines}")


def _same_range(answers: Survey) -> bool:
    before, now = (answers.variables(role) for role in ("prior_satisfaction", "satisfaction"))
    if not (before and now):
        return False
    ends = {(item.low, item.high) for item in (before[0], now[0])}
    return len(ends) == 1 and None not in next(iter(ends))


def known(series: pd.Series) -> np.ndarray:
    """True where a customer is known to have it."""
    return series.to_numpy() == 1
