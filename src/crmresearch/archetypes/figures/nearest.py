"""The types on the dimensions, with the places of the catalogue beside them."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.archetypes.catalogue import poles
from crmresearch.archetypes.figures.layout import by, dot, short
from crmresearch.archetypes.nearest import Named
from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import MINUS, format_level

MARKS = (("first", "|", style.POOR, 15), ("second", "|", style.GREY, 9))


def places(estimates: list[Estimate], figure: Figure, *, named: Named) -> str:
    """One strip a type: each dimension with its interval, ticks where the nearest two lie."""
    on = [item for item in estimates if item.key.startswith("place.")]
    strips = by(on, lambda item: item.group)
    rows = list(dict.fromkeys(item.key.partition(".")[2] for item in on))
    height = 0.5 + len(strips) * (0.75 + 0.26 * len(rows))
    figure.set_size_inches(style.WIDTH, height)
    axes = figure.subplots(len(strips), 1, sharex=True, squeeze=False)[:, 0]
    for ax, (group, items) in zip(axes, strips.items(), strict=True):
        k = [f"type: {label}" for label in named.types.labels].index(group)
        for item in items:
            row = rows.index(item.key.partition(".")[2])
            dot(ax, item, row, style.ACCENT, "o")
        _ticks(ax, named, k, rows)
        _frame(ax, rows, _heading(named, k, group.partition(": ")[2]))
    level = format_level(on[0].level)
    axes[-1].set_xlabel(f"place of the type, {MINUS}1 to 1 ({level} CI)")
    return (
        "Dots are the types with their intervals; the long tick is the place of the nearest type "
        "of the catalogue, the short grey one that of the second. Where there is no tick, the "
        "definition does not say."
    )


def _ticks(ax: Axes, named: Named, k: int, rows: list[str]) -> None:
    for which, shape, colour, size in MARKS:
        neighbour = getattr(named.neighbours[k], which)
        for row, dimension in enumerate(rows if neighbour >= 0 else []):
            at = named.catalogue.of(dimension)[neighbour]
            ax.plot(at, row, shape, color=colour, ms=size, mew=2.2, clip_on=False)


def _heading(named: Named, k: int, label: str) -> str:
    one = named.neighbours[k]
    if one.first < 0:
        return f"Type {short(label, 40)}"
    names = [named.catalogue.labels[row] for row in (one.first, one.second) if row >= 0]
    return f"Type {short(label, 26)}: ticks {short(', '.join(names), 46)}"


def _frame(ax: Axes, rows: list[str], heading: str) -> None:
    ax.set_title(heading, fontsize=9)
    ax.set_yticks(range(len(rows)), labels=[poles(name)[0] for name in rows], fontsize=8.5)
    ax.tick_params(axis="y", length=0)
    for row, name in enumerate(rows):
        ax.annotate(
            poles(name)[1],
            (1.02, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
        )
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(-1.05, 1.05)
    ax.axvline(0, color=style.PALE, lw=0.8, zorder=0.5)
    ax.grid(axis="y")
    ax.spines["left"].set_visible(False)


def reliability(estimates: list[Estimate], figure: Figure) -> str:
    """Reliability of each dimension's score."""
    plots.intervals(estimates, figure, label="reliability")
    return plots.extremes(estimates)
