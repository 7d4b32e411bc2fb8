"""Where a climb starts: around the answers of all, or from a solution with one class split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmresearch.archetypes.em import expected
from crmresearch.archetypes.measurement import by_item, columns_of, maximise
from crmresearch.archetypes.ordinal import normalised
from crmresearch.archetypes.patterns import Patterns

if TYPE_CHECKING:
    from crmresearch.archetypes.latent import LatentClasses


def marginals(patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """Share (1, 1) and probabilities (1, 1, M) of a single class."""
    mass = expected(patterns)[None, None]
    return np.ones((1, 1)), maximise(patterns, mass, None)


def random_starts(
    patterns: Patterns, classes: int, starts: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Random class shares (K, S) and probabilities (K, S, M) around the marginal ones."""
    shares = rng.dirichlet(np.full(classes, 3.0), size=starts).T
    marginal = marginals(patterns)[1][0, 0]
    raw = rng.standard_gamma(1.0, size=(classes, starts, len(marginal)))
    where = columns_of(patterns)
    raw *= np.sqrt(np.maximum(marginal, 0.0) + 0.02)
    probs = by_item(patterns, raw)
    for columns in where.ordinal:  # tilted towards lower or upper answers
        centred = np.arange(columns.shape[1]) - (columns.shape[1] - 1) / 2
        tilt = rng.standard_normal((classes, starts, len(columns), 1)) * 3 / columns.shape[1]
        probs[..., columns] = np.exp(normalised(np.log(marginal[columns] + 1e-9) + tilt * centred))
    if len(where.item):  # answers of respondents drawn at random
        drawn = rng.choice(
            len(patterns.codes), (classes, starts), p=patterns.weight / patterns.total
        )
        first = where.answered
        answered, value = (
            np.moveaxis(patterns.onehot[first + part][:, drawn], 0, -1) for part in (0, 1)
        )
        probs[..., first] = 1.0
        probs[..., first + 1] = np.where(answered > 0, value, patterns.centre[where.item])
        probs[..., first + 2] = patterns.scale[where.item] ** 2 / 2
    return shares, probs


def with_splits(
    near: LatentClasses, shares: np.ndarray, probs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Put one more start in for each class of `near`, split in two that differ a little."""
    patterns = near.patterns
    where = columns_of(patterns)
    tilt = np.where(np.arange(near.probs.shape[1]) % 2, 0.8, 1.25)
    for columns in where.ordinal:
        tilt[columns] = 1.25 ** np.arange(columns.shape[1])
    shift = np.zeros(len(tilt))
    tilt[where.answered[:, None] + np.arange(3)] = 1.0
    for split in range(near.classes):
        shift[where.answered + 1] = np.sqrt(near.probs[split, where.answered + 2]) / 2
        part = np.append(near.shares, near.shares[split] / 2)
        part[split] /= 2
        rows = np.vstack([near.probs, near.probs[split] / tilt - shift])
        rows[split] = rows[split] * tilt + shift
        own = by_item(patterns, rows[:, None])
        quantities = np.repeat(patterns.of_kind("continuous"), patterns.counts)
        own = np.where(quantities, rows[:, None], own)
        shares = np.concatenate([shares, part[:, None]], axis=1)
        probs = np.concatenate([probs, own], axis=1)
    return shares, probs
