"""Refitting to many reweightings of the same answers at once: resamples, folds, simulated samples.

A resample of respondents is nothing but other weights of the same patterns, so that hundreds of
refits climb together and cost little more than one.
"""

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.em import Solutions, climb
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.patterns import Patterns
from crmresearch.archetypes.starts import random_starts
from crmresearch.methods.weighting import Design

Heats = tuple[tuple[int, float, int], ...]  # cycles, tolerance, and how many starts go on to it
_HEATS: Heats = ((10, 1e-8, 1000), (40, 1e-9, 2), (400, 1e-10, 1))
_CELLS = 8_000_000  # weights held at once: starts times patterns


def refit(
    patterns: Patterns,
    weights: np.ndarray,
    shares: np.ndarray,
    probs: np.ndarray,
    *,
    heats: Heats = _HEATS,
) -> Solutions:
    """The best solution for each of R weightings of the patterns.

    Parameters
    ----------
    weights : (R, G), not negative
    shares, probs : (K, R, S) and (K, R, S, M), S starts for each weighting
    heats : the starts climb in heats, and only the best of each weighting go on to the next

    Returns
    -------
    R solutions; `converged` is False where the last heat ended while still climbing.
    """
    many, starts = shares.shape[1:]
    together = max(1, _CELLS // (starts * weights.shape[1]))
    with threadpool_limits(1):
        parts = [
            _refit(
                patterns,
                weights[first : first + together],
                shares[:, first : first + together],
                probs[:, first : first + together],
                heats,
            )
            for first in range(0, many, together)
        ]
    return joined(parts)


def _refit(
    patterns: Patterns, weights: np.ndarray, shares: np.ndarray, probs: np.ndarray, heats: Heats
) -> Solutions:
    many = shares.shape[1]
    found = side_by_side(shares, probs)
    for cycles, tolerance, kept in heats:
        found, kept = best_of(found, many, kept)
        found = climb(
            patterns,
            found.shares,
            found.probs,
            cycles=cycles,
            tolerance=tolerance,
            weight=weights,
            of=np.repeat(np.arange(many), kept),
        )
    return best_of(found, many, 1)[0]


def side_by_side(shares: np.ndarray, probs: np.ndarray) -> Solutions:
    """Starts (K, R, S) and (K, R, S, M) of R weightings as R times S solutions, not yet climbed."""
    classes, many, starts, size = probs.shape
    return Solutions(
        shares.reshape(classes, -1),
        probs.reshape(classes, -1, size),
        np.full(many * starts, -np.inf),
        np.zeros(many * starts, dtype=bool),
    )


def best_of(found: Solutions, many: int, kept: int) -> tuple[Solutions, int]:
    """The best `kept` solutions of each of `many` weightings, and how many those are."""
    loglik = found.loglik.reshape(many, -1)
    kept = min(kept, loglik.shape[1])
    best = np.argsort(-loglik, axis=1, kind="stable")[:, :kept]
    rows = best + np.arange(many)[:, None] * loglik.shape[1]
    return found.take(rows.ravel()), kept


def joined(parts: list[Solutions]) -> Solutions:
    """Solutions of several groups of weightings as one."""
    return Solutions(
        np.concatenate([part.shares for part in parts], axis=1),
        np.concatenate([part.probs for part in parts], axis=1),
        np.concatenate([part.loglik for part in parts]),
        np.concatenate([part.converged for part in parts]),
    )


def starts_near(
    model: LatentClasses, many: int, random: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """For each of `many` weightings the model itself and so many random starts beside it."""
    classes, size = model.probs.shape
    shares, probs = random_starts(model.patterns, classes, many * random, rng)
    own = np.broadcast_to(model.shares[:, None, None], (classes, many, 1))
    said = np.broadcast_to(model.probs[:, None, None], (classes, many, 1, size))
    return (
        np.concatenate([own, shares.reshape(classes, many, random)], axis=2),
        np.concatenate([said, probs.reshape(classes, many, random, size)], axis=2),
    )


def resampled(
    patterns: Patterns, design: Design, resamples: int, rng: np.random.Generator
) -> np.ndarray:
    """(R, G) weights of the patterns in resamples of the respondents, or of their clusters.

    The Bayesian bootstrap (Rubin 1981, Annals of Statistics 9:130-134): each respondent, or each
    cluster as a whole, counts by a draw from the exponential distribution. Drawn a pattern at a
    time from the gamma distribution with the mean and variance of its rows' sum, which is that sum
    exactly where all weigh alike. No pattern is lost altogether, and strata are not used.
    """
    if design.clusters is None:
        shape = patterns.weight**2 / patterns.square
        scale = patterns.square / patterns.weight
        return rng.standard_gamma(shape, size=(resamples, len(shape))) * scale
    used = patterns.row >= 0
    held = sparse.csr_array(
        (patterns.row_weight[used], (design.clusters[used], patterns.row[used])),
        shape=(int(design.clusters.max()) + 1, len(patterns.weight)),
    )
    clusters = held.shape[0]
    together = max(1, _CELLS // clusters)
    return np.concatenate(
        [
            rng.standard_exponential((min(together, resamples - first), clusters)) @ held
            for first in range(0, resamples, together)
        ]
    )
