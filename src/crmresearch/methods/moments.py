"""Moments of many variables, and their bootstrap: what correlation-based methods rest on.

Every row, or every cluster, contributes a sum of weighted cross-products. A resample is then a sum
of contributions, and all resamples together are one product of matrices, whatever is computed from
the correlations afterwards.
"""

import numpy as np
import pandas as pd

from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN

MOST_UNITS = 10_000  # more rows than this are resampled in random groups, as exact and faster
CHUNK = 4_000_000  # cells of the resampling table held at once


def resampling_units(
    sums: np.ndarray, design: Design, rows: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, str]:
    """The contributions of what is resampled: rows, clusters, or random groups of them.

    Parameters
    ----------
    sums : (m, ...) contributions of the rows that the mask `rows` (n,) selects

    Returns
    -------
    (units, ...) sums, and what a unit is, in words
    """
    unit = "rows"
    if design.clusters is not None:
        codes = pd.factorize(design.clusters[rows])[0]
        sums, unit = summed(sums, codes), f"{design.cluster_name}s"
    if len(sums) > MOST_UNITS:
        sums = summed(sums, rng.permutation(np.arange(len(sums)) % MOST_UNITS))
        unit = f"{MOST_UNITS:,} random groups of {unit}"
    return sums, unit


def pair_sums(table: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What each row adds to the weighted moments of every pair of variables.

    Six blocks of one column a pair: weight, each value, each square, the product; 0 where either
    is missing.
    """
    known = np.isfinite(table)
    centred = (table - np.nanmean(table, axis=0)) / np.nanstd(table, axis=0)
    first, second = np.triu_indices(table.shape[1], k=1)
    both = (known[:, first] & known[:, second]) * weights[:, None]
    values = np.where(known, centred, 0.0)
    x, y = values[:, first], values[:, second]
    return np.hstack([both, both * x, both * y, both * x * x, both * y * y, both * x * y])


def summed(sums: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Sums of the rows (n, ...) of each code (n,), in the order of the codes."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(codes[order]) > 0])
    return np.add.reduceat(sums[order], starts, axis=0)


def correlations(sums: np.ndarray, size: int) -> np.ndarray:
    """Correlation matrices (..., size, size) from summed moments; NaN where a pair has none."""
    total, x, y, xx, yy, xy = np.moveaxis(sums.reshape(*sums.shape[:-1], 6, -1), -2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = x / total, y / total
        spread = (xx / total - x**2) * (yy / total - y**2)
        values = (xy / total - x * y) / np.sqrt(np.where(spread > 1e-12, spread, np.nan))
    matrix = np.zeros((*sums.shape[:-1], size, size))
    matrix[..., range(size), range(size)] = 1.0
    first, second = np.triu_indices(size, k=1)
    matrix[..., first, second] = matrix[..., second, first] = values
    return matrix


def resampled(sums: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Totals (resamples, ...) of as many units as there are, drawn with replacement."""
    units = len(sums)
    drawn = np.empty((resamples, sums.shape[1]))
    step = max(1, CHUNK // units)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        picks = rng.integers(units, size=(size, units)) + units * np.arange(size)[:, None]
        counts = np.bincount(picks.ravel(), minlength=size * units).reshape(size, units)
        drawn[start : start + size] = counts.astype(float) @ sums
    return drawn


def percentiles(draws: np.ndarray, level: float) -> tuple[float, float]:
    """Percentile interval of bootstrap draws (b,); NaN of fewer than 20."""
    if len(draws) < 20:
        return NAN, NAN
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
