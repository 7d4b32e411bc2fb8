"""The figures of the study. They draw what they are given and compute no statistics."""

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmresearch.archetypes.headlines import pair_differences, widest
from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_interval, format_level, format_number

CRITERIA = ("BIC", "aBIC", "AIC", "CAIC")
COLOURS = {"positive": style.ACCENT, "negative": style.POOR, "sign": style.ACCENT}
SHAPES = {"positive": "o", "negative": "s", "sign": "o"}


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


def shares(estimates: list[Estimate], figure: Figure) -> str:
    """Share of each type."""
    ax = plots.intervals(estimates, figure, label="share of respondents")
    ax.set_xlim(left=0)
    return plots.extremes(estimates)


def profiles(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: each sign with its interval, a tick where all respondents are."""
    overall = {item.key: item.value for item in estimates if not item.group}
    by_type = [item for item in estimates if item.group]
    signs = list(dict.fromkeys(item.name for item in by_type))
    rows = {name: row for row, name in enumerate(signs)}

    def draw(ax: Axes, items: list[Estimate]) -> None:
        for item in items:
            side = item.key.split(".")[1]
            if item.key in overall:
                ax.plot(overall[item.key], rows[item.name], "|", color=style.GREY, ms=11, mew=1.4)
            _dot(ax, item, rows[item.name], COLOURS[side], SHAPES[side])

    panels = _by(by_type, lambda item: item.group.partition(": ")[2])
    _panels(figure, panels, signs, draw, "share who say so", estimates)
    sides = {item.key.split(".")[1] for item in by_type}
    shapes = "Circles are positive signs, squares negative ones; " if "negative" in sides else ""
    return f"{shapes}the grey tick is the share among all respondents. {_strongest(panels)}"


def balance(estimates: list[Estimate], figure: Figure) -> str:
    """Shares of the four kinds of relationship."""
    kinds = [
        item for item in estimates if item.key.count(".") == 1 and item.key != "balance.middle"
    ]
    ax = plots.intervals(kinds, figure, label="share of respondents")
    ax.set_xlim(left=0)
    return plots.extremes(kinds)


def outcome(estimates: list[Estimate], figure: Figure) -> str:
    """Corrected means as dots, those of likeliest types as hollow squares beneath them."""
    labels = list(dict.fromkeys(item.group for item in estimates))
    figure.set_size_inches(style.WIDTH, plots.row_height(len(labels), per_row=0.5))
    ax = figure.subplots()
    corrected = [item for item in estimates if item.key.endswith(".bch")]
    for item in estimates:
        row = labels.index(item.group)
        if item.key.endswith(".bch"):
            _dot(ax, item, row - 0.13, style.ACCENT, "o")
        else:
            _dot(ax, item, row + 0.17, style.GREY, "s", hollow=True)
    shown = corrected or estimates
    names = {item.group: f"{item.group.partition(': ')[2]}  (n = {item.n:,})" for item in shown}
    _label_rows(ax, [names.get(label, label.partition(": ")[2]) for label in labels])
    plots.unit_axis(ax, shown, shown[0].name.partition(",")[0].lower() if shown else "")
    return (
        "Dots are means corrected for classification error, squares those of respondents put into "
        f"their likeliest type. {plots.extremes(corrected)}"
    )


def differences(estimates: list[Estimate], figure: Figure) -> str:
    """Every pair of types with its simultaneous interval."""
    pairs = pair_differences(estimates)
    plain = {x.name.partition(": ")[2]: x for x in estimates if ".modal." in x.key}
    figure.set_size_inches(style.WIDTH, plots.row_height(len(pairs), per_row=0.44))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    for row, item in enumerate(pairs):
        _dot(ax, item, row - 0.13, style.ACCENT, "o")
        uncorrected = plain.get(item.name.partition(": ")[2])
        if uncorrected is not None:
            _dot(ax, uncorrected, row + 0.17, style.GREY, "s", hollow=True)
    _label_rows(ax, [item.name.partition(": ")[2] for item in pairs])
    plots.unit_axis(ax, pairs, f"difference in {pairs[0].name.partition(': ')[0].lower()}")
    clear = [item for item in pairs if item.low > 0 or item.high < 0]
    parts = [f"{item.name.partition(': ')[2]}, {item}" for item in clear]
    text = "; ".join(parts) if parts else "none"
    return (
        "Dots are differences corrected for classification error, squares those of respondents put "
        f"into their likeliest type. Clear of zero: {text}."
    )


def mix(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: its share in each group."""
    groups = list(dict.fromkeys(item.group.partition(": ")[2] for item in estimates))

    def draw(ax: Axes, items: list[Estimate]) -> None:
        for item in items:
            _dot(ax, item, groups.index(item.group.partition(": ")[2]), style.ACCENT, "o")

    panels = _by(estimates, lambda item: item.name)
    _panels(figure, panels, groups, draw, "share of the group", estimates, top=None)
    name = widest(estimates)
    text = f"Of all types the groups differ most in {name}. " if name else ""
    return f"One panel a type. {text}{plots.extremes(panels.get(name, []))}"


def _panels(
    figure: Figure,
    panels: dict[str, list[Estimate]],
    rows: list[str],
    draw: Callable[[Axes, list[Estimate]], None],
    label: str,
    estimates: list[Estimate],
    top: float | None = 1.0,
) -> None:
    """Small multiples, two beside each other, with rows named at the left and one x axis."""
    across = min(2, max(1, len(panels)))
    down = -(-len(panels) // across) or 1
    figure.set_size_inches(style.WIDTH, down * (0.62 + 0.27 * max(len(rows), 2)) + 0.4)
    axes = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, (name, items) in zip(axes, panels.items(), strict=False):
        draw(ax, items)
        ax.set_title(_short(name, 28), fontsize=9)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
    for ax in axes[len(panels) :]:
        ax.set_visible(False)
    for ax in axes[max(0, len(panels) - across) : len(panels)]:
        ax.tick_params(axis="x", labelbottom=True)
    axes[0].set_yticks(range(len(rows)), labels=[_short(name) for name in rows])
    axes[0].set_ylim(len(rows) - 0.4, -0.6)
    axes[0].set_xlim(0, top)
    axes[0].xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes[0].xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick * 100:.0f}%"))
    level = format_level(estimates[0].level) if estimates else ""
    figure.supxlabel(f"{label} ({level} CI)", fontsize=style.RC["font.size"])


def _dot(
    ax: Axes, item: Estimate, row: float, colour: str, shape: str, *, hollow: bool = False
) -> None:
    """One estimate with its interval; hollow as well where it has no interval."""
    known = item.low == item.low and item.high == item.high
    if known:
        ax.plot([item.low, item.high], [row, row], color=colour, lw=2, alpha=0.55)
    filled = known and not hollow
    face = colour if filled else "white"
    ax.plot(item.value, row, shape, color=colour, ms=5.5, mfc=face, clip_on=False, zorder=3)


def _label_rows(ax: Axes, names: list[str]) -> None:
    ax.set_yticks(range(len(names)), labels=names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


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


def _strongest(panels: dict[str, list[Estimate]]) -> str:
    parts = []
    for name, items in panels.items():
        top = max(items, key=lambda item: item.value)
        value = format_interval(top.value, top.low, top.high, top.level, top.unit)
        parts.append(f"Type {name} says “{top.name}” most often, {value}.")
    return " ".join(parts)


def _by(estimates: list[Estimate], key: Callable[[Estimate], str]) -> dict[str, list[Estimate]]:
    parts: dict[str, list[Estimate]] = {}
    for item in estimates:
        parts.setdefault(key(item), []).append(item)
    return parts


def _short(name: str, limit: int = 26) -> str:
    return name if len(name) <= limit else name[: limit - 1].rstrip() + "…"
