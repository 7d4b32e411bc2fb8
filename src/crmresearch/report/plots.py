"""The drawing that every study shares: dots with intervals (see `bars` for answers)."""

import itertools
import textwrap
from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from crmresearch.report import style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import MINUS, UNITS, format_interval, format_level, format_number
from crmresearch.report.tables import clean

LABEL = 66  # characters of a row label, which leaves it three lines with its n
_ACROSS = 60  # characters of an axis's name that fit between the figure's edge and the values


def row_height(rows: int, *, per_row: float = 0.34, frame: float = 0.95) -> float:
    """Inches for a figure with this many labelled rows."""
    return frame + per_row * max(rows, 2)


def intervals(
    estimates: list[Estimate],
    figure: Figure,
    *,
    reference: float | None = None,
    zone: float | None = None,
    label: str = "",
) -> Axes:
    """One dot with its interval a row, n in the label, first estimate on top.

    `reference` draws a thin line; `zone` shades ± that much around zero, the zone of no interest.
    Estimates without a value are left out; those without an interval are drawn hollow.
    """
    items = [item for item in estimates if item.value == item.value]
    names = row_names(items)
    figure.set_size_inches(style.WIDTH, row_height(len(items), per_row=per_row(names)))
    ax = figure.subplots()
    if zone:
        ax.axvspan(-zone, zone, color=style.ZONE, lw=0)
    if reference is not None:
        ax.axvline(reference, color=style.GREY, lw=0.8)
    dots(ax, [Dot(item, row) for row, item in enumerate(items)])
    name_rows(ax, list(range(len(items))), names)
    ax.set_ylim(len(items) - 0.4, -0.6)
    unit_axis(ax, items, label)
    return ax


def row_names(items: list[Estimate]) -> list[str]:
    """The rows' labels with their n, which stays unbroken."""
    return [
        with_n(item.group.partition(": ")[2] or item.group or item.name, item.n) for item in items
    ]


def with_n(name: str, n: int) -> str:
    """A row label that ends with the number of respondents."""
    return wrapped(f"{cut(name)}  (n\u00a0=\u00a0{n:,})")


def per_row(names: list[str]) -> float:
    """Inches a row needs where the longest label has this many lines."""
    lines = max((name.count("\n") for name in names), default=0)
    return (0.34, 0.43, 0.58, 0.75)[min(lines, 3)]


def wrapped(text: str, width: int = 30) -> str:
    """A label broken into lines; by itself one of a row, which leaves a phone its drawing."""
    return "\n".join(textwrap.wrap(text, width)) or text


def cut(text: str, limit: int = LABEL) -> str:
    """A label from the data, cleaned and short enough to leave the figure its room."""
    kept = clean(text)
    return kept if len(kept) <= limit else f"{kept[: limit - 1]}…"


def groups(estimates: list[Estimate], figure: Figure, *, label: str = "") -> Axes:
    """All respondents first, then each grouping under its own heading, values at the right.

    The line and band are the first estimate (of all) with its interval, against which the groups
    are read; other estimates without a group are drawn grey.
    """
    items = [item for item in estimates if item.value == item.value]
    overall = next((item for item in items if not item.group), None)
    rows = []
    for item in items:
        heading, _, name = item.group.partition(": ")
        if not item.group:
            name = "All" if item is overall else "All, unweighted"
        rows.append((heading, with_n(name, item.n), item))
    ax = headed(rows, figure, label=label, quiet=() if overall is None else _besides(items))
    if overall is not None:
        ax.axvline(overall.value, color=style.GREY, lw=0.8, zorder=0.6)
        if overall.low == overall.low:
            ax.axvspan(overall.low, overall.high, color=style.ZONE, lw=0, zorder=0.5)
    return ax


def headed(
    rows: list[tuple[str, str, Estimate]],
    figure: Figure,
    *,
    label: str = "",
    quiet: tuple[Estimate, ...] = (),
) -> Axes:
    """Dots with intervals under headings, values at the right.

    `rows` are (heading, label, estimate); consecutive rows of one heading stand together and an
    empty heading is not written. Estimates in `quiet` are drawn grey.
    """
    places, headings, last = [], [], ""
    for heading, _, _ in rows:
        if heading != last and heading:
            headings.append((len(places) + len(headings), heading))
        last = heading
        places.append(len(places) + len(headings))
    names = [name for _, name, _ in rows]
    total = len(rows) + len(headings)
    spacing = 0.3 if per_row(names) < 0.4 else per_row(names)
    figure.set_size_inches(style.WIDTH, row_height(total, per_row=spacing))
    ax = figure.subplots()
    dots(
        ax,
        [
            Dot(item, place, style.GREY if item in quiet else style.ACCENT)
            for place, (_, _, item) in zip(places, rows, strict=True)
        ],
    )
    for place, (_, _, item) in zip(places, rows, strict=True):
        _beside(ax, 1.015, place, format_number(item.value, item.unit), "left", style.INK)
    for place, heading in headings:
        _beside(ax, -0.015, place + 0.1, cut(heading, 40), "right", style.GREY, weight="bold")
    name_rows(ax, places, names)
    ax.set_ylim(total - 0.4, -0.6)
    unit_axis(ax, [item for _, _, item in rows], label)
    return ax


