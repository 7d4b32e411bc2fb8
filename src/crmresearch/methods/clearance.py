"""How far an interval that is made of others lies from zero, in standard errors.

Of an estimate on a scale of its own this is the value over its standard error. Of one whose
interval is not symmetric, such as a difference of shares, it is how many standard errors the
interval reaches when it touches zero, so that the p of it agrees with the interval.
"""

from collections.abc import Callable

import numpy as np

FAR = 40.0  # standard errors, beyond which no p is told from zero
STEPS, TOUCHING = 60, 1e-12  # that a search for the reach takes at most, and how near it comes

Ends = tuple[np.ndarray, np.ndarray, np.ndarray]  # values with the low and high ends of intervals


def clearance(contrast: Callable[[np.ndarray], Ends], size: int) -> np.ndarray:
    """(size,) How many standard errors the intervals of contrasts reach when they touch zero.

    The statistic whose test agrees with the interval: it is larger than q exactly where the
    interval that reaches q standard errors leaves zero out. On a scale of its own it is the
    difference over its standard error; at most `FAR`. `contrast` gives value, low and high at a
    reach a row.
    """

    def spread(reach: np.ndarray) -> np.ndarray:
        """From the value to the end of its interval on the side of zero."""
        value, from_, to = contrast(reach)
        return np.where(value > 0, value - from_, to - value)

    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        start = np.ones(size)
        size_of = np.abs(contrast(start)[0])
        beyond = spread(np.full(size, FAR)) <= size_of
        found = _solved(spread, size_of, np.minimum(size_of / spread(start), FAR))
    return np.where(beyond, FAR, np.where(size_of > 0, found, 0.0))


def _solved(
    spread: Callable[[np.ndarray], np.ndarray], wanted: np.ndarray, reach: np.ndarray
) -> np.ndarray:
    """Where an increasing `spread` is as `wanted`, by secants of the logarithms within a bracket.

    The spread of an interval is nearly a power of its reach, of which a secant makes a line.
    """
    low, high = np.zeros_like(reach), np.full_like(reach, FAR)
    slope, before, at_before = np.ones_like(reach), None, None
    for _ in range(STEPS):
        at = spread(reach)
        low, high = np.where(at <= wanted, reach, low), np.where(at >= wanted, reach, high)
        if before is not None:
            steep = np.log(at / at_before) / np.log(reach / before)
            slope = np.where((steep > 0.01) & (steep < 100), steep, slope)
        moved = reach * (wanted / at) ** (1 / slope)
        moved = np.where((moved >= low) & (moved <= high), moved, (low + high) / 2)
        if (np.abs(moved - reach) <= TOUCHING * reach).all():
            return moved
        before, at_before, reach = reach, at, moved
    return reach
