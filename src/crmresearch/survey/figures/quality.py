"""The drawings of answer quality: each returns its caption, which is also its alt text."""

from matplotlib.figure import Figure

from crmresearch.report import plots
from crmresearch.report.estimates import Estimate

MOST_ROWS = 20


def shares(estimates: list[Estimate], figure: Figure) -> str:
    """Shares with their intervals, the largest of them where there are many."""
    shown = estimates[:MOST_ROWS]
    plots.intervals(shown, figure, label="share of respondents").set_xlim(left=0)
    more = "" if len(shown) == len(estimates) else f" The {MOST_ROWS} largest are drawn."
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
