"""LMG: the explained variance divided among predictors by averaging over the orders of entering.

The same division is known as the Shapley value and as general dominance. It adds up to R² and is
never negative; it describes what goes with the outcome. A predictor without a coefficient of its
own takes a share from those it is correlated with. Sources: Lindeman, Merenda & Gold (1980),
*Introduction to Bivariate and Multivariate Analysis*; Grömping (2006), Journal of Statistical
Software 17(1).
"""

from math import factorial

import numpy as np

MOST_EXACT = 16  # predictors whose subsets are all fitted
TINY = 1e-10  # share of a predictor's variance that must be new for it to explain anything
TOGETHER = 2**17  # models fitted at once
RIDGE = 1e-9  # lets a predictor that repeats others be decomposed


def exact(correlations: np.ndarray) -> np.ndarray:
    """Each predictor's LMG part of R², from the R² of all subsets of predictors.

    Parameters
    ----------
    correlations : (..., p + 1, p + 1), the outcome last; p at most 16

    Returns
    -------
    (..., p), summing to R². A predictor that repeats others shares with them; a constant one must
    be left out beforehand.
    """
    shape, p = correlations.shape[:-2], correlations.shape[-1] - 1
    if p > MOST_EXACT:
        raise ValueError(f"{p} predictors have too many subsets: take `sampled` beyond 16")
    matrices = correlations.reshape(-1, p + 1, p + 1)
    step = max(1, TOGETHER >> p)
    weights = _subset_weights(p)
    parts = [
        weights @ explained(matrices[start : start + step])
        for start in range(0, len(matrices), step)
    ]
    return np.concatenate([np.empty((p, 0)), *parts], axis=1).T.reshape(*shape, p)


def explained(matrices: np.ndarray) -> np.ndarray:
    """R² of every subset of predictors, (2**p, m), for m matrices with the outcome last.

    Predictor `j` is in the subsets whose number has bit `j`. One predictor after the other is swept
    out of what is left unexplained by each subset of those before it, so that a subset costs one
    step more than the one it extends.
    """
    left = np.moveaxis(matrices, 0, -1)
    while len(left) > 1:
        pivot, column, rest = left[0, 0], left[1:, 0], left[1:, 1:]
        new = pivot > TINY
        column = column * np.where(new, 1 / np.sqrt(np.where(new, pivot, 1.0)), 0.0)
        left = np.concatenate([rest, rest - column[:, None] * column[None, :]], axis=-1)
    return 1.0 - left[0, 0].reshape(-1, len(matrices))


def _subset_weights(p: int) -> np.ndarray:
    """(p, 2**p): how the R² of each subset enters each predictor's part."""
    subsets = np.arange(2**p)
    inside = (subsets >> np.arange(p)[:, None]) & 1
    sizes = inside.sum(axis=0)
    chance = [factorial(k) * factorial(p - 1 - k) / factorial(p) for k in range(p)]
    joined = np.array([0.0, *chance])[sizes]
    left_out = np.array([*chance, 0.0])[sizes]
    return np.where(inside, joined, -left_out)


def sampled(correlations: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Each predictor's part of R² by the order of entering, for some orders.

    Parameters
    ----------
    correlations : (..., p + 1, p + 1), the outcome last, without negative eigenvalues
    orders : (m, p) permutations of the predictors, from `orderings`

    Returns
    -------
    (..., m, p); the mean over m estimates the LMG parts without bias, see `averaged`.
    """
    p = orders.shape[1]
    ridged = correlations + RIDGE * np.eye(p + 1)
    full = np.column_stack([orders, np.full(len(orders), p)])
    permuted = ridged[..., full[:, :, None], full[:, None, :]]
    gains = np.linalg.cholesky(permuted)[..., -1, :-1] ** 2
    return np.take_along_axis(
        gains, np.broadcast_to(np.argsort(orders, axis=1), gains.shape), axis=-1
    )


def averaged(correlations: np.ndarray, orders: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean part (..., p) of each predictor over sampled orders, and its Monte Carlo error."""
    parts = sampled(correlations, orders)
    pairs = (parts[..., ::2, :] + parts[..., 1::2, :]) / 2
    error = pairs.std(axis=-2, ddof=1) / np.sqrt(pairs.shape[-2])
    return pairs.mean(axis=-2), error


def orderings(p: int, pairs: int, rng: np.random.Generator) -> np.ndarray:
    """Random orders of p predictors, (2 * pairs, p), each followed by its reverse.

    What one order gives a predictor too much, its reverse tends to give too little.
    """
    forward = rng.permuted(np.tile(np.arange(p), (pairs, 1)), axis=1)
    return np.stack([forward, forward[:, ::-1]], axis=1).reshape(-1, p)
