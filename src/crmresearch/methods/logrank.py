"""Whether several groups of customers leave at the same pace: the log-rank test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """Customers counted by time and group, for tests of all the groups or of some.

    Parameters
    ----------
    left : (n,) bool; codes : (n,) group 0 … g - 1; clusters : (n,) codes, or None
    last : (n,) place of each exit among the times; start : (n,) of the first time at risk
    gone, at_risk : (t, g) departures and customers at risk
    """

    left: np.ndarray
    codes: np.ndarray
    clusters: np.ndarray | None
    last: np.ndarray
    start: np.ndarray
    gone: np.ndarray
    at_risk: np.ndarray


def watched(
    exit_time: np.ndarray,
    left: np.ndarray,
    groups: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
) -> Watched:
    """Count customers for `compare`.

    Parameters
    ----------
    exit_time : (n,) float; left : (n,) bool; groups : (n,) labels
    entry : (n,) float, from when each is watched; from the start when None
    clusters : (n,) labels; the variance is then that between them of what each adds to the
        departures beyond those expected
    """
    codes = np.unique(groups, return_inverse=True)[1]
    number = int(codes.max(initial=-1)) + 1
    left = np.asarray(left, dtype=bool)
    times, last = np.unique(exit_time, return_inverse=True)
    at_risk = np.cumsum(_table(last, codes, len(times), number)[::-1], axis=0)[::-1]
    start = np.zeros(len(last), dtype=int)
    if entry is not None:
        start = np.minimum(np.searchsorted(times, entry, side="right"), last + 1)
        later = _table(start, codes, len(times) + 1, number)[::-1]
        at_risk = at_risk - np.cumsum(later, axis=0)[::-1][1:]
    return Watched(
        left=left,
        codes=codes,
        clusters=None if clusters is None else np.unique(clusters, return_inverse=True)[1],
        last=last,
        start=start,
        gone=_table(last, codes, len(times), number, left.astype(float)),
        at_risk=at_risk,
    )


def log_rank(*given: np.ndarray, **settings: np.ndarray | None) -> tuple[float, int, float]:
    """Test that all groups share one curve: `compare` of what `watched` takes."""
    found = watched(*given, **settings)
    return compare(found, range(found.gone.shape[1]))


def compare(found: Watched, some: Sequence[int]) -> tuple[float, int, float]:
    """Test that some of the groups, by their codes, share one curve.

    Returns
    -------
    chi-squared, degrees of freedom and p; that of R's ``survdiff`` without clusters. NaN with one
    group or without a departure.
    """
    some = list(some)
    gone, at_risk = found.gone[:, some], found.at_risk[:, some]
    all_gone, all_risk = gone.sum(axis=1), at_risk.sum(axis=1)
    any_left = all_gone > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(any_left[:, None], at_risk / all_risk[:, None], 0.0)
        pace = np.where(any_left, all_gone / all_risk, 0.0)
        spread = all_gone * (all_risk - all_gone) / (all_risk - 1)
    spread = np.where(any_left & (all_risk > 1), spread, 0.0)
    beyond = (gone - share * all_gone[:, None]).sum(axis=0)
    if found.clusters is None:
        variance = np.diag(share.T @ spread) - (share * spread[:, None]).T @ share
    else:
        totals = _totals(found, some, share, pace)
        totals = totals[totals.any(axis=1)]
        apart = totals - totals.mean(axis=0)
        variance = apart.T @ apart * (len(totals) / max(len(totals) - 1, 1))
    return _tested(beyond, variance)


def _table(
    rows: np.ndarray, codes: np.ndarray, height: int, width: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """Counts (height, width) by time and group."""
    counts = np.bincount(rows * width + codes, weights=weights, minlength=height * width)
    return counts.reshape(height, width).astype(float)


def _totals(found: Watched, some: list[int], share: np.ndarray, pace: np.ndarray) -> np.ndarray:
    """What each cluster adds to the departures of each group beyond the expected."""
    rows = slice(None)
    if len(some) < found.gone.shape[1]:
        rows = np.flatnonzero(np.isin(found.codes, some))
    codes, left = found.codes[rows], found.left[rows]
    end, start, clusters = found.last[rows] + 1, found.start[rows], found.clusters[rows]
    total = np.r_[0.0, np.cumsum(pace)]
    watched_for = total[end] - total[start]
    columns = []
    for place, group in enumerate(some):
        moved = np.r_[0.0, np.cumsum(share[:, place] * pace)]
        added = moved[end] - moved[start]
        own = codes == group
        added[own] -= watched_for[own]
        added[left] += own[left] - share[end[left] - 1, place]
        columns.append(np.bincount(clusters, added))
    return np.column_stack(columns)


def _tested(beyond: np.ndarray, variance: np.ndarray) -> tuple[float, int, float]:
    freedom = len(beyond) - 1
    if freedom < 1 or not np.isfinite(variance).all() or not variance.any():
        return NAN, max(freedom, 0), NAN
    value = float(beyond @ np.linalg.pinv(variance, rcond=1e-10, hermitian=True) @ beyond)
    return value, freedom, float(stats.chi2.sf(value, freedom))
