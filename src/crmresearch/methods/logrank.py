"""Whether several groups of customers leave at the same pace: the log-rank test."""

import numpy as np
from scipy import stats

from crmresearch.methods.moments import summed
from crmresearch.report.estimates import NAN


def log_rank(
    exit_time: np.ndarray,
    left: np.ndarray,
    groups: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
) -> tuple[float, int, float]:
    """Test that the groups share one curve.

    Parameters
    ----------
    exit_time : (n,) float; left : (n,) bool; groups : (n,) labels
    entry : (n,) float, from when each is watched; from the start when None
    clusters : (n,) labels; the variance is then that between them of what each adds to the
        departures beyond those expected

    Returns
    -------
    chi-squared, degrees of freedom and p; that of R's ``survdiff`` without clusters. NaN with one
    group or without a departure.
    """
    codes = np.unique(groups, return_inverse=True)[1]
    number = int(codes.max(initial=-1)) + 1
    left = np.asarray(left, dtype=bool)
    times, last = np.unique(exit_time, return_inverse=True)
    gone = _table(last, codes, len(times), number, left.astype(float))
    at_risk = np.cumsum(_table(last, codes, len(times), number)[::-1], axis=0)[::-1]
    if entry is not None:
        place = np.searchsorted(times, entry, side="right")
        later = _table(place, codes, len(times) + 1, number)[::-1]
        at_risk = at_risk - np.cumsum(later, axis=0)[::-1][1:]
    some = gone.sum(axis=1) > 0
    all_gone, all_risk = gone.sum(axis=1), at_risk.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(some[:, None], at_risk / all_risk[:, None], 0.0)
        pace = np.where(some, all_gone / all_risk, 0.0)
        spread = np.where(
            some & (all_risk > 1), pace * (all_risk - all_gone) / (all_risk - 1) * all_risk, 0.0
        )
    beyond = (gone - share * all_gone[:, None]).sum(axis=0)
    if clusters is None:
        variance = np.diag(share.T @ spread) - (share * spread[:, None]).T @ share
    else:
        own = _added(left, codes, last, share, pace, entry, times)
        totals = summed(own, np.unique(clusters, return_inverse=True)[1])
        apart = totals - totals.mean(axis=0)
        variance = apart.T @ apart * (len(totals) / max(len(totals) - 1, 1))
    return _tested(beyond, variance)


def _table(
    rows: np.ndarray, codes: np.ndarray, height: int, width: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """Counts (height, width) by time and group."""
    counts = np.bincount(rows * width + codes, weights=weights, minlength=height * width)
    return counts.reshape(height, width).astype(float)


def _added(
    left: np.ndarray,
    codes: np.ndarray,
    last: np.ndarray,
    share: np.ndarray,
    pace: np.ndarray,
    entry: np.ndarray | None,
    times: np.ndarray,
) -> np.ndarray:
    """What each customer adds to the departures of each group beyond the expected, (n, groups)."""
    zero = np.zeros((1, share.shape[1]))
    total = np.r_[0.0, np.cumsum(pace)]
    spread = np.vstack([zero, np.cumsum(share * pace[:, None], axis=0)])
    start = np.zeros(len(last), dtype=int)
    if entry is not None:
        start = np.minimum(np.searchsorted(times, entry, side="right"), last + 1)
    one = np.zeros((len(last), share.shape[1]))
    one[np.arange(len(last)), codes] = 1.0
    found = -one * (total[last + 1] - total[start])[:, None] + spread[last + 1] - spread[start]
    found[left] += one[left] - share[last[left]]
    return found


def _tested(beyond: np.ndarray, variance: np.ndarray) -> tuple[float, int, float]:
    freedom = len(beyond) - 1
    if freedom < 1 or not np.isfinite(variance).all() or not variance.any():
        return NAN, max(freedom, 0), NAN
    value = float(beyond @ np.linalg.pinv(variance, rcond=1e-10, hermitian=True) @ beyond)
    return value, freedom, float(stats.chi2.sf(value, freedom))
