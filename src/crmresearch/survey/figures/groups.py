"""The drawings of associations and groups: each returns its caption, which is also its alt text."""

from matplotlib.figure import Figure

from crmresearch.report import plots
from crmresearch.report.estimates import Estimate
from crmresearch.survey.flags import MARK

MOST_ROWS = 24


def coefficients(estimates: list[Estimate], figure: Figure) -> str:
    """Correlations with their intervals and a line at zero."""
    plots.intervals(estimates, figure, reference=0, label="correlation")
    return plots.extremes(estimates)


def differences(estimates: list[Estimate], figure: Figure) -> str:
    """Differences between groups, each on the band of differences too small to be found."""
    every = [item for item in estimates if "difference" in item.unit]
    bands = {
        item.key.removesuffix(".detectable"): item.value
        for item in estimates
        if item.key.endswith(".detectable")
    }
    pairs = every
    if len(every) > MOST_ROWS:
        nearest = sorted(every, key=lambda item: _apart(item, bands), reverse=True)[:MOST_ROWS]
        pairs = [item for item in every if item in nearest]
    plots.panels(pairs, figure, bands=bands, label="difference")
    clear = sum(item.low > 0 or item.high < 0 for item in every)
    more = "" if len(pairs) == len(every) else f" The {len(pairs)} nearest to that are drawn."
    return (
        f"{clear} of {len(every)} corrected intervals are clear of zero.{more} The bands mark true "
        "differences that these samples would miss more often than one time in five."
    )


def _apart(item: Estimate, bands: dict[str, float]) -> float:
    """How clearly a difference lies from zero, in the one scale that all units share."""
    return abs(item.value) / bands.get(item.key, float("inf"))


def _measure(item: Estimate) -> str:
    """The measure of a widest difference, marked where its scale fails."""
    return item.name.partition(", by ")[0] + (MARK if item.name.endswith(MARK) else "")


def widest(estimates: list[Estimate], figure: Figure) -> str:
    """The widest difference of each measure under each grouping, in standard deviations."""
    rows = [
        (
            f"By {item.name.partition(', by ')[2].removesuffix(MARK)}",
            plots.with_n(_measure(item), item.n),
            item,
        )
        for item in estimates
    ]
    plots.headed(rows, figure, label="widest difference").set_xlim(left=0)
    clear = sum(item.low > 0 for item in estimates)
    most = max(estimates, key=lambda item: item.value)
    return f"{clear} of {len(estimates)} intervals begin above zero. Largest: {most.name}, {most}."
