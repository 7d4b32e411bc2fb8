"""Means and differences of means as estimates, under the sampling design."""

import numpy as np
from scipy.special import ndtri

from crmresearch.methods.groups import welch_difference
from crmresearch.methods.student import two_sided_p
from crmresearch.methods.weighting import (
    Design,
    mean_contrast,
    method_words,
    rows_of,
    t_interval,
    weighted_mean,
)
from crmresearch.report.estimates import NAN, Estimate

Moments = tuple[float, float, int, int]  # mean, standard error, degrees of freedom, rows used


def mean(
    values: np.ndarray,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    within: np.ndarray | None = None,
    unit: str = "scale points",
    level: float = 0.95,
    group: str = "",
    low: float = -np.inf,
    high: float = np.inf,
    moments: Moments | None = None,
) -> Estimate:
    """Mean of `values` with a t interval.

    Parameters
    ----------
    values : (n,) float, NaN where not answered
    design : the rows' `Design`; a simple random sample when None
    within : (n,) bool, the part of the sample that is meant; all of it when None
    low, high : the interval is cut at these bounds, which the mean cannot cross
    moments : what `weighted_mean` gives, where it is known already

    Returns
    -------
    Estimate in `unit`; NaN for nothing answered, without an interval for a single answer.
    """
    values = np.asarray(values, dtype=float)
    design = design or Design(len(values))
    rows = rows_of(within, len(values))
    value, error, freedom, n = moments or weighted_mean(values, design, rows)
    spread = error > 0  # equal answers tell nothing of how others would differ
    bounds = t_interval(value, error, freedom, level) if spread else (NAN, NAN)
    bounds = np.clip(bounds, low, high)
    words = method_words(design, freedom) if spread else "no spread, so no interval"
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=float(bounds[0]),
        high=float(bounds[1]),
        level=level,
        unit=unit,
        n=n,
        n_dropped=int(rows.sum()) - n,
        method=f"mean, {words}",
        group=group,
    )


def mean_difference(
    values: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    unit: str = "scale difference",
    level: float = 0.95,
    group: str = "",
    moments: Moments | None = None,
) -> Estimate:
    """Mean of the rows `second` minus the mean of the rows `first`.

    Welch's interval for a simple random sample; under another design the linearised one, which
    counts people and accounts that stand on both sides once.

    Parameters
    ----------
    values : (n,) float, NaN where not answered
    first, second : (n,) bool, not overlapping
    moments : what `mean_contrast` gives, where it is known already

    Returns
    -------
    Estimate in `unit`; positive when the second mean is the higher one.
    """
    values = np.asarray(values, dtype=float)
    design = design or Design(len(values))
    if design.plain:
        sides = values[second], values[first]
        return welch_difference(*sides, key=key, name=name, level=level, unit=unit, group=group)
    found = moments or mean_contrast(values, design, [(1.0, second), (-1.0, first)])
    value, error, freedom, n = found
    low, high = t_interval(value, error, freedom, level)
    p = two_sided_p(value / error, freedom) if error > 0 else NAN
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit=unit,
        n=n,
        n_dropped=int((first | second).sum()) - n,
        method=f"difference of means, {method_words(design, freedom)}",
        group=group,
        p=p,
    )


def detectable(error: float, *, level: float = 0.95, power: float = 0.8) -> float:
    """The smallest true difference that a study with this standard error would find.

    Two-sided test at 1 - `level`, normal approximation; a planning number, not a finding: it does
    not depend on the difference that was observed.
    """
    return float((ndtri(0.5 + level / 2) + ndtri(power)) * error)


def standard_error(estimate: Estimate) -> float:
    """The standard error that a symmetric normal interval of this width stands for."""
    reach = (estimate.high - estimate.low) / 2
    return float(reach / ndtri(0.5 + estimate.level / 2))
