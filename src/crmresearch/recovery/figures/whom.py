"""Who gains more from recovery, drawn: all moderators, then single ones along their range."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crmresearch.recovery.figures.layout import label_rows, upper
from crmresearch.report import style
from crmresearch.report.dots import points, spans
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_level, format_number
from crmresearch.report.plots import per_row, row_height, unit_axis, with_n

ALL = "moderation_all."


def reach(estimates: list[Estimate], figure: Figure) -> str:
    """The interaction that each test would find four times out of five, a bar a test."""
    rows = _under_headings(estimates)
    ax = _rows(rows, figure)
    for row, (_, item) in enumerate(rows):
        if item is not None:
            ax.barh(row, item.value, height=0.4, color=style.PALE)
            text = format_number(item.value, item.unit).lstrip("+")
            ax.text(item.value, row, f" {text}", va="center")
    ax.set_xlim(0, max((item.value for item in estimates), default=1.0) * 1.2)
    ax.set_xlabel("detectable interaction, SD")
    return (
        "Each bar ends at the true interaction that these customers would show with 80% power; "
        "shorter ones would mostly be missed."
    )


def forest(estimates: list[Estimate], figure: Figure) -> str:
    """Every interaction in SD: thick by itself, thin for the whole family at once."""
    at = {item.key: item for item in estimates}
    wide = [item for item in estimates if item.key.startswith(ALL) and item.low == item.low]
    rows = _under_headings(wide)
    ax = _rows(rows, figure)
    ax.axvline(0, color=style.GREY, lw=0.8, zorder=0.5)
    placed = [(item, row) for row, (_, item) in enumerate(rows) if item is not None]
    single = [(at.get(item.key.replace(ALL, "moderation.", 1)), row) for item, row in placed]
    spans(ax, _ends(placed), color=style.ACCENT, lw=1.2, alpha=None)
    spans(ax, _ends(single), color=style.ACCENT, lw=4, solid_capstyle="butt")
    for told in (True, False):
        found = [(x.value, row) for x, row in placed if (x.low > 0 or x.high < 0) == told]
        points(ax, found, filled=told, size=7)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    unit_axis(ax, wide, "change of the difference")
    return _forest_caption(wide)


def _under_headings(items: list[Estimate]) -> list[tuple[str, Estimate | None]]:
    """(label, estimate) a row, and (contrast, None) before the first of each contrast."""
    rows: list[tuple[str, Estimate | None]] = []
    last = ""
    for item in items:
        label, _, focus = item.name.rpartition(",")[0].rpartition(": ")
        if focus != last:
            rows.append((upper(focus), None))
        last = focus
        rows.append((label, item))
    return rows


def _rows(rows: list[tuple[str, Estimate | None]], figure: Figure) -> Axes:
    """Axes with a labelled row an estimate, under the names of the contrasts."""
    labels = ["" if item is None else with_n(label, item.n) for label, item in rows]
    figure.set_size_inches(style.WIDTH, row_height(len(rows), per_row=max(0.4, per_row(labels))))
    ax = figure.subplots()
    label_rows(ax, labels)
    for row, (heading, item) in enumerate(rows):
        if item is None:
            ax.text(
                -0.02,
                row,
                heading,
                transform=ax.get_yaxis_transform(),
                weight="bold",
                va="center",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
            )
    return ax


def _ends(placed: list[tuple[Estimate | None, int]]) -> list[tuple[float, float, int]]:
    return [(item.low, item.high, row) for item, row in placed if item is not None]


def _forest_caption(wide: list[Estimate]) -> str:
    if not wide:
        return "No interaction can be shown."
    most = max(wide, key=lambda item: abs(item.value))
    level = format_level(most.level)
    name = most.name.removesuffix(", in the family")
    return (
        f"Largest: {name}, {most}. Thick lines are {level} intervals of each by itself, thin ones "
        "hold for all at once; a filled circle is clear of zero among all. Of numbers, the change "
        "per SD of the moderator; of categories, the change from the largest."
    )
