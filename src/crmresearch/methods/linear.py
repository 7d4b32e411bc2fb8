"""Weighted linear regression on a sampling design, and intervals for many coefficients at once.

Rows pass in blocks and are never held as a whole, so that a million answers to sixty terms need
no more room than a thousand. `regression` is for smaller studies without weights or strata.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods.moments import MOST_UNITS, summed, units
from crmresearch.methods.weighting import Design

CELLS = 8_000_000  # of a table that is held at once
ROWS = 5_000  # of a block
ALIASED = 1e-9  # eigenvalue of the terms' correlations below which some repeat others
DRAWS = 20_000  # of the distribution of the largest of several t values


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """Coefficients (t,) with their covariance (t, t), degrees of freedom and rows used.

    A term that others repeat has a coefficient of NaN.
    """

    values: np.ndarray
    covariance: np.ndarray
    df: float
    n: int
    words: str


def regress(
    terms: Callable[[np.ndarray], np.ndarray],
    outcome: np.ndarray,
    rows: np.ndarray,
    *,
    models: list[list[int]],
    design: Design,
    rng: np.random.Generator,
) -> list[Coefficients]:
    """Several regressions of one outcome by weighted least squares, with linearised errors.

    Parameters
    ----------
    terms : gives the columns (m, t), a constant among them, of some rows by their positions (m,)
    outcome : (n,) float
    rows : positions of the rows to use; outcome and terms are known there
    models : the columns of each regression
    rng : forms the random groups that errors are taken between where rows are very many

    Returns
    -------
    Errors are linearised (a sandwich) between rows or clusters within strata, times (n - 1) /
    (n - t) for the terms fitted: R's ``svyglm`` times that factor, or ``vcovCL(type = "HC1")``.
    """
    chosen = np.zeros(design.n, dtype=bool)
    chosen[rows] = True
    size = terms(rows[:1]).shape[1]
    most = int(np.clip(CELLS // size**2, 500, MOST_UNITS))
    codes, unit, strata = units(design, chosen, rng, most=most)
    weights = design.row_weights()[rows]
    sums = _in_blocks if codes is not None and len(rows) * size > CELLS else _held
    square, product, scores_of = sums(terms, outcome[rows], rows, weights, codes)
    words = f"{design.words}, linearised between {unit}"
    found = []
    for one in models:
        solved = _solved(square[np.ix_(one, one)], product[one])
        rule = np.zeros(size)
        rule[one] = solved[0]
        scores = scores_of(rule)[:, one]
        of = np.zeros(len(scores), dtype=int) if strata is None else strata
        found.append(_coefficients(solved, scores, of, len(rows), words))
    return found


def _held(terms, outcome, rows, weights, codes) -> tuple[np.ndarray, np.ndarray, Callable]:
    """Cross-products of all terms, and what gives each unit's scores for some coefficients."""
    part = terms(rows)
    weighted = part * weights[:, None]

    def scores(rule: np.ndarray) -> np.ndarray:
        each = weighted * (outcome - part @ rule)[:, None]
        return each if codes is None else summed(each, codes)

    return weighted.T @ part, weighted.T @ outcome, scores


def _in_blocks(terms, outcome, rows, weights, codes) -> tuple[np.ndarray, np.ndarray, Callable]:
    """As `_held` by the cross-products of each unit, so that rows are read once and not kept."""
    order = np.argsort(codes, kind="stable")
    number, size = int(codes.max()) + 1, terms(rows[:1]).shape[1]
    squares, products = np.zeros((number, size, size)), np.zeros((number, size))
    for start in range(0, len(order), ROWS):
        at = order[start : start + ROWS]
        part = terms(rows[at])
        weighted = part * weights[at][:, None]
        values, of = outcome[at], codes[at]
        edges = np.flatnonzero(np.diff(of, prepend=-1, append=-1))
        for low, high in zip(edges[:-1], edges[1:], strict=True):
            squares[of[low]] += weighted[low:high].T @ part[low:high]
            products[of[low]] += weighted[low:high].T @ values[low:high]
    return squares.sum(axis=0), products.sum(axis=0), lambda rule: products - squares @ rule


def _solved(square: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients, inverse, and which terms can be told apart from the others."""
    lengths = np.sqrt(np.diag(square))
    lengths = np.where(lengths > 0, lengths, 1.0)
    values, vectors = np.linalg.eigh(square / np.outer(lengths, lengths))
    lost = values < ALIASED
    told = (vectors[:, lost] ** 2).sum(axis=1) < 1e-6
    inverse = (vectors * np.where(lost, 0.0, 1 / np.where(lost, 1.0, values))) @ vectors.T
    inverse = inverse / np.outer(lengths, lengths)
    return inverse @ product, inverse, told


def _coefficients(
    solved: tuple[np.ndarray, np.ndarray, np.ndarray],
    scores: np.ndarray,
    strata: np.ndarray,
    n: int,
    words: str,
) -> Coefficients:
    values, inverse, told = solved
    sizes = np.bincount(strata)
    size = int(np.linalg.matrix_rank(inverse, hermitian=True))
    df = float(len(scores) - (sizes > 0).sum() - (size - 1))
    means = np.zeros((len(sizes), scores.shape[1]))
    np.add.at(means, strata, scores)
    means /= np.maximum(sizes, 1)[:, None]
    means[sizes == 1] = scores.mean(axis=0)
    factors = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    apart = (scores - means[strata]) * np.sqrt(factors[strata])[:, None]
    covariance = inverse @ (apart.T @ apart) @ inverse * ((n - 1) / max(n - size, 1))
    if df < 1 or n <= size:
        covariance = np.full_like(covariance, np.nan)
    return Coefficients(np.where(told, values, np.nan), covariance, df, n, words)


def at_once(
    values: np.ndarray, covariance: np.ndarray, df: float, *, level: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Intervals and p values of several estimates that hold for all of them together (max-t).

    Parameters
    ----------
    values, covariance : (m,) and (m, m), of estimates that are about normal; NaN ones are left out
    df : of the t distribution

    Returns
    -------
    low, high and adjusted p (m,). The distribution of the largest of the t values is simulated
    with 20,000 draws, which leaves the critical value uncertain by about 0.01. The p values are at
    least 1 / 20,001.
    """
    error = np.sqrt(np.diag(covariance))
    known = np.isfinite(values) & np.isfinite(error) & (error > 0)
    low, high, p = (np.full(len(values), np.nan) for _ in range(3))
    if known.any() and df >= 1:
        scale = error[known]
        together = covariance[np.ix_(known, known)] / np.outer(scale, scale)
        roots, vectors = np.linalg.eigh(together)
        draws = rng.standard_normal((DRAWS, len(scale))) @ (vectors * np.sqrt(roots.clip(0))).T
        largest = np.maximum(draws.max(axis=1), -draws.min(axis=1))
        largest = np.sort(largest / np.sqrt(rng.chisquare(df, DRAWS) / df))
        one = stats.t.ppf(0.5 + level / 2, df)
        reach = max(float(np.quantile(largest, level)), one if len(scale) > 1 else 0.0)
        reach = one if len(scale) == 1 else reach
        ratio = np.abs(values[known]) / scale
        low[known], high[known] = values[known] - reach * scale, values[known] + reach * scale
        beyond = DRAWS - np.searchsorted(largest, ratio)
        p[known] = (beyond + 1) / (DRAWS + 1)
    return low, high, p
