"""Figures of the validation report; they compute no statistics."""

import math

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from crmresearch.report import style
from crmresearch.report.numbers import format_number
from crmresearch.report.plots import row_height

FLOOR = 1e-9  # smaller multiples of a tolerance are drawn at this one
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def differences(frame: pd.DataFrame, figure: Figure) -> str:
    """One dot a reference number, a row a subject: how far ours is off, in tolerances."""
    if frame.empty:
        return "There is no reference number to draw."
    subjects = list(dict.fromkeys(frame["Subject"]))
    off = frame["In tolerances"]
    figure.set_size_inches(style.WIDTH, row_height(len(subjects), per_row=0.4))
    ax = figure.subplots()
    ax.axvspan(FLOOR / 3, 1, color=style.ZONE, lw=0)
    ax.axvline(1, color=style.GREY, lw=0.8)
    top = 10.0
    for within, colour, marker in ((True, style.ACCENT, "o"), (False, style.POOR, "X")):
        chosen = (off < 1) == within
        ax.plot(
            off[chosen].clip(FLOOR, top),
            [subjects.index(name) for name in frame.loc[chosen, "Subject"]],
            marker,
            color=colour,
            ms=6.5,
            alpha=0.6,
        )
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: _power(tick)))
    ax.set_xlim(FLOOR / 3, 3 * top)
    ax.set_yticks(range(len(subjects)), labels=subjects)
    ax.set_ylim(len(subjects) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("difference from the reference, in tolerances")
    worst = off.idxmax()
    return (
        f"{int((off < 1).sum())} of {len(frame)} differences lie within their tolerance (shaded). "
        f"The largest, {format_number(float(off[worst]), 'ratio')} of the tolerance, is that of "
        f"{frame.loc[worst, 'Quantity']}."
    )


def _power(tick: float) -> str:
    """A power of ten in letters, for the house style writes dollar signs as they are."""
    return "10" + f"{math.log10(tick):.0f}".translate(RAISED)
