"""What goes with the types, and how much of it likeliest types hide."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmresearch.archetypes.figures.layout import by, label_rows, marks, short
from crmresearch.archetypes.headlines.wording import pair_differences, part_of, value_of
from crmresearch.report import plots, style
from crmresearch.report.dots import Dot
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, format_level

MARKS = "Dots are corrected for classification error, squares those of likeliest types."
WORDS = {"amount": "currency of the data"}


def means(estimates: list[Estimate], figure: Figure) -> str:
    """One panel an outcome: corrected means as dots, those of likeliest types as hollow squares."""
    shown = [item for item in estimates if item.key.endswith((".bch", ".modal"))]
    labels = list(dict.fromkeys(part_of(item) for item in shown))
    panels = by(shown, lambda item: item.key.partition(".")[0])
    across = min(2, max(1, len(panels)))
    down = -(-len(panels) // across) or 1
    figure.set_size_inches(style.WIDTH, down * (0.85 + 0.3 * max(len(labels), 2)) + 0.3)
    axes = figure.subplots(down, across, sharey=True, squeeze=False).ravel()
    for ax, items in zip(axes, panels.values(), strict=False):
        marks(ax, [_dot(item, labels.index(part_of(item))) for item in items])
        ax.set_title(short(items[0].name.partition(",")[0], 30), fontsize=9)
        _unit_axis(ax, items)
    for ax in axes[len(panels) :]:
        ax.set_visible(False)
    label_rows(axes[0], [short(label) for label in labels])
    level = format_level(shown[0].level) if shown else ""
    figure.supxlabel(f"mean of the type ({level} CI)", fontsize=style.RC["font.size"])
    first = next(iter(panels.values()), [])
    told = f"{MARKS} " if any(item.key.endswith(".modal") for item in shown) else ""
    return f"{told}{_extremes([item for item in first if item.key.endswith('.bch')])}"


def differences(estimates: list[Estimate], figure: Figure) -> str:
    """Every pair of types with its simultaneous interval."""
    pairs = pair_differences(estimates)
    plain = {x.name.partition(": ")[2]: x for x in estimates if ".modal." in x.key}
    figure.set_size_inches(style.WIDTH, plots.row_height(len(pairs), per_row=0.44))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    names = [item.name.partition(": ")[2] for item in pairs]
    beside = [(plain[name], row) for row, name in enumerate(names) if name in plain]
    marks(ax, [_dot(item, row) for row, item in enumerate(pairs)])
    marks(ax, [_dot(item, row) for item, row in beside])
    label_rows(ax, names)
    plots.unit_axis(ax, pairs, f"difference in {pairs[0].name.partition(': ')[0].lower()}")
    clear = [item for item in pairs if item.low > 0 or item.high < 0]
    parts = [f"{item.name.partition(': ')[2]}, {item}" for item in clear]
    text = "; ".join(parts) if parts else "none"
    return f"{MARKS + ' ' if plain else ''}Clear of zero: {text}."


def attenuation(estimates: list[Estimate], figure: Figure) -> str:
    """One row an outcome: how far apart the types are, corrected and by likeliest type."""
    names = list(dict.fromkeys(part_of(item) for item in estimates if item.group))
    hidden = {x.name.partition(": ")[0]: x for x in estimates if x.key.endswith(".hidden")}
    figure.set_size_inches(style.WIDTH, plots.row_height(len(names), per_row=0.44))
    ax = figure.subplots()
    shown = [item for item in estimates if item.key in ("spread.bch", "spread.modal")]
    marks(ax, [_dot(item, names.index(part_of(item))) for item in shown])
    for row, name in enumerate(names):
        text = f"{value_of(hidden[name])} hidden" if name in hidden else "–"
        ax.annotate(
            text, (1.02, row), xycoords=("axes fraction", "data"), va="center", fontsize=9.5
        )
    label_rows(ax, names)
    ax.set_xlim(0, None)
    plots.unit_axis(ax, estimates, "typical distance from the mean of all, in SD")
    return (
        f"{MARKS} At the right, by how much likeliest types fall short, where the types clearly "
        "differ."
    )


def _dot(item: Estimate, row: int) -> Dot:
    """A corrected number above, one of likeliest types below, grey and hollow."""
    if ".modal" in item.key:
        return Dot(item, row + 0.17, style.GREY, "s", filled=False)
    return Dot(item, row - 0.13)


def _extremes(items: list[Estimate]) -> str:
    """The lowest and highest mean of the first outcome, as an example in words."""
    name = items[0].name.partition(",")[0] if items else ""
    return f"{name}: {plots.extremes(items)}" if items else ""


def _unit_axis(ax: Axes, items: list[Estimate]) -> None:
    unit = items[0].unit
    ax.set_xlabel(UNITS[unit].word or WORDS.get(unit, ""), fontsize=8.5)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: plots.tick_label(ax, tick, unit)))
    ax.tick_params(axis="x", labelsize=8.5)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
