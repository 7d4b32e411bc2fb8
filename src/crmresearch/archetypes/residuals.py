"""How far pairs of indicators depart from independence within the classes."""

import numpy as np

from crmresearch.archetypes.latent import LatentClasses


def pair_residuals(model: LatentClasses) -> tuple[np.ndarray, np.ndarray]:
    """How far each pair of indicators departs from independence within the classes.

    Returns
    -------
    (J, J) chi-squared per degree of freedom of the pair's table (the bivariate residual), and
    (J, J) the largest difference of observed and expected share in a cell of it; respondents who
    answered both. Zero on the diagonal.
    """
    patterns = model.patterns
    onehot = np.asarray(patterns.onehot, dtype=float)
    observed = (onehot * patterns.weight) @ onehot.T
    answered = patterns.answered.astype(float)
    both = (answered * patterns.weight[:, None]).T @ answered
    item = patterns.item
    size = both[item[:, None], item[None, :]]
    expected = (model.probs.T * model.shares) @ model.probs * size
    gap = observed - expected
    scale = patterns.weight.sum() / patterns.square.sum()
    parts = scale * gap**2 / np.maximum(expected, 1e-9)
    starts = patterns.starts
    total = np.add.reduceat(np.add.reduceat(parts, starts, axis=0), starts, axis=1)
    freedom = np.outer(patterns.counts - 1, patterns.counts - 1)
    shares = np.abs(gap) / np.maximum(size, 1e-9)
    largest = np.maximum.reduceat(np.maximum.reduceat(shares, starts, axis=0), starts, axis=1)
    residual = total / np.maximum(freedom, 1)
    np.fill_diagonal(residual, 0.0)
    np.fill_diagonal(largest, 0.0)
    return residual, largest
