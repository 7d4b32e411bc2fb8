"""The drawing of the dimensions; it returns its caption, which is also its alt text."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crmresearch.report import plots, style
from crmresearch.report.dots import Dot, dots, spans
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_level
from crmresearch.survey.dimensions import TOGETHER, eigenvalues, numbers

MOST = 15  # places of the first panel


def dimensions(estimates: list[Estimate], figure: Figure) -> str:
    """Eigenvalues of all items beside random ones, then the second eigenvalue of each scale."""
    together = eigenvalues(estimates, TOGETHER)
    scales = {
        item.name.removeprefix("Dimensions of "): eigenvalues(estimates, item.key.partition(".")[2])
        for item in numbers(estimates)
    }
    scales = {name: pairs for name, pairs in scales.items() if len(pairs) > 1}
    heights = [2.9] * bool(together) + [plots.row_height(len(scales))] * bool(scales)
    figure.set_size_inches(style.WIDTH, sum(heights) + 0.3)
    axes = list(figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0])
    texts = []
    if together:
        scales_declared = find(estimates, "declared")
        texts.append(_scree(axes.pop(0), together, int(scales_declared.value)))
    if scales:
        texts.append(_seconds(axes.pop(0), scales))
    return " ".join(texts)


def _scree(ax: Axes, pairs: list[tuple[Estimate, Estimate]], declared: int) -> str:
    shown = pairs[:MOST]
    places = list(range(1, len(shown) + 1))
    chance = [random.value for _, random in shown]
    ax.fill_between(places, 0, chance, color=style.ZONE, lw=0)
    ax.plot(places, chance, color=style.GREY, lw=1.2)
    ends = [(item.low, item.high, at) for at, (item, _) in zip(places, shown, strict=True)]
    spans(ax, ends, upright=True, color=style.ACCENT)
    ax.plot(places, [item.value for item, _ in shown], "o", color=style.ACCENT, ms=5.5)
    if declared <= len(shown):
        ax.axvline(declared + 0.5, color=style.GREY, lw=0.8, ls=(0, (4, 3)))
        ax.annotate(
            f"{declared} scales declared",
            (declared + 0.5, 0.97),
            (4, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            fontsize=9.5,
            color=style.GREY,
        )
    ax.annotate(
        "by chance (95th percentile)",
        (places[-1], chance[-1]),
        (0, 16),
        textcoords="offset points",
        ha="right",
        fontsize=9.5,
        color=style.GREY,
    )
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylabel("eigenvalue")
    ax.set_xlabel(f"dimension, all items ({format_level(shown[0][0].level)} CI)")
    above = sum(item.value > random.value for item, random in pairs)
    return (
        f"The first of {len(pairs)} eigenvalues of all items is {pairs[0][0].value:.2f}; "
        f"{count(above, 'lies', 'lie')} above the grey zone that unrelated answers would stay in."
    )


def _seconds(ax: Axes, scales: dict[str, list[tuple[Estimate, Estimate]]]) -> str:
    seconds = {name: pairs[1] for name, pairs in scales.items()}
    rows = list(range(len(seconds)))
    chance = [random.value for _, random in seconds.values()]
    ends = [(row - 0.37, row + 0.37, at) for row, at in zip(rows, chance, strict=True)]
    ax.barh(rows, chance, height=0.74, color=style.ZONE)
    spans(ax, ends, upright=True, color=style.GREY, lw=1.2, alpha=None)
    dots(ax, [Dot(item, row) for row, (item, _) in enumerate(seconds.values())])
    names = [plots.with_n(name, item.n) for name, (item, _) in seconds.items()]
    plots.name_rows(ax, rows, names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(left=0)
    level = format_level(next(iter(seconds.values()))[0].level)
    ax.set_xlabel(f"second eigenvalue within each scale ({level} CI)")
    above = sum(item.low > random.value for item, random in seconds.values())
    return (
        f"Within {above} of {len(seconds)} scales the second eigenvalue lies above chance with all "
        "of its interval."
    )
