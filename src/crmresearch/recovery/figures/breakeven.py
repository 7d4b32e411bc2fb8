"""Break-even, drawn: the curve with its bands, the level it is to reach, and where it does."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from crmresearch.recovery.breakeven import BreakEven
from crmresearch.recovery.figures.layout import upper
from crmresearch.report import style
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import UNITS, format_level, format_number
from crmresearch.report.plots import cut

STRIP = 0.16  # share of the height that the strip of customers takes


def curve(found: BreakEven) -> Callable[[list[Estimate], Figure], str]:
    """A drawing of `found`: complainers' curve over the level of customers without a problem."""

    def draw(estimates: list[Estimate], figure: Figure) -> str:
        figure.set_size_inches(style.WIDTH, 4.0)
        ax, strip = figure.subplots(2, 1, height_ratios=[1 - STRIP, STRIP], sharex=True)
        _level(ax, found)
        _curve(ax, found)
        _crossing(ax, found)
        _customers(strip, found)
        word = UNITS[found.outcome.unit].word
        ax.set_ylabel(", ".join(text for text in (found.outcome.name, word) if text))
        if found.outcome.unit == "share":
            ax.yaxis.set_major_formatter(PercentFormatter(1.0))
        ax.margins(x=0.01)
        label = "handling, scale points" if found.dose.key == "handling" else cut(found.dose.name)
        strip.set_xlabel(label)
        return _caption(found)

    return draw


def _curve(ax: Axes, found: BreakEven) -> None:
    low, high, wide_low, wide_high = found.bands
    ax.fill_between(found.grid, wide_low, wide_high, color=style.ACCENT, alpha=0.12, lw=0)
    ax.fill_between(found.grid, low, high, color=style.ACCENT, alpha=0.2, lw=0)
    ax.plot(found.grid, found.curve, color=style.ACCENT, lw=2.2)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))


def _level(ax: Axes, found: BreakEven) -> None:
    at = _estimate(found, "breakeven_level")
    ax.axhspan(at.low, at.high, color=style.POOR, alpha=0.14, lw=0)
    ax.axhline(at.value, color=style.POOR, lw=1.4, ls=(0, (5, 2)))
    side, place = ("left", 0.01) if found.dose.rising else ("right", 0.99)
    ax.annotate(
        upper(found.reference),
        (place, at.high),
        xycoords=ax.get_yaxis_transform(),
        xytext=(0, 3),
        textcoords="offset points",
        ha=side,
        color=style.POOR,
        weight="bold",
    )


def _crossing(ax: Axes, found: BreakEven) -> None:
    """A dot where the curve meets the level; its interval on the level's line."""
    at, level = _estimate(found, "breakeven"), _estimate(found, "breakeven_level").value
    ends = [at.low, at.high]
    for place, end in enumerate(ends):
        if end != end and at.value == at.value:
            ends[place] = float(found.grid[-place])  # beyond the range: to its end
    if at.value == at.value:
        ax.plot(ends, [level, level], color=style.INK, lw=3.2, solid_capstyle="butt")
        ax.plot(at.value, level, "o", color=style.INK, ms=8)
        ax.annotate(
            format_number(at.value, at.unit),
            (at.value, level),
            xytext=(0, -9),
            textcoords="offset points",
            ha="center",
            va="top",
            weight="bold",
        )


def _customers(strip: Axes, found: BreakEven) -> None:
    """How many complainers there are along the dose; parts too small to show are left out."""
    for low, high, share in found.bars:
        middle, width = (low + high) / 2, 0.86 * (high - low)
        strip.bar(middle, share, width=width, color=style.GREY, alpha=0.6, lw=0)
    strip.set_yticks([])
    strip.spines["left"].set_visible(False)
    strip.set_xlim(*_limits(found))


def _limits(found: BreakEven) -> tuple[float, float]:
    """The curve's range; on a scale with few points, all of the bars at its ends."""
    first, last = float(found.grid[0]), float(found.grid[-1])
    inside = [bar for bar in found.bars if bar[0] <= last and bar[1] >= first]
    low = min([first, *(bar[0] for bar in inside)])
    high = max([last, *(bar[1] for bar in inside)])
    return low, high


def _estimate(found: BreakEven, start: str) -> Estimate:
    return find(found.estimates, f"{start}.{found.dose.key}.{found.outcome.key}")


def _caption(found: BreakEven) -> str:
    at, level = _estimate(found, "breakeven"), _estimate(found, "breakeven_level")
    first, last = (format_number(float(x), at.unit) for x in found.grid[[0, -1]])
    ends = [format_number(float(x), found.outcome.unit) for x in found.curve[[0, -1]]]
    name = "handling" if found.dose.key == "handling" else f"“{cut(found.dose.name)}”"
    words = (
        f"Expected {found.outcome.name} of {at.n:,} complainers goes from {ends[0]} at {name} "
        f"{first} to {ends[1]} at {last}; the dashed line is “{found.reference}” at {level}. "
    )
    if at.value == at.value:
        place = format_number(at.value, at.unit)
        words += f"They meet at {place}; the thick line is the interval of that point. "
    return (
        f"{words}Bands hold point by point (dark) and for the whole curve at once (pale), at "
        f"{format_level(at.level)}; bars below show where complainers are."
    )