def _besides(items: list[Estimate]) -> tuple[Estimate, ...]:
    return tuple(item for item in items if not item.group)[1:]


def _beside(
    ax: Axes, x: float, row: float, text: str, side: str, colour: str, weight: str = "normal"
) -> None:
    ax.annotate(
        text,
        (x, row),
        xycoords=("axes fraction", "data"),
        ha=side,
        va="center",
        fontsize=9.5,
        color=colour,
        fontweight=weight,
    )


def panels(
    estimates: list[Estimate],
    figure: Figure,
    *,
    bands: dict[str, float] | None = None,
    label: str = "change",
) -> list[Axes]:
    """One panel a unit, since points and scale points share no axis; a line at zero in each.

    `bands` maps a key to half the width of a pale band around zero behind that estimate's row,
    such as the smallest change that could have been found. `label` is what a signed unit measures.
    """
    items = [item for item in estimates if item.value == item.value]
    units = list(dict.fromkeys(item.unit for item in items))
    sizes = [sum(item.unit == unit for item in items) for unit in units]
    heights = [size + 1.6 for size in sizes]
    spacing = max(0.36, per_row(row_names(items)))
    figure.set_size_inches(style.WIDTH, 0.4 + spacing * sum(heights))
    axes = figure.subplots(len(units), 1, height_ratios=heights, squeeze=False)[:, 0]
    for ax, unit in zip(axes, units, strict=True):
        chosen = [item for item in items if item.unit == unit]
        for row, item in enumerate(chosen):
            reach = (bands or {}).get(item.key, float("nan"))
            if reach == reach:
                ax.barh(row, 2 * reach, left=-reach, height=0.74, color=style.ZONE)
        dots(ax, [Dot(item, row) for row, item in enumerate(chosen)])
        ax.axvline(0, color=style.GREY, lw=0.8)
        name_rows(ax, list(range(len(chosen))), row_names(chosen))
        ax.set_ylim(len(chosen) - 0.4, -0.6)
        unit_axis(ax, chosen, label if "difference" in unit else "")
    return list(axes)


def name_rows(ax: Axes, rows: list[int], names: list[str]) -> None:
    """Label rows at the left, without ticks or a line."""
    ax.set_yticks(rows, labels=names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def unit_axis(ax: Axes, items: list[Estimate], label: str = "") -> None:
    """Name the x axis in words with its unit and confidence level, and write its numbers so."""
    if not items:
        ax.set_xticks([])
        return
    unit = items[0].unit
    word = UNITS[unit].word
    shared = len({item.name for item in items}) == 1
    name = label or (items[0].name if shared else "")
    text = f"{', '.join(x for x in (name, word) if x)} ({format_level(items[0].level)} CI)".strip()
    ax.set_xlabel(wrapped(text, _ACROSS))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(UnitTicks(unit))


class UnitTicks(Formatter):
    """Ticks in a unit, with the decimals that tell each from the next, and no more."""

    def __init__(self, unit: str) -> None:
        self._unit = UNITS[unit]
        self._decimals = 0

    def set_locs(self, locs: Iterable[float]) -> None:
        """Learn from all ticks how many decimals each needs."""
        super().set_locs(locs)
        ticks = [place * self._unit.factor for place in locs]
        step = min((b - a for a, b in itertools.pairwise(ticks)), default=1.0)
        self._decimals = next((d for d in range(6) if abs(round(step, d) - step) < 1e-6 * step), 6)

    def __call__(self, x: float, pos: int | None = None) -> str:
        """One tick's text."""
        number = x * self._unit.factor
        text = f"{abs(number):,.{self._decimals}f}"
        if not text.strip("0.,"):
            return f"0{self._unit.suffix}"
        sign = MINUS if number < 0 else "+" if self._unit.signed else ""
        return f"{sign}{text}{self._unit.suffix}"


def tick_label(ax: Axes, tick: float, unit: str) -> str:
    """The text of one tick among those of an x axis."""
    ticks = UnitTicks(unit)
    ticks.set_locs(ax.get_xticks())
    return ticks(tick)


def extremes(estimates: list[Estimate]) -> str:
    """A caption's sentence on the lowest and highest of several estimates."""
    items = sorted((x for x in estimates if x.value == x.value), key=lambda item: item.value)
    if not items:
        return "No group is large enough to show."
    texts = [
        f"{item.group.partition(': ')[2] or item.group or item.name} at "
        + format_interval(item.value, item.low, item.high, item.level, item.unit)
        for item in (items[0], items[-1])
    ]
    if len(items) == 1:
        return f"{texts[0]}."
    return f"Lowest is {texts[0]}; highest is {texts[1]}."
