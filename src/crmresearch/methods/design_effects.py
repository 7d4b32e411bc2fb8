"""What weights and clusters cost: design effects, and weighted against unweighted means."""

import numpy as np

from crmresearch.methods.weighting import Design, linearised_variance, weighted_mean
from crmresearch.report.estimates import NAN


def design_effect(values: np.ndarray, design: Design) -> float:
    """Variance of the mean of `values` over that in a simple random sample of as many people.

    It holds everything the design does: weights, clusters, strata and raking. With clusters of
    customers who answer alike it is far above `kish`, which knows of weights only. The same as R's
    ``svymean(deff = "replace")``.

    Parameters
    ----------
    values : (n,) float, NaN where not answered

    Returns
    -------
    The ratio of variances; NaN where there is no spread or no degree of freedom.
    """
    values = np.asarray(values, dtype=float)
    centre, error, _, n = weighted_mean(values, design)
    if n < 2:
        return NAN
    weights = design.row_weights()
    used = np.isfinite(values) & (weights > 0)
    squares = weights[used] @ (values[used] - centre) ** 2 / weights[used].sum()
    return float(error**2 * (n - 1) / squares) if squares > 0 else NAN


def weighting_shift(values: np.ndarray, design: Design) -> tuple[float, float, int, int]:
    """Weighted less unweighted mean of the same people, with its linearised standard error.

    Both rest on the same answers, so their difference varies far less than two samples would.
    Respondents without a weight are in neither.

    Parameters
    ----------
    values : (n,) float, NaN where not answered

    Returns
    -------
    difference, standard error (NaN where it cannot be told), degrees of freedom, rows used
    """
    values = np.asarray(values, dtype=float)
    weights = design.row_weights()
    used = np.isfinite(values) & (weights > 0)
    if not used.any():
        return NAN, NAN, 0, 0
    if np.ptp(weights[used]) <= 1e-12 * weights[used].max():  # nothing moves, rounding apart
        freedom = linearised_variance(np.zeros(design.n), design.without_margins(), used)[1]
        return 0.0, 0.0, freedom, int(used.sum())
    known, share = values[used], weights[used] / weights[used].sum()
    weighted, plain = float(share @ known), float(known.mean())
    influence = np.zeros(design.n)
    influence[used] = share * (known - weighted)
    if design.calibration is not None:  # only the weighted mean owes anything to the margins
        influence = design.calibration.residuals(influence, weights)
    influence[used] -= (known - plain) / len(known)
    variance, freedom = linearised_variance(influence, design.without_margins(), used)
    return weighted - plain, float(np.sqrt(variance)), freedom, len(known)
