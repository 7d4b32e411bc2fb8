"""Polychoric correlations: of ordered categories as cuts through normally distributed opinions.

Two steps, as in R's ``lavaan::lavCor`` (Olsson 1979, *Psychometrika* 44, 443-460): the thresholds
of each item from its margins, then the correlation of each pair by maximum likelihood from its
table. Everything is computed from the pairs' tables, so that the number of respondents hardly
matters. Each respondent's influence on a correlation depends on the pair of answers alone and is
a table as well; it carries the uncertainty of the thresholds.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special
from scipy.optimize import brentq

from crmresearch.methods.association import spread_of
from crmresearch.methods.weighting import Design

MOST_CATEGORIES = 15  # with more, an answer is nearly a measurement
NEARLY_ONE = 0.9999
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(48)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One pair of items.

    Parameters
    ----------
    correlation : NaN where it cannot be told, which `trouble` says in words
    influence : (a + 1, b + 1), of a respondent with these answers, at a weight of 1; the last row
        and column are those who left one out, who have none
    """

    correlation: float
    influence: np.ndarray
    trouble: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Polychoric:
    """Polychoric correlations of several items; made by `polychoric`.

    Parameters
    ----------
    matrix : (k, k), made positive definite where `smoothed`; NaN where a pair has none
    pairs : of items in the order of ``np.triu_indices(k, 1)``
    codes : (k, n), the answers as 0, 1, ...; the highest code of an item is a missing answer
    shares : of each item, the shares of its answers
    totals : (groups, k, k), sums of the influences on each correlation by group of rows
    smoothed : whether the pairs' correlations contradicted each other
    trouble : why there is no matrix; empty where there is one
    """

    matrix: np.ndarray
    pairs: list[Pair]
    codes: np.ndarray
    shares: list[np.ndarray]
    totals: np.ndarray
    design: Design
    smoothed: bool
    trouble: str

    def error(self, slope: np.ndarray) -> tuple[float, int]:
        """Standard error and degrees of freedom of a function of the correlations.

        Parameters
        ----------
        slope : (k, k), its derivative by them, the two halves alike
        """
        weights, codes = self.design.row_weights(), self.codes
        influence = np.zeros(self.design.n)
        known = weights > 0
        for pair, i, j in zip(self.pairs, *np.triu_indices(len(self.matrix), k=1), strict=True):
            if slope[i, j]:
                influence += 2 * slope[i, j] * pair.influence[codes[i], codes[j]]
            known = known & (codes[i] < len(pair.influence) - 1)
            known = known & (codes[j] < pair.influence.shape[1] - 1)
        return spread_of((weights * influence)[known], known, self.design)

    def efficiency(self) -> np.ndarray:
        """Of each item (k,), the share of the variance of normal opinions that its answers keep."""
        found = []
        for shares in self.shares:
            kept = shares[shares > 0]
            density = np.exp(-(special.ndtri(np.cumsum(kept)[:-1]) ** 2) / 2) / np.sqrt(2 * np.pi)
            found.append((np.diff(density, prepend=0, append=0) ** 2 / kept).sum())
        return np.array(found)


def polychoric(
    items: pd.DataFrame, *, design: Design | None = None, groups: np.ndarray | None = None
) -> Polychoric:
    """Polychoric correlations of every pair of items, weighted.

    Each pair rests on those who answered both. With two categories each they are tetrachoric.

    Parameters
    ----------
    items : (n, k) frame of ratings; every value is a category, in the order of the numbers
    groups : (n,) codes of the groups of rows whose influence is wanted; one group when None
    """
    design = design or Design(len(items))
    coded = [pd.factorize(items[column], sort=True) for column in items.columns]
    numbers = [len(categories) for _, categories in coded]
    codes = np.array(
        [np.where(code < 0, number, code) for (code, _), number in zip(coded, numbers, strict=True)]
    ).reshape(len(numbers), len(items))
    weights, trouble = design.row_weights(), _trouble(items, numbers)
    counts = [
        np.bincount(code, weights, n + 1)[:-1] for code, n in zip(codes, numbers, strict=True)
    ]
    groups = np.zeros(len(items), dtype=int) if groups is None else groups
    size, parts = len(numbers), int(groups.max(initial=0)) + 1
    pairs, matrix, totals = [], np.eye(size), np.zeros((parts, size, size))
    for i, j in [] if trouble else zip(*np.triu_indices(size, k=1), strict=True):
        tall, wide = numbers[i] + 1, numbers[j] + 1
        cells = (groups * tall + codes[i]) * wide + codes[j]
        tables = np.bincount(cells, weights, parts * tall * wide).reshape(parts, -1)
        pair = of_table(tables.sum(axis=0).reshape(tall, wide)[:-1, :-1])
        matrix[i, j] = matrix[j, i] = pair.correlation
        totals[:, i, j] = totals[:, j, i] = tables @ pair.influence.ravel()
        pairs.append(pair)
        if pair.trouble and not trouble:
            trouble = f"{items.columns[i]} and {items.columns[j]} {pair.trouble}"
    smoothed = not trouble and bool(np.linalg.eigvalsh(matrix)[0] < 1e-8)
    return Polychoric(
        matrix=smooth(matrix) if smoothed else matrix,
        pairs=pairs,
        codes=codes,
        shares=[count / max(count.sum(), 1e-300) for count in counts],
        totals=totals,
        design=design,
        smoothed=smoothed,
        trouble=trouble,
    )


def _trouble(items: pd.DataFrame, numbers: list[int]) -> str:
    """What keeps these items from being treated as ordered categories, in words."""
    for column, number in zip(items.columns, numbers, strict=True):
        if number < 2:
            return f"{column} was answered in one way only"
        if number > MOST_CATEGORIES:
            return f"{column} has {number} different answers, more than {MOST_CATEGORIES}"
    return "" if len(numbers) > 1 else "a single item has no correlations"


