"""Diverging stacked bars of answers, shared by every study."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from crmresearch.report import style
from crmresearch.report.plots import name_rows, row_height, wrapped


def answer_bars(shares: pd.DataFrame, figure: Figure) -> Axes:
    """Diverging stacked bars, one a row of `shares` (columns: answers from low to high, 0 to 1).

    Bars are centred on the middle answer, so that agreement reads to the right; shares of at
    least 8% are labelled in the bar.
    """
    figure.set_size_inches(style.WIDTH, row_height(len(shares), per_row=0.42))
    ax = figure.subplots()
    stack(ax, shares)
    return ax


def stack(ax: Axes, shares: pd.DataFrame) -> None:
    """The bars of `answer_bars` on axes that exist, with a key to the answers above them."""
    answers = shares.shape[1]
    values = shares.to_numpy(float)
    middle = answers // 2
    below = values[:, :middle].sum(axis=1) + (values[:, middle] / 2 if answers % 2 else 0)
    starts = np.cumsum(values, axis=1) - values - below[:, None]
    colours = _ramp(answers)
    for column in range(answers):
        ax.barh(
            range(len(shares)),
            values[:, column],
            left=starts[:, column],
            color=colours[column],
            height=0.72,
            label=str(shares.columns[column]),
        )
        dark = abs(column - (answers - 1) / 2) > (answers - 1) / 3
        for row, value in enumerate(values[:, column]):
            if value >= 0.08:
                ax.text(
                    starts[row, column] + value / 2,
                    row,
                    f"{value * 100:.0f}",
                    ha="center",
                    va="center",
                    fontsize=8.5,
                    color="white" if dark else style.INK,
                )
    ax.axvline(0, color=style.GREY, lw=0.8)
    name_rows(ax, list(range(len(shares))), [wrapped(str(name)) for name in shares.index])
    ax.set_ylim(len(shares) - 0.45, -0.55)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{abs(tick) * 100:.0f}%"))
    ax.set_xlabel("share of answers, centred on the middle of the scale")
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
