"""What differs by kind of indicator: densities within classes, and how they are estimated.

The log density of an answer within a class is linear in the columns of `Patterns.onehot`, whatever
the kind of indicator, so that the expectation step is one matrix product. Probabilities (K, S, M)
hold a category's probability in its column, and (1, mean, variance) of a quantity in its three.
Quantities are handled less their mean and in their standard deviation, lest their squares cancel.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import pi

import numpy as np

from crmresearch.archetypes import ordinal
from crmresearch.archetypes.patterns import Patterns

TINY = 1e-300  # keeps the logarithm of an impossible answer finite
FLOOR = 0.01  # least variance within a class, as a share of the variance of all
_FAR = 600.0  # largest logarithm of a probability or variance, so that none is 0 or infinite
_FLOOR_EQUAL = 1e-6  # the same where variances are equal, which nearly keeps them off zero


@dataclass(frozen=True, slots=True)
class _Columns:
    """Columns of the kinds that are not nominal."""

    ordinal: tuple[np.ndarray, ...]  # (items, categories) of indicators with as many categories
    answered: np.ndarray  # first of the three columns of each quantity
    item: np.ndarray  # indicator of each quantity


def columns_of(patterns: Patterns) -> _Columns:
    """Where the ordinal and continuous indicators are."""
    return _columns(patterns.kinds, patterns.sizes)


@lru_cache(maxsize=64)
def _columns(kinds: tuple[str, ...], counts: tuple[int, ...]) -> _Columns:
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(int)
    ordered = [j for j, kind in enumerate(kinds) if kind == "ordinal" and counts[j] > 1]
    item = np.array([j for j, kind in enumerate(kinds) if kind == "continuous"], dtype=int)
    return _Columns(
        tuple(
            starts[[j for j in ordered if counts[j] == size], None] + np.arange(size)
            for size in sorted({counts[j] for j in ordered})
        ),
        starts[item],
        item,
    )


def least_variance(patterns: Patterns) -> np.ndarray:
    """(J,) below which no variance within a class goes; 0 for other indicators than quantities."""
    floor = FLOOR if patterns.spread == "own" else _FLOOR_EQUAL
    return np.where(patterns.of_kind("continuous"), floor * patterns.scale**2, 0.0)


def statistics(patterns: Patterns, which: slice | np.ndarray) -> np.ndarray:
    """(M, B) the sufficient statistics of some patterns, quantities standardised."""
    where = columns_of(patterns)
    block = np.asarray(patterns.onehot[:, which], dtype=float)
    if not len(where.item):
        return block
    block = block.copy()
    centre, scale = patterns.centre[where.item, None], patterns.scale[where.item, None]
    values = (block[where.answered + 1] - centre * block[where.answered]) / scale
    block[where.answered + 1] = values
    block[where.answered + 2] = values**2
    return block


def coefficients(patterns: Patterns, probs: np.ndarray) -> np.ndarray:
    """(..., M) what the columns of `statistics` are multiplied by in the log density."""
    where = columns_of(patterns)
    coef = np.log(np.maximum(probs, TINY))
    if not len(where.item):
        return coef
    scale = patterns.scale[where.item]
    mean, variance = _standardised(patterns, where, probs)
    first = where.answered
    coef[..., first] = -0.5 * (mean**2 / variance + np.log(2 * pi * variance)) - np.log(scale)
    coef[..., first + 1] = mean / variance
    coef[..., first + 2] = -0.5 / variance
    return coef


def coordinates(patterns: Patterns, probs: np.ndarray) -> np.ndarray:
    """(..., M) what may be extrapolated in a straight line; see `from_coordinates`.

    Probabilities of nominal indicators themselves, logarithms of those of ordinal ones (which
    stay in their family that way), and mean and logarithm of the variance of quantities.
    """
    where = columns_of(patterns)
    if not (where.ordinal or len(where.item)):
        return probs
    found = probs.copy()
    for columns in where.ordinal:
        found[..., columns] = np.log(np.maximum(probs[..., columns], ordinal.SMALLEST))
    if len(where.item):
        mean, variance = _standardised(patterns, where, probs)
        found[..., where.answered + 1] = mean
        found[..., where.answered + 2] = np.log(variance)
    return found


def from_coordinates(patterns: Patterns, found: np.ndarray, least: np.ndarray) -> np.ndarray:
    """(K, S, M) probabilities from extrapolated coordinates.

    Parameters
    ----------
    least : (K, S, M) positive: nominal probabilities go no lower, but for their sum being one
    """
    where = columns_of(patterns)
    probs = by_item(patterns, np.maximum(found, least))
    for columns in where.ordinal:
        logs = np.clip(found[..., columns], -_FAR, _FAR)
        probs[..., columns] = np.exp(ordinal.normalised(logs))
    if len(where.item):
        first = where.answered
        centre, scale = patterns.centre[where.item], patterns.scale[where.item]
        floor = least_variance(patterns)[where.item]
        probs[..., first] = 1.0
        probs[..., first + 1] = centre + scale * found[..., first + 1]
        variance = scale**2 * np.exp(np.clip(found[..., first + 2], -_FAR, _FAR))
        probs[..., first + 2] = np.maximum(variance, floor)
    return probs


def _standardised(
    patterns: Patterns, where: _Columns, probs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    centre, scale = patterns.centre[where.item], patterns.scale[where.item]
    mean = (probs[..., where.answered + 1] - centre) / scale
    return mean, probs[..., where.answered + 2] / scale**2


def maximise(patterns: Patterns, expected: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """The maximisation step.

    Parameters
    ----------
    expected : (K, S, M) sums of `statistics` over patterns, expected for each class
    before : (K, S, M) probabilities that the expectation was taken under, None at a start

    Returns
    -------
    (K, S, M) probabilities of a likelihood no lower; the highest but for ordinal indicators, which
    take a few Newton steps.
    """
    where = columns_of(patterns)
    probs = by_item(patterns, expected)
    for columns in where.ordinal:
        counts = expected[..., columns]
        old = None if before is None else before[..., columns]
        probs[..., columns] = ordinal.improve(counts, old)
    if len(where.item):
        _quantities(patterns, where, expected, probs)
    return probs


def by_item(patterns: Patterns, counts: np.ndarray) -> np.ndarray:
    """`counts` (K, S, M) as probabilities that add up to one within each indicator."""
    flat = counts.reshape(-1, counts.shape[-1])
    total = ((flat @ patterns.member) @ patterns.member.T).reshape(counts.shape)
    if (
        total.min(initial=1.0) <= 0
    ):  # no answer of a class to an indicator: any value has the same likelihood
        empty = total <= 0
        counts = counts + empty
        total = np.where(empty, patterns.counts[patterns.item], total)
    return counts / total


def _quantities(
    patterns: Patterns, where: _Columns, expected: np.ndarray, probs: np.ndarray
) -> None:
    """Put the means and variances of the quantities into `probs`."""
    first = where.answered
    centre, scale = patterns.centre[where.item], patterns.scale[where.item]
    n, total, square = (expected[..., first + part] for part in range(3))
    some = np.maximum(n, TINY)
    mean = np.where(n > 0, total / some, 0.0)
    within = np.maximum(square - n * mean**2, 0.0)
    if patterns.spread == "equal":
        within, n = within.sum(axis=0, keepdims=True), n.sum(axis=0, keepdims=True)
    variance = np.where(n > 0, within / np.maximum(n, TINY), 1.0)
    probs[..., first] = 1.0
    probs[..., first + 1] = centre + scale * mean
    least = least_variance(patterns)[where.item]
    probs[..., first + 2] = np.maximum(scale**2 * variance, least)


def free_parameters(patterns: Patterns, classes: int) -> int:
    """Parameters of the indicators given `classes` classes, shares not counted."""
    total = 0
    for kind, count in zip(patterns.kinds, patterns.counts, strict=True):
        if kind == "continuous":
            total += classes + (classes if patterns.spread == "own" else 1)
        elif kind == "ordinal" and count > 1:
            total += count - 1 + classes - 1
        else:
            total += classes * (count - 1)
    return int(total)
