"""The types: their profiles and shares, and the balance of their signs."""

from matplotlib.figure import Figure

from crmresearch.archetypes.figures.layout import by, say_n_once, small_multiples
from crmresearch.archetypes.types import OF_SCALE
from crmresearch.report import plots, style
from crmresearch.report.dots import Dot, points
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_interval, format_number

LOOKS = {
    "positive": (style.ACCENT, "o"),
    "negative": (style.POOR, "s"),
    "sign": (style.ACCENT, "o"),
}


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

    def dot(item: Estimate) -> Dot:
        return Dot(item, rows[item.name], *LOOKS[item.key.split(".")[1]])

    panels = by(by_type, lambda item: item.group.partition(": ")[2])
    scales = [OF_SCALE in item.method for item in by_type]
    label = "place on the scale" if all(scales) else "share who say so"
    if any(scales) and not all(scales):
        label += ", or place on the scale"
    axes = small_multiples(figure, panels, signs, dot, label, estimates)
    for ax, items in zip(axes, panels.values(), strict=True):
        ticks = [(overall[x.key], rows[x.name]) for x in items if x.key in overall]
        points(ax, ticks, style.GREY, "|", size=11, mew=1.4, zorder=1.9)
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

    def dot(item: Estimate) -> Dot:
        return Dot(item, kinds.index(item.name))

    panels = by(estimates, lambda item: item.group.partition(": ")[2])
    small_multiples(figure, panels, kinds, dot, "share of the type", estimates)
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
