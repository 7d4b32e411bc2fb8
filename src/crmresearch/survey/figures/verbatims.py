"""The drawings of the themes: each returns its caption, which is also its alt text."""

from matplotlib.figure import Figure

from crmresearch.report import plots
from crmresearch.report.estimates import Estimate


def prevalence(estimates: list[Estimate], figure: Figure) -> str:
    """Each theme's share of those who wrote, under its question."""
    themes = [item for item in estimates if item.key.startswith("theme.")]
    shown = themes or estimates
    _rows(shown, figure, "share of those who wrote" if themes else "share of respondents").set_xlim(
        left=0
    )
    return plots.extremes(shown)


def scores(estimates: list[Estimate], figure: Figure) -> str:
    """Differences of means with a line at zero; those who wrote against those who did not first."""
    _rows(estimates, figure, "difference of means").axvline(0, color=plots.style.GREY, lw=0.8)
    themes = [item for item in estimates if item.key.startswith("themescore.")]
    clear = sum(item.low > 0 or item.high < 0 for item in themes)
    return (
        f"{clear} of {len(themes)} themes have a simultaneous interval clear of zero. "
        + plots.extremes(themes or estimates)
    )


def _rows(estimates: list[Estimate], figure: Figure, label: str):
    rows = [
        (item.group.partition(": ")[2], plots.with_n(item.name, item.n), item) for item in estimates
    ]
    return plots.headed(rows, figure, label=label)
