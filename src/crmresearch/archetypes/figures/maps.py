"""The map of groups and types: points with regions, and arrows."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.archetypes.figures.layout import short
from crmresearch.archetypes.maps import TypeMap
from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_number

NAMED = 12  # groups of which all get their name and region
EACH = 2  # otherwise the furthest in each of so many directions
DIRECTIONS = 8
ROWS = 30  # groups on a single axis, the furthest from the centre
_SIZE, _LETTER = 9.0, 0.6  # points of a label, and the width of a letter in its size
_BOX = (0.13, 0.12, 0.84, 0.85)  # of the figure: fixed, so that room for labels is known


def places(estimates: list[Estimate], figure: Figure, *, found: TypeMap) -> str:
    """Two axes as a map, a single one as a strip."""
    if found.dimensions == 1:
        return _strip(estimates, figure, found)
    figure.set_layout_engine("none")
    figure.set_size_inches(style.WIDTH, style.WIDTH)
    ax = figure.add_axes(_BOX)
    named = _named(found)
    colour = style.ACCENT if found.clear else style.GREY
    at = found.axes.places[:, :2]
    crowded = len(at) > NAMED
    ends = _arrow_ends(found, named)
    _frame(ax, np.vstack([at, ends, *(found.outlines[g] for g in named)]), found)
    taken = _Labels(ax, figure, at)
    for k, end in enumerate(ends):
        ax.annotate("", end, (0, 0), arrowprops={"arrowstyle": "->", "color": style.POOR})
        taken.write(end, short(found.labels[k], 22), style.POOR, always=True)
    for g in named:
        outline = found.outlines[g]
        if not crowded:
            ax.fill(*outline.T, color=colour, alpha=0.1, lw=0)
        ax.plot(*outline.T, color=colour, lw=0.9, alpha=0.7)
    ax.plot(*at.T, "o", color=colour, ms=3.5 if crowded else 6, ls="none")
    for g in named:
        taken.write(at[g], short(found.table.names[g], 22), style.INK, always=not crowded)
    rest = len(at) - len(named)
    less = f" {count(rest, 'group')} nearer the centre have no name or region." if rest else ""
    return f"{_reading(found)}{less}"


def _reading(found: TypeMap) -> str:
    shown = format_number(float(found.axes.shown[:2].sum()), "share")
    return (
        f"Points are groups, with the region that holds their true place; arrows are types, drawn "
        f"longer by one factor. A group has more than average of the types it lies towards. Both "
        f"axes show {shown} of how much the mixes differ (the inertia)."
    )


def _strip(estimates: list[Estimate], figure: Figure, found: TypeMap) -> str:
    kept = {f"{found.role}: {found.table.names[g]}" for g in _furthest(found, ROWS)}
    items = [x for x in estimates if x.key.endswith(".place.1") and x.group in kept]
    ax = plots.intervals(sorted(items, key=lambda x: x.value), figure, reference=0, label="axis 1")
    arrow = found.axes.arrows[:, 0]
    left, right = (short(found.labels[int(at)], 22) for at in (arrow.argmin(), arrow.argmax()))
    ax.set_title(f"← more of {left}    more of {right} →", fontsize=9, color=style.POOR)
    rest = len(found.table.names) - len(items)
    less = f" The {count(rest, 'group')} nearer the centre are not drawn." if rest else ""
    return f"All that differs lies on one axis. {plots.extremes(items)}{less}"


def _named(found: TypeMap) -> list[int]:
    """All groups where they are few, else the furthest from the centre in every direction."""
    order = _furthest(found, len(found.table.names))
    if len(order) <= NAMED:
        return order
    at = found.axes.places[:, :2]
    towards = np.floor(np.arctan2(at[:, 1], at[:, 0]) / (2 * np.pi) * DIRECTIONS).astype(int)
    return [g for g in order if sum(towards[order[: order.index(g)]] == towards[g]) < EACH]


def _furthest(found: TypeMap, number: int) -> list[int]:
    away = (found.axes.places[:, :2] ** 2).sum(axis=1)
    return [int(g) for g in np.argsort(-away, kind="stable")[:number]]


def _arrow_ends(found: TypeMap, named: list[int]) -> np.ndarray:
    """(K, 2) ends of the arrows, lengthened alike until the longest reaches as far as groups."""
    arrows = found.axes.arrows[:, :2]
    reach = max(np.nanmax(np.abs(found.outlines[g]), initial=0.0) for g in named)
    reach = max(reach, float(np.abs(found.axes.places[:, :2]).max()))
    return arrows * 0.95 * reach / np.sqrt((arrows**2).sum(axis=1)).max()


def _frame(ax: Axes, points: np.ndarray, found: TypeMap) -> None:
    """One scale on both axes, the centre of all groups marked, room at the sides for labels."""
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    middle, half = (low + high) / 2, float((high - low).max()) / 2 * 1.16
    ax.set_xlim(middle[0] - half, middle[0] + half)
    ax.set_ylim(middle[1] - half * _BOX[3] / _BOX[2], middle[1] + half * _BOX[3] / _BOX[2])
    ax.axhline(0, color=style.PALE, lw=0.8, zorder=0.5)
    ax.axvline(0, color=style.PALE, lw=0.8, zorder=0.5)
    for axis, name, share in zip(
        (ax.xaxis, ax.yaxis), ("Axis 1", "Axis 2"), found.axes.shown[:2], strict=True
    ):
        axis.set_label_text(f"{name} ({format_number(float(share), 'share')})")
        axis.set_major_locator(plots.MaxNLocator(5, steps=[1, 2, 5, 10]))


class _Labels:
    """Writes labels where none stands yet."""

    def __init__(self, ax: Axes, figure: Figure, dots: np.ndarray) -> None:
        self.ax, self.taken, self.dots = ax, [], dots
        size = figure.get_size_inches() * np.array(_BOX[2:]) * 72
        limits = np.array([ax.get_xlim(), ax.get_ylim()])
        self.points = size / (limits[:, 1] - limits[:, 0])  # of type, for a unit of the data
        self.low, self.high = limits.T

    def write(self, at: np.ndarray, text: str, colour: str, *, always: bool) -> None:
        """Beside `at`, outwards first; where every place is taken only if `always`."""
        size = np.array([_LETTER * _SIZE * len(text), 1.25 * _SIZE]) / self.points
        gap = 5 / self.points
        sides = [(x, y) for x in (1, -1, 0) for y in (1, -1, 0) if (x, y) != (0, 0)]
        outward = at / (np.abs(at).max() or 1.0)
        sides.sort(key=lambda side: -float(np.dot(side, outward)))
        places = [at + np.array(side) * (size / 2 + gap) for side in sides]
        free = [place for place in places if self._is_free(place, size)]
        if not free and not always:
            return
        place = min(free or places, key=lambda one: self._dots_in(one, size))
        self.taken.append((place, size))
        self.ax.text(*place, text, ha="center", va="center", fontsize=_SIZE, color=colour)

    def _is_free(self, place: np.ndarray, size: np.ndarray) -> bool:
        inside = (place - size / 2 >= self.low).all() and (place + size / 2 <= self.high).all()
        return bool(inside) and not any(
            (np.abs(place - other) < (size + room) / 2).all() for other, room in self.taken
        )

    def _dots_in(self, place: np.ndarray, size: np.ndarray) -> int:
        return int((np.abs(self.dots - place) < size / 2).all(axis=1).sum())
