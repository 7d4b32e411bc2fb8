"""The drawings of the scales: each returns its caption, which is also its alt text."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_level
from crmresearch.survey.scales import ENOUGH


def reliability(estimates: list[Estimate], figure: Figure) -> str:
    """Alpha and omega of every scale as two dots a row, against the convention."""
    scales: dict[str, list[Estimate]] = {}
    for item in estimates:
        scales.setdefault(item.key.partition(".")[2], []).append(item)
    figure.set_size_inches(style.WIDTH, plots.row_height(len(scales), per_row=0.5, frame=1.2))
    ax = figure.subplots()
    ax.axvline(ENOUGH, color=style.GREY, lw=0.8, ls=(0, (4, 3)))
    names = []
    for row, pair in enumerate(scales.values()):
        for item in pair:
            omega = item.key.startswith("omega")
            shift = 0.0 if len(pair) == 1 else 0.14 if omega else -0.14
            _reliability_dot(ax, item, row + shift, omega)
        name = pair[0].name.rpartition(", ")[0]
        names.append(plots.with_n(name, pair[0].n))
    ax.set_yticks(range(len(names)), labels=names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(names) - 0.45, -0.55)
    lowest = min(ends for item in estimates for ends in (item.low, item.value) if ends == ends)
    ax.set_xlim(min(lowest - 0.02, ENOUGH - 0.05), 1.0)
    ax.plot([], [], "s", color=style.GREY, mfc="white", ms=6, label="alpha")
    ax.plot([], [], "o", color=style.ACCENT, ms=6.5, label="omega")
    ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(0, 1), fontsize=9.5, handlelength=0.8)
    ax.set_xlabel(f"reliability ({format_level(estimates[0].level)} CI); dashed: {ENOUGH:.2f}")
    return plots.extremes(estimates)


def _reliability_dot(ax: Axes, item: Estimate, row: float, omega: bool) -> None:
    colour = style.ACCENT if omega else style.GREY
    if item.low == item.low:
        ax.plot([item.low, item.high], [row, row], color=colour, lw=2.0, alpha=0.55)
    face = colour if omega else "white"
    ax.plot(item.value, row, "o" if omega else "s", color=colour, mfc=face, ms=6)


def items(estimates: list[Estimate], figure: Figure) -> str:
    """Each item's correlation with the rest, under the name of its scale."""
    rows = [
        (item.key.split(".")[1].replace("_", " "), plots.with_n(item.name, item.n), item)
        for item in estimates
    ]
    plots.headed(rows, figure, label="correlation with the rest of the scale").set_xlim(right=1)
    return plots.extremes(estimates)
