"""Intervals of probabilities at 0 or 1, or too near to them for a standard error to be of use.

The bounds are where the profile likelihood (all else free) has fallen by as much as a likelihood
ratio test allows. They take account of the classes being uncertain themselves, which an interval
for a share of a known number of people does not.
"""

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.em import climb
from crmresearch.archetypes.latent import LatentClasses

_STEPS = 2.0 ** np.arange(-1, 7)  # steps inwards, in those of a share of known people
_CYCLES = 25
_MOST = 4_000_000  # numbers in one climb, beyond which probabilities are taken one by one


def profile_bounds(
    model: LatentClasses, wanted: np.ndarray, n: np.ndarray, *, level: float, deff: float = 1.0
) -> np.ndarray:
    """Profile likelihood intervals of some probabilities that lie near 0 or 1.

    Parameters
    ----------
    wanted : (K, M) True for the probabilities to do; of an indicator with two answers the second,
        whose interval mirrors that of the first
    n : (K, J) expected respondents of each class who answered each indicator
    deff : design effect by which the log-likelihood overstates what the data tell

    Returns
    -------
    (K, M, 2) lower and upper bound, NaN where not wanted.
    """
    bounds = np.full((*model.probs.shape, 2), np.nan)
    cells = np.argwhere(wanted)
    drop = stats.chi2.ppf(level, 1) * deff / 2
    size = model.classes * len(model.posterior) * (len(_STEPS) + 2)
    together = max(1, int(_MOST // size))
    with threadpool_limits(1):
        for first in range(0, len(cells), together):
            part = cells[first : first + together]
            value = model.probs[part[:, 0], part[:, 1]]
            away = np.minimum(value, 1 - value)
            step = 2 * drop / (n[part[:, 0], model.patterns.item[part[:, 1]]] + 2 * drop)
            inwards = np.minimum(away[:, None] + step[:, None] * _STEPS, 0.999)
            outwards = np.column_stack([away / 2, np.full(len(part), 1e-9)])
            distance = np.hstack([outwards, inwards])
            fall = _fall(model, part, distance)
            for row, (k, column) in enumerate(part):
                near = _reached(drop, np.r_[away[row], outwards[row]], fall[row, :2])
                far = _reached(drop, np.r_[away[row], inwards[row]], fall[row, 2:])
                near = 0.0 if near <= 1e-9 else near
                high = value[row] > 0.5
                bounds[k, column] = (1 - far, 1 - near) if high else (near, far)
    return bounds


def _reached(drop: float, distance: np.ndarray, fall: np.ndarray) -> float:
    """Where the likelihood has fallen by `drop`, the last point where it never does."""
    return float(np.interp(drop, np.r_[0.0, np.maximum.accumulate(fall)], distance))


def _fall(model: LatentClasses, cells: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """(E, D) loss of log-likelihood with each probability `distance` away from its edge."""
    patterns, count = model.patterns, distance.size
    shares = np.repeat(model.shares[:, None], count, axis=1)
    probs = np.repeat(model.probs[:, None], count, axis=1)
    pin = np.full(probs.shape, np.nan)
    for number, (k, column) in enumerate(cells):
        others = np.flatnonzero(patterns.item == patterns.item[column])
        others = others[others != column]
        at = slice(number * distance.shape[1], (number + 1) * distance.shape[1])
        moved = distance[number]
        if model.probs[k, column] > 0.5:
            moved = 1 - moved
        spare = model.probs[k, others] + 1e-6
        pin[k, at, column] = moved
        pin[k, at][:, others] = np.outer(1 - moved, spare / spare.sum())
    probs = np.where(np.isnan(pin), probs, pin)
    found = climb(patterns, shares, probs, cycles=_CYCLES, tolerance=1e-9, pin=pin)
    return np.maximum(model.loglik - found.loglik, 0.0).reshape(distance.shape)
