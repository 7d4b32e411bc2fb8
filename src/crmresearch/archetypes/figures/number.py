"""How many types: information criteria by number of types."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmresearch.report import style
from crmresearch.report.numbers import format_number

CRITERIA = ("BIC", "aBIC", "AIC", "CAIC")


def criteria(frame: pd.DataFrame, figure: Figure) -> str:
    """Information criteria by number of types, BIC in front, the choice marked."""
    figure.set_size_inches(style.WIDTH, 3.4)
    ax = figure.subplots()
    for name in CRITERIA[::-1]:
        front = name == "BIC"
        ax.plot(
            frame["Types"],
            frame[name],
            color=style.ACCENT if front else style.GREY,
            lw=2.2 if front else 0.9,
            marker="o" if front else None,
            zorder=3 if front else 2,
        )
    _label_ends(ax, frame)
    chosen = frame.loc[frame["Chosen"] == "chosen"].iloc[0]
    ax.plot(chosen["Types"], chosen["BIC"], "o", ms=15, mfc="none", mec=style.POOR, mew=2, zorder=4)
    ax.annotate(
        "chosen",
        (chosen["Types"], chosen["BIC"]),
        xytext=(0, 13),
        textcoords="offset points",
        ha="center",
        color=style.POOR,
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: format_number(tick, "count")))
    ax.set(xlabel="number of types", ylabel="information criterion, lower is better")
    ax.margins(y=0.12)
    return _criteria_caption(frame, chosen)


def _label_ends(ax: Axes, frame: pd.DataFrame) -> None:
    """Each line named at its right end, from the bottom up so that names do not meet."""
    last = frame.iloc[-1]
    low, high = (float(edge(frame[list(CRITERIA)].to_numpy())) for edge in (_least, _most))
    gap, place = (high - low) * 0.065, float("-inf")
    for name in sorted(CRITERIA, key=lambda name: last[name]):
        place = max(float(last[name]), place + gap)
        ax.annotate(
            name,
            (float(last["Types"]), place),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=style.ACCENT if name == "BIC" else style.GREY,
            annotation_clip=False,
        )
    ax.set_xlim(float(frame["Types"].iloc[0]) - 0.2, float(last["Types"]) + 0.2)


def _least(values) -> float:
    return values.min()


def _most(values) -> float:
    return values.max()


def _criteria_caption(frame: pd.DataFrame, chosen: pd.Series) -> str:
    text = (
        f"BIC is {format_number(chosen['BIC'], 'criterion')} with {chosen['Types']:.0f} types, the "
        "number chosen"
    )
    others = frame[frame["Types"] != chosen["Types"]].sort_values("BIC")
    if len(others):
        runner = others.iloc[0]
        text += f", and {format_number(runner['BIC'], 'criterion')} with {runner['Types']:.0f}"
    return f"{text}."
