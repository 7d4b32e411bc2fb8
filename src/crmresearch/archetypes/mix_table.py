"""The shares of all types in all groups of one grouping at once, with their joint covariance."""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from crmresearch.archetypes.classification import Classification, classify
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.domains import strata_of_units
from crmresearch.methods.weighting import Design, linearised_variance
from crmresearch.report.suppression import hidden_groups

MOST = 250  # groups of one role, the largest of them
UNITS = 20_000  # more clusters than that are put together by lot, which leaves enough to tell by


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixTable:
    """Shares of K types in G groups, corrected for classification error (BCH).

    Parameters
    ----------
    names : of the groups
    n : (G,) respondents of each
    shares : (G, K), which a small group may take a little below 0
    masses : (G,) sum of the respondents' weights
    covariance : (G, K, G, K) of the shares
    freedom : clusters less strata
    words : how the errors were made
    left_out : groups that are too small to show, or would give such a group away
    """

    names: tuple[str, ...]
    n: np.ndarray
    shares: np.ndarray
    masses: np.ndarray
    covariance: np.ndarray = field(repr=False)
    freedom: int
    words: str
    left_out: int


def mix_table(types: Types, survey: Survey, role: str, *, min_cell: int = 1) -> MixTable | None:
    """The shares in the groups of the first variable with `role`, small ones left out altogether.

    None where the data lack the role, fewer than two groups can be shown, or the types cannot be
    told apart.
    """
    if role not in survey.roles or types.model.classes < 2:
        return None
    classified = classify(types)
    if classified.inverse is None:
        return None
    names, group, left_out = _groups(classified, survey, role, min_cell)
    if len(names) < 2:
        return None
    weight = np.where(classified.placed, classified.design.row_weights(), 0.0)
    inside = group >= 0
    masses = np.bincount(group[inside], weight[inside], len(names))
    put = _put(classified, group, weight, len(names))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = put @ classified.inverse / masses[:, None]
    design, placed = classified.design, classified.placed
    covariance = _covariance(_Influence(classified, group, shares, masses), design)
    freedom = linearised_variance(np.zeros(design.n), design, placed)[1]
    size = len(names), types.model.classes
    return MixTable(
        names=names,
        n=np.bincount(group[inside & (weight > 0)], minlength=len(names)),
        shares=shares,
        masses=masses,
        covariance=covariance.reshape(*size, *size),
        freedom=freedom,
        words=f"{design.words}, linearised variance, {freedom:,} df",
        left_out=left_out,
    )


def _groups(
    classified: Classification, survey: Survey, role: str, min_cell: int
) -> tuple[tuple[str, ...], np.ndarray, int]:
    """Names of the groups, the group of each row (-1 for none) and how many were left out."""
    answers = survey.items(role).iloc[:, 0].astype("category").cat
    counted = classified.placed & (classified.design.row_weights() > 0)
    codes = np.where(counted, answers.codes.to_numpy(np.intp), -1)
    sizes = np.bincount(codes[codes >= 0], minlength=len(answers.categories))
    family = {str(code): int(size) for code, size in enumerate(sizes) if size}
    hidden = hidden_groups(family, min_cell, total=int(counted.sum()))
    kept = np.array([int(code) for code in family if code not in hidden], dtype=np.intp)
    if len(kept) > MOST:
        kept = np.sort(kept[np.argsort(-sizes[kept], kind="stable")[:MOST]])
    place = np.full(len(sizes) + 1, -1)
    place[kept] = np.arange(len(kept))
    names = tuple(str(answers.categories[code]) for code in kept)
    return names, place[codes], len(family) - len(kept)


def _put(
    classified: Classification, group: np.ndarray, weight: np.ndarray, groups: int
) -> np.ndarray:
    """(G, K) weights of each group's respondents by their likeliest type."""
    classes, used = len(classified.table), (group >= 0) & (weight > 0)
    at = group[used] * classes + classified.assigned[used]
    return np.bincount(at, weight[used], groups * classes).reshape(groups, classes)


