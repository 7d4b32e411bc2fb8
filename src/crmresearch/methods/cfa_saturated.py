"""The part of a scaled test that does not depend on the factor model.

The sum of squared slopes of the model with free means and covariances, each measured in its own
normal-theory error. For independent rows it is Mardia's kurtosis; for clusters it needs the squares
of sums over their rows, which follow from the products of every two rows of a cluster without ever
writing out all the products of every two items.
"""

from dataclasses import dataclass

import numpy as np

from crmresearch.methods.cfa_rows import Rows

CHUNK = 32_768


@dataclass(frozen=True, slots=True, eq=False)
class Saturated:
    """Traces of the model with free moments, and of the one in which all items are unrelated."""

    moments: float
    independence: float


def saturated(rows: Rows) -> Saturated:
    """Both traces, summed over the groups; the second is what scales the independence model."""
    moments = rows.moments
    free = unrelated = 0.0
    p = moments.means.shape[1]
    for g, size in enumerate(moments.sizes):
        covariance = moments.covariances[g]
        whiten = np.linalg.inv(np.linalg.cholesky(covariance)).T
        plain = np.diag(1 / np.sqrt(np.diag(covariance)))
        sums = np.zeros(2)
        strata = _strata_sums(rows, p)
        for units, values, weights in _groups_rows(rows, g):
            centred = values - moments.means[g]
            white, single = centred @ whiten, centred @ plain
            sums += _squares(rows, units, white, single, weights)
            _add_strata(rows, strata, units, white, single, weights)
        sums -= _between(rows, strata, p)
        free += sums[0] / size
        unrelated += sums[1] / size
    return Saturated(free, free - unrelated)


def _groups_rows(rows: Rows, g: int):
    """Chunks of the rows of one group: their units, values and weights."""
    for chunk in rows.chunks(CHUNK):
        places = np.flatnonzero(rows.groups[chunk] == g)
        if len(places):
            units = np.arange(chunk.start, chunk.stop) if rows.units is None else rows.units[chunk]
            weights = np.ones(len(places)) if rows.weights is None else rows.weights[chunk][places]
            yield units[places], rows.values[chunk][places], weights


def _squares(
    rows: Rows, units: np.ndarray, white: np.ndarray, single: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Sums over units of the squares of their summed slopes: all moments, and items apart."""
    p = white.shape[1]
    starts = np.flatnonzero(np.r_[True, np.diff(units) > 0])
    lengths = np.diff(np.r_[starts, len(units)])
    factors = rows.factors()[units[starts]]
    reach = (white**2).sum(axis=1)
    total = np.add.reduceat(weights, starts)
    first = (np.add.reduceat(white * weights[:, None], starts, axis=0) ** 2).sum(axis=1)
    inner = np.add.reduceat(weights * reach, starts)
    crossed = np.empty(len(starts))
    root = white * np.sqrt(weights)[:, None]
    for length in np.unique(lengths):
        chosen = np.flatnonzero(lengths == length)
        block = root[starts[chosen][:, None] + np.arange(length)]  # (units, length, p)
        turned = block.transpose(0, 2, 1)
        products = block @ turned if length <= p else turned @ block
        crossed[chosen] = (products**2).sum(axis=(1, 2))
    free = first + 0.5 * (crossed - 2 * total * inner + p * total**2)
    means = np.add.reduceat(single * weights[:, None], starts, axis=0)
    spreads = np.add.reduceat((single**2 - 1) * weights[:, None], starts, axis=0)
    apart = (means**2).sum(axis=1) + 0.5 * (spreads**2).sum(axis=1)
    return np.array([factors @ free, factors @ apart])


def _strata_sums(rows: Rows, p: int) -> dict[str, np.ndarray]:
    """Empty sums by stratum; of no length without strata."""
    count = 0 if rows.strata is None else int(rows.strata.max()) + 1
    return {
        "weight": np.zeros(count),
        "white": np.zeros((count, p)),
        "products": np.zeros((count, p, p)),
        "single": np.zeros((count, p)),
        "squares": np.zeros((count, p)),
    }


def _add_strata(
    rows: Rows,
    sums: dict[str, np.ndarray],
    units: np.ndarray,
    white: np.ndarray,
    single: np.ndarray,
    weights: np.ndarray,
) -> None:
    if rows.strata is None:
        return
    strata = rows.strata[units]
    for stratum in np.unique(strata):
        own = strata == stratum
        weight, some = weights[own], white[own]
        sums["weight"][stratum] += weight.sum()
        sums["white"][stratum] += weight @ some
        sums["products"][stratum] += some.T @ (some * weight[:, None])
        sums["single"][stratum] += weight @ single[own]
        sums["squares"][stratum] += weight @ (single[own] ** 2 - 1)


def _between(rows: Rows, sums: dict[str, np.ndarray], p: int) -> np.ndarray:
    """The squares of the strata's own sums, which are no error."""
    if rows.strata is None:
        return np.zeros(2)
    counts = np.bincount(rows.strata)
    several = counts > 1
    products, weight = sums["products"], sums["weight"]
    crossed = (products**2).sum(axis=(1, 2))
    crossed += p * weight**2 - 2 * weight * np.einsum("hii->h", products)
    free = (sums["white"] ** 2).sum(axis=1) + 0.5 * crossed
    apart = (sums["single"] ** 2).sum(axis=1) + 0.5 * (sums["squares"] ** 2).sum(axis=1)
    share = rows.inflation[several] / (counts[several] - 1)
    return np.array([share @ part[several] for part in (free, apart)])
