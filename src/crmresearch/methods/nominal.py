"""Agreement and association of two sets of categories, under a sampling design."""

import numpy as np

from crmresearch.methods.association import fisher, spread_of
from crmresearch.methods.scales import bounds
from crmresearch.methods.weighting import Design, method_words
from crmresearch.report.estimates import NAN, Estimate


def kappa(
    first: np.ndarray,
    second: np.ndarray,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
) -> Estimate:
    """Cohen's kappa: agreement of two codings beyond what their margins alone would give.

    The interval is that of log(1 - kappa) by linearisation, which keeps it below 1. The standard
    error agrees with ``svykappa`` of R's survey package.

    Parameters
    ----------
    first, second : (n,) int codes of the same categories, below 0 where there is none

    Returns
    -------
    NaN where nobody has both, or all of both are one category.

    Source
    ------
    Cohen, J. (1960). Educational and Psychological Measurement 20, 37-46.
    """
    design = design or Design(len(first))
    value, error, freedom, used = kappa_error(first, second, design)
    known = np.isfinite(value)
    words = method_words(design, freedom) if known else "all in one category, or nobody has both"
    low, high = bounds(value, error, freedom, level) if known else (NAN, NAN)
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="coefficient",
        n=used,
        n_dropped=len(first) - used,
        method=f"Cohen's kappa, {words}" + (" of log(1 - kappa)" if known else ""),
    )


def kappa_error(
    first: np.ndarray, second: np.ndarray, design: Design
) -> tuple[float, float, int, int]:
    """Kappa, its linearised standard error, degrees of freedom and rows used."""
    table, rows = joint_shares(first, second, design)
    size = max(table.shape)
    square = np.zeros((size, size))
    square[: table.shape[0], : table.shape[1]] = table
    one, two = square.sum(axis=1), square.sum(axis=0)
    same, chance = float(np.trace(square)), float(one @ two)
    if not rows.any() or not chance < 1 - 1e-12:
        return NAN, NAN, 0, int(rows.sum())
    value = (same - chance) / (1 - chance)
    a, b = np.asarray(first)[rows], np.asarray(second)[rows]
    observed, expected = (a == b) - same, two[a] + one[b] - 2 * chance
    each = (observed * (1 - chance) - expected * (1 - same)) / (1 - chance) ** 2
    weight = design.row_weights()[rows]
    error, freedom = spread_of(weight / weight.sum() * each, rows, design)
    return value, error, freedom, int(rows.sum())


def cramers_v(
    first: np.ndarray,
    second: np.ndarray,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
) -> Estimate:
    """Cramér's V: how closely two sets of categories go together, 0 to 1.

    The interval is linearised on Fisher's z scale. Near 0, where V is pushed up by chance and its
    slope vanishes, it means little.

    Parameters
    ----------
    first, second : (n,) int codes, below 0 where there is none

    Returns
    -------
    NaN where one of both has fewer than two categories in use.
    """
    design = design or Design(len(first))
    table, rows = joint_shares(first, second, design)
    value, slope = v_of(table)
    low, high, method = NAN, NAN, "Cramér's V; a side has one category only"
    if np.isfinite(value):
        weight = design.row_weights()[rows]
        each = slope[np.asarray(first)[rows], np.asarray(second)[rows]]
        each = each - (table * slope).sum()
        error, freedom = spread_of(weight / weight.sum() * each, rows, design)
        low, high = fisher(value, error, freedom, level)
        method = f"Cramér's V, {method_words(design, freedom)} of Fisher's z"
    used = int(rows.sum())
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="correlation",
        n=used,
        n_dropped=len(first) - used,
        method=method,
    )


def v_of(table: np.ndarray) -> tuple[float, np.ndarray]:
    """Cramér's V of a table of shares and its derivative by each of them.

    Rows and columns of nobody do not count. A table that was corrected for errors of measurement
    may hold shares below 0; V is cut at 1.
    """
    one, two = table.sum(axis=1), table.sum(axis=0)
    rows, columns = one > 1e-12, two > 1e-12
    fewest = min(rows.sum(), columns.sum())
    slope = np.zeros_like(table, dtype=float)
    if fewest < 2:
        return NAN, slope
    kept = np.ix_(rows, columns)
    part, one, two = table[kept], one[rows], two[columns]
    square = part**2 / np.outer(one, two)
    value = float(np.sqrt(max(square.sum() - 1, 0.0) / (fewest - 1)))
    inner = 2 * part / np.outer(one, two)
    inner -= (square.sum(axis=1) / one)[:, None] + square.sum(axis=0) / two
    slope[kept] = inner / (2 * value * (fewest - 1)) if value > 0 else 0.0
    return min(value, 1.0), slope


def joint_shares(
    first: np.ndarray, second: np.ndarray, design: Design
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted shares of every pair of categories, and the (n,) rows that have both."""
    first, second = np.asarray(first), np.asarray(second)
    rows = (first >= 0) & (second >= 0) & (design.row_weights() > 0)
    shape = int(first.max(initial=0)) + 1, int(second.max(initial=0)) + 1
    weight = design.row_weights()[rows]
    cells = np.bincount(first[rows] * shape[1] + second[rows], weight, shape[0] * shape[1])
    return (cells / max(weight.sum(), 1e-300)).reshape(shape), rows
