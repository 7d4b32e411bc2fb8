"""Omitted-variable bias: how much a covariate that was not measured could change a coefficient.

A confounder is described by two shares of variance left over by the covariates: what it explains
of who is in the group, and what it explains of the outcome. Everything about the coefficient itself
is algebra of least squares, weighted or not, and holds whatever errors are used; what concerns the
interval was derived for classical errors, and is carried over to others by their ratio.

Source
------
Cinelli, C. & Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias.
Journal of the Royal Statistical Society B 82, 39-67. doi:10.1111/rssb.12348
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.report.estimates import NAN

ALIASED = 1e-9  # share of a column's spread that must be new for it to count


@dataclass(frozen=True, slots=True)
class Strength:
    """How strongly something goes with the group and with the outcome, beyond all covariates."""

    group: float  # partial R2 with membership of the group
    outcome: float  # partial R2 with the outcome, membership held


def partial_r2(t: float, df: float) -> float:
    """Share of the outcome's remaining variance that a term explains, from its classical t."""
    return t**2 / (t**2 + df) if df > 0 else NAN


def robustness_value(r2: float, *, q: float = 1.0, critical: float = 0.0) -> float:
    """The strength, with group and outcome alike, that takes away the share `q` of a difference.

    Parameters
    ----------
    r2 : partial R2 of the group with the outcome
    q : 1 to explain it away wholly, 0.5 by half
    critical : from `critical_f`, to explain away its statistical significance instead

    Returns
    -------
    A share of variance, 0 to 1; 0 where nothing is needed.
    """
    if not 0 <= r2 < 1:
        return NAN
    f = q * math.sqrt(r2 / (1 - r2)) - critical
    return 0.0 if f <= 0 else (math.sqrt(f**4 + 4 * f**2) - f**2) / 2


def extreme_value(r2: float, *, q: float = 1.0) -> float:
    """The strength with the group that is needed if all that is left of the outcome were due to it.

    For `q` of 1 it is the partial R2 itself.
    """
    if not 0 <= r2 < 1:
        return NAN
    f2 = q**2 * r2 / (1 - r2)
    return f2 / (1 + f2)


def critical_f(
    df: float, *, alpha: float = 0.05, inflation: float = 1.0, freedom: float | None = None
) -> float:
    """What Cohen's f must exceed for the interval to exclude zero, with one covariate more.

    Parameters
    ----------
    df : residual degrees of freedom of the regression
    inflation : the error in use (HC3, clustered) over the classical one; the bound then supposes
        that the ratio would stay the same
    freedom : degrees of freedom of the t distribution, `df` - 1 if not given
    """
    if df <= 1:
        return NAN
    return inflation * stats.t.ppf(1 - alpha / 2, freedom or df - 1) / math.sqrt(df - 1)


def adjusted_for(
    value: float, error: float, df: float, strength: Strength, *, inflation: float = 1.0
) -> tuple[float, float]:
    """The coefficient and its error had a confounder of this strength been held as well.

    Parameters
    ----------
    value, error, df : the coefficient, its classical error and residual degrees of freedom
    strength : of a confounder that works against the sign of the coefficient

    Returns
    -------
    The coefficient moved towards zero, and beyond; its error, times `inflation`.
    """
    if not (0 <= strength.group < 1 and 0 <= strength.outcome <= 1 and df > 1):
        return NAN, NAN
    room = 1 - strength.group
    bias = error * math.sqrt(df * strength.outcome * strength.group / room)
    left = error * math.sqrt((1 - strength.outcome) / room * df / (df - 1))
    return math.copysign(1.0, value) * (abs(value) - bias), left * inflation


def as_strong_as(covariate: Strength, times: float = 1.0) -> Strength:
    """The most that a confounder can do that is `times` as strong as this covariate.

    Relative to what the other covariates leave over, with the group and with the outcome.

    Returns
    -------
    Its partial R2; NaN for the group where no confounder can be that strong, 1 for the outcome
    where the bound says nothing.
    """
    d, y = covariate.group, covariate.outcome
    if not (0 <= d < 1 and 0 <= y < 1):
        return Strength(NAN, NAN)
    group = times * d / (1 - d)
    if group >= 1 or times * d >= 1:
        return Strength(NAN, NAN)
    shared = times * d**2 / ((1 - times * d) * (1 - d))
    if shared >= 1:
        return Strength(NAN, NAN)
    eta = (math.sqrt(times) + math.sqrt(shared)) / math.sqrt(1 - shared)
    return Strength(group, min(1.0, eta**2 * y / (1 - y)))


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """The correlations of all columns, from which any partial R2 follows; made by `residuals`."""

    matrix: np.ndarray
    n: int

    def left_of(self, target: int, given: list[int]) -> float:
        """Share of a column's variance that the columns `given` leave over."""
        if not given:
            return 1.0
        inside = self.matrix[np.ix_(given, given)]
        beside = self.matrix[given, target]
        return float(
            max(1 - beside @ np.linalg.pinv(inside, rcond=ALIASED, hermitian=True) @ beside, 0.0)
        )

    def partial(self, target: int, of: list[int], given: list[int]) -> float:
        """Share of what `given` leave of a column that the columns `of` explain; NaN of nothing."""
        before = self.left_of(target, given)
        if before <= ALIASED:
            return NAN
        return float(np.clip(1 - self.left_of(target, [*given, *of]) / before, 0.0, 1.0))

    def rank(self, columns: list[int]) -> int:
        """How many of the columns say something of their own."""
        if not columns:
            return 0
        return int(np.linalg.matrix_rank(self.matrix[np.ix_(columns, columns)], tol=ALIASED))


def residuals(columns: np.ndarray, weights: np.ndarray | None = None) -> Residuals:
    """Correlations of the columns of an (n, k) float array without gaps, weighted where asked.

    A column without spread correlates with nothing.
    """
    columns = np.asarray(columns, dtype=float)
    heavy = np.ones(len(columns)) if weights is None else np.asarray(weights, dtype=float)
    total = heavy.sum()
    if not total > 0:
        return Residuals(np.full((columns.shape[1],) * 2, NAN), 0)
    centre = heavy @ columns / total
    apart = (columns - centre) * np.sqrt(heavy / total)[:, None]
    products = apart.T @ apart
    spread = np.sqrt(np.diag(products))
    still = spread <= ALIASED * np.maximum(np.abs(centre), 1)
    scale = np.where(still, 1.0, spread)
    matrix = products / scale / scale[:, None]
    matrix[still, :] = matrix[:, still] = 0.0
    return Residuals(matrix, int((heavy > 0).sum()))
