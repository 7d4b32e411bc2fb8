"""The mix of types in groups, and the share of negative relationships."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.archetypes.figures.layout import by, small_multiples
from crmresearch.report import plots, style
from crmresearch.report.dots import Dot
from crmresearch.report.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Rows:
    """Groups below one another, each grouping under its own heading."""

    names: tuple[str, ...]
    headings: tuple[int, ...]
    places: dict[str, int]

    def __getitem__(self, group: str) -> int:
        return self.places[group]

    def mark(self, panels: list[Axes]) -> None:
        """Tell the headings from the groups, where they are written: at the left."""
        for ax in (ax for ax in panels if ax.get_subplotspec().is_first_col()):
            for at, label in enumerate(ax.get_yticklabels()):
                if at in self.headings:
                    label.set(fontweight="bold", color=style.GREY)


def group_rows(estimates: list[Estimate]) -> Rows:
    """The rows of the groups that the estimates are of."""
    names, headings, places = [], [], {}
    for group in dict.fromkeys(item.group for item in estimates if item.group):
        role, _, name = group.partition(": ")
        if not places or role not in names[headings[-1]]:
            headings.append(len(names))
            names.append(f"by {role}")
        places[group] = len(names)
        names.append(name)
    return Rows(tuple(names), tuple(headings), places)


def mix(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: its share in each group."""
    shares = [item for item in estimates if item.group]
    rows = group_rows(shares)

    def dot(item: Estimate) -> Dot:
        return Dot(item, rows[item.group])

    panels = by(shares, lambda item: item.name)
    label = "share of the group"
    rows.mark(small_multiples(figure, panels, list(rows.names), dot, label, shares, top=None))
    return f"One panel a type. {_furthest_apart(estimates)}"


def _furthest_apart(estimates: list[Estimate]) -> str:
    """The lowest and highest share of the type and grouping that the largest difference is of."""
    gaps = [item for item in estimates if item.key.endswith(".gap") and item.value == item.value]
    if not gaps:
        return ""
    most = max(gaps, key=lambda item: item.value)
    key = most.key.removesuffix(".gap")
    shares = [item for item in estimates if item.key == key and item.group]
    name = most.name.partition(":")[0]
    return f"Furthest apart are the shares of {name}. {plots.extremes(shares)}"


def negative(estimates: list[Estimate], figure: Figure) -> str:
    """All respondents first, then the groups under their headings."""
    shares = [item for item in estimates if item.key == "negative"]
    ax = plots.groups(shares, figure, label="negative relationships")
    ax.set_xlim(left=0)
    return f"The line and band are all respondents. {plots.extremes(shares)}"