def of_table(table: np.ndarray) -> Pair:
    """The polychoric correlation of a table of (weighted) counts (a, b).

    An empty cell of a table of two by two counts as half a respondent, as in lavaan, since the
    correlation would be 1 otherwise.
    """
    rows, columns = table.sum(axis=1) > 0, table.sum(axis=0) > 0
    blank = np.zeros(np.add(table.shape, 1))
    kept = table[np.ix_(rows, columns)]
    if min(kept.shape) < 2:
        return Pair(np.nan, blank, "were not answered together in more than one way")
    total = kept.sum()
    if kept.shape == (2, 2) and 0 < (kept == 0).sum() < 2:
        half = 0.5 if kept[0, 0] * kept[1, 1] == 0 else -0.5
        kept = kept + half * np.array([[1.0, -1.0], [-1.0, 1.0]])
    shares = kept / total
    cuts = [special.ndtri(np.cumsum(shares.sum(axis=axis))[:-1]) for axis in (1, 0)]
    value = _root(shares, *cuts)
    if np.isnan(value):
        return Pair(np.nan, blank, "are perfectly associated")
    blank[np.ix_(np.append(rows, False), np.append(columns, False))] = (
        _influence(value, shares, *cuts) / total
    )
    return Pair(value, blank)


def smooth(matrix: np.ndarray) -> np.ndarray:
    """The correlation matrix with its negative eigenvalues raised to just above 0."""
    values, vectors = np.linalg.eigh(matrix)
    values = np.maximum(values, 1e-6)
    raised = (vectors * values) @ vectors.T
    spread = np.sqrt(np.diag(raised))
    return raised / np.outer(spread, spread)


def normal_probability(x: np.ndarray, y: np.ndarray, correlation: float) -> np.ndarray:
    """P(X < x, Y < y) of standard normal X and Y, (a, b) for `x` (a,) and `y` (b,).

    Plackett's integral over the correlation, in its arc sine, by Gauss-Legendre quadrature.
    """
    top = np.arcsin(correlation)
    angles = top / 2 * (NODES + 1)
    sine, cosine = np.sin(angles), np.cos(angles) ** 2
    squares = (x**2)[:, None] + y**2
    exponent = (squares[..., None] - 2 * np.outer(x, y)[..., None] * sine) / (2 * cosine)
    integral = np.exp(-exponent) @ NODE_WEIGHTS * top / 2 / (2 * np.pi)
    return np.outer(special.ndtr(x), special.ndtr(y)) + integral


def _cells(value: float, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probability of each cell (a, b), and its derivative by the correlation."""
    inner = normal_probability(first, second, value)
    corners = np.zeros((len(first) + 2, len(second) + 2))
    corners[1:-1, 1:-1] = inner
    corners[-1, 1:-1], corners[1:-1, -1] = special.ndtr(second), special.ndtr(first)
    corners[-1, -1] = 1.0
    density = np.zeros_like(corners)
    rest = 1 - value**2
    square = (first**2)[:, None] - 2 * value * np.outer(first, second) + second**2
    density[1:-1, 1:-1] = np.exp(-square / (2 * rest)) / (2 * np.pi * np.sqrt(rest))
    probabilities = np.diff(np.diff(corners, axis=0), axis=1)
    return np.maximum(probabilities, 1e-15), np.diff(np.diff(density, axis=0), axis=1)


def _score(value: float, shares: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Derivative of the mean log-likelihood by the correlation."""
    probabilities, slopes = _cells(value, first, second)
    return float((shares * slopes / probabilities).sum())


def _root(shares: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """The correlation at which the likelihood is highest; NaN where that is 1 or -1.

    The score is searched on Fisher's z scale, outwards from 0, because far from the answer it
    vanishes with the densities.
    """
    at_zero = _score(0.0, shares, first, second)
    nearer, most = 0.0, np.arctanh(NEARLY_ONE)
    for step in np.sign(at_zero) * np.arange(0.25, most, 0.25):
        if _score(np.tanh(step), shares, first, second) * at_zero <= 0:
            ends = sorted((np.tanh(nearer), np.tanh(step)))
            return float(brentq(_score, *ends, args=(shares, first, second), xtol=1e-12))
        nearer = step
    return 0.0 if at_zero == 0 else float("nan")


def _influence(
    value: float, shares: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """What one more respondent in each cell (a, b) does to the correlation.

    Its score, less what the thresholds that the respondent moves take away from it, over the
    information (Muthén 1984, *Psychometrika* 49, 115-132).
    """
    probabilities, slopes = _cells(value, first, second)
    ratio = slopes / probabilities
    moved = _by_threshold(ratio, value, first, second, shares.sum(axis=1))
    moved = moved[:, None] + _by_threshold(ratio.T, value, second, first, shares.sum(axis=0))
    return (ratio - moved) / (slopes * ratio).sum()


def _by_threshold(
    ratio: np.ndarray, value: float, own: np.ndarray, other: np.ndarray, shares: np.ndarray
) -> np.ndarray:
    """What an answer in each category of one item does to the score through its thresholds (a,)."""
    edges = np.concatenate([[-np.inf], other, [np.inf]])
    inside = np.diff(special.ndtr((edges - value * own[:, None]) / np.sqrt(1 - value**2)), axis=1)
    density = np.exp(-(own**2) / 2) / np.sqrt(2 * np.pi)
    pull = density * (inside * (ratio[:-1] - ratio[1:])).sum(axis=1)  # cross-information
    categories = np.arange(len(shares))
    below = categories[:, None] <= categories[:-1]
    return (below - np.cumsum(shares)[:-1]) / density @ pull
