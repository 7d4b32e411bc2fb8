"""Standardised differences and equivalence tests of two groups."""

import math

from numpy.typing import ArrayLike
from scipy import special, stats

from crmresearch.methods.groups import Sample, sample, welch_error
from crmresearch.methods.student import t_quantile
from crmresearch.report.estimates import NAN, Estimate


def small_sample_factor(df: float) -> float:
    """Hedges' exact J, by which d overstates the difference at `df` degrees of freedom."""
    if df <= 1:
        return NAN
    return math.exp(
        special.gammaln(df / 2) - 0.5 * math.log(df / 2) - special.gammaln((df - 1) / 2)
    )


def pooled_sd(one: Sample, two: Sample) -> float:
    """Standard deviation within two groups; NaN where it is unknown or zero."""
    df = one.n + two.n - 2
    if one.n < 2 or two.n < 2 or one.variance + two.variance <= 0:
        return NAN
    return (((one.n - 1) * one.variance + (two.n - 1) * two.variance) / df) ** 0.5


def hedges_g(
    first: ArrayLike,
    second: ArrayLike,
    *,
    key: str,
    name: str,
    level: float = 0.95,
    group: str = "",
    randomised: bool = False,
) -> Estimate:
    """Mean of `first` minus mean of `second` in pooled standard deviations.

    Corrected for small samples with the exact J; the interval inverts the noncentral t, as normal
    intervals are too short in small groups. It supposes equal variances: where they differ much,
    read it beside the difference in scale points.

    Parameters
    ----------
    first, second : arrays of float, any lengths; NaN where missing
    level : confidence level, a fraction

    Returns
    -------
    One estimate in SD; NaN where a group has fewer than two people or neither varies.

    Source
    ------
    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size and related
    estimators. Journal of Educational Statistics 6, 107-128.
    """
    one, two = sample(first), sample(second)
    value, low, high = _g(one, two, level)
    return Estimate(
        key=key,
        name=name,
        group=group,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="SD",
        n=one.n + two.n,
        n_dropped=one.dropped + two.dropped,
        method="Hedges' g, exact correction, noncentral t interval",
        randomised=randomised,
    )


def _g(one: Sample, two: Sample, level: float) -> tuple[float, float, float]:
    sd, df = pooled_sd(one, two), one.n + two.n - 2
    correction = small_sample_factor(df)
    if not (sd == sd and correction == correction):
        return NAN, NAN, NAN
    per_t = (1 / one.n + 1 / two.n) ** 0.5
    d = (one.mean - two.mean) / sd
    tails = ((1 + level) / 2, (1 - level) / 2)
    low, high = (
        float(special.nctdtrinc(df, tail, d / per_t)) * per_t * correction for tail in tails
    )
    return d * correction, low, high


def tost(
    first: ArrayLike,
    second: ArrayLike,
    *,
    bound: float,
    key: str,
    name: str,
    alpha: float = 0.05,
    pooled: bool = False,
    unit: str = "scale difference",
    randomised: bool = False,
) -> list[Estimate]:
    """Two one-sided tests that two means differ by less than `bound` either way.

    Parameters
    ----------
    first, second : arrays of float, any lengths; NaN where missing
    bound : the smallest difference of interest, positive, in the unit of the values, decided
        before the data were seen
    alpha : level of each one-sided test; the interval is at 1 - 2 alpha
    pooled : True for Student's pooled variance instead of Welch's

    Returns
    -------
    Three estimates: the difference with its 1 - 2 alpha interval and the larger p (equivalent
    where the whole interval lies within ±`bound`, which is the same as p < alpha), then the test
    against the lower and against the upper bound as t ``statistic`` with one-sided p.

    Source
    ------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power
    approach. Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
    """
    return _tost(sample(first), sample(second), bound, key, name, alpha, pooled, unit, randomised)


def tost_from_summary(
    mean_first: float,
    sd_first: float,
    n_first: int,
    mean_second: float,
    sd_second: float,
    n_second: int,
    *,
    bound: float,
    key: str,
    name: str,
    alpha: float = 0.05,
    pooled: bool = False,
    unit: str = "scale difference",
) -> list[Estimate]:
    """As `tost`, from published means, standard deviations and group sizes."""
    one = Sample(n_first, mean_first, sd_first**2)
    two = Sample(n_second, mean_second, sd_second**2)
    return _tost(one, two, bound, key, name, alpha, pooled, unit, False)


def _tost(
    one: Sample,
    two: Sample,
    bound: float,
    key: str,
    name: str,
    alpha: float,
    pooled: bool,
    unit: str,
    randomised: bool,
) -> list[Estimate]:
    if not bound > 0:
        raise ValueError(f"bound is the smallest difference of interest, above 0, not {bound!r}")
    error, df = _error(one, two, pooled)
    value = one.mean - two.mean
    half, kind = t_quantile(1 - alpha, df) * error, "pooled" if pooled else "Welch"
    common = {
        "level": 1 - 2 * alpha,
        "n": one.n + two.n,
        "n_dropped": one.dropped + two.dropped,
        "randomised": randomised,
    }
    sides = []
    for side, t in (("lower", (value + bound) / error), ("upper", (value - bound) / error)):
        p = float(stats.t.sf(t if side == "lower" else -t, df))
        method = f"one-sided {kind} t({df:.1f})"
        shown = {"key": f"{key}.{side}", "name": f"{name}, against the {side} bound"}
        sides.append(Estimate(**shown, value=t, unit="statistic", p=p, method=method, **common))
    difference = Estimate(
        key=key,
        name=name,
        value=value,
        low=value - half,
        high=value + half,
        unit=unit,
        p=max(side.p for side in sides),
        method=f"difference of means, two one-sided {kind} t tests against ±{bound:g}",
        **common,
    )
    return [difference, *sides]


def _error(one: Sample, two: Sample, pooled: bool) -> tuple[float, float]:
    """Standard error of the difference of means, and its degrees of freedom."""
    error, df = welch_error(one, two)
    if not pooled or error != error:
        return error, df
    return pooled_sd(one, two) * (1 / one.n + 1 / two.n) ** 0.5, one.n + two.n - 2
