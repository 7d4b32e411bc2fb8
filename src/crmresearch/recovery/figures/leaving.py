"""Time to leave, drawn: a falling step curve a path, and the ratios of the paths."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from crmresearch.recovery.figures.layout import label_rows, upper
from crmresearch.recovery.leaving import Leaving
from crmresearch.report import style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_level, format_number
from crmresearch.report.plots import cut, row_height, with_n

ROOM = 0.14  # of the height of the axis between two labels at least, at six paths


def curves(found: Leaving) -> Callable[[list[Estimate], Figure], str]:
    """A drawing of `found`: steps with bands, named at their ends, and the numbers at risk."""

    def draw(estimates: list[Estimate], figure: Figure) -> str:
        number = len(found.lines)
        figure.set_size_inches(style.WIDTH, 3.9 + 0.24 * number)
        ax, table = figure.subplots(2, 1, height_ratios=[3.2, 0.32 + 0.24 * number])
        for line, colour in zip(found.lines, style.SERIES, strict=False):
            ax.fill_between(line.at, line.low, line.high, color=colour, alpha=0.09, lw=0)
            ax.step(line.days, line.stayed, where="post", color=colour, lw=2)
        _names(ax, found)
        end = found.ticks[-1]
        ax.set_xlim(0, end)
        ax.set_xticks(found.ticks)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:,.0f}"))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: _share_tick(ax, tick)))
        ax.set_xlabel("days")
        ax.set_ylabel(f"still customers ({format_level(found.level)} CI)")
        _at_risk(table, found)
        return _caption(found)

    return draw


def _share_tick(ax: Axes, tick: float) -> str:
    """A share of the y axis without more decimals than its steps need."""
    ticks = ax.get_yticks()
    step = float(min(np.diff(ticks))) * 100 if len(ticks) > 1 else 1.0
    decimals = 0 if abs(step - round(step)) < 1e-6 else 1
    return f"{tick * 100:.{decimals}f}%"


def _names(ax: Axes, found: Leaving) -> None:
    """The paths' names at the ends of their curves, moved apart where they would overlap."""
    ends = [float(line.stayed[-1]) for line in found.lines]
    low = min(float(np.nanmin(line.low)) for line in found.lines)
    room = (1 - low) * ROOM * 6 / 11
    places: dict[int, float] = {}
    last = -np.inf
    for row in np.argsort(ends):
        last = max(ends[row], last + room)
        places[row] = last
    shift = max(0.0, last - 1.0)
    for row, line in enumerate(found.lines):
        ax.annotate(
            cut(line.name, 18),
            (1.0, places[row] - shift),
            xycoords=ax.get_yaxis_transform(),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=style.SERIES[row % len(style.SERIES)],
            weight="bold",
            annotation_clip=False,
        )


def _at_risk(table: Axes, found: Leaving) -> None:
    """How many customers each curve still rests on; nothing where too few to tell."""
    table.set_xlim(0, found.ticks[-1])
    table.set_ylim(len(found.lines) + 0.1, -1.0)
    table.set_axis_off()
    table.text(0, -0.9, "still watched", va="center", color=style.GREY, fontsize=9.5)
    for row, line in enumerate(found.lines):
        colour = style.SERIES[row % len(style.SERIES)]
        table.annotate(
            cut(line.name, 18),
            (1.0, row + 0.1),
            xycoords=table.get_yaxis_transform(),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9.5,
            annotation_clip=False,
        )
        for place, (tick, n) in enumerate(zip(found.ticks, line.at_risk, strict=True)):
            side = ("left", *["center"] * (len(found.ticks) - 2), "right")[place]
            text = f"{n:,}" if n else ""
            table.text(tick, row + 0.1, text, ha=side, va="center", color=colour, fontsize=9.5)


def _caption(found: Leaving) -> str:
    shares = [item for item in found.estimates if item.key == "leaving.stayed"]
    texts = [f"{item.group.partition(': ')[2]} {item}" for item in shares]
    return (
        f"Share still customers after {found.until:,.0f} days: {'; '.join(texts)}. "
        "A curve stops where too few customers are still watched to show."
    )


def ratios(estimates: list[Estimate], figure: Figure) -> str:
    """Ratios of the paths on a logarithmic axis, the line at 1: as fast, or as likely."""
    shown = [x for x in estimates if x.unit == "ratio" and x.low == x.low and x.low > 0]
    if not shown:
        return "No path can be compared."
    names = [with_n(item.name.partition(": ")[2], item.n) for item in shown]
    figure.set_size_inches(style.WIDTH, row_height(len(shown), per_row=0.5))
    ax = figure.subplots()
    ax.axvline(1, color=style.GREY, lw=0.8)
    dots(ax, [Dot(item, row) for row, item in enumerate(shown)])
    label_rows(ax, names)
    ax.set_xscale("log")
    ax.set_xticks(_ticks(shown))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    timed = "hazard" in shown[0].method
    what = "hazard ratio" if timed else "risk ratio"
    ax.set_xlabel(f"{what} of leaving ({format_level(shown[0].level)} CI)")
    texts = [f"{item.name.partition(': ')[2]}: {_text(item)}" for item in shown]
    return f"{upper(what)}s of leaving, 1 is alike: {'; '.join(texts)}."


def _ticks(items: list[Estimate]) -> list[float]:
    low, high = min(x.low for x in items), max(x.high for x in items)
    steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
    kept = [x for x in steps if low / 2 <= x <= high * 2]
    return kept or [1.0]


def _text(item: Estimate) -> str:
    low, high = (format_number(x, item.unit) for x in (item.low, item.high))
    return f"{format_number(item.value, item.unit)} ({low} to {high})"
