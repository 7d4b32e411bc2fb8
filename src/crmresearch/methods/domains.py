"""Means of all groups of a sample at once, with their joint covariance under the design.

One pass over the rows gives what every comparison of the groups needs: pairs, trends, tests of
several differences together. A pair's error is that of `weighting.mean_contrast`; a group that
shares accounts or people with another is not taken as independent of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True, eq=False)
class Domains:
    """Means of k groups; made by `domain_means`.

    Parameters
    ----------
    means : (k,), NaN of a group without an answer
    covariance : (k, k) of the means, NaN where it cannot be told
    n : (k,) rows used
    dropped : (k,) rows left out because the value was missing
    plain : whether the rows are a simple random sample
    units : (u, k) bool, whether a cluster has answers in a group; None where rows are the units
    strata : (h, k) bool, whether a stratum has
    """

    means: np.ndarray
    covariance: np.ndarray
    n: np.ndarray
    dropped: np.ndarray
    plain: bool
    units: np.ndarray | None
    strata: np.ndarray

    def contrast(self, coefficients: Sequence[float]) -> tuple[float, float, float]:
        """A weighted sum of the means, its standard error and degrees of freedom.

        Welch and Satterthwaite's degrees of freedom in a simple random sample, otherwise clusters
        less strata among the groups that take part.
        """
        weights = np.asarray(coefficients, dtype=float)
        taken = np.flatnonzero(weights)
        value = float(weights[taken] @ self.means[taken])
        block = self.covariance[np.ix_(taken, taken)]
        variance = float(weights[taken] @ block @ weights[taken])
        if not (np.isfinite(value) and variance > 0):
            return value, NAN, 0.0
        return value, variance**0.5, self.freedom(taken, weights[taken])

    def moments(self, at: int) -> tuple[float, float, int, int]:
        """Mean, standard error, degrees of freedom and rows of one group, as `weighted_mean`."""
        only = np.array([at])
        value, variance = float(self.means[at]), float(self.covariance[at, at])
        freedom = 0 if not self.n[at] else int(self.freedom(only, np.ones(1)))
        error = variance**0.5 if variance >= 0 and freedom > 0 else NAN
        return value, error, freedom, int(self.n[at])

    def freedom(self, taken: np.ndarray, weights: np.ndarray) -> float:
        """Degrees of freedom of a contrast of the groups at the positions `taken`."""
        if self.plain and len(taken) == 1:
            return float(self.n[taken[0]] - 1)
        if self.plain:
            parts = weights**2 * np.diag(self.covariance)[taken]
            return float(parts.sum() ** 2 / (parts**2 / (self.n[taken] - 1)).sum())
        units = int(self.n[taken].sum())
        if self.units is not None:
            units = int(self.units[:, taken].any(axis=1).sum())
        return float(max(units - int(self.strata[:, taken].any(axis=1).sum()), 0))


def domain_means(values: np.ndarray, codes: np.ndarray, size: int, design: Design) -> Domains:
    """Weighted means of the groups 0 to `size` - 1 with their linearised covariance.

    Parameters
    ----------
    values : (n,) float, NaN where not answered
    codes : (n,) int, the group of each row, -1 for none
    size : number of groups
    design : weights, strata and clusters of all rows; the rows in no group still belong to it

    Returns
    -------
    `Domains`. A simple random sample has the variance of each group over its size, as Welch has
    it; other designs as R's ``svyby(covmat = TRUE)``.
    """
    return domains_of_each(values, [(codes, size)], design)[0]


def domains_of_each(
    values: np.ndarray, groupings: Sequence[tuple[np.ndarray, int]], design: Design
) -> list[Domains]:
    """`domain_means` of several groupings of the same rows, such as by segment and by channel.

    One pass over the clusters serves all of them.

    Parameters
    ----------
    groupings : the group of each row and the number of groups, as in `domain_means`
    """
    values, weights = np.asarray(values, dtype=float), design.row_weights()
    usable, sizes = np.isfinite(values) & (weights > 0), [size for _, size in groupings]
    parts = [_linear(values, weights, usable, np.asarray(codes), n) for codes, n in groupings]
    ends = np.cumsum(sizes)
    if not groupings or design.plain:
        return [_domains(part, _apart(part), design) for part in parts]
    blocks = [
        (part[2], np.where(part[3] < size, part[3] + (end - size), ends[-1]))
        for part, size, end in zip(parts, sizes, ends, strict=True)
    ]
    joint = joint_covariance(blocks, int(ends[-1]) + 1, design)
    spans = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    return [
        _domains(part, joint[span, span].copy(), design)
        for part, span in zip(parts, spans, strict=True)
    ]


Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _apart(part: Part) -> np.ndarray:
    """Covariance of the means of a simple random sample, as Welch has it."""
    n, influence, group = part[1:4]
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.bincount(group, influence**2, len(n) + 1)[: len(n)] * n / (n - 1.0)
    return np.diag(np.where(n > 1, spread, NAN))


def _linear(
    values: np.ndarray, weights: np.ndarray, usable: np.ndarray, codes: np.ndarray, size: int
) -> Part:
    """Means and numbers (size,) of the groups, each row's contribution and group, and dropped."""
    answered = usable & (codes >= 0)
    group = np.where(answered, codes, size).astype(np.intp)  # the last place is that of nobody
    weight, influence = np.where(answered, weights, 0.0), np.where(answered, values, 0.0)
    n = np.bincount(group, minlength=size + 1)[:size]
    total, means = _weighted_means(influence, weight, group, size)
    influence -= means[group]
    influence *= weight
    influence /= np.where(total > 0, total, 1.0)[group]
    dropped = np.bincount(codes + np.intp(1), minlength=size + 1)[1:] - n
    return np.where(n > 0, means[:size], NAN), n, influence, group, dropped


