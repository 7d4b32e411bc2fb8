"""Convergent and discriminant validity: loadings, AVE, composite reliability and HTMT.

AVE and composite reliability rest on the standardised solution of a factor model (Fornell &
Larcker 1981, Journal of Marketing Research 18, 39-50). HTMT needs no model: it compares the
correlations of items between two scales with those within them (Henseler, Ringle & Sarstedt 2015,
Journal of the Academy of Marketing Science 43, 115-135).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from crmresearch.methods.cfa import Solution
from crmresearch.methods.cfa_rows import Rows
from crmresearch.methods.cfa_sums import Contribution, variance_of_sum
from crmresearch.methods.student import t_quantile
from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Several numbers of one kind with their standard errors, NaN where there is none."""

    values: np.ndarray
    errors: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """The standardised solution of one group.

    Parameters
    ----------
    loadings : of the p items
    correlations : of the factors, in the order of ``np.tril_indices(m, -1)``
    extracted : average variance extracted, of the m factors
    reliability : composite reliability of the m factors
    """

    loadings: Measured
    correlations: Measured
    extracted: Measured
    reliability: Measured


def standardised(solution: Solution, covariance: np.ndarray, *, group: int = 0) -> Standardised:
    """Standardised loadings and what follows from them, with errors by the delta method.

    Parameters
    ----------
    covariance : (free, free), of the free parameters: normal-theory or robust
    """
    slots, part = solution.model.slots, solution.group(group)
    item, own = np.arange(slots.items), slots.factor
    loading = part.loadings[item, own]
    variance = np.diag(part.spread)[own]
    total = loading**2 * variance + part.uniques
    root = np.sqrt(variance)
    values = loading * root / np.sqrt(total)
    slope = np.zeros((slots.items, slots.size))
    slope[item, item] = root * part.uniques / total**1.5
    rows, columns = slots.pairs
    diagonal = slots.bounds[0] + np.flatnonzero(rows == columns)
    slope[item, diagonal[own]] = loading * part.uniques / (2 * root * total**1.5)
    slope[item, slots.bounds[1] + item] = -loading * root / (2 * total**1.5)
    members = (own == np.arange(slots.factors)[:, None]).astype(float)
    common, unique = members @ values, members @ (1 - values**2)
    sizes = members.sum(axis=1)
    by_extracted = 2 * members * values / sizes[:, None]
    by_reliability = (
        2
        * members
        * common[:, None]
        * (unique[:, None] + common[:, None] * values)
        / (common**2 + unique)[:, None] ** 2
    )
    between, by_between = _correlations(solution, group)
    spread = _filled(solution, covariance, group)

    def measured(found: np.ndarray, derivative: np.ndarray) -> Measured:
        squares = np.einsum("ij,jk,ik->i", derivative, spread, derivative)
        return Measured(found, np.sqrt(np.maximum(squares, 0.0)))

    return Standardised(
        measured(values, slope),
        measured(between, by_between),
        measured(members @ values**2 / sizes, by_extracted @ slope),
        measured(common**2 / (common**2 + unique), by_reliability @ slope),
    )


def htmt(rows: Rows, factor: np.ndarray) -> Measured:
    """HTMT of every pair of factors, in the order of ``np.tril_indices(m, -1)``.

    The mean absolute correlation of items of different scales over the geometric mean of the two
    mean absolute correlations within: an estimate of how closely the two constructs go together.
    The error follows each row's influence on every correlation, summed within clusters. Needs no
    model, and two items a scale.
    """
    moments = rows.moments
    mean, root = moments.means[0], np.sqrt(np.diag(moments.covariances[0]))
    correlations = moments.covariances[0] / np.outer(root, root)
    values, slopes = htmt_of(correlations, factor)
    if not len(values):
        return Measured(values, values.copy())
    bends = (slopes * correlations).sum(axis=2)  # what a row's own squares take off
    beside = slopes.transpose(1, 0, 2).reshape(len(root), -1)

    def influence(some: slice) -> Iterator[Contribution]:
        scores = (rows.values[some] - mean) / root
        pulled = (scores @ beside).reshape(len(scores), *bends.shape)
        each = np.einsum("nki,ni->nk", pulled, scores) - scores**2 @ bends.T
        yield slice(0, len(scores)), slice(0, len(values)), each

    variance = np.diag(variance_of_sum(rows, influence, len(values)))
    return Measured(values, np.sqrt(variance) / moments.total)


