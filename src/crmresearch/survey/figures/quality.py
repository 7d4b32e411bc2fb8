"""The drawings of answer quality: each returns its caption, which is also its alt text."""

from matplotlib.figure import Figure

from crmresearch.report import plots
from crmresearch.report.estimates import Estimate

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
    items = [item for item in estimates if item.key.startswith("missing.") and item.unit == "share"]
    patterns = [item for item in estimates if item.key.startswith("pattern.")]
    rows = [("Left out", plots.wrapped(plots.cut(x.name)), x) for x in items[:MOST_ITEMS]]
    rows += [("Left out together", plots.wrapped(plots.cut(x.name)), x) for x in patterns]
    plots.headed(rows, figure, label="share of respondents").set_xlim(left=0)
    more = "" if len(items) <= MOST_ITEMS else f" The {MOST_ITEMS} missing most are drawn."
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
