"""Marks and rows that the drawings share."""

from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from crmresearch.report import style
from crmresearch.report.estimates import Estimate


def bar_interval(ax: Axes, row: int, item: Estimate) -> None:
    """An interval over the end of a bar, edged white so that it is seen on it."""
    edge = [withStroke(linewidth=3.4, foreground="white")]
    ax.plot([item.low, item.high], [row, row], color=style.INK, lw=1.6, path_effects=edge)


def label_rows(ax: Axes, labels: list[str]) -> None:
    ax.set_yticks(range(len(labels)), labels=labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    return text[:1].lower() + text[1:]
