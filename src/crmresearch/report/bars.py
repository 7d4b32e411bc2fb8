"""Diverging stacked bars of answers, shared by every study."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter

from crmresearch.report import style
from crmresearch.report.plots import cut, name_rows, wrapped

LABELLED = 0.08  # smaller shares are drawn without their number


def stack(ax: Axes, shares: pd.DataFrame) -> None:
    """One bar a row of `shares` (columns: answers from low to high, 0 to 1), with a key above.

    Bars are centred on the middle answer, so that agreement reads to the right; shares of at
    least 8% are labelled in the bar.
    """
    answers = shares.shape[1]
    values = shares.to_numpy(float)
    middle = answers // 2
    below = values[:, :middle].sum(axis=1) + (values[:, middle] / 2 if answers % 2 else 0)
    starts = np.cumsum(values, axis=1) - values - below[:, None]
    rows = range(len(shares))
    for column, (answer, colour) in enumerate(zip(shares.columns, _ramp(answers), strict=True)):
        wide, left = values[:, column], starts[:, column]
        ax.barh(rows, wide, left=left, color=colour, height=0.72, label=str(answer))
        dark = abs(column - (answers - 1) / 2) > (answers - 1) / 3
        for row, value, start in zip(rows, wide, left, strict=True):
            if value >= LABELLED:
                _inside(ax, start + value / 2, row, f"{value * 100:.0f}", dark)
    ax.axvline(0, color=style.GREY, lw=0.8)
    name_rows(ax, list(rows), [wrapped(cut(str(name))) for name in shares.index])
    ax.set_ylim(len(shares) - 0.45, -0.55)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{abs(tick) * 100:.0f}%"))
    ax.set_xlabel("share of answers, centred on the middle of the scale")
    _key(ax, answers)


def _inside(ax: Axes, x: float, row: int, text: str, dark: bool) -> None:
    colour = "white" if dark else style.INK
    ax.text(x, row, text, ha="center", va="center", fontsize=8.5, color=colour)


def _key(ax: Axes, answers: int) -> None:
    ax.legend(
        ncols=answers,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        fontsize=9,
        handlelength=0.9,
        handletextpad=0.3,
        columnspacing=0.8,
    )


def _ramp(answers: int) -> list[tuple[float, float, float]]:
    ramp = LinearSegmentedColormap.from_list("answers", style.DIVERGING)
    return [ramp(position)[:3] for position in np.linspace(0, 1, answers)]
