"""The drawings of answer quality: each returns its caption, which is also its alt text."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_number

MOST_ROWS = 20
MOST_ITEMS = 8


def shares(estimates: list[Estimate], figure: Figure) -> str:
    """Shares with their intervals, the largest of them where there are many."""
    shown = estimates[:MOST_ROWS]
    plots.intervals(shown, figure, label="share of respondents").set_xlim(left=0)
    more = "" if len(shown) == len(estimates) else f" The {MOST_ROWS} largest are drawn."
    return plots.extremes(shown) + more


def missing(estimates: list[Estimate], figure: Figure) -> str:
    """The questions most often left out, then what was left out together."""
    every = [item for item in estimates if item.key.startswith("missing.") and item.unit == "share"]
    items = [item for item in every if item.value > 0]
    if not items:
        return ""
    patterns = [item for item in estimates if item.key.startswith("pattern.")]
    rows = [("Left out", plots.wrapped(plots.cut(x.name)), x) for x in items[:MOST_ITEMS]]
    rows += [("Left out together", plots.wrapped(plots.cut(x.name)), x) for x in patterns]
    plots.headed(rows, figure, label="share of respondents").set_xlim(left=0)
    more = "" if len(items) <= MOST_ITEMS else f" The {MOST_ITEMS} missing most are drawn."
    whole = len(every) - len(items)
    if whole:
        more += f" {count(whole, 'question was', 'questions were')} answered by everybody."
    tests = sum(item.p == item.p for item in estimates)
    told = f" The table adds {tests} tests of what gaps go with." if tests else ""
    return f"{plots.extremes(items)}{more}{told}"


def ends(estimates: list[Estimate], figure: Figure) -> str:
    """Ratings and scales with the largest shares at one end."""
    shown = estimates[:MOST_ITEMS]
    plots.intervals(shown, figure, label="share of answers").set_xlim(left=0)
    more = "" if len(shown) == len(estimates) else f" The {MOST_ITEMS} largest are drawn."
    return plots.extremes(shown) + more


def shifts(estimates: list[Estimate], figure: Figure) -> str:
    """What leaving out everybody suspicious changes, a panel for each unit."""
    shown = [item for item in estimates if item.key.startswith("sensitivity.all.")] or estimates
    plots.panels(shown, figure)
    widest = max(shown, key=lambda item: abs(item.value) / _scale(item))
    return (
        f"The largest of these shifts is {widest} ({widest.name}). The table adds each check on "
        "its own."
    )


def _scale(item: Estimate) -> float:
    """The range a unit covers, so that shifts in several units can be ranked."""
    return {"points difference": 200.0, "share difference": 1.0}.get(item.unit, 10.0)


def flow(frame: pd.DataFrame, figure: Figure) -> str:
    """A bar a step, with its count and its share of the step before."""
    figure.set_size_inches(style.WIDTH, plots.row_height(len(frame)))
    ax = figure.subplots()
    rows = list(range(len(frame)))
    steps, people, shares = (frame[name].tolist() for name in frame)
    ax.barh(rows, people, color=style.ACCENT, alpha=0.55, height=0.66)
    for row, number, share in zip(rows, people, shares, strict=True):
        told = f"  {number:,}" + (f" ({format_number(share, 'share')})" if share == share else "")
        ax.text(number, row, told, va="center", fontsize=9.5, color=style.INK)
    plots.name_rows(ax, rows, [plots.wrapped(plots.cut(name)) for name in steps])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, max(*people, 1) * 1.3)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.xaxis.set_major_formatter(lambda tick, _: f"{tick:,.0f}")
    ax.set_xlabel("people or records")
    return (
        f"From {people[0]:,} at “{steps[0]}” to {people[-1]:,} at “{steps[-1]}”; in brackets the "
        "share of the step before. These are counts, which have no interval."
    )
