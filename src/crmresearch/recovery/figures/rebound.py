"""Regression to the mean, drawn."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crmresearch.recovery.figures.layout import label_rows, upper
from crmresearch.report import style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate
from crmresearch.report.plots import (
    row_height,
    unit_axis,
)


def rises(estimates: list[Estimate], figure: Figure) -> str:
    """Observed rises (filled) above the rises to expect without any recovery (open)."""
    figure.set_size_inches(style.WIDTH, row_height(len(estimates), per_row=0.46))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    dots(ax, [_dot(item, row) for row, item in enumerate(estimates)])
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


def _dot(item: Estimate, row: int) -> Dot:
    """An expectation is grey and open, whether or not it has an interval."""
    expected = item.key.endswith(".expected")
    return Dot(item, row, style.GREY if expected else style.ACCENT, filled=not expected)
