"""The drawings of change between waves: each returns its caption, which is also its alt text."""

import dataclasses

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.report import plots, style
from crmresearch.report.dots import points, spans
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import MINUS, UNITS, format_level, format_number

MOST_TICKS = 7
LABELS = {
    "composition": "Who answered",
    "restored": "Who answered, set by the weights",
    "within": "Within groups",
}  # what the last part of a key of `mix` stands for
SET = " Shares set by the weights are alike in every wave, so that their mix cannot change."


def changes(estimates: list[Estimate], figure: Figure) -> str:
    """Changes between waves, each on the band of changes too small to be found."""
    bands = {
        item.key.removesuffix(".detectable"): item.value
        for item in estimates
        if item.key.endswith(".detectable") and not item.group
    }
    latest = [
        item
        for item in estimates
        if "difference" in item.unit and not item.group and not item.key.startswith("panel.")
    ]
    alone = [item for item in latest if not item.key.endswith(".same")]
    span = alone[0].name.rpartition(", ")[2]
    drawn = [dataclasses.replace(x, name=x.name.replace(f", {span}", "")) for x in latest]
    plots.panels(drawn, figure, bands=bands)
    plain = [item for item in alone if item.key.startswith("change.")]
    clear = sum(item.low > 0 or item.high < 0 for item in plain)
    text = (
        f"{clear} of {len(plain)} changes from {span} have an interval clear of zero. The bands "
        "mark true changes that these samples would miss more often than one time in five."
    )
    left = [item for item in estimates if item.key.startswith("panel.") and item.low == item.low]
    if left:
        text += f" {left[0].name}: {left[0]}."
    return text


def periods(estimates: list[Estimate], figure: Figure) -> str:
    """Each period's figure between its control limits, those beyond them marked and named."""
    items = [x for x in estimates if x.group and not x.key.endswith(".limits")]
    limits = [x for x in estimates if x.group and x.key.endswith(".limits")]
    figure.set_size_inches(style.WIDTH, 3.6)
    ax = figure.subplots()
    places = range(len(items))
    edges = [at + side for at in places for side in (-0.5, 0.5)]
    low = [item.low for item in limits for _ in (0, 1)]
    high = [item.high for item in limits for _ in (0, 1)]
    ax.fill_between(edges, low, high, color=style.ZONE, lw=0)
    for line in (low, high):
        ax.plot(edges, line, color=style.GREY, lw=0.8, ls=(0, (4, 3)))
    ax.axhline(limits[0].value, color=style.GREY, lw=0.8)
    ax.plot(places, [item.value for item in items], color=style.ACCENT, lw=0.9, alpha=0.6)
    beyond = [
        not limit.low <= item.value <= limit.high for item, limit in zip(items, limits, strict=True)
    ]
    for marked, colour, shape in ((False, style.ACCENT, "o"), (True, style.POOR, "D")):
        chosen = [(at, items[at]) for at in places if beyond[at] == marked]
        ends = [(item.low, item.high, at) for at, item in chosen]
        spans(ax, ends, upright=True, color=colour, lw=1.6, alpha=0.45)
        points(ax, [(at, item.value) for at, item in chosen], colour, shape, size=6)
    outside = [item for item, marked in zip(items, beyond, strict=True) if marked]
    _label_periods(ax, items)
    return _periods_caption(items, limits, outside)


def _label_periods(ax: Axes, points: list[Estimate]) -> None:
    unit = UNITS[points[0].unit]
    step = -(-len(points) // MOST_TICKS)
    names = [item.group.partition(": ")[2] for item in points]
    ax.set_xticks(
        range(0, len(points), step), labels=[name.partition(" to ")[0] for name in names[::step]]
    )
    ax.set_xlim(-0.6, len(points) - 0.4)
    ax.set_xlabel(points[0].group.partition(": ")[0].lower())
    ax.yaxis.set_major_formatter(lambda tick, _: _tick(tick * unit.factor) + unit.suffix)
    ax.set_ylabel(f"{points[0].name}{f', {unit.word}' if unit.word else ''}")


def _tick(number: float) -> str:
    return f"{MINUS if number < 0 else ''}{abs(number):g}"


def _periods_caption(
    points: list[Estimate], limits: list[Estimate], outside: list[Estimate]
) -> str:
    texts = [
        f"{item.group.partition(': ')[2]} at {format_number(item.value, item.unit)}"
        for item in outside
    ]
    level = format_level(round(limits[0].level, 4))
    return (
        f"Line and bars: {points[0].name} with its {format_level(points[0].level)} interval in "
        f"{len(points)} periods. The band holds {level} of stable periods around the mean of all, "
        f"{format_number(limits[0].value, limits[0].unit)}. "
        + (f"Beyond it: {', '.join(texts)}." if texts else "None lies beyond it.")
    )


def mix(estimates: list[Estimate], figure: Figure) -> str:
    """The two parts of the change under each grouping, and what each group adds within."""
    first = estimates[0].key.split(".")[1]
    chosen = [item for item in estimates if item.key.split(".")[1] == first]
    rows, quiet, heading = [], [], ""
    for item in chosen:
        part = item.key.rpartition(".")[2]
        if not item.group:
            heading = item.name.partition(", by ")[2].rpartition(": ")[0]
            rows.append((heading, plots.with_n(LABELS[part], item.n), item))
        elif part == "within":
            name = item.group.partition(": ")[2]
            rows.append((heading, plots.with_n(f"within {name}", item.n), item))
            quiet.append(item)
    ax = plots.headed(rows, figure, label="part of the change", quiet=tuple(quiet))
    ax.axvline(0, color=style.GREY, lw=0.8, zorder=0.6)
    name, who, within = _parts(chosen)
    total = format_number(who.value + within.value, who.unit)
    return (
        f"Under every grouping who answered and what changed within groups add up to the change of "
        f"{total} {UNITS[who.unit].word} in {name}. Grey: what each group adds to the second part."
        + (SET if any(item.key.endswith(".restored") for item in chosen) else "")
    )


def _parts(chosen: list[Estimate]) -> tuple[str, Estimate, Estimate]:
    """The name of what changed, and the two parts under the first grouping."""
    who = chosen[0]
    within = find(chosen, f"{who.key.rpartition('.')[0]}.within")
    return who.name.partition(", by ")[0], who, within
