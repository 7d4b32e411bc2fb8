"""The next wave: changes of type, and what drifted."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crmresearch.archetypes.figures.layout import label_rows, marks, short
from crmresearch.archetypes.headlines.waves import changed_items, moved, sides
from crmresearch.archetypes.headlines.wording import part_of
from crmresearch.report import plots, style
from crmresearch.report.dots import Dot
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_level, format_number


def transitions(estimates: list[Estimate], figure: Figure) -> str:
    """Corrected shares who went from each type (rows) to each (columns), with intervals."""
    cells = [x for x in estimates if x.key.startswith("transition.to.") and "modal" not in x.key]
    if not cells:
        return ""
    rows = list(dict.fromkeys(part_of(item) for item in cells))
    columns = list(dict.fromkeys(item.name.removeprefix("to ") for item in cells))
    figure.set_size_inches(style.WIDTH, 0.62 * len(rows) + 1.15)
    ax = figure.subplots()
    for item in cells:
        column, row = columns.index(item.name.removeprefix("to ")), rows.index(part_of(item))
        _cell(ax, item, column, row, same=part_of(item) == columns[column])
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    names = [plots.wrapped(name, 11) for name in columns]
    ax.set_xticks(range(len(columns)), labels=names)
    ax.set_yticks(range(len(rows)), labels=[plots.wrapped(name, 16) for name in rows])
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel("to, in the next wave", loc="center")
    ax.set_ylabel("from", loc="center")
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return _said(estimates, cells)


def drift(estimates: list[Estimate], figure: Figure) -> str:
    """Changes of the shares above, the largest change of each indicator below."""
    shares = [item for item in estimates if item.key == "drift.share"]
    items = [item for item in estimates if item.key.startswith("drift.item.")]
    panels = [part for part in (shares, items) if part]
    sizes = [len(part) + 1.6 for part in panels]
    figure.set_size_inches(style.WIDTH, 0.3 * sum(sizes) + 0.9)
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=sizes).ravel()
    changed = {item.key for item in changed_items(estimates)} if shares else set()
    for ax, part in zip(axes, panels, strict=True):
        ax.axvline(0, color=style.GREY, lw=0.8)
        hues = [style.POOR if item.key in changed else style.ACCENT for item in part]
        marks(ax, map(Dot, part, range(len(part)), hues))
        label_rows(ax, [short(_row(item)) for item in part])
    if shares:
        plots.unit_axis(axes[0], shares, "change of the share of all respondents")
    if items:
        plots.unit_axis(axes[-1], items, "largest change of a type's answers")
    before, after = sides(estimates)
    words = f"From {before} to {after}. " + plots.extremes(shares)
    if not items:
        return words
    said = ", ".join(item.name.partition(" in ")[2] for item in items if item.key in changed)
    return f"{words} Indicators that a type answers differently: {said or 'none shown'}."


def _row(item: Estimate) -> str:
    return part_of(item) or item.name.partition(" in ")[2].strip("“”")


def _cell(ax: Axes, item: Estimate, column: int, row: int, *, same: bool) -> None:
    ax.add_patch(
        Rectangle(
            (column - 0.47, row - 0.45),
            0.94,
            0.9,
            facecolor=style.ACCENT,
            alpha=0.06 + 0.5 * item.value,
            edgecolor="none",
        )
    )
    frame = {"fill": False, "edgecolor": style.ACCENT, "lw": 1.5} if same else None
    if frame:
        ax.add_patch(Rectangle((column - 0.47, row - 0.45), 0.94, 0.9, **frame))
    ax.text(column, row - 0.14, f"{item.value:.0%}", ha="center", va="center", color=style.INK)
    if item.low == item.low:
        bounds = f"{item.low * 100:.0f}–{item.high * 100:.0f}"
        ax.text(column, row + 0.24, bounds, ha="center", va="center", fontsize=9, color=style.INK)


def _said(estimates: list[Estimate], cells: list[Estimate]) -> str:
    level = format_level(cells[0].level)
    text = (
        f"Each row divides the people of a type by their type in the next wave, with the {level} "
        "interval below; framed cells are those who stayed. Cells are cut at 0% and 100%, so that "
        "a row may add up to somewhat more."
    )
    moves = sorted(moved(estimates), key=lambda item: -item.value)
    naive = find(estimates, f"{moves[0].key}.modal", moves[0].group) if moves else None
    if naive is not None and naive.value == naive.value:
        way = f"{part_of(moves[0])} {moves[0].name}"
        plain = format_number(naive.value, naive.unit)
        beside = f"; by likeliest types {plain}" if naive.value != moves[0].value else ""
        text += f" The most frequent change is from {way}, {moves[0]}{beside}."
    return text
