"""What would explain a contrast away, drawn."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmresearch.recovery.figures.layout import label_rows, upper
from crmresearch.report import style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, format_level, format_number
from crmresearch.report.plots import row_height, unit_axis, wrapped


def omitted(*, zone: float, gaps: list[Estimate]) -> Callable[[list[Estimate], Figure], str]:
    """A drawing of the firmest contrast as it is and had something not asked been held too.

    `gaps` are the contrasts themselves, of which the one that would take most is drawn; `zone` is
    the smallest difference of interest.
    """

    def draw(estimates: list[Estimate], figure: Figure) -> str:
        firmest = _firmest(estimates)
        if firmest is None:
            return "No contrast is large enough to show."
        ends = firmest.key.partition(".")[2]
        start = [x for x in gaps if x.key.endswith(f".{ends}.adjusted") and x.unit == _judged(gaps)]
        moved = [item for item in estimates if item.key == f"confounded.{ends}"]
        rows = [*start[:1], *moved]
        figure.set_size_inches(style.WIDTH, row_height(len(rows), per_row=0.5))
        ax = figure.subplots()
        ax.axvspan(-zone, zone, color=style.ZONE, lw=0)
        ax.axvline(0, color=style.GREY, lw=0.8)
        hues = [style.INK] * len(start[:1]) + [style.ACCENT] * len(moved)
        dots(ax, map(Dot, rows, range(len(rows)), hues))
        names = ["as it is", *(item.group.partition(": ")[2] for item in moved)]
        label_rows(ax, [wrapped(name, 24) for name in names[-len(rows) :]])
        unit_axis(ax, rows, "adjusted difference")
        group = firmest.name.partition(":")[0]
        return f"{upper(group)}, had something not asked been held as well. {_zone(zone, rows)}"

    return draw


def _judged(gaps: list[Estimate]) -> str:
    """The unit in which contrasts are judged: SD where any of them is."""
    return "SD" if any(item.unit == "SD" for item in gaps) else "share difference"


def _firmest(estimates: list[Estimate]) -> Estimate | None:
    found = [item for item in estimates if item.key.startswith("robustness_limit.")]
    return max(found, key=lambda item: item.value, default=None)


def _zone(zone: float, rows: list[Estimate]) -> str:
    kind = UNITS[rows[0].unit]
    return f"The shaded zone is within {format_number(zone, rows[0].unit)[1:]} {kind.word} of none."


def matched(estimates: list[Estimate], figure: Figure) -> str:
    """The mean difference within pairs, with Rosenbaum's gamma at the right."""
    shown = [item for item in estimates if item.key.startswith("matched.") and item.low == item.low]
    at = {item.key: item for item in estimates}
    figure.set_size_inches(style.WIDTH, row_height(len(shown), per_row=0.5))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    texts = []
    dots(ax, [Dot(item, row) for row, item in enumerate(shown)])
    for row, item in enumerate(shown):
        gamma = at.get(item.key.replace("matched.", "gamma."))
        if gamma is not None:
            texts.append(f"Γ = {format_number(gamma.value, 'ratio')}")
            place = ax.get_yaxis_transform()
            ax.text(1.02, row, texts[-1], transform=place, va="center")
    label_rows(ax, [f"{_group(item)}\n({item.n // 2:,} pairs)" for item in shown])
    unit_axis(ax, shown, "difference within pairs")
    if not shown:
        return "No contrast is large enough to show."
    last = shown[-1]
    return (
        f"{upper(last.name)}: {last}, {texts[-1]}. Γ is how many times the odds of one of "
        "two alike to be in the group would have to be the other’s to undo its significance."
    )


def _group(item: Estimate) -> str:
    return wrapped(item.name.partition(" − ")[0], 24)


def selection(*, zone: float) -> Callable[[list[Estimate], Figure], str]:
    """A drawing of the contrast over the correlation of rating and error, its crossing marked.

    `zone` is the smallest difference of interest.
    """

    def draw(estimates: list[Estimate], figure: Figure) -> str:
        curve = [item for item in estimates if item.key.startswith("selected.")]
        at = {item.key.rpartition(".")[2]: item for item in estimates}
        if not curve:
            return "No contrast is large enough to show."
        figure.set_size_inches(style.WIDTH, 3.6)
        ax = figure.subplots()
        steps = np.array([int(item.key.rpartition(".")[2]) / 100 for item in curve])
        ax.axhspan(-zone, zone, color=style.ZONE, lw=0)
        ax.axhline(0, color=style.GREY, lw=0.8)
        low, high = [item.low for item in curve], [item.high for item in curve]
        ax.fill_between(steps, low, high, color=style.ACCENT, alpha=0.18, lw=0)
        ax.plot(steps, [item.value for item in curve], color=style.ACCENT, lw=2)
        _marks(ax, at["zero"], at["observed"], float(steps[-1]))
        ax.set_xlim(0, steps[-1])
        ax.set_xlabel("correlation of the rating with the outcome’s error")
        level = format_level(curve[0].level)
        ax.set_ylabel(f"difference, {UNITS[curve[0].unit].word} ({level} CI)")
        bottom, top = ax.get_ylim()
        ax.set_ylim(bottom, top + 0.16 * (top - bottom))  # room for the correlation that was seen
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: _tick(y, curve[0].unit)))
        return _selection_caption(curve, at, zone)

    return draw


def _tick(tick: float, unit: str) -> str:
    """A number of the y axis: one decimal in SD, none in percentage points."""
    kind = UNITS[unit]
    if abs(tick) < 1e-12:
        return "0"
    sign = "−" if tick < 0 else "+"
    return f"{sign}{abs(tick) * kind.factor:.{1 if kind.factor == 1 else 0}f}"


def _marks(ax: Axes, zero: Estimate, seen: Estimate, last: float) -> None:
    """The correlation that was seen, with its interval, and the one that leaves nothing."""
    place = ax.get_xaxis_transform()
    ends = [min(max(end, 0), last) for end in (seen.low, seen.high)]
    ax.plot(ends, [0.93, 0.93], color=style.POOR, lw=2.2, alpha=0.55, transform=place)
    if 0 <= seen.value <= last:
        ax.axvline(seen.value, ymax=0.93, color=style.POOR, lw=1.2, ls=(0, (4, 2)))
        ax.plot([seen.value], [0.93], "o", ms=6.5, color=style.POOR, transform=place)
    text = f"rating and outcome: {format_number(seen.value, 'correlation')}"
    middle = min(max(seen.value, 0.3 * last), 0.7 * last)
    ax.text(middle, 0.97, text, color=style.POOR, ha="center", va="bottom", transform=place)
    if 0 < zero.value < last:
        ax.plot([zero.value], [0], "o", ms=7, color=style.ACCENT)
        text = f" zero at {format_number(zero.value, 'correlation')}"
        ax.text(zero.value, 0.03, text, ha="left", va="bottom", transform=place)
        ax.plot([max(zero.low, 0), min(zero.high, last)], [0, 0], color=style.ACCENT, lw=2.2)


def _selection_caption(curve: list[Estimate], at: dict[str, Estimate], zone: float) -> str:
    first, zero, seen = curve[0], at["zero"], at["observed"]
    crossing = f"It would be zero at a correlation of {zero}."
    if first.value <= 0:
        crossing = "It is not above zero even without selection."
    elif zero.value > 1:
        crossing = "No correlation would bring it to zero."
    return (
        f"The contrast of delighted complainers, {first}, falls with what selection adds to it. "
        f"{crossing} Among complainers rating and outcome correlate {seen}, which is the most that "
        f"selection can be if better handling does no harm. {_zone(zone, curve)}"
    )
