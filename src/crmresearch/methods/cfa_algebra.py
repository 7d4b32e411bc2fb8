"""What a factor model of simple structure implies, and its derivatives in closed form.

Each item measures one factor. In a group, y = intercept + loading x factor + unique part, so that
the covariances are L F L' + U and the means v + L a. The parameters of a group stand in one row, in
the order of `Slots`: loadings, factor covariances, unique variances, intercepts, factor means.
Source: Jöreskog (1969), Psychometrika 34, 183-202; derivatives of the normal likelihood as in Yuan
& Hayashi (2006), British Journal of Mathematical and Statistical Psychology 59, 397-417.
"""

from dataclasses import dataclass

import numpy as np


class Slots:
    """Where the parameters of one group stand.

    Parameters
    ----------
    factor : int array (p,), the factor that each item measures, numbered from 0 without a gap

    Attributes
    ----------
    items, factors, size : numbers of items, factors and parameters
    pairs : rows and columns of the factor covariances, in their order
    bounds : where loadings, factor covariances, unique variances, intercepts and means end
    loadings, spreads, uniques, intercepts, means : the slices of the five
    """

    def __init__(self, factor: np.ndarray) -> None:
        self.factor = factor
        self.items, self.factors = len(factor), int(factor.max()) + 1
        self.pairs = np.tril_indices(self.factors)
        lengths = (self.items, len(self.pairs[0]), self.items, self.items, self.factors)
        self.bounds = tuple(int(end) for end in np.cumsum(lengths))
        starts = (0, *self.bounds)
        self.loadings, self.spreads, self.uniques, self.intercepts, self.means = (
            slice(start, end) for start, end in zip(starts, self.bounds, strict=False)
        )
        self.size = self.bounds[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The parameters of one group as matrices, and what they imply.

    Parameters
    ----------
    loadings : (p, m), one number other than 0 a row
    spread : (m, m), covariances of the factors
    uniques : (p,), means : (m,) of the factors
    covariance, mean : what is implied for the items
    """

    loadings: np.ndarray
    spread: np.ndarray
    uniques: np.ndarray
    means: np.ndarray
    covariance: np.ndarray
    mean: np.ndarray


def parts(values: np.ndarray, slots: Slots) -> Parts:
    """The matrices of one row of parameters; complex values pass through."""
    p, m = slots.items, slots.factors
    loadings = np.zeros((p, m), dtype=values.dtype)
    loadings[np.arange(p), slots.factor] = values[slots.loadings]
    spread = np.zeros((m, m), dtype=values.dtype)
    rows, columns = slots.pairs
    spread[rows, columns] = spread[columns, rows] = values[slots.spreads]
    uniques, means = values[slots.uniques], values[slots.means]
    covariance = loadings @ spread @ loadings.T + np.diag(uniques)
    return Parts(
        loadings, spread, uniques, means, covariance, values[slots.intercepts] + loadings @ means
    )


def slopes(model: Parts, slots: Slots) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the implied covariances (s, p, p) and means (s, p) by every parameter."""
    p = slots.items
    by_covariance = np.zeros((slots.size, p, p), dtype=model.covariance.dtype)
    by_mean = np.zeros((slots.size, p), dtype=model.covariance.dtype)
    item = np.arange(p)
    half = (model.loadings @ model.spread)[:, slots.factor].T  # row a: covariances with a's factor
    by_covariance[item, item, :] = half
    by_covariance[item, :, item] += half
    rows, columns = slots.pairs
    outer = np.einsum("ik,jk->kij", model.loadings[:, rows], model.loadings[:, columns])
    apart = (rows != columns)[:, None, None]
    by_covariance[slots.spreads] = outer + np.where(apart, outer.transpose(0, 2, 1), 0.0)
    by_covariance[slots.bounds[1] + item, item, item] = 1.0
    by_mean[item, item] = model.means[slots.factor]
    by_mean[slots.bounds[2] + item, item] = 1.0
    by_mean[slots.means] = model.loadings.T
    return by_covariance, by_mean


def discrepancy(model: Parts, covariance: np.ndarray, mean: np.ndarray) -> float:
    """Half of log|S| + tr(T S^-1), T the covariances about the implied means; inf where S is bad.

    It is minus the mean log-likelihood of a respondent but for a constant.
    """
    try:
        root = np.linalg.cholesky(model.covariance)
    except np.linalg.LinAlgError:
        return np.inf
    gap = np.linalg.solve(root, mean - model.mean)
    trace = np.trace(np.linalg.solve(root.T, np.linalg.solve(root, covariance)))
    return float(np.log(np.diag(root)).sum() + 0.5 * (trace + gap @ gap))


def scores(
    model: Parts, slots: Slots, covariance: np.ndarray, mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Derivative (s,) of `discrepancy` by every parameter, and the information (s, s) expected.

    The information is that of one respondent if the model holds and answers are normal.
    """
    inverse = np.linalg.inv(model.covariance)
    gap = mean - model.mean
    weight = inverse @ (model.covariance - covariance - np.outer(gap, gap)) @ inverse
    by_covariance, by_mean = slopes(model, slots)
    slope = 0.5 * np.einsum("ij,sij->s", weight, by_covariance) - by_mean @ (inverse @ gap)
    left = inverse @ by_covariance
    return slope, 0.5 * _traces(left, left) + by_mean @ inverse @ by_mean.T


def observed(model: Parts, slots: Slots, covariance: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Second derivatives (s, s) of `discrepancy`: the observed information of one respondent."""
    inverse = np.linalg.inv(model.covariance)
    gap = mean - model.mean
    about = covariance + np.outer(gap, gap)
    by_covariance, by_mean = slopes(model, slots)
    left = inverse @ by_covariance
    information = _traces(left @ (inverse @ about), left) - 0.5 * _traces(left, left)
    information += by_mean @ inverse @ by_mean.T
    pull = inverse @ gap
    crossed = (by_covariance @ pull) @ inverse @ by_mean.T
    information += crossed + crossed.T
    weight = inverse @ (model.covariance - about) @ inverse
    return information + _curvature(model, slots, weight, pull)


def _curvature(model: Parts, slots: Slots, weight: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """The part of the Hessian that the second derivatives of what is implied bring."""
    found = np.zeros((slots.size, slots.size))
    item, factor = np.arange(slots.items), slots.factor
    rows, columns = slots.pairs
    found[slots.loadings, slots.loadings] = weight * model.spread[np.ix_(factor, factor)]
    pulled = weight @ model.loadings  # (p, m)
    by_spread = (factor[:, None] == rows) * pulled[:, columns]
    by_spread += (factor[:, None] == columns) * (rows != columns) * pulled[:, rows]
    found[slots.loadings, slots.spreads] = by_spread
    found[slots.spreads, slots.loadings] = by_spread.T
    by_means = np.zeros((slots.items, slots.factors))
    by_means[item, factor] = -pull
    found[slots.loadings, slots.means] = by_means
    found[slots.means, slots.loadings] = by_means.T
    return found


def _traces(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Traces (s, s) of the product of every pair of two stacks of matrices (s, p, p)."""
    size = len(first)
    return first.reshape(size, -1) @ second.transpose(0, 2, 1).reshape(size, -1).T
