"""Two groups of customers who answered what makes them comparable."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.columns import predictor_columns
from crmresearch.methods.propensity import Propensity, propensity
from crmresearch.methods.regression import MIN_CLUSTERS
from crmresearch.methods.weighting import Design
from crmresearch.recovery.cases import Cases, Outcome, known
from crmresearch.recovery.contrasts import (
    GROUPS,
    available,
    baseline,
    judged_unit,
    pooled_scale,
    shown_groups,
    spread,
)
from crmresearch.report.suppression import reveals


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A group and the customers it is compared with, complete in outcome and covariates.

    Parameters
    ----------
    contrast, label : ``delighted``, and its group in words
    rows : (all,) bool, the customers below
    values : (n,) the outcome
    member : (n,) bool, True for the group
    columns : frame of n rows, the covariates as they enter a regression, without the intercept
    design : weights and clusters of these rows
    score : propensities
    scale : what one SD is worth in the outcome's unit: pooled within the groups, corrected for
        small samples
    dropped : customers of either group left out as something was missing
    """

    contrast: str
    label: str
    rows: np.ndarray
    values: np.ndarray
    member: np.ndarray
    columns: pd.DataFrame
    design: Design
    score: Propensity
    scale: float
    dropped: int

    @property
    def smallest(self) -> int:
        """The smaller of the two groups."""
        return int(min(self.member.sum(), (~self.member).sum()))


def compared(cases: Cases, outcome: Outcome, *, min_cell: int = 10) -> Iterator[Compared]:
    """Every contrast whose groups may be shown, widest first, made one at a time.

    Every rung of the ladder and the balance rest on the same customers, so that they differ by
    the adjustment alone. The groups are nested, so one that would give few customers away beside
    the others is left out.
    """
    columns = predictor_columns(cases.covariates).iloc[:, 1:]
    complete = np.isfinite(cases.frame[outcome.key].to_numpy())
    complete &= columns.notna().all(axis=1).to_numpy() & (cases.sampling.row_weights() > 0)
    safe = shown_groups(cases, outcome, min_cell)
    told: list[np.ndarray] = []
    for name in available(cases):
        member = known(cases.frame[GROUPS[name][1]])
        if name not in safe or reveals([*told, member & complete], min_cell):
            continue
        told.append(member & complete)
        one = _compared(cases, outcome, name, member, complete, columns)
        if one.smallest >= max(min_cell, 2):
            yield one


def named(cases: Cases) -> str:
    """What groups are adjusted for, in words: the list is the codebook's, never the results'."""
    return ", ".join(map(str, cases.covariates)) or "nothing"


def unclustered_if_few(design: Design) -> Design:
    """The design without its clusters where they are too few for errors between them."""
    if design.clusters is None or design.cluster_count >= MIN_CLUSTERS:
        return design
    return Design(design.n, design.weights)


def sd_of(values: np.ndarray, weights: np.ndarray, member: np.ndarray) -> float:
    """What one SD within two groups is worth, as the paradox has it."""
    return pooled_scale(*(spread(values, weights, rows) for rows in (member, ~member)))


def in_unit(outcome: Outcome, scale: float) -> dict[str, object]:
    """The unit and scale in which a rung is told, as `contrasts.judged_unit` has it."""
    unit = judged_unit(outcome)
    return {"unit": unit, "scale": scale if unit == "SD" else 1.0}


def _compared(
    cases: Cases,
    outcome: Outcome,
    name: str,
    member: np.ndarray,
    complete: np.ndarray,
    columns: pd.DataFrame,
) -> Compared:
    either = member | baseline(cases)
    rows = either & complete
    values = cases.frame[outcome.key].to_numpy()[rows]
    design = unclustered_if_few(cases.sampling.take(rows))
    chosen = columns[rows]
    score = propensity(member[rows], chosen.to_numpy(), weights=design.weights)
    return Compared(
        contrast=name,
        label=GROUPS[name][0],
        rows=rows,
        values=values,
        member=member[rows],
        columns=chosen,
        design=design,
        score=score,
        scale=sd_of(values, score.weights, member[rows]),
        dropped=int(either.sum() - rows.sum()),
    )
