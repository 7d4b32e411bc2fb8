"""The mix of types in groups."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.archetypes.figures.layout import by, dot, small_multiples
from crmresearch.archetypes.headlines.wording import widest
from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate


def mix(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: its share in each group."""
    groups = list(dict.fromkeys(item.group.partition(": ")[2] for item in estimates))

    def draw(ax: Axes, items: list[Estimate]) -> None:
        for item in items:
            dot(ax, item, groups.index(item.group.partition(": ")[2]), style.ACCENT, "o")

    panels = by(estimates, lambda item: item.name)
    small_multiples(figure, panels, groups, draw, "share of the group", estimates, top=None)
    name = widest(estimates)
    text = f"Of all types the groups differ most in {name}. " if name else ""
    return f"One panel a type. {text}{plots.extremes(panels.get(name, []))}"
