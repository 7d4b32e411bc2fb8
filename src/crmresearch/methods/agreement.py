"""How far the people of one group agree: rwg and rwg(j).

They hold the spread of the answers of one group against the spread of answers given at random, and
say nothing of whether groups differ (see `intraclass`) or of who is right. They do not use survey
weights: a group has too few people for weights to mean anything within it.
"""

import numpy as np
from scipy import stats

from crmresearch.report.estimates import NAN

# Variance of a slightly skewed distribution of answers on a scale of so many points: LeBreton &
# Senter (2008), Organizational Research Methods 11, 815-852, as in the first author's R package.
SLIGHT_SKEW = {5: 1.34, 6: 1.85, 7: 2.90, 8: 3.47, 9: 5.66, 10: 6.30, 11: 7.31}


def null_variance(points: int, *, skewed: bool = False) -> float:
    """Variance of random answers on a scale of `points` points; NaN where none is known.

    Answers at random are spread evenly over the points, or are slightly skewed as people's answers
    tend to be (5 to 11 points only). The skewed null asks less spread of chance, so that agreement
    looks lower.
    """
    if skewed:
        return SLIGHT_SKEW.get(points, NAN)
    return (points**2 - 1) / 12 if points > 1 else NAN


def within_variance(values: np.ndarray, codes: np.ndarray, groups: int) -> np.ndarray:
    """Variance (n - 1) of each group's answers, NaN with fewer than two; shape (groups,).

    Parameters
    ----------
    values : (n,) float, NaN where not answered
    codes : (n,) int, 0 to groups - 1; below 0 for rows without a group
    """
    known = np.isfinite(values) & (codes >= 0)
    values, codes = values[known], codes[known]
    sizes = np.bincount(codes, minlength=groups)
    means = np.bincount(codes, values, minlength=groups) / np.maximum(sizes, 1)
    squares = np.bincount(codes, (values - means[codes]) ** 2, minlength=groups)
    return np.where(sizes > 1, squares / np.maximum(sizes - 1, 1), NAN)


def rwg(items: np.ndarray, codes: np.ndarray, *, null: float) -> np.ndarray:
    """Agreement within each group: rwg for one item, rwg(j) for several.

    Parameters
    ----------
    items : (n,) or (n, j) float, NaN where not answered
    codes : (n,) int, 0 to groups - 1; below 0 for rows without a group
    null : variance of answers at random, see `null_variance`

    Returns
    -------
    (groups,) float from 0 to 1: 1 where all answered alike, 0 where the spread is that of random
    answers or wider (truncated, as James, Demaree & Wolf have it), NaN where no item has two
    answers. An item with fewer than two answers in a group is left out of that group.

    Source
    ------
    James, Demaree & Wolf (1984), Journal of Applied Psychology 69, 85-98.
    """
    items = np.asarray(items, dtype=float)
    items = items[:, None] if items.ndim == 1 else items
    codes = np.asarray(codes)
    groups = int(codes.max(initial=-1)) + 1
    total, asked = np.zeros(groups), np.zeros(groups)
    for item in items.T:
        variance = within_variance(item, codes, groups)
        total += np.nan_to_num(variance)
        asked += np.isfinite(variance)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = total / asked / null
        found = items.shape[1] * (1 - spread) / (items.shape[1] * (1 - spread) + spread)
    return np.where(asked > 0, np.where(spread < 1, found, 0.0), NAN)


def median_interval(values: np.ndarray, *, level: float = 0.95) -> tuple[float, float, float]:
    """Median with its distribution-free interval from the order statistics.

    Missing values are left out. NaN bounds where there are too few values for the level. The
    interval holds at `level` or above, whatever the distribution.
    """
    known = np.sort(values[np.isfinite(values)])
    if not known.size:
        return NAN, NAN, NAN
    rank = int(stats.binom.ppf((1 - level) / 2, known.size, 0.5))
    median = float(np.median(known))
    if rank < 1:
        return median, NAN, NAN
    return median, float(known[rank - 1]), float(known[-rank])
