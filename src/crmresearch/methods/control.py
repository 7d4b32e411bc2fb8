"""Control charts of answers: which periods lie further from the rest than chance would carry them.

Shewhart's chart of means, with limits that allow for the number, the weights and the clusters of
each period's answers, and for the centre line being an estimate from the same answers.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods.domains import centres, unit_sums
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN

SIGMAS = 3.0
RULE = 2 * float(stats.norm.sf(SIGMAS))  # chance that a stable period lies outside its limits


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """Means of k periods with their limits; made by `chart`.

    Parameters
    ----------
    means, n : (k,) weighted mean and rows of each period
    errors : (k,) standard error of each mean, from the pooled spread
    centre : weighted mean of all periods
    reaches : (k,) how far a stable period may lie from the centre line
    sd : pooled standard deviation within periods
    alike, lasting : correlation of answers in one cluster in the same period, and across periods
    """

    means: np.ndarray
    n: np.ndarray
    errors: np.ndarray
    centre: float
    reaches: np.ndarray
    sd: float
    alike: float
    lasting: float

    @property
    def outside(self) -> np.ndarray:
        """(k,) bool, the periods beyond their limits."""
        return np.abs(self.means - self.centre) > self.reaches


def chart(values: np.ndarray, periods: np.ndarray, size: int, design: Design) -> Chart | None:
    """Means of the periods 0 to `size` - 1 with three-sigma limits.

    The spread within periods is pooled, as on any chart of means, since that of a small period is
    too uncertain to judge it by. Answers of one cluster are taken to be alike by one correlation
    within a period and another, not larger, across periods, both estimated from the weighted
    products of residuals. Strata are ignored, which can only widen the limits. The error that
    counts is that of a period less the centre line, which contains it. Only one rule is applied, a
    point beyond the limits: rules of runs take the periods as equally large.

    Parameters
    ----------
    values : (n,) float, NaN where not answered
    periods : (n,) int, -1 for none

    Returns
    -------
    `Chart`; None with fewer than two periods, a period without an answer or no spread.

    Source
    ------
    Montgomery (2009), Introduction to Statistical Quality Control, 6th ed., ch. 6, variable sample
    size; the variance under clustering is that of Kish (1965), Survey Sampling, ch. 5.
    """
    weights = design.row_weights()
    values = np.asarray(values, dtype=float)
    rows = np.flatnonzero(np.isfinite(values) & (weights > 0) & (periods >= 0))
    period, known, weight = periods[rows], values[rows], weights[rows]
    n = np.bincount(period, minlength=size)
    if size < 2 or not n.all() or len(rows) <= size:
        return None
    total = np.bincount(period, weights=weight, minlength=size)
    means = centres(known, period, weight, size)
    residuals = known - means[period]
    variance = float(weight @ residuals**2 / weight.sum() * len(rows) / (len(rows) - size))
    if not variance > 0:
        return None
    alone = np.bincount(period, weights=weight**2, minlength=size)
    alike = lasting = 0.0
    together, across = alone, np.diag(alone)
    if design.clusters is not None:
        clusters = Design(len(rows), clusters=design.clusters[rows])
        sums = unit_sums([(weight, period)], size, clusters)
        errors = unit_sums([(weight * residuals, period)], size, clusters)
        squares = float((weight**2) @ residuals**2)
        alike, lasting = _correlations(sums, errors, alone, total, squares, variance)
        across = sums.T @ sums
        together = np.diag(across)
    own = (1 - alike) * alone + alike * together
    covariance = np.diag(own) + lasting * (across - np.diag(together))
    covariance *= variance / np.outer(total, total)
    share = total / total.sum()
    apart = np.eye(size) - share  # each row: a period less the centre line
    return Chart(
        means=means,
        n=n,
        errors=np.sqrt(np.diag(covariance)),
        centre=float(share @ means),
        reaches=SIGMAS * np.sqrt(np.einsum("ij,jk,ik->i", apart, covariance, apart).clip(min=0)),
        sd=variance**0.5,
        alike=alike,
        lasting=lasting,
    )


def _correlations(
    sums: np.ndarray,
    errors: np.ndarray,
    alone: np.ndarray,
    total: np.ndarray,
    squares: float,
    variance: float,
) -> tuple[float, float]:
    """Likeness of answers in one cluster, in the same period and across periods, 0 to 1.

    Parameters
    ----------
    sums, errors : (clusters, k) sums of weights and of weighted residuals
    alone : (k,) sums of squared weights
    total : (k,) sums of weights
    squares : sum of squared weighted residuals
    """
    own = np.einsum("ij,ij->j", sums, sums) - alone
    pairs, alike, lasting = float(own.sum()), 0.0, 0.0
    inside = float(np.einsum("ij,ij->", errors, errors))
    if pairs > 1e-9 * alone.sum():
        # residuals about a period's own mean are alike by minus one part in its number of answers
        centring = float((own * alone / total**2).sum())
        alike = float(np.clip(((inside - squares) / variance + centring) / pairs, 0.0, 1.0))
    both = sums.sum(axis=1)
    pairs = float(both @ both) - pairs - float(alone.sum())
    if pairs > 1e-9 * alone.sum():
        both = errors.sum(axis=1)
        lasting = float(np.clip((both @ both - inside) / variance / pairs, 0.0, alike))
    return alike, lasting


def false_alarm(periods: int) -> float:
    """Chance that at least one of so many stable periods lies outside its limits."""
    return 1 - (1 - RULE) ** periods if periods else NAN
