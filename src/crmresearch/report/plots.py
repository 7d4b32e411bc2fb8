"""The drawings that every study shares: dots with intervals, and stacked answer bars."""

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
        known = item.low == item.low and item.high == item.high
        if known:
            ax.plot([item.low, item.high], [row, row], color=style.ACCENT, lw=2.2, alpha=0.55)
        ax.plot(
            item.value,
            row,
            "o",
            color=style.ACCENT,
            ms=6.5,
            mfc=style.ACCENT if known else "white",
        )
    names = [
        f"{item.group.partition(': ')[2] or item.group or item.name}  (n = {item.n:,})"
        for item in items
    ]
    ax.set_yticks(range(len(items)), labels=names)
    ax.set_ylim(len(items) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    unit_axis(ax, items, label)
    return ax


def unit_axis(ax: Axes, items: list[Estimate], label: str = "") -> None:
    """Name the x axis in words with its unit and confidence level, and write its numbers so."""
    if not items:
        ax.set_xticks([])
        return
    unit = items[0].unit
    word = UNITS[unit].word
    name = label or items[0].name
    ax.set_xlabel(f"{name}{f', {word}' if word else ''} ({format_level(items[0].level)} CI)")
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
    ax.set_yticks(range(len(shares)), labels=list(shares.index))
    ax.set_ylim(len(shares) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{abs(tick) * 100:.0f}%"))
    ax.set_xlabel(
        f"share of answers, from {shares.columns[0]} (left) to {shares.columns[-1]} (right)"
    )
    return ax


def _ramp(answers: int) -> list[tuple[float, float, float]]:
    ramp = LinearSegmentedColormap.from_list("answers", style.DIVERGING)
    return [ramp(position)[:3] for position in np.linspace(0, 1, answers)]
