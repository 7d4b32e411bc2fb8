"""The answers behind a factor model, in the order in which its robust errors are summed up.

Means and covariances always come from every complete row. The spread of the rows' contributions to
a likelihood is known closely enough from `MOST_ROWS` rows: of more, every k-th cluster is taken,
in the order of the file, and stands for k.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.cfa import Moments
from crmresearch.methods.weighting import Design

CHUNK = 8_192  # rows worked on at once, so that they stay near the processor
MOST_ROWS = 50_000
FEWEST_UNITS = 50  # of a stratum that is thinned out


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Complete answers: their moments, and rows sorted so that those of a cluster stand together.

    Parameters
    ----------
    moments : of all complete rows, by group
    n, dropped : complete rows, and rows left out because an answer or a weight is missing
    freedom : clusters (rows without any) less strata among the complete rows, at least 1
    design : in words
    values : (r, p), all complete rows or every k-th cluster of them
    weights : (r,), on a scale on which those of all complete rows have a mean of 1; or None
    groups : (r,) int, the group of each row
    units : (r,) int, ascending: the cluster of each row; None where every row is one
    strata : int, the stratum of each unit (of each row without clusters); None without strata
    inflation : for every stratum (one without strata), how many units one of `units` stands for
    """

    moments: Moments
    n: int
    dropped: int
    freedom: int
    design: str
    values: np.ndarray
    weights: np.ndarray | None
    groups: np.ndarray
    units: np.ndarray | None
    strata: np.ndarray | None
    inflation: np.ndarray

    @property
    def unit_count(self) -> int:
        """Units among the rows at hand."""
        if self.units is None:
            return len(self.values)
        return int(self.units[-1]) + 1 if len(self.units) else 0

    @property
    def thinned(self) -> bool:
        """Whether errors rest on some of the rows only."""
        return bool((self.inflation > 1).any())

    def factors(self) -> np.ndarray:
        """What the squares of each unit's sums are multiplied by: n/(n - 1) of its stratum.

        Without clusters and strata 1, as in R's lavaan; so too in a stratum of one unit. Times
        the number of units that each stands for.
        """
        if self.units is None and self.strata is None:
            return np.full(len(self.values), self.inflation[0])
        strata = np.zeros(self.unit_count, dtype=int) if self.strata is None else self.strata
        sizes = np.bincount(strata)
        each = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0) * self.inflation
        return each[strata]

    def chunks(self, most: int = CHUNK) -> Iterator[slice]:
        """Consecutive rows, never parting a cluster."""
        start, end = 0, len(self.values)
        while start < end:
            stop = min(start + most, end)
            if self.units is not None and stop < end:
                stop = int(np.searchsorted(self.units, self.units[stop - 1], side="right"))
            yield slice(start, stop)
            start = stop

    def within(self, rows: slice) -> Iterator[tuple[int, slice | np.ndarray]]:
        """The groups among some rows, and where their rows stand among them."""
        here = self.groups[rows]
        if (here == here[0]).all():
            yield int(here[0]), slice(0, len(here))
            return
        for g in np.unique(here):
            yield int(g), np.flatnonzero(here == g)


def complete_rows(
    items: pd.DataFrame, design: Design, groups: Sequence[int] | np.ndarray | None = None
) -> Rows:
    """The rows with every answer, a weight above 0 and a group.

    Parameters
    ----------
    items : (n, p) numeric frame
    groups : (n,) int from 0, -1 for a row that is not to be used; one group when None
    """
    table = items.to_numpy(float)
    codes = np.zeros(len(table), dtype=int) if groups is None else np.asarray(groups, dtype=int)
    kept = np.isfinite(table).all(axis=1) & (codes >= 0)
    weights = design.weights
    if weights is not None:
        kept &= weights > 0
        weights = weights / weights[kept].mean() if kept.any() else weights
    order = np.flatnonzero(kept)
    units = _numbered(design.clusters, order)
    strata = _numbered(design.strata, order)
    first = None if units is None else _first_rows(units)
    of_unit = strata if strata is None or first is None else strata[first]
    count = len(order) if first is None else len(first)
    chosen, inflation = _chosen(count, len(order), of_unit)
    if units is None:
        order = order[chosen]
        order = order[np.argsort(codes[order], kind="stable")] if strata is None else order
    else:
        place = np.full(count, -1)
        place[chosen] = np.arange(len(chosen))
        order, units = order[place[units] >= 0], place[units[place[units] >= 0]]
        sorting = np.lexsort((codes[order], units))
        order, units = order[sorting], units[sorting]
    return Rows(
        moments=_moments(table, kept, codes, weights),
        n=int(kept.sum()),
        dropped=int(((codes >= 0) & ~kept).sum()),
        freedom=max(count - len(inflation), 1),
        design=design.words,
        values=table[order],
        weights=None if weights is None else weights[order],
        groups=codes[order],
        units=units,
        strata=None if of_unit is None else of_unit[chosen],
        inflation=inflation,
    )


def _numbered(codes: np.ndarray | None, order: np.ndarray) -> np.ndarray | None:
    """Codes of the rows in `order`, from 0 as they first appear; None where they tell nothing."""
    if codes is None or not len(order):
        return None
    found = pd.factorize(codes[order])[0]
    return found if 0 < found.max() + 1 < len(order) or len(order) == 1 else None


def _first_rows(units: np.ndarray) -> np.ndarray:
    """Each unit's first row: they are numbered as they appear, so the highest number grows."""
    return np.flatnonzero(np.diff(np.maximum.accumulate(units), prepend=-1))


def _chosen(count: int, rows: int, strata: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Which units the errors rest on, and how many each stands for in every stratum."""
    codes = np.zeros(count, dtype=int) if strata is None else strata
    sizes = np.bincount(codes, minlength=1)
    step = -(-rows // MOST_ROWS)
    if step <= 1:
        return np.arange(count), np.ones(len(sizes))
    steps = np.clip(sizes // FEWEST_UNITS, 1, step)
    order = np.argsort(codes, kind="stable")
    position = np.empty(count, dtype=int)
    position[order] = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen = np.flatnonzero(position % steps[codes] == 0)
    return chosen, sizes / np.maximum(np.bincount(codes[chosen], minlength=len(sizes)), 1)


def _moments(
    table: np.ndarray, kept: np.ndarray, codes: np.ndarray, weights: np.ndarray | None
) -> Moments:
    """Size, means and covariances (divisor n) of every group, in one pass over all rows."""
    p, count = table.shape[1], int(codes[kept].max(initial=0)) + 1
    sizes, sums, products = np.zeros(count), np.zeros((count, p)), np.zeros((count, p, p))
    known = np.flatnonzero(kept)
    about = table[known[:CHUNK]].mean(axis=0) if len(known) else np.zeros(p)
    for start in range(0, len(known), CHUNK):
        rows = known[start : start + CHUNK]
        centred, own = table[rows] - about, codes[rows]
        weight = np.ones(len(rows)) if weights is None else weights[rows]
        for g in np.unique(own):
            part, share = centred[own == g], weight[own == g]
            sizes[g] += share.sum()
            sums[g] += share @ part
            products[g] += part.T @ (part * share[:, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / sizes[:, None]
        covariances = products / sizes[:, None, None] - means[:, :, None] * means[:, None, :]
    return Moments(sizes, means + about, covariances)
