"""Dots on their intervals, in rows: the drawing that most figures are made of."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from crmresearch.report import style
from crmresearch.report.estimates import Estimate


class Dot(NamedTuple):
    """One estimate as it is drawn: at which height, in which colour and shape."""

    item: Estimate
    row: float
    colour: str = style.ACCENT
    shape: str = "o"
    filled: bool = True


def dots(
    ax: Axes, drawn: Iterable[Dot], *, size: float = 6.5, width: float = 2.2, **besides
) -> None:
    """Draw estimates, each on its interval; a dot without an interval is hollow.

    Those that look alike are one line with gaps and one row of dots, which draws the same in a
    fraction of the time. `size` and `width` are points across a dot and an interval; what is given
    besides is of the dots.
    """
    alike: dict[tuple[str, str, bool, bool], list[Dot]] = {}
    for dot in drawn:
        known = dot.item.low == dot.item.low and dot.item.high == dot.item.high
        look = dot.colour, dot.shape, known, dot.filled and known
        alike.setdefault(look, []).append(dot)
    for (colour, shape, known, filled), same in alike.items():
        if known:
            spans(ax, [(x.item.low, x.item.high, x.row) for x in same], color=colour, lw=width)
        places = [(dot.item.value, dot.row) for dot in same]
        points(ax, places, colour, shape, filled, size=size, **besides)


def points(
    ax: Axes,
    places: Iterable[tuple[float, float]],
    colour: str = style.ACCENT,
    shape: str = "o",
    filled: bool = True,
    *,
    size: float = 6.5,
    **besides,
) -> None:
    """Dots alone, at an x and a height each."""
    face = colour if filled else "white"
    ax.plot(*_columns(places, 2), shape, color=colour, ms=size, mfc=face, **besides)


def spans(
    ax: Axes,
    ends: Iterable[tuple[float, float, float]],
    *,
    upright: bool = False,
    lw: float = 2.2,
    alpha: float | None = 0.55,
    **besides,
) -> None:
    """Level lines from a low to a high x at a height each, as one line with gaps.

    `upright` lines run from a low to a high y at an x each.
    """
    low, high, place = _columns(ends, 3)
    along = np.column_stack([low, high, np.full(len(low), np.nan)]).ravel()[:-1]
    at = np.repeat(place, 3)[:-1]
    ax.plot(*((at, along) if upright else (along, at)), lw=lw, alpha=alpha, **besides)


def _columns(rows: Iterable[tuple[float, ...]], number: int) -> np.ndarray:
    return np.array(list(rows), dtype=float).reshape(-1, number).T


def sample(colour: str, shape: str, filled: bool, label: str, *, size: float) -> Line2D:
    """A dot for the key of a figure."""
    face = colour if filled else "white"
    return Line2D([], [], color=colour, marker=shape, mfc=face, ms=size, lw=0, label=label)
