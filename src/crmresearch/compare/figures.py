"""Drawings of a comparison: every one has a row a report, on one axis, in one order."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.report import style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_interval, format_level, format_number
from crmresearch.report.plots import (
    cut,
    intervals,
    name_rows,
    per_row,
    row_height,
    unit_axis,
    with_n,
    wrapped,
)

LABELLED = 24  # reports whose rows are labelled; more are drawn as thin lines in order of value
TOLD = 4  # reports at either end of these that are named
CATERPILLAR = 5.2  # inches


def label_of(item: Estimate) -> str:
    """The report that an estimate is of."""
    return item.group.partition(": ")[2]


def forest(estimates: list[Estimate], figure: Figure, *, marks: Mapping[str, int]) -> str:
    """The reports' intervals with, below them, the mean of them and what to expect of one more.

    `marks` has 1 for the groups that lie clearly above the mean of the others and -1 for those
    clearly below, and every number is told in the caption too.
    """
    own = [item for item in estimates if item.group]
    ahead = {item.key.partition(".")[0]: item for item in estimates if not item.group}
    if len(own) > LABELLED:
        ax = _caterpillar(own, figure, marks)
    else:
        ax = _rows(own, list(ahead.values()), figure, marks)
    mean = ahead.get("mean")
    if mean is not None:
        ax.axvline(mean.value, color=style.GREY, lw=0.8, zorder=0.6)
        if mean.low == mean.low:
            ax.axvspan(mean.low, mean.high, color=style.ZONE, lw=0, zorder=0.5)
    unit_axis(ax, own, own[0].name)
    return _said(own, ahead, marks)


def _rows(
    own: list[Estimate], ahead: list[Estimate], figure: Figure, marks: Mapping[str, int]
) -> Axes:
    words = {"mean": "Mean of the reports", "predicted": "One more report like these"}
    names = [with_n(label_of(item), item.n) for item in own]
    names += [wrapped(words[item.key.partition(".")[0]]) for item in ahead]
    places = [*range(len(own)), *(len(own) + 0.4 + row for row in range(len(ahead)))]
    figure.set_size_inches(style.WIDTH, row_height(len(places) + 1, per_row=per_row(names)))
    ax = figure.subplots()
    marked = [(item, style.ACCENT if item.group else style.INK) for item in own + ahead]
    dots(ax, [Dot(x, at, hue) for at, (x, hue) in zip(places, marked, strict=True)])
    for place, item in zip(places, own + ahead, strict=True):
        mark = {1: "▲ ", -1: "▼ "}.get(marks.get(item.group, 0), "")
        ax.annotate(
            mark + format_number(item.value, item.unit),
            (1.015, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9.5,
        )
    name_rows(ax, places, names)
    ax.set_ylim(places[-1] + 0.6, -0.6)
    return ax


def _caterpillar(own: list[Estimate], figure: Figure, marks: Mapping[str, int]) -> Axes:
    """All intervals in order of value, the highest on top; those at the ends are named."""
    ordered = sorted(own, key=lambda item: -item.value)
    figure.set_size_inches(style.WIDTH, CATERPILLAR)
    ax = figure.subplots()
    colours = [style.ACCENT if marks.get(item.group) else style.GREY for item in ordered]
    rows = range(len(ordered))
    ax.hlines(
        rows,
        [item.low for item in ordered],
        [item.high for item in ordered],
        colors=colours,
        lw=1.1,
        alpha=0.6,
    )
    ax.scatter([item.value for item in ordered], rows, s=5, c=colours, zorder=2)
    named = {*range(TOLD), *range(len(own) - TOLD, len(own))}
    step = len(own) * 0.045
    for row in sorted(named):
        end = row < TOLD
        place = row * step if end else len(own) - 1 - (len(own) - 1 - row) * step
        ax.annotate(
            cut(label_of(ordered[row]), 24),
            (0, row),
            xytext=(-0.02, place),
            xycoords=("axes fraction", "data"),
            textcoords=("axes fraction", "data"),
            ha="right",
            va="center",
            fontsize=9,
            arrowprops={"arrowstyle": "-", "color": style.PALE, "lw": 0.6, "shrinkB": 0},
        )
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(own), -1)
    return ax


def _said(own: list[Estimate], ahead: Mapping[str, Estimate], marks: Mapping[str, int]) -> str:
    ordered = sorted(own, key=lambda item: item.value)
    ends = [
        f"{label_of(item)} at "
        + format_interval(item.value, item.low, item.high, item.level, item.unit)
        for item in (ordered[0], ordered[-1])
    ]
    text = f"Lowest is {ends[0]}; highest is {ends[1]}."
    if "mean" in ahead:
        mean = ahead["mean"]
        told = format_interval(mean.value, mean.low, mean.high, mean.level, mean.unit)
        text += f" The mean of the {len(own)} reports is {told}."
    up, down = (sum(marks.get(item.group) == sign for item in own) for sign in (1, -1))
    if up or down:
        text += (
            f" {count(up, 'report')} {_verb(up, 'lie')} clearly above the mean of the others (▲) "
            f"and {down:,} clearly below (▼)."
        )
    return text


def pair_differences(estimates: list[Estimate], figure: Figure, *, zone: float | None) -> str:
    """A row a pair, with the zone of no interest where one is declared."""
    intervals(estimates, figure, reference=0.0, zone=zone, label="difference")
    clear = sum(item.low > 0 or item.high < 0 for item in estimates)
    text = f"{clear:,} of {count(len(estimates), 'interval')} {_verb(clear, 'leave')} zero out."
    if zone:
        inside = sum(-zone < item.low and item.high < zone for item in estimates)
        size = format_number(zone, estimates[0].unit).lstrip("+")
        text += f" {inside:,} {_verb(inside, 'lie')} within ±{size}, the smallest of interest."
    return text


def _verb(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb


def ranks(estimates: list[Estimate], figure: Figure) -> str:
    """The ranks that each report may have, a bar each, the highest on top."""
    ordered = sorted(estimates, key=lambda item: (item.value, item.low, item.high))
    many = len(ordered) > LABELLED
    names = [with_n(label_of(item), item.n) for item in ordered]
    height = CATERPILLAR if many else row_height(len(names), per_row=per_row(names))
    figure.set_size_inches(style.WIDTH, height)
    ax = figure.subplots()
    rows = range(len(ordered))
    wide = [item.high - item.low + 0.6 for item in ordered]
    ax.barh(rows, wide, left=[item.low - 0.3 for item in ordered], height=0.5, color=style.PALE)
    size = 2.2 if many else 6.5
    ax.plot([item.value for item in ordered], rows, "o", color=style.ACCENT, ms=size)
    if many:
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
    else:
        name_rows(ax, list(range(len(names))), names)
    ax.set_ylim(len(ordered) - 0.4, -0.6)
    ax.set_xlim(0.4, len(ordered) + 0.6)
    ax.set_xlabel(f"rank, 1 is the highest ({format_level(ordered[0].level)} joint CI)")
    ax.xaxis.get_major_locator().set_params(integer=True)
    first = [label_of(item) for item in ordered if item.low == 1]
    sure = sum(item.low == item.high for item in ordered)
    text = f"{count(len(first), 'report')} may truly be first"
    text += f": {', '.join(first)}." if len(first) <= TOLD else "."
    return f"{text} {sure:,} of {len(ordered):,} ranks {'is' if sure == 1 else 'are'} certain."
