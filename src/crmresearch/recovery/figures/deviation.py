"""Two failures and their order, drawn."""

from matplotlib.figure import Figure

from crmresearch.recovery.figures.layout import label_rows, upper
from crmresearch.report import style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate
from crmresearch.report.plots import (
    extremes,
    per_row,
    row_height,
    row_names,
    unit_axis,
    with_n,
)

PARTS = (".first", ".again")  # of a difference that is drawn; they stand in the table


def deviation(estimates: list[Estimate], figure: Figure) -> str:
    """The four orders of the main outcome, then each outcome's planned contrasts."""
    panels = _panels(estimates)
    if not panels:
        return "No contrast is large enough to show."
    names = [
        row_names(items)
        if items[0].group
        else [with_n(item.name.partition(": ")[2], item.n) for item in items]
        for items in panels
    ]
    heights = [
        row_height(len(items), per_row=max(0.36, per_row(labels)), frame=0.85)
        for items, labels in zip(panels, names, strict=True)
    ]
    figure.set_size_inches(style.WIDTH, sum(heights))
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
    for ax, items, labels in zip(axes, panels, names, strict=True):
        means = bool(items[0].group)
        if not means:
            ax.axvline(0, color=style.GREY, lw=0.8)
        dots(ax, [Dot(item, row) for row, item in enumerate(items)])
        label_rows(ax, labels)
        outcome = items[0].name.partition(": ")[0]
        unit_axis(
            ax, items, f"mean {outcome.partition(',')[0]}" if means else f"difference in {outcome}"
        )
    return _caption(panels)


def _panels(estimates: list[Estimate]) -> list[list[Estimate]]:
    """The four means of the first outcome that has them, then contrasts outcome by outcome."""
    known = [item for item in estimates if item.low == item.low]
    means = [item for item in known if item.group]
    means = [item for item in means if item.key == means[0].key]
    contrasts: dict[str, list[Estimate]] = {}
    for item in known:
        if not item.group and not item.key.endswith(PARTS):
            contrasts.setdefault(item.key.split(".")[1], []).append(item)
    return [items for items in (means, *contrasts.values()) if items]


def _caption(panels: list[list[Estimate]]) -> str:
    means = [items for items in panels if items[0].group]
    text = f"{upper(means[0][0].name)}: {extremes(means[0])} " if means else ""
    return (
        f"{text}Means are of customers alike in what was measured before; the intervals of the "
        "contrasts hold for all planned ones of a kind at once."
    )
