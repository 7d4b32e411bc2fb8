"""The expectation step: how likely each class is given the answers, for many solutions at once.

Arrays are laid out (class, solution, pattern), so that sums over classes run along contiguous
memory and one matrix product serves every solution; patterns and solutions are taken in blocks
that fit the cache. Solutions may be fitted to different weights of the same patterns. Where most of
these are zero, as in samples drawn from a model, each has a table of its own patterns.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from crmresearch.archetypes.folded import FAINT, Folded, fold
from crmresearch.archetypes.folded import step as folded_step
from crmresearch.archetypes.measurement import TINY, coefficients, statistics
from crmresearch.archetypes.patterns import Patterns

_BLOCK = 65_536  # numbers in one working array: half a megabyte
_LEAST = 512  # patterns at once
_KEPT = 4_000_000  # numbers in a table that is kept from step to step: 32 megabytes
_SPARSE = 1.5  # patterns over those with a weight, from which each weighting has its own table


@dataclass(frozen=True, slots=True)
class _Table:
    """(R, G) weights of G patterns, and their (M + 1, G) statistics above a row of ones.

    Without `columns` these are made of `patterns` anew in each step, since they are very many.
    """

    patterns: Patterns
    weights: np.ndarray
    columns: np.ndarray | None

    def blocks(self, width: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Statistics and weights of so many patterns at once, or a few less."""
        size = self.weights.shape[1]
        pieces = -(-size // width)
        if pieces == 1 and self.columns is not None:
            yield self.columns, self.weights
            return
        edges = np.linspace(0, size, pieces + 1).astype(int)
        for first, last in zip(edges, edges[1:], strict=False):
            columns = (
                _with_ones(statistics(self.patterns, slice(first, last)))
                if self.columns is None
                else self.columns[:, first:last]
            )
            yield columns, self.weights[:, first:last]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Patterns, and what they count for each of S solutions.

    Parameters
    ----------
    tables : one of all patterns, or one a weighting of the patterns that have a weight in it
    of : (S,) weighting that each solution is fitted to, ascending
    total : (S,) sum of the weights
    folded : the indicators folded into tables, where that is faster; see `folded`
    """

    patterns: Patterns
    tables: tuple[_Table, ...]
    of: np.ndarray
    total: np.ndarray
    folded: Folded | None

    def take(self, index: np.ndarray) -> "Weighed":
        """The same for some of the solutions."""
        return replace(self, of=self.of[index], total=self.total[index])

    def pieces(self, classes: int) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Some solutions, and statistics and weights of some patterns, that fit the cache."""
        solutions = len(self.of)
        edges = [0, solutions]
        if len(self.tables) > 1:
            edges = np.searchsorted(self.of, np.arange(len(self.tables) + 1)).tolist()
        for table, start, stop in zip(self.tables, edges, edges[1:], strict=False):
            if start == stop:
                continue
            width = max(_LEAST, _BLOCK // (classes * (stop - start)))
            for columns, weights in table.blocks(width):
                together = max(1, _BLOCK // (classes * columns.shape[1]))
                for first in range(start, stop, together):
                    part = slice(first, min(first + together, stop))
                    yield part, columns, weights if len(weights) == 1 else weights[self.of[part]]


def weighed(
    patterns: Patterns,
    solutions: int,
    weight: np.ndarray | None = None,
    of: np.ndarray | None = None,
) -> Weighed:
    """Patterns as `solutions` solutions see them.

    Parameters
    ----------
    weight : (G,) or (R, G) weights of the patterns instead of their own
    of : (S,) row of `weight` that each solution is fitted to, ascending; else one row for each
        solution, or one row for all
    """
    weights = np.atleast_2d(patterns.weight if weight is None else weight)
    if of is None:
        of = np.arange(solutions) if len(weights) > 1 else np.zeros(solutions, dtype=int)
    folded = fold(patterns, solutions)
    sparse = len(weights) > 1 and weights.size > _SPARSE * np.count_nonzero(weights)
    if folded is not None or not sparse:
        kept = (patterns.onehot.shape[0] + 1) * weights.shape[1] <= _KEPT and folded is None
        columns = _with_ones(statistics(patterns, slice(None))) if kept else None
        tables = (_Table(patterns, weights, columns),)
    else:
        tables = tuple(_own_table(patterns, own) for own in weights)
    return Weighed(patterns, tables, of, weights.sum(axis=1)[of], folded)


def _own_table(patterns: Patterns, weight: np.ndarray) -> _Table:
    seen = np.flatnonzero(weight)
    return _Table(patterns, weight[None, seen], _with_ones(statistics(patterns, seen)))


def _with_ones(block: np.ndarray) -> np.ndarray:
    """The statistics above a row of ones, by which the class shares come into the product."""
    return np.concatenate([block, np.ones((1, block.shape[1]))])


def expectation(
    seen: Weighed, shares: np.ndarray, probs: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is expected of each class under S solutions.

    Parameters
    ----------
    shares : (K, S); probs : (K, S, M)

    Returns
    -------
    (S,) log-likelihood, (K, S) weight of each class and (K, S, M) expected statistics.
    """
    coef = coefficients(seen.patterns, probs)
    log_shares = np.log(np.maximum(shares, TINY))
    if seen.folded is not None:
        weights = seen.tables[0].weights
        return folded_step(
            seen.folded, coef, log_shares, weights if len(weights) == 1 else weights[seen.of]
        )
    coef = np.concatenate([coef, log_shares[:, :, None]], axis=2)
    loglik, counts = np.zeros(shares.shape[1]), np.zeros(coef.shape)
    # What is too large is done again by logarithms; a weight of zero times it is no number.
    with np.errstate(over="ignore", invalid="ignore"):
        for part, columns, weight in seen.pieces(len(shares)):
            value, sums = _block(columns, weight, coef[:, part])
            loglik[part] += value
            counts[:, part] += sums
    return loglik, counts[:, :, -1], counts[:, :, :-1]


def _block(
    columns: np.ndarray, weight: np.ndarray, coef: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(S,) log-likelihood and (K, S, M + 1) sums of some solutions over some patterns."""
    flat, shape = coef.reshape(-1, coef.shape[2]), (*coef.shape[:2], -1)
    joint = flat @ columns
    joint = np.exp(joint, out=joint).reshape(shape)
    total = joint.sum(axis=0)
    if total.min() > FAINT and np.isfinite(value := np.vecdot(np.log(total), weight)).all():
        joint *= np.divide(weight, total, out=total)
    else:  # too small or too large for a product of densities
        joint = (flat @ columns).reshape(shape)
        peak = joint.max(axis=0)
        joint = np.exp(joint - peak)
        total = joint.sum(axis=0)
        value = np.vecdot(peak + np.log(total), weight)
        joint *= weight / total
    sums = joint.reshape(len(flat), -1) @ columns.T
    return value, sums.reshape(coef.shape)
