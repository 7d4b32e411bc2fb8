"""What a comparison of two groups could have found: the smallest detectable difference."""

from scipy import optimize, stats

from crmresearch.report.estimates import NAN, Estimate


def power(g: float, n_first: int, n_second: int, *, alpha: float = 0.05) -> float:
    """Chance that a two-sided t test finds a true standardised difference of `g`."""
    df = n_first + n_second - 2
    if n_first < 1 or n_second < 1 or df < 1:
        return NAN
    shift = g / (1 / n_first + 1 / n_second) ** 0.5
    critical = stats.t.ppf(1 - alpha / 2, df)
    return float(stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift))


def detectable_g(
    n_first: int,
    n_second: int,
    *,
    key: str,
    name: str,
    wanted: float = 0.8,
    alpha: float = 0.05,
    group: str = "",
) -> Estimate:
    """The standardised difference that two groups of these sizes would reveal.

    It describes the study, not the result: a smaller true difference would usually be missed, so a
    comparison that found nothing says little about differences below it.

    Parameters
    ----------
    n_first, n_second : people in each group
    wanted : chance of finding it, a fraction
    alpha : level of the two-sided t test, noncentral t distribution

    Returns
    -------
    One estimate in SD without interval; NaN where the groups are too small for any test.
    """
    value = NAN
    if min(n_first, n_second) > 0 and n_first + n_second > 2:
        reach = (1 / n_first + 1 / n_second) ** 0.5
        high = reach
        while power(high, n_first, n_second, alpha=alpha) < wanted:
            high *= 2
        value = optimize.brentq(
            lambda g: power(g, n_first, n_second, alpha=alpha) - wanted, 0.0, high, xtol=1e-12
        )
    return Estimate(
        key=key,
        name=name,
        group=group,
        value=value,
        level=1 - alpha,
        unit="SD",
        n=n_first + n_second,
        method=f"smallest g found with {wanted:.0%} power, two-sided t test at {alpha:g}, "
        f"{n_first:,} and {n_second:,} people",
    )
