"""Marks, rows and panels that the drawings share."""

from collections.abc import Callable, Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmresearch.report import plots, style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_level


def small_multiples(
    figure: Figure,
    panels: dict[str, list[Estimate]],
    rows: list[str],
    dot: Callable[[Estimate], Dot],
    label: str,
    estimates: list[Estimate],
    top: float | None = 1.0,
) -> list[Axes]:
    """Small multiples, two beside each other, with rows named at the left and one x axis.

    `dot` says where and how an estimate is drawn in its panel.
    """
    across = min(2, max(1, len(panels)))
    down = -(-len(panels) // across) or 1
    figure.set_size_inches(style.WIDTH, down * (0.62 + 0.27 * max(len(rows), 2)) + 0.4)
    axes = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, (name, items) in zip(axes, panels.items(), strict=False):
        marks(ax, map(dot, items))
        ax.set_title(plots.wrapped(short(name, 52), 28), fontsize=9)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
    for ax in axes[len(panels) :]:
        ax.set_visible(False)
    for ax in axes[max(0, len(panels) - across) : len(panels)]:
        ax.tick_params(axis="x", labelbottom=True)
    axes[0].set_yticks(range(len(rows)), labels=[short(name) for name in rows])
    axes[0].set_ylim(len(rows) - 0.4, -0.6)
    axes[0].set_xlim(0, top)
    axes[0].xaxis.set_major_locator(MaxNLocator(nbins=2 if top == 1 else 4))  # 100% needs room
    axes[0].xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick * 100:.0f}%"))
    level = format_level(estimates[0].level) if estimates else ""
    figure.supxlabel(f"{label} ({level} CI)", fontsize=style.RC["font.size"])
    return axes[: len(panels)].tolist()


def marks(ax: Axes, drawn: Iterable[Dot]) -> None:
    """Estimates with their intervals; a dot at the edge of the axes is drawn whole."""
    dots(ax, drawn, size=5.5, width=2, clip_on=False, zorder=3)


def label_rows(ax: Axes, names: list[str]) -> None:
    ax.set_yticks(range(len(names)), labels=names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def say_n_once(ax: Axes, items: list[Estimate]) -> None:
    """Write n on the axis and not in every row, where all rows rest on the same respondents."""
    if len(items) < 2 or len({item.n for item in items}) > 1:
        return
    names = [item.group.partition(": ")[2] or item.name for item in items]
    plots.name_rows(ax, list(range(len(items))), [plots.wrapped(plots.cut(x)) for x in names])
    ax.set_xlabel(f"{ax.get_xlabel()}, n\u00a0=\u00a0{items[0].n:,}")


def by(estimates: list[Estimate], key: Callable[[Estimate], str]) -> dict[str, list[Estimate]]:
    parts: dict[str, list[Estimate]] = {}
    for item in estimates:
        parts.setdefault(key(item), []).append(item)
    return parts


def short(name: str, limit: int = 26) -> str:
    return name if len(name) <= limit else name[: limit - 1].rstrip() + "…"
