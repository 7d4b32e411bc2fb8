"""Where the fit of a factor model starts: the main axis of every factor's items."""

import numpy as np

from crmresearch.methods.cfa_algebra import Slots


def starts(
    slots: Slots, shares: np.ndarray, means: np.ndarray, covariances: np.ndarray, *, marker: bool
) -> np.ndarray:
    """Values (G, s) that are near the solution where the items of a factor go together.

    Parameters
    ----------
    shares : (G,), the groups' shares of the sample
    means, covariances : (G, p) and (G, p, p)
    marker : the first loading of each factor is to be 1
    """
    pooled = np.einsum("g,gij->ij", shares, covariances)
    loadings = np.zeros((slots.items, slots.factors))
    for k in range(slots.factors):
        own = np.flatnonzero(slots.factor == k)
        loadings[own, k] = _axis(pooled[np.ix_(own, own)])
    scores = loadings / (loadings**2).sum(axis=0)
    between = scores.T @ pooled @ scores
    root = np.sqrt(np.diag(between))
    spread = np.clip(between / np.outer(root, root), -0.9, 0.9)
    np.fill_diagonal(spread, 1.0)
    own = loadings[np.arange(slots.items), slots.factor]
    first = np.unique(slots.factor, return_index=True)[1]
    scale = own[first] if marker else np.ones(slots.factors)
    rows, columns = slots.pairs
    diagonal = np.einsum("gii->gi", covariances)
    values = np.zeros((len(shares), slots.size))
    values[:, slots.loadings] = own / scale[slots.factor]
    values[:, slots.spreads] = spread[rows, columns] * scale[rows] * scale[columns]
    values[:, slots.uniques] = np.maximum(diagonal - own**2, 0.3 * diagonal)
    values[:, slots.intercepts] = means
    return values


def _axis(covariance: np.ndarray) -> np.ndarray:
    """Loadings (k,) along the main axis of the correlations, kept away from 0 and from 1."""
    root = np.sqrt(np.diag(covariance))
    vector = np.linalg.eigh(covariance / np.outer(root, root))[1][:, -1]
    vector = vector if vector.sum() >= 0 else -vector
    size = np.clip(0.75 * np.sqrt(len(vector)) * np.abs(vector), 0.1, 0.9)
    return np.where(vector < 0, -size, size) * root
