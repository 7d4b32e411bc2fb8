"""The funnel of failures, drawn."""

from matplotlib.figure import Figure

from crmresearch.recovery.figures.layout import bar_interval
from crmresearch.recovery.funnel import STEPS
from crmresearch.report import style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number
from crmresearch.report.plots import (
    row_height,
)


def funnel(estimates: list[Estimate], figure: Figure) -> str:
    """Bars of the share of all at each step; the pale part was lost since the step before."""
    at = {item.key: item for item in estimates}
    steps = [step for step in STEPS if f"funnel.{step}.of_all" in at]
    figure.set_size_inches(style.WIDTH, row_height(len(steps) + 1, per_row=0.62, frame=0.35))
    ax = figure.subplots()
    ax.barh(0, 1, height=0.46, color=style.PALE)
    ax.text(0, -0.34, "All customers", va="bottom", weight="bold")
    before = 1.0
    for row, step in enumerate(steps, 1):
        item, previous = at[f"funnel.{step}.of_all"], at.get(f"funnel.{step}.of_previous")
        ax.barh(row, before, height=0.46, color=style.ZONE)
        ax.barh(row, item.value, height=0.46, color=style.ACCENT)
        bar_interval(ax, row, item)
        ax.text(0, row - 0.34, STEPS[step].capitalize(), va="bottom", weight="bold")
        ax.text(1, row - 0.34, _shares(item, previous), va="bottom", ha="right", fontsize=9.5)
        before = item.value
    ax.set_ylim(len(steps) + 0.35, -0.75)
    ax.set_xlim(0, 1)
    ax.set_axis_off()
    return _funnel_caption(at, steps)


def _shares(item: Estimate, previous: Estimate | None) -> str:
    text = f"{format_number(item.value, 'share')} of all"
    if previous is None:
        return f"{text} (n\u00a0=\u00a0{item.n:,})"
    before = format_number(previous.value, "share")
    return f"{text}, {before} of those before (n\u00a0=\u00a0{previous.n:,})"


def _funnel_caption(at: dict[str, Estimate], steps: list[str]) -> str:
    if not steps:
        return "No step is large enough to show."
    last = at[f"funnel.{steps[-1]}.of_all"]
    parts = [f"From all customers to those who {_past(steps[-1])}: {last} of all."]
    quiet = at.get("silent.of_previous")
    if quiet is not None:
        parts.append(f"Of those with a problem, {quiet} did not complain.")
    return " ".join(parts) + " The pale part of a bar was lost since the step before."


def _past(step: str) -> str:
    return f"were {STEPS[step]}" if step == "satisfied" else STEPS[step]
