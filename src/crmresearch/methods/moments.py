"""Moments of many variables, and their bootstrap: what correlation-based methods rest on.

Every row, or every cluster, contributes a sum of weighted cross-products. A resample is then a sum
of contributions, and all resamples together are one product of matrices, whatever is computed from
the moments afterwards.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN

MOST_UNITS = 10_000  # more rows than this are resampled in random groups, as exact and faster
CELLS = 4_000_000  # of the table of contributions; a wide one has fewer, larger groups
CHUNK = 4_000_000  # cells of the resampling table held at once
ROWS = 5_000  # rows whose products are held at once
SOME = 50_000  # rows that tell about where a variable lies


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """What each unit adds to the moments of every pair of variables.

    Parameters
    ----------
    sums : (units, columns), as `pair_sums` lays them out
    size : number of variables
    centre, scale : (size,), what was subtracted from each variable and what it was divided by
    unit : what is resampled, in words
    strata : (units,) integer codes of the strata that units are drawn within, or None
    """

    sums: np.ndarray
    size: int
    centre: np.ndarray
    scale: np.ndarray
    unit: str
    strata: np.ndarray | None = None

    def total(self) -> np.ndarray:
        """The moments of all units together, (columns,)."""
        return self.sums.sum(axis=0)

    def resamples(self, number: int, rng: np.random.Generator) -> np.ndarray:
        """The moments of bootstrap resamples of the units, (number, columns)."""
        return resampled(self.sums, number, rng, self.strata)

    def means(self, totals: np.ndarray) -> np.ndarray:
        """Each variable's mean over the rows that have it, (..., size), in its own unit."""
        weight, first = moments(totals, self.size)[:2]
        own = range(self.size)
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.centre + self.scale * first[..., own, own] / weight[..., own, own]


