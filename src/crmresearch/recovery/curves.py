"""What is drawn of a contrast along a numeric moderator."""

from dataclasses import dataclass

import numpy as np

from crmresearch.methods.moderation import johnson_neyman
from crmresearch.recovery.interaction import Interaction

GRID = 61  # points of a drawn line
FEW_VALUES = 7  # up to which a moderator is read and counted at each of its values
BARS = 12  # at most, of the moderator's distribution below the line
TAIL = 0.05  # of either group beyond the range in which the line is drawn


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn of a contrast along a numeric moderator.

    Parameters
    ----------
    grid : (g,) values of the moderator within the range that both groups share
    value, low, high : (g,) the contrast with its interval at each single value
    low_all, high_all : (g,) the band that holds the whole line at once
    roots : ends of the region in which the contrast is clear of zero, by the single intervals
    centres, width, shares : (b,), one number and (2, b), each group's distribution of the
        moderator; 0 where it has too few customers to be shown
    whole : whether the moderator takes whole numbers only
    """

    grid: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    low_all: np.ndarray
    high_all: np.ndarray
    roots: tuple[float, ...]
    centres: np.ndarray
    width: float
    shares: np.ndarray
    whole: bool


def common_range(values: np.ndarray, member: np.ndarray) -> tuple[float, float]:
    """The range that holds the middle nine tenths of both groups; a line is read no further."""
    ends = [np.quantile(values[member == side], [TAIL, 1 - TAIL]) for side in (0, 1)]
    return float(max(ends[0][0], ends[1][0])), float(min(ends[0][1], ends[1][1]))


def curve_of(
    item: Interaction,
    values: np.ndarray,
    member: np.ndarray,
    ends: tuple[float, float],
    single: float,
    wide: float,
    min_cell: int,
) -> Curve:
    """The line with its bands between `ends`, and where the customers of each group are.

    Parameters
    ----------
    values, member : of the customers in the fit, the moderator and the group
    single, wide : errors to either side of the band at each value, and of that for all at once
    """
    line = item.found.line
    grid = np.linspace(*ends, GRID)
    value, error = line.at(grid)
    number = int(min((member == side).sum() for side in (0, 1))) // (3 * max(min_cell, 1))
    centres, width = _bars(values, ends, min(max(number, 3), BARS))
    edges = np.append(centres - width / 2, centres[-1] + width / 2)
    shares = np.zeros((2, len(centres)))
    for side in (0, 1):
        counts = np.histogram(values[member == side], edges)[0]
        shares[side] = np.where(counts >= min_cell, counts, 0) / max((member == side).sum(), 1)
    return Curve(
        grid,
        value,
        value - single * error,
        value + single * error,
        value - wide * error,
        value + wide * error,
        tuple(root for root in johnson_neyman(line, critical=single) if ends[0] <= root <= ends[1]),
        centres,
        width,
        shares,
        bool((values == np.rint(values)).all()),
    )


def _bars(values: np.ndarray, ends: tuple[float, float], number: int) -> tuple[np.ndarray, float]:
    """Centres and width of the bars of a distribution: one a value where there are few."""
    points = np.unique(values)
    points = points[(points >= ends[0]) & (points <= ends[1])]
    if 1 < len(points) <= FEW_VALUES and np.ptp(np.diff(points)) < 1e-9:
        return points, float(points[1] - points[0])
    edges = np.linspace(*ends, number + 1)
    return (edges[1:] + edges[:-1]) / 2, float(edges[1] - edges[0])
