"""Intervals of probabilities that were estimated at 0 or 1, where the likelihood has no slope.

The bound is where the profile likelihood (all else free) has fallen by as much as a likelihood
ratio test allows. It takes account of the classes being uncertain themselves, which an interval
for a share of a known number of people does not.
"""

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.em import climb
from crmresearch.archetypes.latent import LatentClasses

_STEPS = 2.0 ** np.arange(-1, 7)  # distances tried, in those of a share of known people
_CYCLES = 25
_MOST = 4_000_000  # numbers in one climb, beyond which edges are taken one by one


def edge_bounds(
    model: LatentClasses, n: np.ndarray, *, level: float, deff: float = 1.0
) -> np.ndarray:
    """How far from its edge each probability at 0 or 1 may lie.

    Parameters
    ----------
    n : (K, J) expected respondents of each class who answered each indicator
    deff : design effect by which the log-likelihood overstates what the data tell

    Returns
    -------
    (K, M) distance from the edge, NaN where the probability is not at one.
    """
    bounds = np.full(model.probs.shape, np.nan)
    edges = np.argwhere(model.at_edge)
    if not len(edges):
        return bounds
    drop = stats.chi2.ppf(level, 1) * deff / 2
    size = model.classes * len(model.posterior) * len(_STEPS)
    together = max(1, _MOST // size)
    with threadpool_limits(1):
        for first in range(0, len(edges), together):
            part = edges[first : first + together]
            item = model.patterns.item[part[:, 1]]
            start = 2 * drop / (n[part[:, 0], item] + 2 * drop)
            distance = np.minimum(start[:, None] * _STEPS, 0.98)
            fall = _fall(model, part, distance)
            for (k, column), far, lost in zip(part, distance, fall, strict=True):
                lost = np.maximum.accumulate(lost)
                bounds[k, column] = np.interp(drop, np.r_[0.0, lost], np.r_[0.0, far])
    return bounds


def _fall(model: LatentClasses, edges: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """(E, D) loss of log-likelihood with each edge's probability moved inwards by `distance`."""
    patterns, count = model.patterns, distance.size
    shares = np.repeat(model.shares[:, None], count, axis=1)
    probs = np.repeat(model.probs[:, None], count, axis=1)
    pin = np.full(probs.shape, np.nan)
    for number, (k, column) in enumerate(edges):
        block = np.flatnonzero(patterns.item == patterns.item[column])
        others = block[block != column]
        at = slice(number * distance.shape[1], (number + 1) * distance.shape[1])
        value = model.probs[k, column]
        moved = np.where(value > 0.5, 1 - distance[number], distance[number])
        spare = model.probs[k, others] + 1e-6
        pin[k, at, column] = moved
        pin[k, at, others[:, None]] = np.outer(spare / spare.sum(), 1 - moved)
    probs = np.where(np.isnan(pin), probs, pin)
    found = climb(patterns, shares, probs, cycles=_CYCLES, tolerance=1e-9, pin=pin)
    return np.maximum(model.loglik - found.loglik, 0.0).reshape(distance.shape)
