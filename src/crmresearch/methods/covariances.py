"""Means and covariances of complete answers, and their bootstrap.

What is resampled (rows, clusters, or random groups of them) contributes one sum of weighted
products of its answers. A resample is a sum of such contributions, so that a thousand covariance
matrices cost one product of matrices and no row is touched twice.
"""

from dataclasses import dataclass

import numpy as np

from crmresearch.methods.moments import CELLS, MOST_UNITS, resampled, units
from crmresearch.methods.weighting import Design

MISSING = ("listwise", "mean")


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Weighted means and covariances of p items in the data and in b resamples.

    Parameters
    ----------
    means, covariance : (p,) and (p, p), with the sum of weights as divisor
    draw_means, draw_covariances : (b, p) and (b, p, p)
    rows : (n,) bool, the rows that they rest on
    imputed : share of the used rows' answers that were missing and replaced by the item's mean
    words : how rows were weighted and resampled
    """

    means: np.ndarray
    covariance: np.ndarray
    draw_means: np.ndarray
    draw_covariances: np.ndarray
    rows: np.ndarray
    imputed: float
    words: str


def moments(
    table: np.ndarray,
    *,
    rng: np.random.Generator,
    design: Design | None = None,
    missing: str = "listwise",
    resamples: int = 1000,
) -> Moments | None:
    """Means and covariances of the columns of `table`, in the data and in bootstrap resamples.

    Parameters
    ----------
    table : (n, p) float, missing answers NaN
    design : weights go along; whole clusters are resampled where there are any, within strata.
        Margins that weights were raked to are not raked again in each resample.
    missing : ``listwise`` leaves out a row with a missing answer; ``mean`` replaces the answer by
        the item's mean, in each resample by that resample's mean, and leaves out only rows
        without any answer

    Returns
    -------
    None where fewer than two rows are left, or an item that nobody answered is to be imputed.

    Raises
    ------
    ValueError
        If `missing` is neither.
    """
    if missing not in MISSING:
        raise ValueError(f"missing is one of {', '.join(MISSING)}, not {missing!r}")
    design = design or Design(len(table))
    known = np.isfinite(table)
    rows = (known.all(axis=1) if missing == "listwise" else known.any(axis=1)) & (
        design.row_weights() > 0
    )
    known = known[rows]
    if len(known) < 2 or not known.any(axis=0).all():
        return None
    weights = design.row_weights()[rows]
    held, centre = _held(table[rows], known, weights)
    size, p = held.shape[1], table.shape[1]
    columns = size * (size + 1) // 2
    most = int(np.clip(CELLS // columns, 1_000, MOST_UNITS))
    codes, unit, strata = units(design, rows, rng, most=most)
    sums = products(held, weights, codes)
    means, covariance = _moments(_square(sums.sum(axis=0), size), p, known)
    drawn = _square(resampled(sums, resamples, rng, strata), size)
    draw_means, draw_covariances = _moments(drawn, p, known)
    handling = "complete rows" if missing == "listwise" else "mean put for missing answers"
    return Moments(
        means=means + centre,
        covariance=covariance,
        draw_means=draw_means + centre,
        draw_covariances=draw_covariances,
        rows=rows,
        imputed=float(1 - known.mean()),
        words=f"{design.words}; {handling}; {resamples:,} resamples of {unit}",
    )


def _held(
    part: np.ndarray, known: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Columns (1, missing, answers) with the answers centred, 0 where missing; and the centre."""
    holes = ~known.all(axis=0)
    held = np.empty((len(part), 1 + int(holes.sum()) + part.shape[1]))
    held[:, 0] = 1.0
    held[:, 1 : -part.shape[1]] = ~known[:, holes]
    values = held[:, -part.shape[1] :]
    values[:] = part
    values[~known] = 0.0
    counts = weights @ known
    centre = weights @ values / np.where(counts > 0, counts, 1.0)
    values -= centre
    values[~known] = 0.0
    return held, centre


def products(table: np.ndarray, weights: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
    """Sums of weighted products of the columns within each unit.

    Parameters
    ----------
    table : (m, k) without missing values
    codes : (m,) the unit of each row, from 0 without gaps; None where each row is its own

    Returns
    -------
    (units, k (k + 1) / 2), the upper triangle by rows
    """
    first, second = np.triu_indices(table.shape[1])
    if codes is None:
        return table[:, first] * table[:, second] * weights[:, None]
    order = np.argsort(codes, kind="stable")
    edges = np.flatnonzero(np.diff(codes[order], prepend=-1, append=-1))
    found = np.empty((len(edges) - 1, len(first)))
    for unit, (start, end) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        chosen = order[start:end]
        part = table[chosen]
        found[unit] = (part.T @ (part * weights[chosen, None]))[first, second]
    return found


def _square(triangles: np.ndarray, size: int) -> np.ndarray:
    first, second = np.triu_indices(size)
    matrix = np.empty((*triangles.shape[:-1], size, size))
    matrix[..., first, second] = matrix[..., second, first] = triangles
    return matrix


def _moments(sums: np.ndarray, p: int, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means (..., p) and covariances (..., p, p) from summed products of (1, missing, answers).

    A missing answer stands as 0 and its indicator as 1: adding the indicator times the item's mean
    puts the mean in its place.
    """
    holes = np.flatnonzero(~known.all(axis=0))
    total = np.where(sums[..., 0, 0] > 0, sums[..., 0, 0], np.nan)[..., None]
    means, crossed = sums[..., 0, -p:] / total, sums[..., -p:, -p:]
    if len(holes):
        answered = total - sums[..., 0, 1:-p]
        answered = np.where(answered > 1e-9 * total, answered, np.nan)
        means[..., holes] = sums[..., 0, -p:][..., holes] / answered
        fill = np.zeros((*sums.shape[:-1], p))
        fill[..., np.arange(sums.shape[-1] - p, sums.shape[-1]), np.arange(p)] = 1.0
        fill[..., 1 + np.arange(len(holes)), holes] = means[..., holes]
        crossed = np.swapaxes(fill, -1, -2) @ sums @ fill
    return means, crossed / total[..., None] - means[..., :, None] * means[..., None, :]


def correlation(covariances: np.ndarray) -> np.ndarray:
    """Correlation matrices (..., p, p); NaN in the row and column of an item without spread."""
    variances = np.diagonal(covariances, axis1=-2, axis2=-1)
    spread = np.sqrt(np.where(variances > 1e-12, variances, np.nan))
    return covariances / spread[..., :, None] / spread[..., None, :]
