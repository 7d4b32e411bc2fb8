"""Means of all groups of a sample at once, with their joint covariance under the design.

One pass over the rows gives what every comparison of the groups needs: pairs, trends, tests of
several differences together. A pair's error is that of `weighting.mean_contrast`; a group that
shares accounts or people with another is not taken as independent of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

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
    design : the rows' design
    members : (units, k) sparse bool, whether a cluster (or row) has answers in a group
    """

    means: np.ndarray
    covariance: np.ndarray
    n: np.ndarray
    dropped: np.ndarray
    design: Design
    members: sparse.csr_matrix

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

    def freedom(self, taken: np.ndarray, weights: np.ndarray) -> float:
        """Degrees of freedom of a contrast of the groups at the positions `taken`."""
        if self.design.plain:
            parts = weights**2 * np.diag(self.covariance)[taken]
            return float(parts.sum() ** 2 / (parts**2 / (self.n[taken] - 1)).sum())
        units = np.asarray(self.members[:, taken].sum(axis=1)).ravel() > 0
        strata = 1
        if self.design.strata is not None:
            strata = len(np.unique(strata_of_units(self.design)[units]))
        return float(max(int(units.sum()) - strata, 0))


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
    values, codes = np.asarray(values, dtype=float), np.asarray(codes)
    weights = design.row_weights()
    rows = np.flatnonzero(np.isfinite(values) & (weights > 0) & (codes >= 0))
    group, known, weight = codes[rows], values[rows], weights[rows]
    n = np.bincount(group, minlength=size)
    everybody = np.bincount(codes[codes >= 0], minlength=size)
    total = np.bincount(group, weights=weight, minlength=size)
    means = centres(known, group, weight, size)
    influence = weight * (known - means[group]) / total[group]
    if design.plain:
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.bincount(group, weights=influence**2, minlength=size) * n / (n - 1.0)
        covariance = np.diag(np.where(n > 1, spread, NAN))
    else:
        covariance = joint_covariance(influence, rows, group, size, design)
    return Domains(means, covariance, n, everybody - n, design, _members(rows, group, size, design))


def centres(values: np.ndarray, codes: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    """Weighted mean of each group, kept within its values against rounding; NaN where empty."""
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, codes, values)
    np.maximum.at(high, codes, values)
    total = np.bincount(codes, weights=weights, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.bincount(codes, weights=weights * values, minlength=size) / total
    return np.where(total > 0, np.clip(means, low, np.maximum(low, high)), NAN)


def unit_sums(
    contributions: np.ndarray, rows: np.ndarray, columns: np.ndarray, size: int, design: Design
) -> sparse.csr_matrix:
    """Contributions added up within clusters (else rows): (units, size), sparse.

    Parameters
    ----------
    contributions, columns : (m,) what each of the positions `rows` adds to which column
    """
    return sparse.csr_matrix(
        (contributions, (units_of(design)[rows], columns)), shape=(_units(design), size)
    )


def joint_covariance(
    contributions: np.ndarray, rows: np.ndarray, columns: np.ndarray, size: int, design: Design
) -> np.ndarray:
    """Covariance (size, size) of columns of contributions, as `weighting.linearised_variance`.

    What margins explain of a column is taken out of every unit's sum, through the sums of weights
    in each combination of the margins' answers, so that no dense table of rows is made.

    Parameters
    ----------
    contributions, columns : (m,) what each of the positions `rows` adds to which column
    """
    sums = unit_sums(contributions, rows, columns, size, design)
    margins = design.calibration
    if margins is None:
        return covariance_of_sums(sums, design)
    weights = design.row_weights()
    ratio = np.divide(margins.base, weights, out=np.zeros(design.n), where=weights > 0)
    cells = len(margins.margins)
    by_cell = sparse.csr_matrix(
        (contributions * ratio[rows], (margins.cells[rows], columns)), shape=(cells, size)
    ).toarray()
    fitted = margins.margins @ (margins.inverse @ (margins.margins.T @ by_cell))
    held = unit_sums(weights, np.arange(design.n), margins.cells, cells, design)
    both = covariance_of_sums(sparse.hstack([sums, held]).tocsr(), design)
    residual = np.vstack([np.eye(size), -fitted])
    return residual.T @ both @ residual


def covariance_of_sums(sums: sparse.csr_matrix, design: Design) -> np.ndarray:
    """Covariance (k, k) of the columns' totals: between units within strata.

    As `weighting.linearised_variance` for every pair of columns; a stratum of one unit is centred
    on the mean of all.
    """
    stratum = strata_of_units(design)
    sizes = np.bincount(stratum)
    if len(stratum) - len(sizes) < 1:
        return np.full((sums.shape[1],) * 2, NAN)
    factors = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    pick = sparse.csr_matrix((np.ones(len(stratum)), (stratum, np.arange(len(stratum)))))
    totals = (pick @ sums).toarray()
    means = totals / np.maximum(sizes, 1)[:, None]
    means[sizes == 1] = totals.sum(axis=0) / len(stratum)
    scaled = sums.multiply(factors[stratum][:, None]).tocsr()
    cross = totals.T @ (factors[:, None] * means)
    return (
        (scaled.T @ sums).toarray()
        - cross
        - cross.T
        + means.T @ ((factors * sizes)[:, None] * means)
    )


def units_of(design: Design) -> np.ndarray:
    """The unit of each row: its cluster, or itself."""
    return np.arange(design.n) if design.clusters is None else design.clusters


def strata_of_units(design: Design) -> np.ndarray:
    """The stratum of each unit; all in one where the design has none."""
    if design.strata is None:
        return np.zeros(_units(design), dtype=int)
    strata = np.zeros(_units(design), dtype=int)
    strata[units_of(design)] = design.strata
    return strata


def _units(design: Design) -> int:
    if design.clusters is None:
        return design.n
    return int(design.clusters.max(initial=-1)) + 1


def _members(rows: np.ndarray, codes: np.ndarray, size: int, design: Design) -> sparse.csr_matrix:
    ones = np.ones(len(rows), dtype=np.int32)
    return unit_sums(ones, rows, codes, size, design)
