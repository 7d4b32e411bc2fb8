"""How many types: information criteria and held-out likelihood by number of types."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmresearch.archetypes.figures.layout import label_rows, marks
from crmresearch.report import style
from crmresearch.report.dots import Dot
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_level, format_number

CRITERIA = ("BIC", "aBIC", "AIC", "CAIC", "ICL")


def criteria(frame: pd.DataFrame, figure: Figure) -> str:
    """Information criteria by number of types, BIC in front, and held-out likelihood below."""
    if len(frame) < 2:
        return ""
    held_out = "Held-out" in frame
    figure.set_size_inches(style.WIDTH, 5.6 if held_out else 3.4)
    axes = figure.subplots(
        1 + held_out, 1, sharex=True, squeeze=False, height_ratios=[1.5, 1][: 1 + held_out]
    )[:, 0]
    chosen = frame.loc[frame["Chosen"] == "chosen"].iloc[0]
    _criteria(axes[0], frame, chosen)
    if held_out:
        _held_out(axes[1], frame, chosen)
    axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[-1].set(xlabel="number of types")
    return _criteria_caption(frame, chosen)


def kinds(estimates: list[Estimate], figure: Figure) -> str:
    """What one dimension foretells beyond a single type, and the types beyond one dimension."""
    rows = [item for item in estimates if item.unit == "held-out difference"]
    figure.set_size_inches(style.WIDTH, 1.9)
    ax = figure.subplots()
    marks(ax, [Dot(item, row) for row, item in enumerate(rows)])
    label_rows(ax, [item.name for item in rows])
    ax.axvline(0, color=style.GREY, lw=1, zorder=1)
    ax.grid(axis="x")
    ax.margins(x=0.1)
    ax.set(xlabel=f"held-out log-likelihood gained a respondent ({format_level(rows[0].level)} CI)")
    told = next((item for item in estimates if item.key == "kinds.told"), None)
    share = f" One dimension gives {told} of the types' gain." if told else ""
    return " ".join(f"{item.name}: {item}." for item in rows) + share


def _criteria(ax: Axes, frame: pd.DataFrame, chosen: pd.Series) -> None:
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
    _mark(ax, chosen["Types"], chosen["BIC"], 13, frame["Types"].max())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: format_number(tick, "count")))
    ax.set(ylabel="criterion, lower is better")
    ax.margins(y=0.12)


def _held_out(ax: Axes, frame: pd.DataFrame, chosen: pd.Series) -> None:
    """Each number's mean; a bar is the interval of its difference from the number chosen."""
    ax.plot(frame["Types"], frame["Held-out"], color=style.ACCENT, lw=2.2, marker="o", zorder=3)
    others = frame[frame["Less the chosen"].notna()]
    ax.vlines(
        others["Types"],
        chosen["Held-out"] + others["From"],
        chosen["Held-out"] + others["To"],
        color=style.ACCENT,
        lw=4,
        alpha=0.4,
    )
    _mark(ax, chosen["Types"], chosen["Held-out"], -19, frame["Types"].max())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:.1f}".replace("-", "−")))
    ax.set(ylabel="held-out log-likelihood\na respondent")
    ax.margins(y=0.2)


def _mark(ax: Axes, x: float, y: float, above: float, last: float) -> None:
    ax.plot(x, y, "o", ms=15, mfc="none", mec=style.POOR, mew=2, zorder=4)
    ax.annotate(
        "chosen",
        (x, y),
        xytext=(0, above),
        textcoords="offset points",
        ha="right" if x >= last else "center",  # beyond the last point stand the lines' names
        color=style.POOR,
        va="bottom" if above > 0 else "center",
    )


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
    if "Held-out" in frame:
        best = frame.loc[frame["Held-out"].idxmax()]
        text += (
            f". Held-out respondents are predicted best with {best['Types']:.0f}; bars are "
            "intervals of the difference from the number chosen"
        )
    return f"{text}."
