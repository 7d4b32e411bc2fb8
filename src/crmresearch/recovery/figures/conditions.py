"""Single moderators along their range, drawn."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmresearch.recovery.conditions import Detail
from crmresearch.recovery.curves import Curve
from crmresearch.recovery.figures.layout import upper
from crmresearch.report import style
from crmresearch.report.dots import Dot, dots, points, spans
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, format_number
from crmresearch.report.plots import cut, name_rows, tick_label, unit_axis, with_n, wrapped

HIGH = 38  # letters of the vertical axis' name in a line
TALL = 3.1  # inches of a panel with a line; one with categories has a row each
GROUP = 18  # letters of a group's name
GROUND = 0.16  # share of a panel that its distributions take


def details(found: list[Detail], *, sesoi: float) -> Callable[[list[Estimate], Figure], str]:
    """A panel an interaction: the line with its bands, or the categories with their intervals.

    Points are bins fitted by themselves; the pale zone is within `sesoi` SD of no difference, and
    the bars at the foot show where the customers of each group are.
    """

    def draw(estimates: list[Estimate], figure: Figure) -> str:
        at = {id(one): _shown(one, estimates) for one in found}
        kept = [one for one in found if one.curve is not None or at[id(one)]]
        if not kept:
            return "No interaction can be shown."
        heights = [TALL if one.curve is not None else 0.9 + 0.4 * len(at[id(one)]) for one in kept]
        figure.set_size_inches(style.WIDTH, sum(heights))
        axes = figure.subplots(len(kept), 1, squeeze=False, height_ratios=heights)[:, 0]
        for ax, one in zip(axes, kept, strict=True):
            zone = sesoi * one.interaction.sd
            if one.curve is None:
                _categories(ax, at[id(one)], zone)
            else:
                _line(ax, one, one.curve, at[id(one)], zone)
        return _caption(kept, sesoi)

    return draw


def _shown(one: Detail, estimates: list[Estimate]) -> list[Estimate]:
    """The bins or categories of an interaction that may be shown."""
    keys = {f"{start}.{one.interaction.ends}" for start in ("bin_effect", "effect_in")}
    return [item for item in estimates if item.key in keys and item.low == item.low]


def _categories(ax: Axes, items: list[Estimate], zone: float) -> None:
    ax.axvspan(-zone, zone, color=style.ZONE, lw=0)
    ax.axvline(0, color=style.GREY, lw=0.8)
    dots(ax, [Dot(item, row) for row, item in enumerate(items)])
    name_rows(ax, list(range(len(items))), [with_n(item.group, item.n) for item in items])
    ax.set_ylim(len(items) - 0.4, -0.6)
    unit_axis(ax, items, items[0].name)


def _line(ax: Axes, one: Detail, curve: Curve, bins: list[Estimate], zone: float) -> None:
    ax.axhspan(-zone, zone, color=style.ZONE, lw=0)
    ax.axhline(0, color=style.GREY, lw=0.8)
    ax.fill_between(curve.grid, curve.low_all, curve.high_all, color=style.ACCENT, alpha=0.13, lw=0)
    ax.fill_between(curve.grid, curve.low, curve.high, color=style.ACCENT, alpha=0.22, lw=0)
    ax.plot(curve.grid, curve.value, color=style.ACCENT, lw=2)
    placed = [(item, float(item.group.rpartition("about ")[2])) for item in bins]
    ends = [(item.low, item.high, at) for item, at in placed]
    spans(ax, ends, upright=True, color=style.INK, lw=1.2, alpha=None)
    points(ax, [(at, item.value) for item, at in placed], style.INK, filled=False, size=6)
    for root in curve.roots:
        ax.axvline(root, color=style.POOR, lw=1.2, ls=(0, (4, 3)))
        ax.annotate(
            format_number(root, "number"),
            (root, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, -2),
            textcoords="offset points",
            va="top",
            color=style.POOR,
        )
    _ground(ax, one, curve)
    item = one.interaction
    unit = item.outcome.difference
    ax.set_xlabel(cut(item.moderator.name))
    words = f"{upper(item.focus.name)}, {item.outcome.name}"
    word = UNITS[unit].word
    ax.set_ylabel(wrapped(f"{words}, {word}" if word else words, HIGH), fontsize=9.5)
    if curve.whole:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: _tick(ax, tick, unit)))


def _ground(ax: Axes, one: Detail, curve: Curve) -> None:
    """Where the customers of the two groups are: one above the other at the foot."""
    low, high = ax.get_ylim()
    span = high - low
    ax.set_ylim(low - GROUND * 1.6 * span, high)
    foot, top = ax.get_ylim()
    tall = GROUND * (top - foot) / 2
    most = max(float(curve.shares.max()), 1e-12)
    for side, colour in ((0, style.GREY), (1, style.ACCENT)):
        base = foot + (1 - side) * tall * 1.1
        heights = curve.shares[side] / most * tall * 0.9
        ax.bar(curve.centres, heights, curve.width * 0.9, bottom=base, color=colour, lw=0)
        ax.annotate(
            cut(one.interaction.focus.groups[side], GROUP),
            (1.01, base),
            xycoords=("axes fraction", "data"),
            va="bottom",
            fontsize=8.5,
            color=colour,
        )


def _tick(ax: Axes, tick: float, unit: str) -> str:
    """A tick of the vertical axis in its unit."""
    kind = UNITS[unit]
    return (
        f"{tick * kind.factor:+g}{kind.suffix}".replace("-", "−")
        if tick
        else tick_label(ax, 0.0, unit)
    )


def _caption(kept: list[Detail], sesoi: float) -> str:
    lines = [one.interaction for one in kept if one.curve is not None]
    words = f"The pale zone is within {format_number(sesoi, 'SD')[1:]} SD of no difference"
    if not lines:
        return f"{words}; lines are intervals of each category by itself."
    names = "; ".join(f"{item.focus.name} by {item.moderator.name}" for item in lines)
    roots = sum(len(one.curve.roots) for one in kept if one.curve is not None)
    marks = "" if roots else ", nowhere in the range drawn"
    return (
        f"Drawn along their range: {names}. {words}; the inner band holds at each value, the outer "
        "one for all values at once; circles are bins fitted by themselves; dashed lines stand "
        f"where an interval at a value begins or ends to hold zero{marks}. The bars at the foot "
        "are the customers of each group, where they are enough to show; the line ends where one "
        "of the groups does."
    )
