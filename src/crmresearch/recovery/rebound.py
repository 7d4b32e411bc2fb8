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
    their satisfaction before, read at the complainers' mean before. Then the same for complainers
    who scored more than one SD below the mean before, as those do who are picked for a low score,
    and for customers without a problem who did: nothing happened to these, and they rose as
    `expected_rise` says.

    Returns
    -------
    ``rise.<group>.naive`` and ``rise.<group>.expected`` in scale points for the groups of
    `GROUPS`, for ``low_complainers`` and for ``low_without_problem`` (its expectation without
    interval: a formula). Weighted as the survey is. Empty unless satisfaction before and now were
    both asked on the same range.
    """
    if not (cases.has("prior", "satisfaction") and cases.same_range):
        return []
    before, now = cases.frame["prior"].to_numpy(), cases.frame["satisfaction"].to_numpy()
    both = np.isfinite(before) & np.isfinite(now) & (cases.sampling.row_weights() > 0)
    calm = both & (cases.path == cases.reference).to_numpy()
    if min(calm.sum(), np.unique(before[calm]).size) < 2:
        return []
    heavy = cases.sampling.row_weights()
    centre, sd, correlation = _moments(before[calm], now[calm], heavy[calm])
    low = before < centre - sd
    change = now - before
    groups = {
        name: (label, known(cases.frame[column]) & both)
        for name, (label, column) in GROUPS.items()
        if cases.has(column)
    }
    if "complainers" in groups:
        groups["low_complainers"] = "complainers, low before", groups["complainers"][1] & low
    estimates: list[Estimate] = []
    told: list[np.ndarray] = []
    for group, (label, rows) in groups.items():
        pair = [
            _naive(cases, change, rows, group, label, level),
            _expected(cases, before, now, calm, rows, group, label, level),
        ]
        safe = not reveals([*told, rows], min_cell)
        told += [rows] if safe else []
        estimates += [withheld(item, int(rows.sum()) if safe else 0, min_cell) for item in pair]
    group, label = "low_without_problem", "low before, no problem"
    naive = _naive(cases, change, calm & low, group, label, level)
    pair = [naive, _by_formula(centre, sd, correlation, int(calm.sum()), level)]
    return estimates + [withheld(item, int((calm & low).sum()), min_cell) for item in pair]


def _by_formula(centre: float, sd: float, correlation: float, n: int, level: float) -> Estimate:
    return Estimate(
        key="rise.low_without_problem.expected",
        name="low before, no problem: rise expected by the formula",
        value=expected_rise(centre, sd, correlation, centre - sd),
        level=level,
        unit="scale difference",
        n=n,
        method=f"(1 − r) s φ(a)/Φ(a), r = {correlation:.2f}, s = {sd:.2f}, a = −1",
    )


def _naive(
    cases: Cases, rise: np.ndarray, rows: np.ndarray, group: str, label: str, level: float
) -> Estimate:
    return mean(
        rise,
        design=cases.sampling,
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
    heavy, cluster = cases.sampling.row_weights(), cases.sampling.clusters
    fit = ordinary_least_squares(
        (now - before)[calm],
        pd.DataFrame({"before": before[calm]}),
        cluster=None if cluster is None else cluster[calm],
        weights=heavy[calm] if cases.weighted else None,
    )
    at = float(np.average(before[rows], weights=heavy[rows])) if rows.any() else NAN
    return contrast(
        fit,
        {INTERCEPT: 1.0, "before": at},
        key=f"rise.{group}.expected",
        name=f"{label}: rise expected without recovery",
        level=level,
        method="from customers without a problem at the same mean before, taken as known",
    )


def _moments(before: np.ndarray, now: np.ndarray, heavy: np.ndarray) -> tuple[float, float, float]:
    """Mean and SD of the first score, and its correlation with the second; weighted."""
    covariance = np.cov(before, now, aweights=heavy)
    spread = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
    centre = float(np.average(before, weights=heavy))
    correlation = float(covariance[0, 1]) / spread if spread > 0 else NAN
    return centre, float(np.sqrt(covariance[0, 0])), correlation
