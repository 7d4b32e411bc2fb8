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
    F, its two degrees of freedom and p; F and p NaN where it cannot be told, as without spread
    """
    used = np.flatnonzero(np.isfinite(means))
    number = len(used) - 1
    if number < 1:
        return NAN, 0, 0.0, NAN
    left = freedom - number  # as many as the regression has besides its intercept
    contrast = np.hstack([-np.ones((number, 1)), np.eye(number)])
    spread = contrast @ covariance[np.ix_(used, used)] @ contrast.T
    if left < 1 or not np.isfinite(spread).all():
        return NAN, number, max(left, 0.0), NAN
    if np.linalg.matrix_rank(spread, hermitian=True) < number:
        return NAN, number, left, NAN
    gaps = contrast @ means[used]
    value = float(gaps @ np.linalg.solve(spread, gaps) / number)
    return value, number, left, float(stats.f.sf(value, number, left))