def contributions(
    table: np.ndarray, design: Design, rows: np.ndarray, rng: np.random.Generator
) -> Contributions:
    """The contributions of rows, of clusters where the design has any, or of random groups of them.

    Parameters
    ----------
    table : (m, size) float, the rows that the mask `rows` (n,) of the design selects; NaN where
        missing, and two different values at least in each column
    rng : used only where units are so many that they are grouped
    """
    size = table.shape[1]
    columns = 6 * (size * (size + 1) // 2)
    most = int(np.clip(CELLS // columns, 1_000, MOST_UNITS))
    codes, unit, strata = units(design, rows, rng, most=most)
    weights = design.row_weights()[rows]
    centre, scale = _standard(table[:: len(table) // SOME + 1])
    if codes is None:
        sums = pair_sums((table - centre) / scale, weights)
    else:
        sums = _grouped_sums(table, weights, codes, centre, scale)
    return Contributions(sums, size, centre, scale, unit, strata)


def _standard(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """About the mean and standard deviation of each column: they only keep the sums precise."""
    known = np.isfinite(table)
    number = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, table, 0.0).sum(axis=0) / number
    squares = np.where(known, table - centre, 0.0) ** 2
    scale = np.sqrt(squares.sum(axis=0) / number)
    return centre, np.where(scale > 0, scale, 1.0)


def units(
    design: Design, rows: np.ndarray, rng: np.random.Generator, *, most: int = MOST_UNITS
) -> tuple[np.ndarray | None, str, np.ndarray | None]:
    """What is resampled: rows, clusters, or at most about `most` random groups of them.

    Returns
    -------
    The unit of each of the m rows that the mask `rows` selects, None where each is its own; what a
    unit is, in words; the stratum of each unit, None without strata.
    """
    codes, unit, number = None, "rows", int(rows.sum())
    if design.clusters is not None:
        codes = pd.factorize(design.clusters[rows])[0]
        unit, number = f"{design.cluster_name}s", int(codes.max(initial=-1)) + 1
    strata = None
    if design.strata is not None:
        strata = pd.factorize(design.strata[rows])[0]
        if codes is not None:  # clusters are nested in strata
            strata = strata[np.unique(codes, return_index=True)[1]]
        strata = strata if strata.max(initial=0) > 0 else None
    if number > most:
        groups, strata = _random_groups(number, most, strata, rng)
        codes = groups if codes is None else groups[codes]
        unit = f"{len(np.unique(groups)):,} random groups of {unit}"
    return codes, unit, strata


def _random_groups(
    number: int, most: int, strata: np.ndarray | None, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None]:
    """A random group for each unit, within its stratum, and the stratum of each group."""
    if strata is None:
        return rng.permutation(np.arange(number) % most), None
    groups, above, start = np.empty(number, dtype=int), [], 0
    for stratum in range(int(strata.max()) + 1):
        inside = np.flatnonzero(strata == stratum)
        size = min(len(inside), max(2, round(most * len(inside) / number)))
        groups[inside] = start + rng.permutation(np.arange(len(inside)) % size)
        above.append(np.full(size, stratum))
        start += size
    return groups, np.concatenate(above)


def pair_sums(table: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What each row adds to the weighted moments of every pair of variables, itself included.

    Six blocks of one column a pair, in the order of ``numpy.triu_indices``: weight, each value,
    each square, the product; 0 where either is missing.
    """
    known = np.isfinite(table)
    first, second = np.triu_indices(table.shape[1])
    both = (known[:, first] & known[:, second]) * weights[:, None]
    values = np.where(known, table, 0.0)
    x, y = values[:, first], values[:, second]
    return np.hstack([both, both * x, both * y, both * x * x, both * y * y, both * x * y])


def _grouped_sums(
    table: np.ndarray,
    weights: np.ndarray,
    codes: np.ndarray,
    centre: np.ndarray,
    scale: np.ndarray,
) -> np.ndarray:
    """`pair_sums` of the rows of each code, without ever holding those of all rows."""
    size = table.shape[1]
    first, second = np.triu_indices(size)
    order = np.argsort(codes, kind="stable")
    found = np.zeros((int(codes.max()) + 1, 3 * size, 2 * size))
    for start in range(0, len(order), ROWS):
        chosen = order[start : start + ROWS]
        part = (table[chosen] - centre) / scale
        known = np.isfinite(part)
        part[~known] = 0.0
        right = np.hstack([known, part])
        left = np.hstack([right, part * part]) * weights[chosen][:, None]
        of = codes[chosen]
        edges = np.flatnonzero(np.diff(of, prepend=-1, append=-1))
        for low, high in zip(edges[:-1], edges[1:], strict=True):
            found[of[low]] += left[low:high].T @ right[low:high]
    both, x, xx = (found[:, part : part + size, :size] for part in range(0, 3 * size, size))
    products = found[:, size : 2 * size, size:]
    blocks = [both, x, x.swapaxes(1, 2), xx, xx.swapaxes(1, 2), products]
    return np.hstack([block[:, first, second] for block in blocks])


def summed(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Sums of the rows (n, ...) of each code (n,), in the order of the codes."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return np.add.reduceat(values[order], starts, axis=0)


def moments(sums: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Summed moments as square arrays (..., size, size), each over the rows that have both.

    Returns
    -------
    Weights; values of the row's variable; their squares; products of the two.
    """
    blocks = np.moveaxis(sums.reshape(*sums.shape[:-1], 6, -1), -2, 0)
    first, second = np.triu_indices(size)
    weight, x, squares, product = (np.empty((*sums.shape[:-1], size, size)) for _ in range(4))
    for target, upper, lower in (
        (weight, blocks[0], blocks[0]),
        (x, blocks[1], blocks[2]),
        (squares, blocks[3], blocks[4]),
        (product, blocks[5], blocks[5]),
    ):
        target[..., first, second] = upper
        target[..., second, first] = lower
    return weight, x, squares, product


def correlations(sums: np.ndarray, size: int) -> np.ndarray:
    """Correlation matrices (..., size, size) from summed moments; NaN where a pair has none."""
    weight, x, squares, product = moments(sums, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, squares = x / weight, squares / weight
        spread = squares - x**2
        y = np.swapaxes(x, -1, -2)
        spread = spread * np.swapaxes(spread, -1, -2)
        matrix = (product / weight - x * y) / np.sqrt(np.where(spread > 1e-12, spread, np.nan))
    matrix[..., range(size), range(size)] = 1.0
    return matrix


def resampled(
    sums: np.ndarray, resamples: int, rng: np.random.Generator, strata: np.ndarray | None = None
) -> np.ndarray:
    """Totals (resamples, ...) of as many units as there are, drawn with replacement.

    Within strata, one unit fewer than a stratum has is drawn and its weight raised to make up for
    it, so that the variance is right also where strata hold few units (Rao & Wu 1988, Journal of
    the American Statistical Association 83, 231-241). A stratum with one unit keeps it.
    """
    units = len(sums)
    codes = () if strata is None else np.unique(strata)
    parts = [np.flatnonzero(strata == code) for code in codes]
    drawn = np.empty((resamples, sums.shape[1]))
    step = max(1, CHUNK // units)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        if strata is None:
            counts = _times_drawn(units, units, size, rng)
        else:
            counts = np.zeros((size, units))
            for part in parts:
                draws = max(len(part) - 1, 1)
                times = _times_drawn(len(part), draws, size, rng)
                counts[:, part] = times * (len(part) / draws)
        drawn[start : start + size] = counts @ sums
    return drawn


def _times_drawn(units: int, draws: int, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """How often each unit is drawn in each resample (resamples, units)."""
    picks = rng.integers(units, size=(resamples, draws))
    picks += units * np.arange(resamples)[:, None]
    counts = np.bincount(picks.ravel(), minlength=resamples * units)
    return counts.astype(float).reshape(resamples, units)


def percentiles(draws: np.ndarray, level: float) -> tuple[float, float]:
    """Percentile interval of bootstrap draws (b,); NaN of fewer than 20."""
    if len(draws) < 20:
        return NAN, NAN
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
