"""Regression to the mean, drawn."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crmresearch.recovery.figures.layout import label_rows, upper
from crmresearch.report import style
from crmresearch.report.estimates import Estimate
from crmresearch.report.plots import (
    dot,
    row_height,
    unit_axis,
)


def rises(estimates: list[Estimate], figure: Figure) -> str:
    """Observed rises (filled) above the rises to expect without any recovery (open)."""
    figure.set_size_inches(style.WIDTH, row_height(len(estimates), per_row=0.46))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    for row, item in enumerate(estimates):
        (_hollow if item.key.endswith(".expected") else dot)(ax, item, row)
    label_rows(ax, [f"{_rise_label(item)}\n(n\u00a0=\u00a0{item.n:,})" for item in estimates])
    ax.xaxis.set_major_locator(MaxNLocator(5))
    unit_axis(ax, estimates, "change in satisfaction")
    if not estimates:
        return "No group is large enough to show."
    picked = [item for item in estimates if item.key.startswith("rise.low_complainers.")]
    chosen = picked if len(picked) == 2 else estimates[:2]
    texts = [f"{upper(item.name.replace(': ', ', '))}: {item}." for item in chosen]
    return " ".join(texts) + " Open circles are what to expect without recovery."


def _rise_label(item: Estimate) -> str:
    group, _, kind = item.name.partition(": rise ")
    short = {"complainers delighted with the handling": "delighted complainers"}
    return f"{short.get(group, group)}, {kind.partition(' ')[0]}"


def _hollow(ax: Axes, item: Estimate, row: int) -> None:
    """An expectation: grey, and open whether or not it has an interval."""
    dot(ax, item, row, colour=style.GREY)
    ax.plot(item.value, row, "o", color=style.GREY, ms=6.5, mfc="white")