def _domains(part: Part, covariance: np.ndarray, design: Design) -> Domains:
    means, n, _, group, dropped = part
    flat = np.sqrt(np.diag(covariance)) <= 1e-12 * np.abs(means)  # rounding of equal answers
    covariance[flat, :] = covariance[:, flat] = 0.0
    clusters, strata, size = design.clusters, design.strata, len(n)
    return Domains(
        means=means,
        covariance=covariance,
        n=n,
        dropped=dropped,
        plain=design.plain,
        units=None if clusters is None else _present(clusters, group, size),
        strata=(n > 0)[None, :] if strata is None else _present(strata, group, size),
    )


def _weighted_means(
    values: np.ndarray, weights: np.ndarray, codes: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sum of weights and mean of each code from 0 to `size`; 0 where there is none."""
    total = np.bincount(codes, weights=weights, minlength=size + 1)
    sums = np.bincount(codes, weights=weights * values, minlength=size + 1)
    return total, np.divide(sums, total, out=np.zeros(size + 1), where=total > 0)


def centres(values: np.ndarray, codes: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    """Weighted mean of each group, kept within its values against rounding; NaN where empty."""
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, codes, values)
    np.maximum.at(high, codes, values)
    total = np.bincount(codes, weights=weights, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.bincount(codes, weights=weights * values, minlength=size) / total
    return np.where(total > 0, np.clip(means, low, np.maximum(low, high)), NAN)


Block = tuple[np.ndarray, np.ndarray]  # (n,) what each row adds, and to which column


def joint_covariance(blocks: Sequence[Block], size: int, design: Design) -> np.ndarray:
    """Covariance (size, size) of columns of contributions, as `weighting.linearised_variance`.

    What margins explain of a column is taken out of every unit's sum, through the sums of weights
    in each combination of the margins' answers, so that no table of rows is made.

    Parameters
    ----------
    blocks : what every row adds, 0 for rows that add nothing, and to which column
    """
    margins = design.calibration
    if margins is None:
        return _covariance(blocks, size, design, None)
    weights, ratio = design.row_weights(), _ratio(design)
    width = len(margins.margins)
    by_cell = sum(_sums(added * ratio, margins.cells, col, width, size) for added, col in blocks)
    fitted = margins.margins @ (margins.inverse @ (margins.margins.T @ by_cell))
    both = _covariance(blocks, size, design, (weights, margins.cells))
    residual = np.vstack([np.eye(size), -fitted])
    return residual.T @ both @ residual


def _covariance(
    blocks: Sequence[Block], size: int, design: Design, held: Block | None
) -> np.ndarray:
    """Covariance of the columns' totals, and of those of `held` after them.

    Between units within strata; a stratum of one unit is centred on the mean of all.
    """
    stratum = strata_of_units(design)
    sizes = np.bincount(stratum)
    wide = size + (0 if held is None else int(held[1].max(initial=-1)) + 1)
    if len(stratum) - len(sizes) < 1:
        return np.full((wide, wide), NAN)
    factors = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    if design.clusters is None:
        blocks = [*blocks, *([] if held is None else [(held[0], size + held[1])])]
        by_row = factors[stratum] if design.strata is not None else factors[0]
        products = _products_of_rows(blocks, wide, by_row)
        totals = sum(_sums(added, stratum, column, len(sizes), wide) for added, column in blocks)
    else:
        units = unit_sums(blocks, size, design)
        if held is not None:
            units = np.hstack([units, _held_sums(design)])
        if design.strata is None:
            products, totals = factors[0] * (units.T @ units), units.sum(axis=0)[None, :]
        else:
            products = (factors[stratum][:, None] * units).T @ units
            totals = np.zeros((len(sizes), wide))
            np.add.at(totals, stratum, units)
    means = totals / np.maximum(sizes, 1)[:, None]
    means[sizes == 1] = totals.sum(axis=0) / len(stratum)
    cross = totals.T @ (factors[:, None] * means)
    return products - cross - cross.T + means.T @ ((factors * sizes)[:, None] * means)


def _products_of_rows(
    blocks: Sequence[Block], size: int, factors: np.ndarray | float
) -> np.ndarray:
    """Sums over rows of the products of every two columns, each row in one column a block."""
    return sum(
        _sums(factors * first * second, row, column, size, size)
        for first, row in blocks
        for second, column in blocks
    )


def unit_sums(blocks: Sequence[Block], size: int, design: Design) -> np.ndarray:
    """Contributions added up within clusters: (clusters, size)."""
    number = int(design.clusters.max(initial=-1)) + 1
    return sum(_sums(added, design.clusters, column, number, size) for added, column in blocks)


@lru_cache(maxsize=2)
def _ratio(design: Design) -> np.ndarray:
    """Weights before raking over those after, made once."""
    weights, base = design.row_weights(), design.calibration.base
    return np.divide(base, weights, out=np.zeros(design.n), where=weights > 0)


@lru_cache(maxsize=2)
def _held_sums(design: Design) -> np.ndarray:
    """Each cluster's weights in every combination of the margins' answers, made once."""
    margins = design.calibration
    return unit_sums([(design.row_weights(), margins.cells)], len(margins.margins), design)


def strata_of_units(design: Design) -> np.ndarray:
    """The stratum of each unit, a cluster or else a row; all in one where there are none."""
    if design.clusters is None:
        return np.zeros(design.n, dtype=int) if design.strata is None else design.strata
    strata = np.zeros(int(design.clusters.max(initial=-1)) + 1, dtype=int)
    if design.strata is not None:
        strata[design.clusters] = design.strata
    return strata


def _sums(
    added: np.ndarray, lines: np.ndarray, columns: np.ndarray, height: int, width: int
) -> np.ndarray:
    cells = np.bincount(lines * width + columns, weights=added, minlength=height * width)
    return cells.reshape(height, width)


def _present(lines: np.ndarray, columns: np.ndarray, size: int) -> np.ndarray:
    """(lines, size) bool, whether a line has a row in a column; column `size` does not count."""
    found = np.zeros((int(lines.max(initial=-1)) + 1, size + 1), dtype=bool)
    found[lines, columns] = True
    return found[:, :size]
