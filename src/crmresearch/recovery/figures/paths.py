"""The paths and the arms compared, drawn."""

from matplotlib.figure import Figure

from crmresearch.recovery.figures.layout import label_rows, lower, upper
from crmresearch.report import style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate
from crmresearch.report.plots import (
    extremes,
    headed,
    intervals,
    per_row,
    row_height,
    row_names,
    unit_axis,
    with_n,
)


def sizes(estimates: list[Estimate], figure: Figure) -> str:
    """The share of customers on each path."""
    intervals(estimates, figure, label="share of customers")
    return extremes(estimates)


def means(estimates: list[Estimate], figure: Figure) -> str:
    """The mean of one outcome on each path or in each arm; the line is the first one's."""
    reference = estimates[0].value if estimates else None
    intervals(estimates, figure, reference=reference, label=_mean_label(estimates))
    if not estimates:
        return extremes(estimates)
    first = estimates[0].group.partition(": ")[2]
    return f"{extremes(estimates)} The line marks the mean of “{first}”."


def panels(estimates: list[Estimate], figure: Figure) -> str:
    """Several outcomes, one panel each, in which the line marks the first path."""
    keys = list(dict.fromkeys(item.key for item in estimates))
    if not keys:
        return "No group is large enough to show."
    families = [[item for item in estimates if item.key == key] for key in keys]
    rows = [len(family) for family in families]
    spacing = per_row([name for family in families for name in row_names(family)])
    heights = [row_height(n, per_row=spacing, frame=0.8) for n in rows]
    figure.set_size_inches(style.WIDTH, sum(heights))
    axes = figure.subplots(len(keys), 1, squeeze=False, height_ratios=[n + 1.5 for n in rows])
    for ax, family in zip(axes[:, 0], families, strict=True):
        ax.axvline(family[0].value, color=style.GREY, lw=0.8)
        dots(ax, [Dot(item, row) for row, item in enumerate(family)])
        label_rows(ax, row_names(family))
        unit_axis(ax, family, _mean_label(family))
    captions = [f"{upper(family[0].name)}: {lower(extremes(family))}" for family in families]
    return " ".join(captions)


def pairs(estimates: list[Estimate], figure: Figure) -> str:
    """Differences of all pairs in the outcome's unit; other estimates are in the table only."""
    shown = [
        item for item in estimates if item.unit.endswith("difference") and item.low == item.low
    ]
    names = [with_n(item.name.partition(": ")[2], item.n) for item in shown]
    figure.set_size_inches(style.WIDTH, row_height(len(shown), per_row=per_row(names)))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    dots(ax, [Dot(item, row) for row, item in enumerate(shown)])
    label_rows(ax, names)
    unit_axis(ax, shown, "simultaneous difference")
    clear = sum(item.low > 0 or item.high < 0 for item in shown)
    if len(shown) < 2:
        return " ".join(f"{upper(item.name)}: {item}." for item in shown) or "No pair to show."
    verb = "interval does" if clear == 1 else "intervals do"
    return f"The {verb} not include zero in {clear} of {len(shown)}."


def planned(estimates: list[Estimate], figure: Figure) -> str:
    """Hedges' g of each planned contrast, outcome by outcome; units are in the table."""
    shown = [item for item in estimates if item.key.startswith("planned_g.")]
    shown = [item for item in shown if item.value == item.value]
    contrasts = list(dict.fromkeys(item.name.partition(": ")[2] for item in shown))
    rows = [
        (upper(pair), with_n(_short(item.name.partition(": ")[0]), item.n), item)
        for pair in contrasts
        for item in shown
        if item.name.partition(": ")[2] == pair
    ]
    if not rows:
        return "No planned contrast has groups large enough to compare."
    ax = headed(rows, figure, label="difference")
    ax.axvline(0, color=style.GREY, lw=0.8)
    top = max((item for _, _, item in rows), key=lambda item: abs(item.value))
    return f"Standardised differences; the largest is {top.name}, {top}."


def _short(outcome: str) -> str:
    """An outcome's name on one line with its n."""
    for start in ("likelihood to ", "intention to "):
        outcome = outcome.removeprefix(start)
    return outcome.removesuffix(" a customer")


def _mean_label(items: list[Estimate]) -> str:
    if not items:
        return ""
    return items[0].name if items[0].unit == "share" else f"mean {items[0].name}"
