"""The types on the dimensions, with the places of the catalogue beside them."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.archetypes.catalogue import poles
from crmresearch.archetypes.figures.layout import by, marks, short
from crmresearch.archetypes.nearest import Named
from crmresearch.report import plots, style
from crmresearch.report.dots import Dot, points
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import MINUS, format_level

MARKS = (("first", "|", style.POOR, 15), ("second", "|", style.GREY, 9))


def places(estimates: list[Estimate], figure: Figure, *, named: Named) -> str:
    """One strip a type: each dimension with its interval, ticks where the nearest two lie."""
    on = [item for item in estimates if item.key.startswith("place.")]
    strips = by(on, lambda item: item.group)
    rows = list(dict.fromkeys(item.key.partition(".")[2] for item in on))
    height = 0.5 + len(strips) * (0.7 + 0.22 * len(rows))
    figure.set_size_inches(style.WIDTH, height)
    axes = figure.subplots(len(strips), 1, sharex=True, squeeze=False)[:, 0]
    for ax, (group, items) in zip(axes, strips.items(), strict=True):
        k = [f"type: {label}" for label in named.types.labels].index(group)
        marks(ax, [Dot(item, rows.index(item.key.partition(".")[2])) for item in items])
        _ticks(ax, named, k, rows)
        _frame(ax, rows, group.partition(": ")[2], _ticked(named, k))
    level = format_level(on[0].level)
    axes[-1].set_xlabel(f"place of the type, {MINUS}1 to 1 ({level} CI)")
    if all(one.first < 0 for one in named.neighbours):
        return "Dots are the types with their intervals."
    return (
        "Dots are the types with their intervals; the long tick is the place of the nearest type "
        "of the catalogue, the short grey one that of the second. Where there is no tick, the "
        "definition does not say."
    )


def _ticks(ax: Axes, named: Named, k: int, rows: list[str]) -> None:
    for which, shape, colour, size in MARKS:
        neighbour = getattr(named.neighbours[k], which)
        if neighbour >= 0:
            at = [named.catalogue.of(dimension)[neighbour] for dimension in rows]
            places = zip(at, range(len(rows)), strict=True)
            points(ax, places, colour, shape, size=size, mew=2.2, clip_on=False)


def _ticked(named: Named, k: int) -> str:
    """Which types of the catalogue the ticks of one strip are."""
    one, labels = named.neighbours[k], named.catalogue.labels
    parts = [
        f"{size} tick {short(labels[row], 28)}"
        for size, row in (("long", one.first), ("short", one.second))
        if row >= 0
    ]
    return ", ".join(parts)


def _frame(ax: Axes, rows: list[str], label: str, ticked: str) -> None:
    ax.set_title(f"Type {short(label, 40)}\n", fontsize=9, linespacing=1.4)
    ax.annotate(
        ticked, (0, 1), (0, 4), xycoords="axes fraction", textcoords="offset points", fontsize=8.5
    )
    ends = [[pole.removeprefix("the ") for pole in poles(name)] for name in rows]
    ax.set_yticks(range(len(rows)), labels=[low for low, _ in ends], fontsize=8.5)
    ax.tick_params(axis="y", length=0)
    for row, (_, high) in enumerate(ends):
        place = {"xycoords": ("axes fraction", "data"), "va": "center", "fontsize": 8.5}
        ax.annotate(high, (1.02, row), **place)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(-1.05, 1.05)
    ax.axvline(0, color=style.PALE, lw=0.8, zorder=0.5)
    ax.grid(axis="y")
    ax.spines["left"].set_visible(False)


def reliability(estimates: list[Estimate], figure: Figure) -> str:
    """Reliability of each dimension's score."""
    plots.intervals(estimates, figure, label="reliability")
    return plots.extremes(estimates)