def htmt_of(
    correlations: np.ndarray, factor: np.ndarray, *, geometric: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """HTMT of every pair of factors and its derivative (pairs, p, p) by the correlations.

    Parameters
    ----------
    correlations : (p, p)
    factor : (p,), the factor of each item
    geometric : HTMT2 (Roemer, Schuberth & Henseler 2021), of geometric means, which does not ask
        items to measure their construct equally well
    """
    k, j = np.tril_indices(int(factor.max()) + 1, -1)
    size = np.abs(correlations)
    inside = factor[:, None] == factor
    np.fill_diagonal(inside, False)
    values, slopes = np.empty(len(k)), np.zeros((len(k), *correlations.shape))
    for pair, (one, other) in enumerate(zip(k, j, strict=True)):
        first, second = factor == one, factor == other
        logs = 0.0
        for cells, power in (
            (np.outer(first, second) | np.outer(second, first), 1.0),
            (np.outer(first, first) & inside, -0.5),
            (np.outer(second, second) & inside, -0.5),
        ):
            count, chosen = cells.sum(), size[cells]
            logs += power * (np.log(chosen).mean() if geometric else np.log(chosen.mean()))
            share = 1 / (count * chosen) if geometric else np.full(count, 1 / chosen.sum())
            slopes[pair][cells] += power * share * np.sign(correlations[cells])
        values[pair] = np.exp(logs)
        slopes[pair] *= values[pair]
    return values, slopes


def interval(
    value: float, error: float, freedom: int, level: float, scale: str
) -> tuple[float, float]:
    """Interval of a number made on a scale on which it cannot leave its range.

    Parameters
    ----------
    scale : ``correlation`` (-1 to 1, Fisher's z), ``share`` (0 to 1, logit), ``ratio`` (above 0,
        logarithm)

    Returns
    -------
    NaN where the number lies outside the range or has no error.
    """
    to, back, slope = SCALES[scale]
    with np.errstate(all="ignore"):
        centre, spread = to(value), error * slope(value)
    if not (np.isfinite(centre) and np.isfinite(spread)):
        return NAN, NAN
    reach = t_quantile(0.5 + level / 2, freedom) * spread
    return float(back(centre - reach)), float(back(centre + reach))


SCALES = {
    "correlation": (np.arctanh, np.tanh, lambda x: 1 / (1 - x**2)),
    "share": (special.logit, special.expit, lambda x: 1 / (x * (1 - x))),
    "ratio": (np.log, np.exp, lambda x: 1 / x),
}


def _correlations(solution: Solution, group: int) -> tuple[np.ndarray, np.ndarray]:
    """Correlations of the factors and their derivatives (pairs, s) by every slot."""
    slots, spread = solution.model.slots, solution.group(group).spread
    rows, columns = slots.pairs
    apart = np.flatnonzero(rows != columns)
    place = {
        (int(i), int(k)): slots.bounds[0] + x
        for x, (i, k) in enumerate(zip(rows, columns, strict=True))
    }
    values = np.empty(len(apart))
    slopes = np.zeros((len(apart), slots.size))
    for pair, position in enumerate(apart):
        i, k = int(rows[position]), int(columns[position])
        scale = np.sqrt(spread[i, i] * spread[k, k])
        values[pair] = spread[i, k] / scale
        slopes[pair, place[i, k]] = 1 / scale
        for one in (i, k):
            slopes[pair, place[one, one]] = -values[pair] / (2 * spread[one, one])
    return values, slopes


def _filled(solution: Solution, covariance: np.ndarray, group: int) -> np.ndarray:
    """Covariance matrix (s, s) of all slots of a group; 0 where they are fixed."""
    numbers = solution.model.numbers[group]
    kept = np.flatnonzero(numbers >= 0)
    found = np.zeros((len(numbers),) * 2)
    found[np.ix_(kept, kept)] = covariance[np.ix_(numbers[kept], numbers[kept])]
    return found
