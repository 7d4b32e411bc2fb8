"""Differences of two groups known by each row's influence on them, and their errors."""

from dataclasses import dataclass

import numpy as np

from crmresearch.methods.student import t_quantile, two_sided_p
from crmresearch.methods.weighting import Design, linearised_variance
from crmresearch.report.estimates import NAN, Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Mean of the group less that of the comparison.

    `influence` (n,) is each row's contribution to the error: its sum of squares, or that of sums
    over clusters, is the variance. `member` (n,) tells the group, `effective` is Kish's number of
    the group and of the comparison.
    """

    value: float
    influence: np.ndarray
    member: np.ndarray
    effective: tuple[float, float]


def estimate(
    found: Difference,
    design: Design,
    *,
    key: str,
    name: str,
    method: str,
    level: float = 0.95,
    unit: str = "scale difference",
    scale: float = 1.0,
    n_dropped: int = 0,
    terms: int = 1,
    group: str = "",
) -> Estimate:
    """A difference with its t interval and two-sided p.

    Parameters
    ----------
    found : whose influence has the rows of `design`
    scale : what one unit is worth in the values' unit, to report in standard deviations
    terms : of the models that were fitted; the variance is multiplied by (n - 1) / (n - terms)

    Returns
    -------
    Degrees of freedom are Welch's (Satterthwaite's, from the two groups' parts of the variance)
    and the raw difference's interval is that of Welch's t test. Between clusters they are those
    of the group with fewer, less one, and each influence is divided by the root of one less its
    cluster's share of its group, as residuals are too small by that (CR2, Bell & McCaffrey 2002,
    Survey Methodology 28, 169-181, which it is for means of clusters within one group).
    """
    n = len(found.influence)
    value, error, freedom = found.value / scale if scale > 0 else NAN, NAN, 0.0
    if value == value and n > terms:
        variance, freedom = _variance(found, design)
        error = np.sqrt(variance * (n - 1) / (n - terms)) / scale
    sure = error == error and error > 0 and freedom > 0
    reach = t_quantile(0.5 + level / 2, freedom) * error if sure else NAN
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=value - reach,
        high=value + reach,
        level=level,
        unit=unit,
        n=n,
        n_dropped=n_dropped,
        method=method,
        group=group,
        p=two_sided_p(value / error, freedom) if sure else NAN,
    )


def _variance(found: Difference, design: Design) -> tuple[float, float]:
    """Variance of a difference and its degrees of freedom, which a small group decides."""
    member = found.member
    if design.clusters is None and design.strata is None:
        sizes = np.array([member.sum(), (~member).sum()])
        if sizes.min() < 2:
            return NAN, 0.0
        parts = np.array(
            [found.influence[rows] @ found.influence[rows] for rows in (member, ~member)]
        )
        parts = parts * sizes / (sizes - 1)
        total = float(parts.sum())
        return total, float(total**2 / (parts**2 / (sizes - 1)).sum()) if total > 0 else 0.0
    influence, units = found.influence, []
    if design.clusters is not None:
        codes = design.clusters
        ours = np.bincount(codes, member)
        parts = [ours, np.bincount(codes) - ours]  # rows of each group in each cluster
        units = [np.count_nonzero(part) - 1 for part in parts]
        rest = [np.where(part < part.sum(), 1 - part / max(part.sum(), 1), NAN) for part in parts]
        first, second = (1 / np.sqrt(part) for part in rest)
        influence = influence * np.where(member, first[codes], second[codes])
    variance, freedom = linearised_variance(influence, design, np.ones(len(member), bool))
    return variance, float(min([freedom, *units]))
