"""The drawings that every study shares: dots with intervals, and stacked answer bars."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from crmresearch.report import style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, format_interval, format_level, format_number


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
    figure.set_size_inches(style.WIDTH, row_height(len(items)))
    ax = figure.subplots()
    if zone:
        ax.axvspan(-zone, zone, color=style.ZONE, lw=0)
    if reference is not None:
        ax.axvline(reference, color=style.GREY, lw=0.8)
    for row, item in enumerate(items):
        dot(ax, item, row)
    names = [
        wrapped(f"{item.group.partition(': ')[2] or item.group or item.name}  (n = {item.n:,})")
        for item in items
    ]
    ax.set_yticks(range(len(items)), labels=names)
    ax.set_ylim(len(items) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    unit_axis(ax, items, label)
    return ax


def dot(ax: Axes, item: Estimate, row: float, *, colour: str = style.ACCENT) -> None:
    """One estimate at height `row`: a dot on its interval, hollow where there is none."""
    known = item.low == item.low and item.high == item.high
    if known:
        ax.plot([item.low, item.high], [row, row], color=colour, lw=2.2, alpha=0.55)
    ax.plot(item.value, row, "o", color=colour, ms=6.5, mfc=colour if known else "white")


def wrapped(text: str, width: int = 34) -> str:
    """A row label broken into lines that leave room for the drawing on a phone."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False)) or text


def groups(estimates: list[Estimate], figure: Figure, *, label: str = "") -> Axes:
    """All respondents first, then each grouping under its own heading, values at the right.

    The line and band are the first estimate (of all) with its interval, against which the groups
    are read; other estimates without a group are drawn grey.
    """
    items = [item for item in estimates if item.value == item.value]
    rows, headings, last = [], [], ""
    for item in items:
        title = item.group.partition(": ")[0]
        if title != last:
            headings.append((len(rows) + len(headings) + 0.15, title))
            last = title
        rows.append((len(rows) + len(headings), item))
    total = len(rows) + len(headings)
    figure.set_size_inches(style.WIDTH, row_height(total, per_row=0.3))
    ax = figure.subplots()
    overall = next((item for item in items if not item.group), None)
    if overall is not None:
        if overall.low == overall.low:
            ax.axvspan(overall.low, overall.high, color=style.ZONE, lw=0)
        ax.axvline(overall.value, color=style.GREY, lw=0.8)
    for row, item in rows:
        main = item.group or item is overall
        dot(ax, item, row, colour=style.ACCENT if main else style.GREY)
        ax.annotate(
            trim(format_number(item.value, item.unit)),
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9.5,
            fontweight="bold" if item is overall else "normal",
        )
    for row, title in headings:
        ax.annotate(
            title,
            (-0.01, row),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            fontsize=9.5,
            fontweight="bold",
            color=style.GREY,
        )
    _name_rows(ax, [row for row, _ in rows], [_group_name(item, overall) for _, item in rows])
    ax.set_ylim(total - 0.4, -0.6)
    unit_axis(ax, items, label)
    return ax


def panels(
    estimates: list[Estimate], figure: Figure, *, bands: dict[str, float] | None = None
) -> list[Axes]:
    """One panel a unit, since points and scale points share no axis; a line at zero in each.

    `bands` maps a key to half the width of a pale band around zero behind that estimate's row,
    such as the smallest change that could have been found.
    """
    items = [item for item in estimates if item.value == item.value]
    units = list(dict.fromkeys(item.unit for item in items))
    sizes = [sum(item.unit == unit for item in items) for unit in units]
    heights = [size + 1.6 for size in sizes]
    figure.set_size_inches(style.WIDTH, 0.4 + 0.36 * sum(heights))
    axes = figure.subplots(len(units), 1, height_ratios=heights, squeeze=False)[:, 0]
    for ax, unit in zip(axes, units, strict=True):
        chosen = [item for item in items if item.unit == unit]
        for row, item in enumerate(chosen):
            reach = (bands or {}).get(item.key, float("nan"))
            if reach == reach:
                ax.barh(row, 2 * reach, left=-reach, height=0.74, color=style.ZONE)
            dot(ax, item, row)
        ax.axvline(0, color=style.GREY, lw=0.8)
        names = [wrapped(f"{item.name}  (n = {item.n:,})") for item in chosen]
        _name_rows(ax, list(range(len(chosen))), names)
        ax.set_ylim(len(chosen) - 0.4, -0.6)
        unit_axis(ax, chosen, "change" if "difference" in unit else "")
    return list(axes)


