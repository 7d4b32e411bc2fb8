"""The drawings of the drivers: each returns its caption, which is also its alt text."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from crmresearch.report import plots, style
from crmresearch.report.dots import Dot, dots, points, sample, spans
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number
from crmresearch.survey.headlines.drivers import MOST_NAMED, SURE
from crmresearch.survey.headlines.wording import listed

# series of one row: prefix of the keys, offset, colour, shape, filled, what it is
SHARES = (
    ("lmg.", -0.2, style.ACCENT, "o", True, "LMG"),
    ("johnson.", 0.02, style.GREY, "s", True, "relative weight"),
    ("complete.", 0.22, style.GREY, "D", False, "LMG, those who rated all"),
)
ASSOCIATIONS = (
    ("check.alone.", -0.24, style.GREY, "D", False, "correlation alone"),
    ("check.held.", 0.0, style.ACCENT, "o", True, "mean of the other ratings held"),
    ("check.beta.", 0.24, style.POOR, "s", True, "all other ratings held"),
)
CONTRASTS = (
    ("contrast.penalty.", -0.14, style.POOR, "s", True, "low rating"),
    ("contrast.reward.", 0.14, style.ACCENT, "o", True, "high rating"),
)
MOST_NUMBERS = 12  # ranks beyond which cells are too narrow for numbers


def importance(estimates: list[Estimate], figure: Figure) -> str:
    """Each driver's share by LMG and by relative weights; a line joins those near the leader."""
    lmg = _of(estimates, "lmg.")
    ax = _rows(estimates, SHARES, figure, per_row=0.5)
    ax.set_xlim(left=0)
    plots.unit_axis(ax, lmg, "share of the explained variance")
    gaps = {item.key.partition(".")[2]: item for item in _of(estimates, "gap.")}
    near = [
        row
        for row, item in enumerate(lmg)
        if row == 0 or not gaps[item.key.partition(".")[2]].low > 0
    ]
    caption = plots.extremes(lmg)
    if len(near) < 2:
        return caption
    _join(ax, 1.03, near)
    others = [lmg[row].name for row in near[1:]]
    names = listed(others) if len(others) <= MOST_NAMED else f"{len(others)} others"
    return f"{caption} {lmg[0].name} cannot be told apart from {names} (line at the right)."


def ranks(frame: pd.DataFrame, figure: Figure) -> str:
    """How often each driver took each rank, as shaded cells; lines join those not told apart."""
    columns = [name for name in frame.columns if name.startswith("rank ")]
    names = [plots.wrapped(plots.cut(name)) for name in frame["Driver"]]
    figure.set_size_inches(
        style.WIDTH, plots.row_height(len(frame), per_row=max(0.4, plots.per_row(names)))
    )
    ax = figure.subplots()
    for row, values in enumerate(frame[columns].to_numpy(float)):
        for column, value in enumerate(values):
            ax.add_patch(_cell(column, row, value))
            if round(value * 100) >= 1 and len(columns) <= MOST_NUMBERS:
                text = f"{value * 100:.0f}"
                colour = "white" if value > 0.5 else style.INK
                ax.text(column, row, text, ha="center", va="center", fontsize=9, color=colour)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(frame) - 0.5, -0.5)
    ax.set_xticks(range(len(columns)), labels=[name.split()[-1] for name in columns])
    ax.set_yticks(range(len(frame)), labels=names)
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    words = "labels" if len(columns) <= MOST_NUMBERS else "shades"
    ax.set_xlabel(f"rank by importance ({words}: per cent of resamples)")
    joined = [rows for rows in _groups(frame) if len(rows) > 1]
    for place, rows in enumerate(joined):
        _join(ax, 1.03 + 0.035 * place, rows)
    first, share = frame["Driver"].iloc[0], frame[columns[0]].iloc[0]
    caption = f"{first} ranks first in {format_number(share, 'share')} of the resamples."
    return f"{caption} Lines join drivers that cannot be told apart." if joined else caption


def checks(estimates: list[Estimate], figure: Figure) -> str:
    """Each driver's association alone, with the general level held and with all others held."""
    ax = _rows(estimates, ASSOCIATIONS, figure, per_row=0.56)
    ax.axvline(0, color=style.GREY, lw=0.8, zorder=0.5)
    held = _of(estimates, "check.held.")
    plots.unit_axis(ax, held or _of(estimates, "check.alone."), "association with the outcome")
    for row, item in enumerate(_of(estimates, "check.vif.")):
        place = (1.02, row)
        text = f"VIF {format_number(item.value, item.unit)}"
        ax.annotate(text, place, xycoords=("axes fraction", "data"), va="center", fontsize=9)
    if not held:
        return "A single driver has no others to be held."
    first, name = held[0], held[0].name.rpartition(", ")[0]
    alone = next(x for x in estimates if x.key == first.key.replace(".held.", ".alone."))
    return (
        f"{name} is correlated at {format_number(alone.value, alone.unit)} with the outcome, and "
        f"at {first} once the mean of the other ratings is held. VIF is the variance inflation by "
        "overlap with the others."
    )


