"""The drawings of the drivers: each returns its caption, which is also its alt text."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number


def importance(estimates: list[Estimate], figure: Figure) -> str:
    """Each driver's share of the explained variance."""
    drivers = [item for item in estimates if item.unit == "share"]
    plots.intervals(drivers, figure, label="share of the explained variance").set_xlim(left=0)
    return plots.extremes(drivers)


def ranks(frame: pd.DataFrame, figure: Figure) -> str:
    """How often each driver took each rank, as a strip of shaded cells."""
    columns = list(frame.columns[1:])
    figure.set_size_inches(style.WIDTH, plots.row_height(len(frame), per_row=0.4))
    ax = figure.subplots()
    for row, values in enumerate(frame[columns].to_numpy(float)):
        for column, value in enumerate(values):
            ax.add_patch(_cell(column, row, value))
            if value >= 0.005 and len(columns) <= 12:
                text = f"{value * 100:.0f}"
                colour = "white" if value > 0.5 else style.INK
                ax.text(column, row, text, ha="center", va="center", fontsize=9, color=colour)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(frame) - 0.5, -0.5)
    ax.set_xticks(range(len(columns)), labels=[name.split()[-1] for name in columns])
    ax.set_yticks(
        range(len(frame)), labels=[plots.wrapped(plots.cut(name)) for name in frame["Driver"]]
    )
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_xlabel("rank by importance (labels: per cent of resamples)")
    first, share = frame["Driver"].iloc[0], frame[columns[0]].iloc[0]
    return f"{first} ranks first in {format_number(share, 'share')} of the resamples."


def _cell(column: int, row: int, value: float) -> Rectangle:
    return Rectangle(
        (column - 0.48, row - 0.44), 0.96, 0.88, facecolor=style.ACCENT, alpha=0.06 + 0.94 * value
    )
