"""The contrasts of the paradox, drawn."""

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crmresearch.recovery.figures.layout import bar_interval, label_rows, upper
from crmresearch.recovery.verdicts import VERDICTS, judged, verdict
from crmresearch.report import style
from crmresearch.report.dots import points, spans
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, format_level, format_number
from crmresearch.report.plots import (
    row_height,
    unit_axis,
    wrapped,
)


def reach(estimates: list[Estimate], figure: Figure) -> str:
    """How many customers each contrast speaks for, with the difference it could have shown."""
    speaks = [item for item in estimates if item.key.startswith("speaks_for.")]
    at = {item.key: item for item in estimates}
    figure.set_size_inches(style.WIDTH, row_height(len(speaks), per_row=0.6, frame=0.75))
    ax = figure.subplots()
    for row, item in enumerate(speaks):
        least = at.get(item.key.replace("speaks_for", "detectable"))
        name = item.name.partition(", share")[0].capitalize()
        ax.barh(row, item.value, height=0.3, color=style.ACCENT)
        bar_interval(ax, row, item)
        ax.text(0, row - 0.22, name, va="bottom", weight="bold")
        if least is not None:
            text = f"shows from {_size(least)}"
            ax.text(item.high, row, f"  {text}", va="center")
    label_rows(ax, [""] * len(speaks))
    ax.set_ylim(len(speaks) - 0.6, -0.75)
    ax.set_xlim(0, max([item.high for item in speaks], default=0.5) * 1.55)
    unit_axis(ax, speaks, "share of all customers")
    smallest = min(speaks, key=lambda item: item.value, default=None)
    if smallest is None:
        return "No contrast is large enough to show."
    return (
        f"The narrowest contrast speaks for {smallest} of all customers. Beside each bar: the true "
        "difference that samples of this size find with 80% power."
    )


def forest(*, zone: float) -> Callable[[list[Estimate], Figure], str]:
    """A drawing of the contrasts as judged: thin interval for superiority, thick for equivalence.

    The shaded `zone` is smaller than the smallest difference of interest either way; open circles
    are raw differences, filled ones adjusted; the verdict stands at the right.
    """

    def draw(estimates: list[Estimate], figure: Figure) -> str:
        shown = _in_pairs(estimates)
        figure.set_size_inches(style.WIDTH, row_height(len(shown), per_row=0.46))
        ax = figure.subplots()
        ax.axvspan(-zone, zone, color=style.ZONE, lw=0)
        ax.axvline(0, color=style.GREY, lw=0.8)
        counts = dict.fromkeys(VERDICTS, 0)
        _contrasts(ax, shown)
        for row, (wide, narrow) in enumerate(shown):
            word = verdict(wide, narrow, zone)
            counts[word] += 1
            weight = "normal" if wide.key.endswith(".raw") else "bold"
            place = ax.get_yaxis_transform()
            ax.text(1.01, row, word, transform=place, va="center", weight=weight)
        label_rows(ax, [_contrast_label(wide) for wide, _ in shown])
        unit_axis(ax, [wide for wide, _ in shown], f"difference from {_reference(shown)}")
        ax.xaxis.set_major_locator(MaxNLocator(5))
        return _forest_caption(shown, counts, zone)

    return draw


