"""How far pairs of indicators depart from independence within the classes."""

import numpy as np

from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.measurement import columns_of, statistics

_BLOCK = 65_536  # patterns whose statistics are held at once


def pair_residuals(model: LatentClasses) -> tuple[np.ndarray, np.ndarray]:
    """How far each pair of indicators departs from independence within the classes.

    Of two indicators with categories it is Pearson's chi-squared of their table; a quantity takes
    part in it by its standardised value, so that for two quantities it is the square of the
    difference of their observed and expected correlation times the number of respondents.

    Returns
    -------
    (J, J) chi-squared per degree of freedom of the pair (the bivariate residual), and (J, J) the
    largest difference of observed and expected share in a cell of its table, or of two quantities
    that of their correlations; respondents who answered both. Zero on the diagonal.
    """
    patterns = model.patterns
    used, starts, freedom = _columns(model)
    item, (mean, square) = patterns.item[used], _moments(model, used)
    observed, size = np.zeros((len(used), len(used))), np.zeros((len(starts), len(starts)))
    for first in range(0, len(patterns.codes), _BLOCK):
        rows = slice(first, first + _BLOCK)
        seen, weight = (
            statistics(patterns, slice(first, first + _BLOCK))[used],
            patterns.weight[rows],
        )
        answered = patterns.answered[rows].astype(float)
        observed += (seen * weight) @ seen.T
        size += (answered.T * weight) @ answered
    size = size[item[:, None], item[None, :]]
    gap = observed - (mean.T * model.shares) @ mean * size
    usual = (square.T * model.shares) @ square * size
    parts = patterns.weight.sum() / patterns.square.sum() * gap**2 / np.maximum(usual, 1e-9)
    total = np.add.reduceat(np.add.reduceat(parts, starts, axis=0), starts, axis=1)
    shares = np.abs(gap) / np.maximum(size, 1e-9)
    largest = np.maximum.reduceat(np.maximum.reduceat(shares, starts, axis=0), starts, axis=1)
    residual = total / np.outer(freedom, freedom)
    np.fill_diagonal(residual, 0.0)
    np.fill_diagonal(largest, 0.0)
    return residual, largest


def _columns(model: LatentClasses) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The columns compared, of a quantity its value alone; their starts and degrees of freedom."""
    patterns = model.patterns
    quantity = patterns.of_kind("continuous")
    kept = np.ones(patterns.item.size, dtype=bool)
    kept[patterns.starts[quantity]] = kept[patterns.starts[quantity] + 2] = False
    counts = np.where(quantity, 1, patterns.counts)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return np.flatnonzero(kept), starts, np.maximum(np.where(quantity, 1, counts - 1), 1)


def _moments(model: LatentClasses, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(K, columns) means of what is compared in each class, and of its square."""
    mean, square = model.probs.copy(), model.probs.copy()
    where = columns_of(model.patterns)
    value, scale = where.answered + 1, model.patterns.scale[where.item]
    mean[:, value] = (mean[:, value] - model.patterns.centre[where.item]) / scale
    square[:, value] = mean[:, value] ** 2 + model.probs[:, value + 1] / scale**2
    return mean[:, used], square[:, used]
