"""The drawings of associations and groups: each returns its caption, which is also its alt text."""

from matplotlib.figure import Figure

from crmresearch.report import plots
from crmresearch.report.estimates import Estimate

MOST_ROWS = 20


def coefficients(estimates: list[Estimate], figure: Figure) -> str:
    """Correlations with their intervals and a line at zero."""
    plots.intervals(estimates, figure, reference=0, label="correlation")
    return plots.extremes(estimates)


def differences(estimates: list[Estimate], figure: Figure) -> str:
    """Pairwise differences of means in scale points, with a line at zero."""
    every = [item for item in estimates if item.unit == "scale difference"]
    pairs = every
    if len(every) > MOST_ROWS:
        pairs = sorted(every, key=lambda item: -max(item.low, -item.high))[:MOST_ROWS]
    plots.intervals(pairs, figure, reference=0, label="difference of means")
    clear = sum(item.low > 0 or item.high < 0 for item in every)
    more = "" if len(pairs) == len(every) else f" The {len(pairs)} nearest to that are drawn."
    return f"{clear} of {len(every)} simultaneous intervals are clear of zero.{more}"
