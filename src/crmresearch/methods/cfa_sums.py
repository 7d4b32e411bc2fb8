"""The variance of a sum over rows that allows for weights, clusters and strata."""

from collections.abc import Callable, Iterable

import numpy as np

from crmresearch.methods.cfa_rows import Rows

Contribution = tuple[slice | np.ndarray, slice, np.ndarray]


def variance_of_sum(
    rows: Rows, contributions: Callable[[slice], Iterable[Contribution]], size: int
) -> np.ndarray:
    """Variance (size, size) of the weighted sum of what every row contributes.

    The sum over the sample of the contributions is taken to be 0, as that of the slopes of a
    likelihood at its maximum is.

    Parameters
    ----------
    contributions : for some consecutive rows, any number of (places among them, columns, numbers);
        a row stands in one of them, and contributes 0 in the other columns
    """
    meat = np.zeros((size, size))
    sums = None if rows.strata is None else np.zeros((int(rows.strata.max()) + 1, size))
    factors = rows.factors()
    apart = rows.units is None and rows.strata is None
    for chunk in rows.chunks():
        weights = None if rows.weights is None else rows.weights[chunk]
        units = np.arange(chunk.start, chunk.stop) if rows.units is None else rows.units[chunk]
        first, last = int(units[0]), int(units[-1]) + 1
        totals = None if apart else np.zeros((last - first, size))
        for places, columns, numbers in contributions(chunk):
            own = numbers if weights is None else numbers * weights[places][:, None]
            if totals is None:
                meat[columns, columns] += own.T @ own
                continue
            codes = units[places] - first
            starts = np.flatnonzero(np.r_[True, np.diff(codes) > 0])
            totals[codes[starts], columns] = np.add.reduceat(own, starts, axis=0)
        if totals is not None:
            meat += totals.T @ (totals * factors[first:last, None])
            if sums is not None:
                np.add.at(sums, rows.strata[first:last], totals)
    if apart:
        return meat * rows.inflation[0]
    return meat if sums is None else meat - _between(sums, rows)


def _between(sums: np.ndarray, rows: Rows) -> np.ndarray:
    """What the strata's own means add to the squares, which is no error."""
    counts = np.bincount(rows.strata)
    several = counts > 1
    share = rows.inflation[several] / (counts[several] - 1.0)
    return sums[several].T @ (sums[several] * share[:, None])
