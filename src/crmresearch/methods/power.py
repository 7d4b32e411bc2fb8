"""What a comparison of two groups could have found: the smallest detectable difference."""

from collections.abc import Sequence

import numpy as np
from scipy import optimize

from crmresearch.methods.student import chance_beyond, t_quantile
from crmresearch.methods.weighting import Design, linearised_variance
from crmresearch.report.estimates import NAN, Estimate


def power(
    g: float, n_first: int, n_second: int, *, alpha: float = 0.05, design_effect: float = 1.0
) -> float:
    """Chance that a two-sided t test finds a true standardised difference of `g`.

    `design_effect` is how many times the variance of the difference is that of independent answers
    which count alike; degrees of freedom are left as they are.
    """
    df = n_first + n_second - 2
    if n_first < 1 or n_second < 1 or df < 1:
        return NAN
    shift = g / (design_effect * (1 / n_first + 1 / n_second)) ** 0.5
    critical = t_quantile(1 - alpha / 2, df)
    return chance_beyond(critical, df, shift) + chance_beyond(critical, df, -shift)


def detectable_g(
    n_first: int,
    n_second: int,
    *,
    key: str,
    name: str,
    wanted: float = 0.8,
    alpha: float = 0.05,
    design_effect: float = 1.0,
    scale: float = 1.0,
    unit: str = "SD",
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
    design_effect : of the difference, from `contrast_design_effect`, for weights and clusters
    scale, unit : what one SD is worth in another unit, to report the difference in that

    Returns
    -------
    One estimate without interval; NaN where the groups are too small for any test.
    """
    value = NAN
    settings = {"alpha": alpha, "design_effect": design_effect}
    if min(n_first, n_second) > 0 and n_first + n_second > 2 and design_effect > 0:
        high = (design_effect * (1 / n_first + 1 / n_second)) ** 0.5
        while power(high, n_first, n_second, **settings) < wanted:
            high *= 2
        value = scale * optimize.brentq(
            lambda g: power(g, n_first, n_second, **settings) - wanted, 0.0, high, xtol=1e-12
        )
    allowed = "" if design_effect == 1 else f", design effect {design_effect:.2f}"
    return Estimate(
        key=key,
        name=name,
        group=group,
        value=value,
        level=1 - alpha,
        unit=unit,
        n=n_first + n_second,
        method=f"smallest difference found with {wanted:.0%} power, two-sided t test at {alpha:g}, "
        f"{n_first:,} and {n_second:,} people{allowed}",
    )


def contrast_design_effect(
    values: np.ndarray, design: Design, first: np.ndarray, second: np.ndarray
) -> float:
    """Variance of a difference of two means over that of independent answers which count alike.

    It says nothing of the difference itself: only how the answers spread, within and between
    clusters, and how unequal their weights are.

    Parameters
    ----------
    values : (n,) float, NaN where not answered
    first, second : (n,) bool, the two groups, without overlap

    Returns
    -------
    1 for a simple random sample; NaN where a side has no spread or the variance cannot be told.
    """
    return contrast_design_effects(values, design, [first], second)[0]


def contrast_design_effects(
    values: np.ndarray, design: Design, groups: Sequence[np.ndarray], base: np.ndarray
) -> list[float]:
    """`contrast_design_effect` of several groups that are compared with the same `base`."""
    if design.plain:
        return [1.0] * len(groups)
    weights = design.row_weights()
    told = np.isfinite(values) & (weights > 0)
    sides = [_side(values, weights, told & side) for side in (base, *groups)]
    rest = sides[0]
    return [
        NAN if side is None or rest is None else _effect(design, side, rest) for side in sides[1:]
    ]


Side = tuple[np.ndarray, np.ndarray, float]  # rows, what each adds to the mean, variance if alone


def _side(values: np.ndarray, weights: np.ndarray, rows: np.ndarray) -> Side | None:
    """A group's rows and its mean's variance from independent answers; None below two rows."""
    places = np.flatnonzero(rows)
    if len(places) < 2:
        return None
    share, apart = weights[places], values[places]
    share = share / share.sum()
    apart = apart - share @ apart
    added = share * apart
    return places, added, float(added @ apart) / (len(places) - 1)


def _effect(design: Design, side: Side, rest: Side) -> float:
    influence, used = np.zeros(design.n), np.zeros(design.n, dtype=bool)
    for (places, added, _), sign in ((side, 1.0), (rest, -1.0)):
        influence[places] = sign * added
        used[places] = True
    independent = side[2] + rest[2]
    variance = linearised_variance(influence, design, used)[0]
    return float(variance / independent) if independent > 0 else NAN
