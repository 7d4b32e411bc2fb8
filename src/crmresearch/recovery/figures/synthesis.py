"""The synthesis of groups or runs, drawn."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crmresearch.recovery.figures.layout import upper
from crmresearch.report import style
from crmresearch.report.dots import points, spans
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, format_level, format_number
from crmresearch.report.plots import name_rows, per_row, row_height, row_names, unit_axis

LARGEST, SMALLEST = 11.0, 4.0  # points across the mark of a group with all the weight, and none


def forest(*, zone: float) -> Callable[[list[Estimate], Figure], str]:
    """A drawing of each group's contrast, its weight as the size of its mark, and the synthesis.

    The diamond spans the interval of the mean, the line below it the prediction for one more
    group. The shaded zone is smaller than the smallest difference of interest, `zone`, either way.
    """

    def draw(estimates: list[Estimate], figure: Figure) -> str:
        parts = [item for item in estimates if item.key.endswith(".effect")]
        mean, predicted = _of(estimates, ".mean"), _of(estimates, ".predicted")
        if not parts or mean is None or predicted is None:
            return ""
        weights = {x.group: x.value for x in estimates if x.key.endswith(".weight")}
        names = [*row_names(parts), "mean of all", "one more like these"]
        figure.set_size_inches(
            style.WIDTH, row_height(len(names) + 1, per_row=max(0.4, per_row(names)))
        )
        ax = figure.subplots()
        ax.axvspan(-zone, zone, color=style.ZONE, lw=0)
        ax.axvline(0, color=style.GREY, lw=0.8)
        ends = [(item.low, item.high, row) for row, item in enumerate(parts)]
        spans(ax, ends, color=style.GREY, lw=1.4, alpha=None)
        for row, item in enumerate(parts):
            size = SMALLEST + (LARGEST - SMALLEST) * weights.get(item.group, 0.0) ** 0.5
            points(ax, [(item.value, row)], shape="s", size=size)
        below = len(parts) + 0.35
        _diamond(ax, mean, below)
        _ahead(ax, predicted, below + 1)
        ax.axhline(len(parts) - 0.3, color=style.PALE, lw=0.8)
        name_rows(ax, [*range(len(parts)), below, below + 1], names)
        ax.set_ylim(below + 1.6, -0.6)
        unit_axis(ax, [mean], "difference")
        ax.xaxis.set_major_locator(MaxNLocator(5))
        return _caption(parts, mean, predicted, zone)

    return draw


def _diamond(ax: Axes, mean: Estimate, row: float) -> None:
    across = [mean.low, mean.value, mean.high, mean.value]
    ax.fill(across, [row, row - 0.24, row, row + 0.24], color=style.ACCENT, lw=0)


def _ahead(ax: Axes, predicted: Estimate, row: float) -> None:
    """The prediction interval, or words in its place where two groups allow none."""
    if predicted.low == predicted.low:
        ends = [predicted.low, predicted.high]
        ax.plot(ends, [row, row], color=style.ACCENT, lw=2.2, alpha=0.55)
        ax.plot(ends, [row, row], "|", color=style.ACCENT, ms=9)
    else:
        ax.text(
            predicted.value,
            row,
            "needs three",
            ha="center",
            va="center",
            color=style.GREY,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 2},
        )


def _of(estimates: list[Estimate], end: str) -> Estimate | None:
    return next((item for item in estimates if item.key.endswith(end)), None)


def _caption(parts: list[Estimate], mean: Estimate, predicted: Estimate, zone: float) -> str:
    unit, word = mean.unit, UNITS[mean.unit].word
    size = format_number(zone, unit).lstrip("+")
    text = (
        f"{upper(parts[0].name)}. The mean of {len(parts)}, the diamond, is {mean}; marks grow "
        f"with their weight in it. The shaded zone is within {size} {word} of no difference."
    )
    if predicted.low == predicted.low:
        ends = " and ".join(format_number(end, unit) for end in (predicted.low, predicted.high))
        level = format_level(predicted.level)
        text += f" One more like these is expected between {ends} {word} ({level})."
    return text
