"""Samples drawn from a latent class model, as many respondents and gaps as in the data it is of."""

from dataclasses import replace
from itertools import product

import numpy as np

from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.patterns import Patterns, distinct


def samples(
    model: LatentClasses, number: int, rng: np.random.Generator
) -> tuple[Patterns, np.ndarray]:
    """Answers of `number` samples like that of `model`, were the model true.

    Each sample has as many respondents, who left out the same questions; all count alike.

    Returns
    -------
    The patterns that occur in any of the samples, and (number, G) how often in each.
    """
    patterns = model.patterns
    gaps, kind = np.unique(patterns.answered, axis=0, return_inverse=True)
    people = np.bincount(kind.ravel(), patterns.rows).astype(int)
    codes, values, of, times = [], [], [], []
    for answered, n in zip(gaps, people, strict=True):
        grid = _grid(patterns, answered, n)
        if grid is None:
            code, value = _one_by_one(model, answered, n * number, rng)
            sample, count = np.repeat(np.arange(number), n), np.ones(n * number)
        else:
            code, value, sample, count = _by_pattern(model, grid, n, number, rng)
        codes.append(code)
        values.append(value)
        of.append(sample)
        times.append(count)
    union, row = _union(patterns, np.concatenate(codes), np.concatenate(values))
    size = len(union.codes)
    cell = np.concatenate(of) * size + row
    counts = np.bincount(cell, np.concatenate(times), number * size).reshape(number, size)
    return replace(union, weight=counts.sum(axis=0), rows=counts.sum(axis=0).astype(int)), counts


def _grid(patterns: Patterns, answered: np.ndarray, n: int) -> np.ndarray | None:
    """Every possible answer to the questions answered, where there are fewer than respondents."""
    if (patterns.of_kind("continuous") & answered).any():
        return None
    options = [
        range(count) if there else (-1,)
        for count, there in zip(patterns.counts, answered, strict=True)
    ]
    if np.prod([float(len(option)) for option in options]) > n:
        return None
    return np.array(list(product(*options)), dtype=np.int16)


def _by_pattern(
    model: LatentClasses, grid: np.ndarray, n: int, number: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Counts of every possible pattern at once."""
    chance = np.ones((model.classes, len(grid)))
    for first, column in zip(model.patterns.starts, grid.T, strict=True):
        if column[0] >= 0:
            chance *= model.probs[:, first + column]
    chance = model.shares @ chance
    counts = rng.multinomial(n, chance / chance.sum(), size=number)
    sample, cell = np.nonzero(counts)
    return grid[cell], np.zeros((len(cell), grid.shape[1])), sample, counts[sample, cell]


def _one_by_one(
    model: LatentClasses, answered: np.ndarray, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """(n, J) codes, and (n, J) values of quantities, of respondents drawn each by itself."""
    patterns = model.patterns
    kind = rng.choice(model.classes, size=n, p=model.shares / model.shares.sum())
    codes = np.full((n, len(answered)), -1, dtype=np.int16)
    values = np.zeros((n, len(answered)))
    for j in np.flatnonzero(answered):
        columns = slice(patterns.starts[j], patterns.starts[j] + patterns.counts[j])
        own = model.probs[:, columns]
        if patterns.kinds[j] == "continuous":
            values[:, j] = rng.normal(own[kind, 1], np.sqrt(own[kind, 2]))
            codes[:, j] = 0
        else:
            upto = np.cumsum(own, axis=1)[:, :-1]
            codes[:, j] = (rng.random(n)[:, None] >= upto[kind]).sum(axis=1)
    return codes, values


def _union(
    patterns: Patterns, codes: np.ndarray, values: np.ndarray
) -> tuple[Patterns, np.ndarray]:
    """The distinct rows as patterns with the same columns, and where each row went."""
    quantity = patterns.of_kind("continuous")
    if quantity.any():
        key = np.column_stack([codes, values[:, quantity]])
        _, first, row = np.unique(key, axis=0, return_index=True, return_inverse=True)
        codes, values, row = codes[first], values[first], row.ravel()
    else:
        codes, row = distinct(codes, patterns.sizes)
    onehot = np.zeros((len(patterns.item), len(codes)))
    for j, start in enumerate(patterns.starts):
        here = codes[:, j] >= 0
        if quantity[j]:
            onehot[start : start + 3, here] = values[here, j] ** np.arange(3)[:, None]
        else:
            onehot[start + codes[here, j], np.flatnonzero(here)] = 1.0
    return replace(patterns, codes=codes, onehot=onehot), row
