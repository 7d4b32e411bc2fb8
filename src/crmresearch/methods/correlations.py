"""Correlations of every pair of items, with what is needed to judge their eigenvalues."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from crmresearch.methods.polychoric import polychoric
from crmresearch.methods.weighting import Design

GROUPS = 200  # jackknife groups


@dataclass(frozen=True, slots=True, eq=False)
class Correlations:
    """A correlation matrix with what is needed to judge its eigenvalues; made by `pearson`.

    Parameters
    ----------
    matrix : (p, p); of each pair of items those who answered both
    errors : (p,), standard errors of its eigenvalues, the largest first
    freedom : degrees of freedom of the errors
    n, n_dropped : respondents who answered at least two of the items, and the others
    effective : independent respondents with whom unrelated items' correlations would vary as much
    words : how it was made
    trouble : why there is no matrix, in words; empty where there is one
    """

    matrix: np.ndarray
    errors: np.ndarray
    freedom: int
    n: int
    n_dropped: int
    effective: float
    words: str
    trouble: str = ""


def pearson(
    items: pd.DataFrame, *, rng: np.random.Generator, design: Design | None = None
) -> Correlations:
    """Pearson correlations of every pair of items, weighted, with errors of their eigenvalues.

    The errors are those of a jackknife that leaves out one of up to 200 random groups of rows, or
    of clusters, at a time; the groups are dealt out stratum by stratum.

    Parameters
    ----------
    items : (n, p) frame

    Returns
    -------
    With `trouble` where two items were not answered together, or one in a single way.
    """
    found = _answered(items, design or Design(len(items)), rng)
    if found is None:
        return _none(len(items), "too few answered two of the items")
    parts = _moments(found.values, found.known, found.weights, found.groups)
    matrix = _from_moments(parts.sum(axis=0))
    if not np.isfinite(matrix).all():
        return _none(
            len(items), "an item was answered in one way only by those who answered another"
        )
    replicates = _from_moments(parts.sum(axis=0) - parts)
    replicates = replicates[np.isfinite(replicates).all(axis=(1, 2))]
    return _judged(matrix, replicates, found, np.ones(len(matrix)))


def ordinal(
    items: pd.DataFrame, *, rng: np.random.Generator, design: Design | None = None
) -> Correlations:
    """As `pearson`, of polychoric correlations.

    A random polychoric correlation varies more than a Pearson one by what the categories lose.
    """
    design = design or Design(len(items))
    found = _answered(items, design, rng)
    if found is None:
        return _none(len(items), "too few answered two of the items")
    groups = np.zeros(design.n, dtype=int)
    groups[found.used] = found.groups
    fitted = polychoric(items, design=design, groups=groups)
    if fitted.trouble:
        return _none(len(items), fitted.trouble)
    size = len(fitted.totals)
    replicates = fitted.matrix - fitted.totals * size / max(size - 1, 1)
    return _judged(fitted.matrix, replicates, found, fitted.efficiency())


@dataclass(frozen=True, slots=True, eq=False)
class _Answered:
    """Those who answered at least two items: deviations from the mean, 0 where missing."""

    values: np.ndarray
    known: np.ndarray
    weights: np.ndarray
    groups: np.ndarray
    unit: str
    used: np.ndarray
    design: Design


def _answered(items: pd.DataFrame, design: Design, rng: np.random.Generator) -> _Answered | None:
    values, weights = items.to_numpy(float), design.row_weights()
    known = np.isfinite(values)
    used = (np.count_nonzero(known, axis=1) > 1) & (weights > 0)
    if not used.all():
        values, known, weights = values[used], known[used], weights[used]
    if used.sum() < 3 or values.shape[1] < 2 or not known.any(axis=0).all():
        return None
    complete = bool(known.all())
    values = values.copy() if complete else np.where(known, values, 0.0)
    means = weights @ values / (weights @ known)
    values -= means if complete else known * means
    groups, unit = _groups(design, used, rng)
    return _Answered(values, known, weights, groups, unit, used, design)


def _none(rows: int, why: str) -> Correlations:
    return Correlations(np.empty((0, 0)), np.empty(0), 0, 0, rows, 0.0, "", why)


def _judged(
    matrix: np.ndarray, replicates: np.ndarray, found: _Answered, efficiency: np.ndarray
) -> Correlations:
    drawn = np.linalg.eigvalsh(replicates)[:, ::-1]
    size = len(drawn)
    errors = np.sqrt((size - 1) * drawn.var(axis=0)) if size > 1 else np.full(len(matrix), np.nan)
    variance = unrelated_variance(found.values, found.known, found.design, found.used)
    variance /= np.outer(efficiency, efficiency)[np.triu_indices(len(matrix), k=1)]
    return Correlations(
        matrix=matrix,
        errors=errors,
        freedom=size - 1,
        n=int(found.used.sum()),
        n_dropped=int((~found.used).sum()),
        effective=float(1 / variance.mean()),
        words=f"jackknife over {size} {found.unit}",
    )


def unrelated_variance(
    values: np.ndarray, known: np.ndarray, design: Design, used: np.ndarray
) -> np.ndarray:
    """Variance of the correlation of each pair of items, were they unrelated, under the design.

    A correlation of two unrelated items varies by the sum of squared weights, and more in so far
    as members of a cluster are alike in both: by the product of their intraclass correlations.

    Parameters
    ----------
    values, known : (m, p) deviations from the mean, 0 where missing, and where they are known
    used : (n,) bool, which of the design's rows they are
    """
    weights = design.row_weights()[used]
    pairs = np.triu_indices(values.shape[1], k=1)
    if known.all():
        variance = np.full(len(pairs[0]), (weights**2).sum() / weights.sum() ** 2)
    else:
        both = known.astype(float)
        totals = (both * weights[:, None]).T @ both
        squares = totals if design.weights is None else (both * (weights**2)[:, None]).T @ both
        variance = squares[pairs] / totals[pairs] ** 2
    if design.clusters is not None:
        codes = design.clusters[used]
        extra = (np.bincount(codes, weights) ** 2).sum() / (weights**2).sum() - 1
        alike = [_intraclass(weights * k, x, codes) for x, k in zip(values.T, known.T, strict=True)]
        variance = variance * (1 + np.outer(alike, alike)[pairs] * extra)
    return variance


def _intraclass(weights: np.ndarray, values: np.ndarray, codes: np.ndarray) -> float:
    """How alike members of a cluster are: the correlation of two of them, not below 0.

    Parameters
    ----------
    weights, values : (m,), 0 where an answer is missing; deviations from the weighted mean
    """
    parts = weights * values
    shared = (np.bincount(codes, parts) ** 2).sum() - parts @ parts
    pairs = (np.bincount(codes, weights) ** 2).sum() - weights @ weights
    spread = parts @ values / weights.sum()
    return float(np.clip(shared / pairs / spread, 0, 1)) if pairs > 0 and spread > 0 else 0.0


def _groups(design: Design, used: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """The jackknife group of each used row, and what the groups are, in words."""
    units = np.arange(used.sum()) if design.clusters is None else design.clusters[used]
    units = pd.factorize(units)[0] if design.clusters is not None else units
    size = int(units.max()) + 1
    order = rng.permutation(size)
    if design.strata is not None:
        stratum = np.zeros(size, dtype=int)
        stratum[units] = design.strata[used]
        order = order[np.argsort(stratum[order], kind="stable")]
    group = np.empty(size, dtype=int)
    group[order] = np.arange(size) % GROUPS
    unit = "respondents" if design.clusters is None else f"{design.cluster_name}s"
    return group[units], unit if size <= GROUPS else f"random groups of {unit}"


def _moments(
    values: np.ndarray, known: np.ndarray, weights: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """Weighted sums (groups, 4, p, p) over those who answered both items of each pair.

    Number, sum of the first, sum of its square, product.
    """
    order = np.argsort(groups.astype(np.int16), kind="stable")
    ends = np.append(0, np.cumsum(np.bincount(groups)))
    values, weights, size = values[order], weights[order, None], values.shape[1]
    complete = known.all()
    known = np.ones((1, size)) if complete else known[order].astype(float)
    found = np.empty((len(ends) - 1, 4, size, size))
    for place, (start, end) in enumerate(pairwise(ends)):
        x, w = values[start:end], weights[start:end]
        weighted = w * x
        if complete:
            sums = w.sum(), weighted.sum(axis=0), (weighted * x).sum(axis=0)
            number, first, square = (np.reshape(part, (-1, 1)) * known for part in sums)
        else:
            k = known[start:end]
            number, first, square = (w * k).T @ k, weighted.T @ k, (weighted * x).T @ k
        number = np.broadcast_to(number, (size, size))
        found[place] = number, first, square, weighted.T @ x
    return found


def _from_moments(sums: np.ndarray) -> np.ndarray:
    """Correlation matrices (..., p, p) from moments (..., 4, p, p); NaN where there is none."""
    total, x, xx, xy = np.moveaxis(sums, -3, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = x / total
        spread = xx / total - mean**2
        spread = np.where(spread > 1e-12, spread, np.nan)
        product = xy / total - mean * np.swapaxes(mean, -1, -2)
        matrix = product / np.sqrt(spread * np.swapaxes(spread, -1, -2))
    diagonal = np.eye(sums.shape[-1], dtype=bool)
    return np.where(diagonal, np.where(np.isfinite(spread), 1.0, np.nan), matrix)
