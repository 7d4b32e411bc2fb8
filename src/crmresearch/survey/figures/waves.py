"""The drawings of change between waves: each returns its caption, which is also its alt text."""

from matplotlib.figure import Figure

from crmresearch.report import plots
from crmresearch.report.estimates import Estimate


def changes(estimates: list[Estimate], figure: Figure) -> str:
    """Changes between waves, each on the band of changes too small to be found."""
    bands = {
        item.key.removesuffix(".detectable"): item.value
        for item in estimates
        if item.key.endswith(".detectable") and not item.group
    }
    latest = [item for item in estimates if "difference" in item.unit and not item.group]
    plots.panels(latest, figure, bands=bands)
    clear = sum(item.low > 0 or item.high < 0 for item in latest)
    return (
        f"{clear} of {len(latest)} changes have an interval clear of zero. The bands mark true "
        "changes that these samples would miss more often than one time in five."
    )
