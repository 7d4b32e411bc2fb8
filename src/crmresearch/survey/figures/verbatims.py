"""The drawings of the themes: each returns its caption, which is also its alt text."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.report import plots
from crmresearch.report.estimates import Estimate


def prevalence(estimates: list[Estimate], figure: Figure) -> str:
    """Each theme's share of those who wrote, under its question."""
    themes = [item for item in estimates if item.key.startswith("theme.")]
    shown = themes or estimates
    wrote = f"the {shown[0].n:,} who wrote" if _one_size(shown) else "those who wrote"
    label = f"share of {wrote}" if themes else "share of respondents"
    _rows(shown, figure, label, counted=not _one_size(shown)).set_xlim(left=0)
    return plots.extremes(shown)


def scores(estimates: list[Estimate], figure: Figure) -> str:
    """Differences of means with a line at zero; those who wrote against those who did not first."""
    ax = _rows(estimates, figure, "difference of means", counted=False)
    ax.axvline(0, color=plots.style.GREY, lw=0.8)
    themes = [item for item in estimates if item.key.startswith("themescore.")]
    if not themes:
        return plots.extremes(estimates)
    clear = sum(item.low > 0 or item.high < 0 for item in themes)
    return (
        f"{clear} of {len(themes)} themes have a simultaneous interval clear of zero. "
        + plots.extremes(themes)
    )


def _one_size(estimates: list[Estimate]) -> bool:
    return len({item.n for item in estimates}) == 1


def _rows(estimates: list[Estimate], figure: Figure, label: str, *, counted: bool) -> Axes:
    """A row an estimate, with its n where they differ and n is what the row is about."""
    rows = []
    for item in estimates:
        name = plots.cut(item.name)
        name = plots.with_n(item.name, item.n) if counted else plots.wrapped(name)
        rows.append((item.group.partition(": ")[2], name, item))
    return plots.headed(rows, figure, label=label)
