"""Moderation: how a contrast changes along a moderator, and from where on it is clear of zero.

The contrast at a value z of the moderator is the line effect + slope (z - centre), whose error also
depends on z. Everything here follows from those two coefficients and their covariance, whichever
errors the fit has.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate, optimize, stats

from crmresearch.methods.regression import Fit
from crmresearch.methods.student import chance_beyond, t_quantile
from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True)
class Line:
    """A contrast along a moderator: ``effect + slope (z - centre)``.

    Parameters
    ----------
    effect, slope : in the outcome's unit, and the same per unit of the moderator
    variance : of the effect, (2, 2) with that of the slope and their covariance
    df : degrees of freedom of the t distribution
    centre : the value of the moderator at which the contrast is `effect`
    """

    effect: float
    slope: float
    variance: np.ndarray
    df: float
    centre: float = 0.0

    def at(self, values: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """The contrast and its standard error at these `values` of the moderator."""
        away = np.asarray(values, dtype=float) - self.centre
        error = self.variance[0, 0] + 2 * away * self.variance[0, 1] + away**2 * self.variance[1, 1]
        return self.effect + self.slope * away, np.sqrt(np.maximum(error, 0.0))

    @property
    def known(self) -> bool:
        """Whether both coefficients have an error."""
        return bool(
            self.df > 0
            and np.isfinite([self.effect, self.slope]).all()
            and np.isfinite(self.variance).all()
            and (np.diag(self.variance) > 0).all()
        )


def line(fit: Fit, contrast: str, product: str, *, centre: float = 0.0) -> Line:
    """The line of a fit whose terms `contrast` and `product` are the two coefficients.

    `product` is the contrast times (moderator - centre). NaN where a term was left out as aliased.
    """
    if not {contrast, product} <= set(fit.terms):
        return Line(NAN, NAN, np.full((2, 2), NAN), fit.df, centre)
    at = [fit.terms.index(contrast), fit.terms.index(product)]
    effect, slope = fit.coefficients[at]
    return Line(float(effect), float(slope), fit.covariance[np.ix_(at, at)], fit.df, centre)


def johnson_neyman(
    found: Line, *, level: float = 0.95, critical: float | None = None
) -> tuple[float, ...]:
    """The values of the moderator at which an end of the contrast's interval is zero.

    The exact roots of ``contrast² = critical² error²``, in ascending order: none where the
    contrast is clear of zero everywhere or nowhere, one only where a root is infinite.

    Parameters
    ----------
    found : from `line`
    level : confidence level of the interval at each single value
    critical : number of errors on either side instead, as of `simultaneous_critical`

    Source
    ------
    Johnson, P. O. & Neyman, J. (1936). Tests of certain linear hypotheses and their application to
    some educational problems. Statistical Research Memoirs 1, 57-93.
    """
    if not found.known:
        return ()
    reach = t_quantile((1 + level) / 2, found.df) if critical is None else critical
    (first, both), (_, second) = found.variance * reach**2
    a = found.slope**2 - second
    half = found.effect * found.slope - both
    c = found.effect**2 - first
    inside = half**2 - a * c
    if inside < 0:
        return ()
    # the sum whose parts have one sign, so that no digits are lost; the other root by the product
    whole = -(half + np.copysign(inside**0.5, half))
    roots = {c / whole if whole else 0.0}
    if a:
        roots.add(whole / a)
    return tuple(sorted(float(root) + found.centre for root in roots))


def simultaneous_critical(found: Line, low: float, high: float, *, level: float = 0.95) -> float:
    """How many errors wide a band is that holds the whole line between `low` and `high` at once.

    In units of its errors the line turns through an angle as the moderator goes from `low` to
    `high`; the band fails where the two coefficients' error, seen from any direction on that arc,
    lies too far out. The chance of it is exact for normal answers; no grid of values is tried. At
    `low` = `high` it is t, over all values Scheffé's, the square root of 2 F.

    Source
    ------
    Wynn, H. P. & Bloomfield, P. (1971). Simultaneous confidence bands in regression analysis.
    Journal of the Royal Statistical Society B 33, 202-217.
    """
    if not found.known:
        return NAN
    ends = np.array([[1.0, low - found.centre], [1.0, high - found.centre]])
    spread = ends @ found.variance @ ends.T
    cosine = spread[0, 1] / (spread[0, 0] * spread[1, 1]) ** 0.5
    angle, df = float(np.arccos(np.clip(cosine, -1, 1))), found.df

    def beyond(reach: float) -> float:
        """The chance that the error is farther out than `reach`, in two dimensions."""
        return float(np.exp(-df / 2 * np.log1p(reach**2 / df)))

    def fails(reach: float) -> float:
        beside = integrate.quad(lambda x: beyond(reach / np.cos(x)), 0, (np.pi - angle) / 2)[0]
        return angle / np.pi * beyond(reach) + 2 / np.pi * beside - (1 - level)

    least = t_quantile((1 + level) / 2, df)
    most = float((2 * stats.f.ppf(level, 2, df)) ** 0.5)
    return optimize.brentq(fails, least * (1 - 1e-6), most * (1 + 1e-6), xtol=1e-10)


def clear(
    found: Line, values: ArrayLike, *, level: float = 0.95, critical: float | None = None
) -> np.ndarray:
    """1 where the contrast's interval at a value lies above zero, -1 below, 0 where it holds it."""
    reach = t_quantile((1 + level) / 2, found.df) if critical is None else critical
    contrast, error = found.at(values)
    return np.where(np.abs(contrast) > reach * error, np.sign(contrast), 0.0)


def detectable(error: float, df: float, *, alpha: float = 0.05, wanted: float = 0.8) -> float:
    """The true coefficient that a two-sided t test with this standard error finds `wanted` often.

    It describes the study, not the result: it rests on the error alone, never on the estimate.
    """
    if not (error > 0 and df > 0):
        return NAN
    critical = t_quantile(1 - alpha / 2, df)
    if df > 1e4:  # where the noncentral t is slow and is the normal distribution
        return error * (critical + float(stats.norm.ppf(wanted)))

    def short(shift: float) -> float:
        """What is left to `wanted`; a finding of the wrong sign is too rare to count."""
        return chance_beyond(critical, df, shift) - wanted

    most = critical + 1.0
    while short(most) < 0:
        most *= 1.5
    return error * float(optimize.brentq(short, 0.0, most, xtol=1e-10))


def times_people(found: Line, spread: float) -> float:
    """How many times as many people it takes to find a moderation half as large as the contrast.

    The contrast is compared with its change from one SD (`spread`) below the moderator's mean to
    one above: a change of half its size is found as surely as the contrast itself with this many
    times the people. From the errors alone; 16 where the moderator is balanced.
    """
    errors = np.diag(found.variance) ** 0.5
    if not found.known or not spread > 0:
        return NAN
    return float((2 * spread * errors[1] / (errors[0] / 2)) ** 2)