def _name_rows(ax: Axes, rows: list[int], names: list[str]) -> None:
    ax.set_yticks(rows, labels=names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _group_name(item: Estimate, overall: Estimate | None) -> str:
    if item.group:
        name = item.group.partition(": ")[2]
    else:
        name = "All" if item is overall else "All, unweighted"
    return wrapped(f"{name}  (n = {item.n:,})")


def unit_axis(ax: Axes, items: list[Estimate], label: str = "") -> None:
    """Name the x axis in words with its unit and confidence level, and write its numbers so."""
    if not items:
        ax.set_xticks([])
        return
    unit = items[0].unit
    word = UNITS[unit].word
    shared = len({item.name for item in items}) == 1
    name = label or (items[0].name if shared else "")
    ax.set_xlabel(
        f"{', '.join(x for x in (name, word) if x)} ({format_level(items[0].level)} CI)".strip()
    )
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: trim(format_number(tick, unit))))


def trim(text: str) -> str:
    """A tick label without a needless ``.0``: ``40%`` and not ``40.0%``."""
    whole, dot, rest = text.partition(".")
    digits = rest.rstrip("%")
    return whole + rest[len(digits) :] if dot and not digits.strip("0") else text


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


def answer_bars(shares: pd.DataFrame, figure: Figure) -> Axes:
    """Diverging stacked bars, one a row of `shares` (columns: answers from low to high, 0 to 1).

    Bars are centred on the middle answer, so that agreement reads to the right; shares of at
    least 8% are labelled in the bar.
    """
    figure.set_size_inches(style.WIDTH, row_height(len(shares), per_row=0.42))
    ax = figure.subplots()
    stack(ax, shares)
    return ax


def stack(ax: Axes, shares: pd.DataFrame) -> None:
    """The bars of `answer_bars` on axes that exist, with a key to the answers above them."""
    answers = shares.shape[1]
    values = shares.to_numpy(float)
    middle = answers // 2
    below = values[:, :middle].sum(axis=1) + (values[:, middle] / 2 if answers % 2 else 0)
    starts = np.cumsum(values, axis=1) - values - below[:, None]
    colours = _ramp(answers)
    for column in range(answers):
        ax.barh(
            range(len(shares)),
            values[:, column],
            left=starts[:, column],
            color=colours[column],
            height=0.72,
            label=str(shares.columns[column]),
        )
        dark = abs(column - (answers - 1) / 2) > (answers - 1) / 3
        for row, value in enumerate(values[:, column]):
            if value >= 0.08:
                ax.text(
                    starts[row, column] + value / 2,
                    row,
                    f"{value * 100:.0f}",
                    ha="center",
                    va="center",
                    fontsize=8.5,
                    color="white" if dark else style.INK,
                )
    ax.axvline(0, color=style.GREY, lw=0.8)
    _name_rows(ax, list(range(len(shares))), [wrapped(str(name)) for name in shares.index])
    ax.set_ylim(len(shares) - 0.45, -0.55)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{abs(tick) * 100:.0f}%"))
    ax.set_xlabel("share of answers, centred on the middle of the scale")
    ax.legend(
        ncols=answers,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        fontsize=9,
        handlelength=0.9,
        handletextpad=0.3,
        columnspacing=0.8,
    )


def _ramp(answers: int) -> list[tuple[float, float, float]]:
    ramp = LinearSegmentedColormap.from_list("answers", style.DIVERGING)
    return [ramp(position)[:3] for position in np.linspace(0, 1, answers)]
