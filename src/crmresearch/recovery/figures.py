"""Drawings of the recovery study: from estimates to a figure and its caption; no statistics."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from crmresearch.recovery.contrasts import verdict
from crmresearch.recovery.funnel import STEPS
from crmresearch.report import style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_level, format_number
from crmresearch.report.plots import (
    dot,
    extremes,
    intervals,
    per_row,
    row_height,
    row_names,
    unit_axis,
    with_n,
)


def funnel(estimates: list[Estimate], figure: Figure) -> str:
    """Bars of the share of all at each step; the pale part was lost since the step before."""
    at = {item.key: item for item in estimates}
    steps = [step for step in STEPS if f"funnel.{step}.of_all" in at]
    figure.set_size_inches(style.WIDTH, row_height(len(steps) + 1, per_row=0.62, frame=0.35))
    ax = figure.subplots()
    ax.barh(0, 1, height=0.46, color=style.PALE)
    ax.text(0, -0.34, "All customers", va="bottom", weight="bold")
    before = 1.0
    for row, step in enumerate(steps, 1):
        item, previous = at[f"funnel.{step}.of_all"], at.get(f"funnel.{step}.of_previous")
        ax.barh(row, before, height=0.46, color=style.ZONE)
        ax.barh(row, item.value, height=0.46, color=style.ACCENT)
        _bar_interval(ax, row, item)
        ax.text(0, row - 0.34, STEPS[step].capitalize(), va="bottom", weight="bold")
        ax.text(1, row - 0.34, _shares(item, previous), va="bottom", ha="right", fontsize=9.5)
        before = item.value
    ax.set_ylim(len(steps) + 0.35, -0.75)
    ax.set_xlim(0, 1)
    ax.set_axis_off()
    return _funnel_caption(at, steps)


def _shares(item: Estimate, previous: Estimate | None) -> str:
    text = f"{format_number(item.value, 'share')} of all"
    if previous is None:
        return f"{text} (n\u00a0=\u00a0{item.n:,})"
    before = format_number(previous.value, "share")
    return f"{text}, {before} of those before (n\u00a0=\u00a0{previous.n:,})"


def _funnel_caption(at: dict[str, Estimate], steps: list[str]) -> str:
    if not steps:
        return "No step is large enough to show."
    last = at[f"funnel.{steps[-1]}.of_all"]
    parts = [f"From all customers to those who {_past(steps[-1])}: {last} of all."]
    quiet = at.get("silent.of_previous")
    if quiet is not None:
        parts.append(f"Of those with a problem, {quiet} did not complain.")
    return " ".join(parts) + " The pale part of a bar was lost since the step before."


def _past(step: str) -> str:
    return f"were {STEPS[step]}" if step == "satisfied" else STEPS[step]


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
        for row, item in enumerate(family):
            dot(ax, item, row)
        _rows(ax, row_names(family))
        unit_axis(ax, family, _mean_label(family))
    captions = [f"{_upper(family[0].name)}: {_lower(extremes(family))}" for family in families]
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
    for row, item in enumerate(shown):
        dot(ax, item, row)
    _rows(ax, names)
    unit_axis(ax, shown, "simultaneous difference")
    clear = sum(item.low > 0 or item.high < 0 for item in shown)
    if len(shown) < 2:
        return " ".join(f"{_upper(item.name)}: {item}." for item in shown) or "No pair to show."
    verb = "interval does" if clear == 1 else "intervals do"
    return f"The {verb} not include zero in {clear} of {len(shown)}."


def reach(estimates: list[Estimate], figure: Figure) -> str:
    """How many customers each contrast speaks for, with the difference it could have shown."""
    speaks = [item for item in estimates if item.key.startswith("speaks_for.")]
    at = {item.key: item for item in estimates}
    figure.set_size_inches(style.WIDTH, row_height(len(speaks), per_row=0.6, frame=0.75))
    ax = figure.subplots()
    for row, item in enumerate(speaks):
        least = at.get(item.key.replace("speaks_for", "detectable"))
        name = item.name.partition(", share")[0].capitalize()
        ax.barh(row, item.value, height=0.3, color=style.ACCENT)
        _bar_interval(ax, row, item)
        ax.text(0, row - 0.22, name, va="bottom", weight="bold")
        if least is not None:
            text = f"shows from {format_number(least.value, 'SD').lstrip('+')} SD"
            ax.text(item.high, row, f"  {text}", va="center")
    _rows(ax, [""] * len(speaks))
    ax.set_ylim(len(speaks) - 0.6, -0.75)
    ax.set_xlim(0, max([item.high for item in speaks], default=0.5) * 1.55)
    unit_axis(ax, speaks, "share of all customers")
    smallest = min(speaks, key=lambda item: item.value, default=None)
    if smallest is None:
        return "No contrast is large enough to show."
    return (
        f"The narrowest contrast speaks for {smallest} of all customers. Beside each bar: the true "
        "difference that samples of this size find with 80% power."
    )


def forest(*, sesoi: float) -> Callable[[list[Estimate], Figure], str]:
    """A drawing of the contrasts in SD: thin interval for superiority, thick for equivalence.

    The shaded zone is smaller than `sesoi` either way; open circles are raw differences, filled
    ones adjusted; the verdict stands at the right.
    """

    def draw(estimates: list[Estimate], figure: Figure) -> str:
        shown = _in_pairs(estimates)
        figure.set_size_inches(style.WIDTH, row_height(len(shown), per_row=0.46))
        ax = figure.subplots()
        ax.axvspan(-sesoi, sesoi, color=style.ZONE, lw=0)
        ax.axvline(0, color=style.GREY, lw=0.8)
        counts = dict.fromkeys(("paradox", "restored", "still worse", "inconclusive"), 0)
        for row, (wide, narrow) in enumerate(shown):
            word = verdict(wide, narrow, sesoi)
            counts[word] += 1
            _contrast(ax, row, wide, narrow, word)
        _rows(ax, [_contrast_label(wide) for wide, _ in shown])
        ax.xaxis.set_major_locator(MaxNLocator(5))
        unit_axis(ax, [wide for wide, _ in shown], f"difference from {_reference(shown)}")
        return _forest_caption(shown, counts, sesoi)

    return draw


def _in_pairs(estimates: list[Estimate]) -> list[tuple[Estimate, Estimate]]:
    at = {item.key: item for item in estimates}
    pairs = [
        (item, at.get(_other(item.key)))
        for item in estimates
        if item.key.startswith(("paradox.", "complaint."))
    ]
    return [(wide, narrow) for wide, narrow in pairs if narrow is not None and wide.low == wide.low]


def _other(key: str) -> str:
    start, _, rest = key.partition(".")
    return f"{'restored' if start == 'paradox' else 'complaint_restored'}.{rest}"


def _contrast(ax: Axes, row: int, wide: Estimate, narrow: Estimate, word: str) -> None:
    raw = wide.key.endswith(".raw")
    colour = style.GREY if raw else style.ACCENT
    ax.plot([wide.low, wide.high], [row, row], color=colour, lw=1.2)
    ax.plot([narrow.low, narrow.high], [row, row], color=colour, lw=4, solid_capstyle="butt")
    ax.plot(wide.value, row, "o", ms=7, color=colour, mfc="white" if raw else colour)
    place = ax.get_yaxis_transform()
    ax.text(1.01, row, word, transform=place, va="center", weight="normal" if raw else "bold")


def _contrast_label(item: Estimate) -> str:
    group, _, kind = item.name.partition(" − ")
    short = {
        "all with a problem": "all with a problem",
        "complainers whose complaint was resolved": "resolved complainers",
        "complainers delighted with the handling": "delighted complainers",
    }
    return f"{short.get(group, group)},\n{kind.rpartition(', ')[2]} (n\u00a0=\u00a0{item.n:,})"


def _reference(shown: list[tuple[Estimate, Estimate]]) -> str:
    return shown[0][0].name.partition(" − ")[2].rpartition(", ")[0] if shown else ""


def _forest_caption(
    shown: list[tuple[Estimate, Estimate]], counts: dict[str, int], sesoi: float
) -> str:
    if not shown:
        return "No contrast is large enough to show."
    words = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    last = shown[-1][0]
    levels = (format_level(item.level) for item in shown[0])
    return (
        f"Verdicts: {words}. {_upper(last.name)}: {last}. The shaded zone is within "
        f"{format_number(sesoi, 'SD')[1:]} SD of no difference; thin lines are {next(levels)} "
        f"intervals, thick ones {next(levels)} intervals for equivalence; open circles are raw."
    )


def rises(estimates: list[Estimate], figure: Figure) -> str:
    """Observed rises (filled) above the rises to expect without any recovery (open)."""
    figure.set_size_inches(style.WIDTH, row_height(len(estimates), per_row=0.46))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    for row, item in enumerate(estimates):
        (_hollow if item.key.endswith(".expected") else dot)(ax, item, row)
    _rows(ax, [f"{_rise_label(item)}\n(n\u00a0=\u00a0{item.n:,})" for item in estimates])
    ax.xaxis.set_major_locator(MaxNLocator(5))
    unit_axis(ax, estimates, "change in satisfaction")
    if not estimates:
        return "No group is large enough to show."
    texts = [f"{_upper(item.name.replace(': ', ', '))}: {item}." for item in estimates[:2]]
    return " ".join(texts) + " Open circles are what to expect without recovery."


def _rise_label(item: Estimate) -> str:
    group, _, kind = item.name.partition(": rise ")
    short = {"complainers delighted with the handling": "delighted complainers"}
    return f"{short.get(group, group)}, {kind.partition(' ')[0]}"


def _bar_interval(ax: Axes, row: int, item: Estimate) -> None:
    """An interval over the end of a bar, edged white so that it is seen on it."""
    edge = [withStroke(linewidth=3.4, foreground="white")]
    ax.plot([item.low, item.high], [row, row], color=style.INK, lw=1.6, path_effects=edge)


def _hollow(ax: Axes, item: Estimate, row: int) -> None:
    """An expectation: grey, and open whether or not it has an interval."""
    dot(ax, item, row, colour=style.GREY)
    ax.plot(item.value, row, "o", color=style.GREY, ms=6.5, mfc="white")


def _rows(ax: Axes, labels: list[str]) -> None:
    ax.set_yticks(range(len(labels)), labels=labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _mean_label(items: list[Estimate]) -> str:
    if not items:
        return ""
    return items[0].name if items[0].unit == "share" else f"mean {items[0].name}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