def penalty_reward(estimates: list[Estimate], figure: Figure) -> str:
    """What goes with a low and with a high rating of each driver, against one in between."""
    ax = _rows(estimates, CONTRASTS, figure, per_row=0.46)
    ax.axvline(0, color=style.GREY, lw=0.8, zorder=0.5)
    shown = _of(estimates, "contrast.penalty.")
    plots.unit_axis(ax, shown, "outcome, less that of a rating in between")
    if not shown:
        return "Too few respondents rated any driver low, high and in between."
    lowest = min(shown, key=lambda item: item.value)
    return (
        "Each driver's low and high ratings against those in between, the other drivers held. "
        f"Farthest below is a low rating of {lowest.name.rpartition(', ')[0]}, {lowest}."
    )


def priorities(frame: pd.DataFrame, figure: Figure) -> str:
    """Rating and importance of each driver side by side, with the lines that part them."""
    names = [plots.wrapped(plots.cut(name), 22) for name in frame["Driver"]]
    figure.set_size_inches(
        style.WIDTH, plots.row_height(len(frame), per_row=max(0.4, plots.per_row(names)))
    )
    left, right = figure.subplots(1, 2, sharey=True)
    worst = frame.columns[7]
    for ax, start, words in ((left, 4, "mean rating, % of scale"), (right, 1, "importance")):
        name, low, high = frame.columns[start : start + 3]
        for sure, part in frame.groupby(frame[worst] >= SURE):
            colour = style.POOR if sure else style.ACCENT
            spans(ax, zip(part[low], part[high], part.index, strict=True), color=colour)
            places = zip(part[name], part.index, strict=True)
            points(ax, places, colour, "s" if sure else "o")
        ax.axvline(frame[name].mean(), color=style.GREY, lw=0.8, zorder=0.5)
        ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        ax.xaxis.set_major_formatter(lambda tick, _: f"{tick * 100:g}%")
        ax.set_xlabel(words)
    plots.name_rows(left, list(range(len(frame))), names)
    right.tick_params(axis="y", length=0, labelleft=False)
    right.spines["left"].set_visible(False)
    left.set_ylim(len(frame) - 0.4, -0.6)
    top = frame.sort_values(worst, ascending=False).iloc[0]
    return (
        "Left the mean rating of each driver, right its importance, with intervals; the lines are "
        f"the means of all drivers. {top['Driver']} is above them in importance and below in "
        f"rating in {format_number(top[worst], 'share')} of the resamples; a square marks a driver "
        f"where that share is {format_number(SURE, 'share')} or more."
    )


def _of(estimates: Sequence[Estimate], prefix: str) -> list[Estimate]:
    return [item for item in estimates if item.key.startswith(prefix)]


def _rows(
    estimates: list[Estimate], series: Sequence[tuple], figure: Figure, *, per_row: float
) -> Axes:
    """One row a driver with a mark for each series, and a key to the marks above."""
    items = [(one, item) for one in series for item in _of(estimates, one[0])]
    places: dict[str, int] = {}
    names = []
    for (prefix, *_), item in items:
        if item.key.removeprefix(prefix) not in places:
            places[item.key.removeprefix(prefix)] = len(places)
            named = item.name if prefix == "lmg." else item.name.rpartition(", ")[0]
            names.append(plots.with_n(named, item.n))
    height = plots.row_height(len(names), per_row=max(per_row, plots.per_row(names)), frame=1.3)
    figure.set_size_inches(style.WIDTH, height)
    ax = figure.subplots()
    drawn = [
        Dot(item, places[item.key.removeprefix(prefix)] + offset, colour, shape, filled)
        for (prefix, offset, colour, shape, filled, _), item in items
    ]
    dots(ax, drawn, size=5.5, width=1.9)
    plots.name_rows(ax, list(range(len(names))), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    key = [sample(*look, size=5.5) for look in dict.fromkeys(one[2:] for one, _ in items)]
    figure.legend(
        handles=key,
        loc="outside upper right",
        ncols=2 if len(key) == 3 else len(key),
        fontsize=9,
        handletextpad=0.1,
        columnspacing=1.0,
        borderaxespad=0.1,
    )
    return ax


def _join(ax: Axes, x: float, rows: list[int]) -> None:
    """A line beside the rows that belong together, with a dot at each."""
    ax.plot(
        [x] * len(rows),
        rows,
        "-o",
        transform=ax.get_yaxis_transform(),
        color=style.INK,
        lw=1.2,
        ms=3.5,
        clip_on=False,
    )


def _groups(frame: pd.DataFrame) -> list[list[int]]:
    """The rows of every number in the last column."""
    marks = [text.split() for text in frame["Not told apart"]]
    numbers = sorted({number for row in marks for number in row}, key=int)
    return [[row for row, has in enumerate(marks) if number in has] for number in numbers]


def _cell(column: int, row: int, value: float) -> Rectangle:
    return Rectangle(
        (column - 0.48, row - 0.44), 0.96, 0.88, facecolor=style.ACCENT, alpha=0.06 + 0.94 * value
    )