def verdicts(table: pd.DataFrame, figure: Figure) -> str:
    """The narrowest contrast of each outcome, attitudes apart from behaviour, on one axis."""
    group = table.columns[2]
    rows = table[table[group] == table[group].iloc[-1]]
    headings = rows["Kind"].ne(rows["Kind"].shift()).cumsum()
    places = [row + mark for row, mark in enumerate(headings)]
    figure.set_size_inches(style.WIDTH, row_height(places[-1] + 1, per_row=0.34))
    ax = figure.subplots()
    ax.axvspan(-1, 1, color=style.ZONE, lw=0)
    ax.axvline(0, color=style.GREY, lw=0.8)
    spans(ax, zip(rows["from"], rows["to"], places, strict=True), color=style.ACCENT)
    points(ax, zip(rows["Multiple"], places, strict=True))
    aside = ax.get_yaxis_transform()
    for place, (_, row) in zip(places, rows.iterrows(), strict=True):
        ax.text(1.01, place, _word(row), transform=aside, va="center")
    for kind in rows["Kind"].unique():
        first = places[int((rows["Kind"] == kind).to_numpy().argmax())] - 1
        ax.text(-0.015, first, upper(kind), transform=aside, va="center", ha="right", weight="bold")
    ax.set_yticks(places, labels=[wrapped(str(name), 24) for name in rows["Outcome"]])
    ax.set_ylim(places[-1] + 0.6, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("times the smallest difference of interest")
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    words = judged(rows)
    counts = ", ".join(f"{int((words == x).sum())} {x}" for x in VERDICTS if (words == x).any())
    return (
        f"{upper(str(rows[group].iloc[0]))}, {table.columns[2].lower()}: {counts}. The shaded zone "
        "holds differences of no interest, either way; the words are verdicts, which take the "
        "interval for equivalence too."
    )


def _word(row: pd.Series) -> str:
    return str(row["Adjusted"] if row["Adjusted"] in VERDICTS else row["Raw"])


def _size(item: Estimate) -> str:
    """A difference without its sign: ``0.20 SD``, ``4.1 points`` of a percentage."""
    word = "points" if item.unit == "share difference" else UNITS[item.unit].word
    return f"{format_number(item.value, item.unit).lstrip('+')} {word}"


def _in_pairs(estimates: list[Estimate]) -> list[tuple[Estimate, Estimate]]:
    at = {item.key: item for item in estimates}
    pairs = [
        (item, at.get(_other(item.key)))
        for item in estimates
        if item.key.startswith(("paradox.", "complaint."))
    ]
    return [(wide, narrow) for wide, narrow in pairs if narrow is not None and wide.low == wide.low]


def _other(key: str) -> str:
    start, _, rest = key.partition(".")
    return f"{'restored' if start == 'paradox' else 'complaint_restored'}.{rest}"


def _contrasts(ax: Axes, shown: list[tuple[Estimate, Estimate]]) -> None:
    """Thin and thick intervals with their dots: raw ones grey and open, adjusted ones filled."""
    for raw, colour in ((True, style.GREY), (False, style.ACCENT)):
        rows = [row for row, (x, _) in enumerate(shown) if x.key.endswith(".raw") is raw]
        wide, narrow = ([(shown[row][side], row) for row in rows] for side in (0, 1))
        spans(ax, [(x.low, x.high, row) for x, row in wide], color=colour, lw=1.2, alpha=None)
        ends = [(x.low, x.high, row) for x, row in narrow]
        spans(ax, ends, color=colour, lw=4, alpha=None, solid_capstyle="butt")
        points(ax, [(x.value, row) for x, row in wide], colour, filled=not raw, size=7)


def _contrast_label(item: Estimate) -> str:
    group, _, kind = item.name.partition(" − ")
    short = {
        "all with a problem": "all with a problem",
        "complainers whose complaint was resolved": "resolved complainers",
        "complainers delighted with the handling": "delighted complainers",
    }
    return f"{short.get(group, group)},\n{kind.rpartition(', ')[2]} (n\u00a0=\u00a0{item.n:,})"


def _reference(shown: list[tuple[Estimate, Estimate]]) -> str:
    return shown[0][0].name.partition(" − ")[2].rpartition(", ")[0] if shown else ""


def _forest_caption(
    shown: list[tuple[Estimate, Estimate]], counts: dict[str, int], bound: float
) -> str:
    if not shown:
        return "No contrast is large enough to show."
    words = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    last = shown[-1][0]
    zone = f"{format_number(bound, last.unit)[1:]} {UNITS[last.unit].word}"
    levels = (format_level(item.level) for item in shown[0])
    return (
        f"Verdicts: {words}. {upper(last.name)}: {last}. The shaded zone is within "
        f"{zone} of no difference; thin lines are {next(levels)} "
        f"intervals, thick ones {next(levels)} intervals for equivalence; open circles are raw."
    )
