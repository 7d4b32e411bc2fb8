"""Regression to the mean: how much complainers would have risen had nobody done anything.

Customers who were unhappy before answer closer to the average later, since a low answer is partly
chance. A rise from before to after is therefore no sign of recovery by itself.
"""

import numpy as np
import pandas as pd
from scipy import stats

from crmresearch.methods.means import mean
from crmresearch.methods.regression import INTERCEPT, contrast, ordinary_least_squares
from crmresearch.recovery.cases import Cases, known, withheld
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.suppression import reveals

GROUPS = {
    "complainers": ("all complainers", "complained"),
    "delighted": ("complainers delighted with the handling", "delighted"),
}


def expected_rise(mean: float, sd: float, correlation: float, cutoff: float) -> float:
    """Expected change of those who scored below `cutoff` when nothing has any effect.

    Parameters
    ----------
    mean, sd : of the score in the population, the same at both times
    correlation : of the two scores, the test-retest correlation
    cutoff : those below it the first time are selected

    Returns
    -------
    (1 - correlation) sd phi(a) / Phi(a) with a = (cutoff - mean) / sd, for normal scores; above
    zero unless the scores repeat exactly.
    """
    if not sd > 0:
        return NAN
    a = (cutoff - mean) / sd
    hazard = float(np.exp(stats.norm.logpdf(a) - stats.norm.logcdf(a)))
    return (1 - correlation) * sd * hazard


def rises(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """The naive rise of complainers in satisfaction beside the rise to expect without recovery.

    The expectation comes from customers without a problem: their satisfaction now regressed on
    their satisfaction before, read at the complainers' mean before. For customers of them who
    scored more than one SD below the mean before, the observed rise stands beside `expected_rise`:
    nothing happened to them, and they rose.

    Returns
    -------
    ``rise.<group>.naive`` and ``rise.<group>.expected`` in scale points, then
    ``rise.low_without_problem.naive`` and ``.expected`` (without interval: a formula). Empty
    unless satisfaction before and now were both asked on the same range.
    """
    if not (cases.has("prior", "satisfaction") and cases.same_range):
        return []
    before, now = cases.frame["prior"].to_numpy(), cases.frame["satisfaction"].to_numpy()
    both = np.isfinite(before) & np.isfinite(now)
    calm = both & (cases.path == cases.reference).to_numpy()
    estimates: list[Estimate] = []
    told: list[np.ndarray] = []
    if min(calm.sum(), np.unique(before[calm]).size) < 2:
        return []
    for group, (label, column) in GROUPS.items():
        if not cases.has(column):
            continue
        rows = known(cases.frame[column]) & both
        pair = [
            _naive(cases, now - before, rows, group, label, level),
            _expected(cases, before, now, calm, rows, group, label, level),
        ]
        safe = not reveals([*told, rows], min_cell)
        told += [rows] if safe else []
        estimates += [withheld(item, int(rows.sum()) if safe else 0, min_cell) for item in pair]
    return estimates + _without_problem(cases, before, now, calm, level, min_cell)


def _naive(
    cases: Cases, rise: np.ndarray, rows: np.ndarray, group: str, label: str, level: float
) -> Estimate:
    return mean(
        rise,
        design=cases.sampling.unweighted(),
        within=rows,
        key=f"rise.{group}.naive",
        name=f"{label}: rise observed",
        level=level,
        unit="scale difference",
    )


def _expected(
    cases: Cases,
    before: np.ndarray,
    now: np.ndarray,
    calm: np.ndarray,
    rows: np.ndarray,
    group: str,
    label: str,
    level: float,
) -> Estimate:
    """E[now - before] at the group's mean before, were it like customers without a problem."""
    cluster = None if cases.cluster is None else cases.cluster[calm].to_numpy()
    fit = ordinary_least_squares(
        (now - before)[calm], pd.DataFrame({"before": before[calm]}), cluster=cluster
    )
    at = float(before[rows].mean()) if rows.any() else NAN
    return contrast(
        fit,
        {INTERCEPT: 1.0, "before": at},
        key=f"rise.{group}.expected",
        name=f"{label}: rise expected without recovery",
        level=level,
        method="from customers without a problem at the same mean before, taken as known",
    )


def _without_problem(
    cases: Cases,
    before: np.ndarray,
    now: np.ndarray,
    calm: np.ndarray,
    level: float,
    min_cell: int,
) -> list[Estimate]:
    centre, sd = float(before[calm].mean()), float(before[calm].std(ddof=1))
    correlation = float(np.corrcoef(before[calm], now[calm])[0, 1]) if np.ptp(now[calm]) else NAN
    low = calm & (before < centre - sd)
    label = "low before, no problem"
    pair = [
        _naive(cases, now - before, low, "low_without_problem", label, level),
        Estimate(
            key="rise.low_without_problem.expected",
            name=f"{label}: rise expected by the formula",
            value=expected_rise(centre, sd, correlation, centre - sd),
            level=level,
            unit="scale difference",
            n=int(calm.sum()),
            method=f"(1 − r) s φ(a)/Φ(a), r = {correlation:.2f}, s = {sd:.2f}, a = −1",
        ),
    ]
    return [withheld(item, int(low.sum()), min_cell) for item in pair]
