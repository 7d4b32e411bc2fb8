"""Whether several groups have one mean: the Wald test under the sampling design."""

import numpy as np
from scipy import stats

from crmresearch.report.estimates import NAN


def equal_means(
    means: np.ndarray, covariance: np.ndarray, freedom: float
) -> tuple[float, int, float, float]:
    """F test that all groups have the same mean.

    The statistic is the Wald chi-squared of the differences from the first group over their
    number; with linearised covariances it is that of R's ``regTermTest`` of a ``svyglm`` on the
    groups.

    Parameters
    ----------
    means : (k,) of the groups, NaN of those without an answer, which are left out
    covariance : (k, k) of the means
    freedom : clusters less strata

    Returns
    -------
    F, its two degrees of freedom and p. Differences without any spread, as between two groups in
    which nobody did it, are left out of F where they are 0, and make it infinite where they are
    not. NaN where nothing can be told.
    """
    used = np.flatnonzero(np.isfinite(means))
    number = len(used) - 1
    left = freedom - number  # as many as the regression has besides its intercept
    if number < 1 or left < 1:
        return NAN, max(number, 0), max(left, 0.0), NAN
    contrast = np.hstack([-np.ones((number, 1)), np.eye(number)])
    spread = contrast @ covariance[np.ix_(used, used)] @ contrast.T
    gaps = contrast @ means[used]
    if not np.isfinite(spread).all():
        return NAN, number, left, NAN
    sizes, axes = np.linalg.eigh(spread)
    varies = sizes > 1e-10 * max(sizes.max(), 0.0)
    along = axes.T @ gaps
    if np.abs(along[~varies]).max(initial=0.0) > 1e-9:
        return float("inf"), number, left, 0.0
    if not varies.any():
        return NAN, number, left, NAN
    rank = int(varies.sum())
    value = float((along[varies] ** 2 / sizes[varies]).sum() / rank)
    return value, rank, left, float(stats.f.sf(value, rank, left))
