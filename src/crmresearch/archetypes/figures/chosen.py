"""The types that customers chose from cards, alone and by the type found in their answers."""

from matplotlib.figure import Figure

from crmresearch.archetypes.figures.layout import by, say_n_once, small_multiples
from crmresearch.report import plots, style
from crmresearch.report.dots import Dot
from crmresearch.report.estimates import Estimate


def chosen(estimates: list[Estimate], figure: Figure) -> str:
    """Share of each card."""
    shares = [item for item in estimates if item.key == "chosen.share"]
    ax = plots.intervals(shares, figure, label="share who chose it")
    ax.set_xlim(left=0)
    say_n_once(ax, [item for item in shares if item.value == item.value])
    return plots.extremes(shares)


def by_type(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: the share of each card; the card of the working label stands out."""
    shares = [item for item in estimates if item.key.startswith("choice.card.")]
    own = {item.group: _quoted(item.name) for item in estimates if item.key == "choice.own"}
    cards = list(dict.fromkeys(_quoted(item.name) for item in shares))

    def dot(item: Estimate) -> Dot:
        row = cards.index(_quoted(item.name))
        named = own.get(item.group) == _quoted(item.name)
        return Dot(item, row, style.POOR, "s") if named else Dot(item, row)

    panels = by(shares, lambda item: item.group.partition(": ")[2])
    small_multiples(figure, panels, cards, dot, "share of the type", shares)
    squares = "A square is the card of the type's working label. " if own else ""
    tops = [max(items, key=lambda item: item.value) for items in panels.values()]
    parts = [
        f"Type {label} chose “{_quoted(top.name)}” most often, {top}."
        for label, top in zip(panels, tops, strict=True)
    ]
    return squares + " ".join(parts)


def _quoted(name: str) -> str:
    return name.partition("“")[2].rpartition("”")[0]
