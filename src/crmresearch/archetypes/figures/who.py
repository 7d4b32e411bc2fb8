"""Who has which type."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmresearch.archetypes.figures.layout import by, marks, short
from crmresearch.report import plots, style
from crmresearch.report.dots import Dot
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, format_level

OFFSETS = {"ml": (-0.22, style.ACCENT, "o"), "bch": (0.0, style.GOOD, "D")}


def shares(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: how its share differs between two values of each characteristic."""
    shown = [item for item in estimates if item.key.startswith("who.share.")]

    _panels(shown, figure, Dot, lambda item: item.name, "difference in the type's share")
    clear = sorted((x for x in shown if x.low > 0 or x.high < 0), key=lambda x: -abs(x.value))
    text = f"{clear[0].name}, {clear[0].group}, {clear[0]}" if clear else "none"
    return (
        "One panel a type: its share with the first value of each characteristic less its share "
        f"with the second, the others held. Furthest from zero of those clear of it: {text}."
    )


def odds(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: log odds against the first type by the three methods."""

    def dot(item: Estimate, row: float) -> Dot:
        method = item.key.split(".")[1]
        away, colour, shape = OFFSETS.get(method, (0.22, style.GREY, "s"))
        return Dot(item, row + away, colour, shape, filled=method != "modal")

    one_step = any(item.key.startswith("odds.one.") for item in estimates)
    estimates = [item for item in estimates if not item.key.startswith("odds.one.")]
    against = estimates[0].name.partition(" against ")[2].rpartition(", ")[0] if estimates else ""
    label = f"log odds against type {short(against)}"
    _panels(estimates, figure, dot, lambda item: item.name.partition(" against ")[0], label)
    text = "One panel a type."
    if any(item.key.startswith("odds.modal.") for item in estimates):
        text += (
            " Dots are three-step maximum likelihood, diamonds BCH, hollow squares the uncorrected "
            "log odds of likeliest types."
        )
    return f"{text} The table adds one-step estimates." if one_step else text


def _panels(
    estimates: list[Estimate],
    figure: Figure,
    dot: Callable[[Estimate, float], Dot],
    panel: Callable[[Estimate], str],
    label: str,
) -> None:
    """Panels two beside each other; rows are values of characteristics under their names."""
    rows, names = _rows(estimates)
    panels = by(estimates, panel)
    across = min(2, max(1, len(panels)))
    down = -(-len(panels) // across) or 1
    figure.set_size_inches(style.WIDTH, down * (0.7 + 0.25 * max(len(names), 2)) + 0.3)
    axes = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, (name, items) in zip(axes, panels.items(), strict=False):
        ax.axvline(0, color=style.GREY, lw=0.8)
        marks(ax, [dot(item, rows[item.group]) for item in items])
        ax.set_title(short(name), fontsize=9)
        ax.tick_params(axis="y", length=0, labelsize=9)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
    for ax in axes[len(panels) :]:
        ax.set_visible(False)
    for ax in axes[max(0, len(panels) - across) : len(panels)]:
        ax.tick_params(axis="x", labelbottom=True)
    _name_rows(axes[::across], rows, names)
    _axis(axes[0], figure, estimates, label)


def _rows(estimates: list[Estimate]) -> tuple[dict[str, int], list[str]]:
    """The row of each group, and the labels of all rows, a characteristic's name before its own.

    Where several values are compared with the same one, that stands with the name.
    """
    groups = dict.fromkeys(item.group for item in estimates)
    parts = by(groups, lambda group: group.partition(": ")[0])
    rows: dict[str, int] = {}
    names: list[str] = []
    for characteristic, own in parts.items():
        words = [group.partition(": ")[2] for group in own]
        others = {text.rpartition(", not ")[2] for text in words if ", not " in text}
        if len(own) > 1 and len(others) == 1:
            names += [short(characteristic), f"against {short(others.pop(), 18)}:"]
            words = [text.rpartition(", not ")[0] for text in words]
        else:
            names.append(short(characteristic))
        for group, text in zip(own, words, strict=True):
            rows[group] = len(names)
            names.append(short(text))
    return rows, names


def _name_rows(axes: np.ndarray, rows: dict[str, int], names: list[str]) -> None:
    """Names of rows at the left of the panels that stand there."""
    axes[0].set_yticks(range(len(names)), labels=names)
    axes[0].set_ylim(len(names) - 0.4, -0.6)
    headings = set(range(len(names))) - set(rows.values())
    for ax in axes:
        for at, label in enumerate(ax.get_yticklabels()):
            if at in headings:
                bold = not names[at].startswith("against ")
                label.set(fontweight="bold" if bold else "normal", color=style.GREY)


def _axis(ax: Axes, figure: Figure, estimates: list[Estimate], label: str) -> None:
    if not estimates:
        return
    unit = estimates[0].unit
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: plots.tick_label(ax, tick, unit)))
    words = ", ".join(x for x in (label, UNITS[unit].word) if x)
    level = format_level(estimates[0].level)
    figure.supxlabel(f"{words} ({level} CI)", fontsize=style.RC["font.size"])
