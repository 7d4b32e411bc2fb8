"""Contrasts within groups: what differs between kinds of people of the same group.

A constant of its own for every group takes out whatever its people have in common; errors are
clustered by group. Source: Cameron & Miller (2015), Journal of Human Resources 50, 317-372.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from crmresearch.methods.student import two_sided_p
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
    nothing = Contrast(NAN, NAN, NAN, NAN, 0, 0)
    if not used.any():
        return [nothing for _ in pairs]
    groups = np.unique(codes[used], return_inverse=True)[1]
    freedom = int(groups.max())
    slopes, spread, estimable = _regression(values[used], kinds[used], groups, weights[used])
    found = []
    for first, second in pairs:
        contrast = np.zeros(max(len(slopes), first + 1, second + 1))
        contrast[[first, second]] = -1.0, 1.0
        beyond, contrast = contrast[len(slopes) :].any(), contrast[: len(slopes)]
        if beyond or np.abs(contrast @ estimable - contrast).max() > 1e-8:
            found.append(nothing)
            continue
        value, error = float(contrast @ slopes), float(np.sqrt(contrast @ spread @ contrast))
        sure = error > 1e-12 and freedom > 0
        low, high = t_interval(value, error, freedom, level) if sure else (NAN, NAN)
        p = two_sided_p(value / error, freedom) if sure else NAN
        found.append(Contrast(value, low, high, p, int(used.sum()), freedom + 1))
    return found


def _regression(
    values: np.ndarray, kinds: np.ndarray, groups: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level of each kind, their clustered covariance, and the matrix that keeps what is estimable.

    Levels are those of least length among the many that fit; only contrasts between kinds that
    meet have a meaning.
    """
    number = int(groups.max()) + 1
    weights = weights / weights.mean()
    total = np.bincount(groups, weights)

    def centred(x: np.ndarray) -> np.ndarray:
        return x - (np.bincount(groups, weights * x) / total)[groups]

    outcome = centred(values)
    dummies = np.column_stack(
        [centred((kinds == kind).astype(float)) for kind in range(int(kinds.max()) + 1)]
    )
    cross = dummies.T @ (weights[:, None] * dummies)
    inverse = np.linalg.pinv(cross, rcond=1e-10, hermitian=True)
    slopes = inverse @ (dummies.T @ (weights * outcome))
    errors = weights * (outcome - dummies @ slopes)
    scores = np.column_stack([np.bincount(groups, errors * column) for column in dummies.T])
    spread = inverse @ (scores.T @ scores) @ inverse * number / max(number - 1, 1)
    return slopes, spread, inverse @ cross


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