@dataclass(frozen=True, slots=True, eq=False)
class _Influence:
    """What the rows add to the shares (G, K), by their group and type and by way of the table."""

    classified: Classification
    group: np.ndarray
    shares: np.ndarray
    masses: np.ndarray

    def sums(self, lines: np.ndarray, height: int, ratio: np.ndarray | float = 1.0) -> np.ndarray:
        """(height, GK) added up over the rows of each line, rows counted `ratio` times."""
        classified, inverse = self.classified, self.classified.inverse
        groups, classes = self.shares.shape
        patterns = classified.types.model.patterns
        placed = np.flatnonzero(classified.placed)
        rows = placed[self.group[placed] >= 0]
        group = self.group[rows]
        weight = (classified.design.row_weights() * ratio)[rows] / self.masses[group]
        column = group * classes + classified.assigned[rows]
        own = _table(lines[rows], column, weight, (height, groups * classes)).toarray()
        own = own.reshape(height, groups, classes)
        found = np.einsum("ugm,gmk->ugk", own, inverse - self.shares[:, None, :], optimize=True)
        if not classified.certain:
            weight = (patterns.row_weight * ratio)[placed]
            size = (height, len(patterns.weight))
            by_pattern = _table(lines[placed], patterns.row[placed], weight, size)
            cells = classified.cells().reshape(-1, classes * classes)
            through = (by_pattern @ cells).reshape(height, classes, classes)
            found -= np.einsum("gl,ulm,mk->ugk", self.shares, through, inverse, optimize=True)
        return found.reshape(height, -1)


def _table(
    lines: np.ndarray, columns: np.ndarray, weight: np.ndarray, size: tuple[int, int]
) -> sparse.csr_array:
    return sparse.coo_array((weight, (lines, columns)), shape=size).tocsr()


def _covariance(influence: _Influence, design: Design) -> np.ndarray:
    """(GK, GK) of the shares, between units within strata as `weighting.linearised_variance`."""
    unit, strata = _units(design)
    totals = influence.sums(unit, len(strata))
    margins, weights = design.calibration, design.row_weights()
    if margins is not None:
        ratio = np.divide(margins.base, weights, out=np.zeros(design.n), where=weights > 0)
        size = len(margins.margins)
        by_cell = influence.sums(margins.cells, size, ratio)
        fitted = margins.margins @ (margins.inverse @ (margins.margins.T @ by_cell))
        totals -= _table(unit, margins.cells, weights, (len(strata), size)) @ fitted
    sizes = np.bincount(strata)
    means = np.zeros((len(sizes), totals.shape[1]))
    np.add.at(means, strata, totals)
    means /= np.maximum(sizes, 1)[:, None]
    means[sizes == 1] = totals.mean(axis=0)
    totals -= means[strata]
    factor = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)[strata]
    return (factor[:, None] * totals).T @ totals


def _units(design: Design) -> tuple[np.ndarray, np.ndarray]:
    """The unit of each row, a cluster or else itself, and the stratum of each unit.

    Where there are very many, those of a stratum are put together by lot: sums of units drawn
    apart vary as the units do, and their number is what the variance is known by.
    """
    unit = np.arange(design.n) if design.clusters is None else design.clusters
    strata = strata_of_units(design)
    number = len(strata)
    if number <= UNITS:
        return unit, strata
    order = np.random.default_rng(0).permutation(number)
    order = order[np.argsort(strata[order], kind="stable")]
    sizes = np.bincount(strata)
    kept = np.minimum(np.maximum(sizes * UNITS // number, 2), np.maximum(sizes, 1))
    rank = np.arange(number) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    lot = np.empty(number, dtype=np.intp)
    lot[order] = (np.cumsum(kept) - kept)[strata[order]] + rank % kept[strata[order]]
    return lot[unit], np.repeat(np.arange(len(sizes)), kept)
