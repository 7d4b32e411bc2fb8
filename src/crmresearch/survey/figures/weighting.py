"""The drawings of weights and design: each returns its caption, which is also its alt text."""

from dataclasses import replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmresearch.report import plots, style
from crmresearch.report.dots import points, spans
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number

MOST_ROWS = 30


def shifts(estimates: list[Estimate], figure: Figure) -> str:
    """How far weighting moves each measure, a panel for each unit."""
    shown = [item for item in estimates if item.key.endswith(".difference")]
    names = [item.name.partition(", weighted less")[0] for item in shown]
    rows = [replace(item, name=name) for item, name in zip(shown, names, strict=True)]
    for ax in plots.panels(rows, figure):
        ax.set_xlabel(ax.get_xlabel().replace("change", "weighted less unweighted"))
    first = shown[0]
    sides = [
        find(estimates, first.key.replace("difference", side))
        for side in ("weighted", "unweighted")
    ]
    return (
        f"{sides[0].name}: {sides[0]}; unweighted: {sides[1]}. The table has both sides of every "
        "difference."
    )


def effective(frame: pd.DataFrame, figure: Figure) -> str:
    """The answers there are, pale, and what they are worth, dark."""
    names = [plots.wrapped(name) for name in frame["Measure"]]
    spacing = plots.per_row(names)
    figure.set_size_inches(style.WIDTH, plots.row_height(len(frame), per_row=spacing))
    ax = figure.subplots()
    rows = list(range(len(frame)))
    ax.barh(rows, frame["Answers"], color=style.PALE, height=0.72)
    ax.barh(rows, frame["Worth"], color=style.ACCENT, height=0.36)
    for row, worth, effect in zip(rows, frame["Worth"], frame["Design effect"], strict=True):
        words = f" {format_number(worth, 'count')}  ({format_number(effect, 'ratio')})"
        ax.text(max(worth, 0), row, words, va="center", fontsize=9.5)
    plots.name_rows(ax, rows, names)
    ax.set_ylim(len(frame) - 0.45, -0.55)
    ax.set_xlim(0, 1.3 * max(frame["Worth"].max(), frame["Answers"].max() / 1.3))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:,.0f}"))
    ax.set_xlabel("answers (pale) and what they are worth (dark; in brackets the design effect)")
    least = frame.loc[frame["Worth"].idxmin()]
    return (
        f"Least precise for its answers is {least['Measure']}: "
        f"{format_number(least['Answers'], 'count')} are worth "
        f"{format_number(least['Worth'], 'count')}."
    )


def margins(estimates: list[Estimate], figure: Figure) -> str:
    """Respondents, hollow, beside the population, full, for every answer of every margin."""
    pairs = [
        (item, find(estimates, "margin.population", item.group))
        for item in estimates
        if item.key == "margin.sample"
    ][:MOST_ROWS]
    groups: dict[str, list[tuple[Estimate, Estimate]]] = {}
    for sample, population in pairs:
        groups.setdefault(sample.group.partition(": ")[0], []).append((sample, population))
    names = [plots.with_n(sample.group.partition(": ")[2], sample.n) for sample, _ in pairs]
    total = len(pairs) + len(groups)
    spacing = max(0.3, plots.per_row(names) - 0.04)
    figure.set_size_inches(style.WIDTH, plots.row_height(total, per_row=spacing))
    ax = figure.subplots()
    plots.name_rows(ax, _pairs(ax, groups), names)
    ax.set_ylim(total - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick * 100:.0f}%"))
    ax.set_xlabel("share of respondents (ring) and of the population (diamond)")
    smallest, largest = (
        find(estimates, f"margin.weights.{end}") for end in ("smallest", "largest")
    )
    return (
        "A ring is the share among respondents, a diamond that in the population, which the raked "
        f"weights reproduce. They run from {smallest} to {largest} around a mean of 1."
    )


def _pairs(ax: Axes, groups: dict[str, list[tuple[Estimate, Estimate]]]) -> list[int]:
    """Draw each pair below its variable's heading; where the pairs stand."""
    places, row = [], 0
    for heading, pairs in groups.items():
        style_of = {"color": style.GREY, "fontsize": 9.5, "fontweight": "bold"}
        side = {"transform": ax.get_yaxis_transform(), "ha": "right", "va": "center"}
        ax.text(-0.015, row + 0.1, plots.cut(heading, 40), **side, **style_of)
        places += range(row + 1, row + 1 + len(pairs))
        row += len(pairs) + 1
    shares = [(x.value, y.value) for pairs in groups.values() for x, y in pairs]
    drawn = [(*pair, place) for pair, place in zip(shares, places, strict=True)]
    spans(ax, drawn, color=style.PALE, alpha=None)
    points(ax, [(sample, place) for sample, _, place in drawn], filled=False)
    points(ax, [(share, place) for _, share, place in drawn], style.INK, "D", size=5)
    return places
