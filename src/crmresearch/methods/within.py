"""Contrasts within groups: what differs between kinds of people of the same group.

A constant of its own for every group takes out whatever its people have in common; errors are
clustered by group. Source: Cameron & Miller (2015), Journal of Human Resources 50, 317-372.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from crmresearch.methods.weighting import t_interval
from crmresearch.report.estimates import NAN


class Contrast(NamedTuple):
    """A difference with its interval, p value, rows used, and groups that decide it."""

    value: float
    low: float
    high: float
    p: float
    n: int
    clusters: int


def within_contrasts(
    values: np.ndarray,
    kinds: np.ndarray,
    codes: np.ndarray,
    pairs: Sequence[tuple[int, int]],
    *,
    weights: np.ndarray | None = None,
    level: float = 0.95,
) -> list[Contrast]:
    """Mean of the second kind less that of the first, for each pair, within groups.

    Parameters
    ----------
    values : (n,) float, NaN where not answered
    kinds : (n,) int, 0 upwards; below 0 for rows without a kind
    codes : (n,) int, the group of each row; below 0 for none
    pairs : kinds to compare
    weights : (n,) float, not negative; ones when None

    Returns
    -------
    One contrast a pair, from groups with people of two kinds or more. The interval is Student's t
    with the number of these groups less one as degrees of freedom, and the variance is multiplied
    by G / (G - 1). NaN where no group holds both kinds, directly or through a third.
    """
    values, kinds, codes = np.asarray(values, dtype=float), np.asarray(kinds), np.asarray(codes)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    used = np.isfinite(values) & (kinds >= 0) & (codes >= 0) & (weights > 0)
    used[used] = _mixed(kinds[used], codes[used])
    nothing = [Contrast(NAN, NAN, NAN, NAN, 0, 0) for _ in pairs]
    if not used.any():
        return nothing
    groups = np.unique(codes[used], return_inverse=True)[1]
    number = int(groups.max()) + 1
    weights = weights[used] / weights[used].mean()
    total = np.bincount(groups, weights)

    def centred(x: np.ndarray) -> np.ndarray:
        return x - (np.bincount(groups, weights * x) / total)[groups]

    outcome = centred(values[used])
    dummies = np.column_stack(
        [centred((kinds[used] == kind).astype(float)) for kind in range(int(kinds.max()) + 1)]
    )
    inverse = np.linalg.pinv(dummies.T @ (weights[:, None] * dummies), rcond=1e-10, hermitian=True)
    slopes = inverse @ (dummies.T @ (weights * outcome))
    errors = weights * (outcome - dummies @ slopes)
    scores = np.column_stack([np.bincount(groups, errors * column) for column in dummies.T])
    spread = inverse @ (scores.T @ scores) @ inverse
    spread = spread * number / max(number - 1, 1)
    estimable = inverse @ (dummies.T @ (weights[:, None] * dummies))
    found = []
    for row, (first, second) in enumerate(pairs):
        contrast = np.zeros(len(slopes))
        contrast[[first, second]] = -1.0, 1.0
        if np.abs(contrast @ estimable - contrast).max() > 1e-8:
            found.append(nothing[row])
            continue
        value, error = float(contrast @ slopes), float(np.sqrt(contrast @ spread @ contrast))
        sure = error > 1e-12 and number > 1
        low, high = t_interval(value, error, number - 1, level) if sure else (NAN, NAN)
        p = float(2 * stats.t.sf(abs(value) / error, number - 1)) if sure else NAN
        found.append(Contrast(value, low, high, p, int(used.sum()), number))
    return found


def _mixed(kinds: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Rows of the groups that hold more than one kind."""
    if not len(kinds):
        return np.zeros(0, dtype=bool)
    groups = np.unique(codes, return_inverse=True)[1]
    least = np.full(int(groups.max()) + 1, kinds.max())
    most = np.zeros(int(groups.max()) + 1, dtype=kinds.dtype)
    np.minimum.at(least, groups, kinds)
    np.maximum.at(most, groups, kinds)
    return (least < most)[groups]
