"""Adjusting p values when a family of comparisons is made."""

from collections.abc import Iterable

import numpy as np
from scipy import stats

METHODS = {"holm": "Holm", "bh": "Benjamini-Hochberg", "bonferroni": "Bonferroni"}


def adjust(p: np.ndarray, *, method: str = "holm") -> np.ndarray:
    """Adjusted p values, in the order given.

    Parameters
    ----------
    p : (m,) p values of one declared family; NaN where no test was made, which then does not
        count as a member of the family and stays NaN
    method : a key of `METHODS`. Holm bounds the chance of any false finding in the family, BH the
        share of false ones among the findings.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not one of {sorted(METHODS)}")
    p = np.asarray(p, dtype=float)
    adjusted = np.full(p.shape, np.nan)
    tested = np.isfinite(p)
    if tested.any():
        adjusted[tested] = _adjusted(p[tested], method)
    return adjusted


def _adjusted(p: np.ndarray, method: str) -> np.ndarray:
    if method == "bh":
        return stats.false_discovery_control(p, method="bh")
    if method == "bonferroni":
        return np.minimum(p * p.size, 1.0)
    order = np.argsort(p)
    stepped = np.empty_like(p)  # each by the number of hypotheses still open when it is tested
    stepped[order] = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    return np.minimum(stepped, 1.0)


def widest(intervals: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Bounds of the largest of several true differences, whichever pair it belongs to.

    Parameters
    ----------
    intervals : low and high of each difference; they hold for all at once

    Returns
    -------
    The largest difference, without its sign, is at least as large as the nearer end of the pair
    clearest of zero, 0 where none is, and at most as large as the farthest end of any. Unlike the
    interval of the pair that looks largest, this allows for another pair being the larger one.
    """
    ends = list(intervals)
    nearer = max(max(low, -high, 0.0) for low, high in ends)
    return nearer, max(max(abs(low), abs(high)) for low, high in ends)
