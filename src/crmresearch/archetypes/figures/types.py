"""The types: their profiles and shares, and the balance of their signs."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.archetypes.figures.layout import by, dot, say_n_once, small_multiples
from crmresearch.archetypes.types import OF_SCALE
from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_interval, format_number

COLOURS = {"positive": style.ACCENT, "negative": style.POOR, "sign": style.ACCENT}
SHAPES = {"positive": "o", "negative": "s", "sign": "o"}


def shares(estimates: list[Estimate], figure: Figure) -> str:
    """Share of each type."""
    ax = plots.intervals(estimates, figure, label="share of respondents")
    ax.set_xlim(left=0)
    say_n_once(ax, [item for item in estimates if item.value == item.value])
    return plots.extremes(estimates)


def profiles(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: each sign with its interval, a tick where all respondents are."""
    overall = {item.key: item.value for item in estimates if not item.group}
    by_type = [item for item in estimates if item.group]
    signs = list(dict.fromkeys(item.name for item in by_type))
    rows = {name: row for row, name in enumerate(signs)}

    def draw(ax: Axes, items: list[Estimate]) -> None:
        for item in items:
            side = item.key.split(".")[1]
            if item.key in overall:
                ax.plot(overall[item.key], rows[item.name], "|", color=style.GREY, ms=11, mew=1.4)
            dot(ax, item, rows[item.name], COLOURS[side], SHAPES[side])

    panels = by(by_type, lambda item: item.group.partition(": ")[2])
    scales = [OF_SCALE in item.method for item in by_type]
    label = "place on the scale" if all(scales) else "share who say so"
    if any(scales) and not all(scales):
        label += ", or place on the scale"
    small_multiples(figure, panels, signs, draw, label, estimates)
    sides = {item.key.split(".")[1] for item in by_type}
    shapes = "Circles are positive signs, squares negative ones. " if "negative" in sides else ""
    return f"{shapes}The grey tick is where all respondents are. {_strongest(panels)}"


def balance(estimates: list[Estimate], figure: Figure) -> str:
    """Shares of the four kinds of relationship."""
    kinds = [
        item for item in estimates if item.key.count(".") == 1 and item.key != "balance.middle"
    ]
    ax = plots.intervals(kinds, figure, label="share of respondents")
    ax.set_xlim(left=0)
    say_n_once(ax, [item for item in kinds if item.value == item.value])
    return plots.extremes(kinds)


def balance_by_type(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: how its respondents divide into the four kinds."""
    kinds = list(dict.fromkeys(item.name for item in estimates))

    def draw(ax: Axes, items: list[Estimate]) -> None:
        for item in items:
            dot(ax, item, kinds.index(item.name), style.ACCENT, "o")

    panels = by(estimates, lambda item: item.group.partition(": ")[2])
    small_multiples(figure, panels, kinds, draw, "share of the type", estimates)
    parts = [
        f"Type {name} is most often {top.name.lower()} ({format_number(top.value, top.unit)})."
        for name, items in panels.items()
        for top in [max(items, key=lambda item: item.value)]
    ]
    return " ".join(parts)


def _strongest(panels: dict[str, list[Estimate]]) -> str:
    parts = []
    for name, items in panels.items():
        top = max(items, key=lambda item: item.value)
        value = format_interval(top.value, top.low, top.high, top.level, top.unit)
        if OF_SCALE in top.method:
            parts.append(f"Type {name} is highest on “{top.name}”, {value} of the way up.")
        else:
            parts.append(f"Type {name} says “{top.name}” most often, {value}.")
    return " ".join(parts)
