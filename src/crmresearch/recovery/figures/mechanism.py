"""Why recovery works, drawn: scales, shares, ways and what would undo them."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crmresearch.recovery.figures.layout import upper
from crmresearch.report import style
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import MARK
from crmresearch.report.numbers import format_level
from crmresearch.report.plots import extremes, headed, intervals, wrapped

BOUNDS = (0.85, 0.90)  # HTMT between them is open by convention
CURVES = 4  # panels that a reader can compare


def measures(estimates: list[Estimate], figure: Figure) -> str:
    """How alike any two scales are; the band is where convention leaves it open."""
    pairs = [item for item in estimates if item.key.startswith("mechanism.htmt.")]
    if not pairs:
        return "No two scales of two questions or more were answered by enough customers."
    rows = sorted(pairs, key=lambda item: -item.value)
    shown = [("", wrapped(_pair(item), 32), item) for item in rows]
    ax = headed(shown, figure, label="HTMT")
    ax.axvspan(*BOUNDS, color=style.ZONE, lw=0, zorder=0.5)
    return (
        f"HTMT of every two scales: surely left of the band they can be told apart, surely right "
        f"of it they cannot. The closest are {_pair(rows[0])}, {rows[0]}."
    )


def _pair(item: Estimate) -> str:
    return _short(item.name.rpartition(", ")[0])


def shares(estimates: list[Estimate], figure: Figure) -> str:
    """Each justice's share of what they explain together."""
    shown = [item for item in estimates if item.key.startswith("mechanism.share.")]
    if not shown:
        return "There are no shares to draw."
    equal = 1 / len(shown)
    intervals(shown, figure, reference=equal, label="share of the explained variance")
    return f"{extremes(shown)} The line marks equal shares."


def effects(estimates: list[Estimate], figure: Figure) -> str:
    """All justices together, in total and by way, and each one's part through the mediator."""
    rows = []
    for item in estimates:
        _, part, outcome, *source = item.key.split(".")
        if item.unit != "SD" or (source and part != "indirect"):
            continue
        heading, _, words = item.name.partition(": ")
        name, _, way = words.partition(", ")
        if source:
            heading, label = f"{heading} {_short(way)}", name
        else:
            label = f"{name}, {_short(way)}"
        rows.append((upper(heading), wrapped(upper(label), 30), item))
    headed(rows, figure, label="association").axvline(0, color=style.GREY, lw=0.8)
    return _clear([item for _, _, item in rows])


def _short(text: str) -> str:
    return text.replace("satisfaction with the handling", "handling")


def chains(estimates: list[Estimate], figure: Figure) -> str:
    """What of each cause goes along which way; single ways are drawn where there are no sums."""
    sums = any(item.key.endswith(".both") for item in estimates)
    single_outcome = len({item.name.partition(": ")[0] for item in estimates}) == 1
    rows = []
    for item in estimates:
        heading, _, way = item.name.partition(", ")
        outcome, _, cause = heading.partition(": ")
        if sums and _single(item, estimates):
            continue
        cause = cause.replace(" rather than ", " v ")
        top = cause if single_outcome else f"{outcome}: {cause}"
        rows.append((upper(top), wrapped(upper(_short(way)), 30), item))
    ax = headed(rows, figure, label="difference")
    ax.axvline(0, color=style.GREY, lw=0.8)
    return _clear([item for _, _, item in rows])


def _single(item: Estimate, estimates: list[Estimate]) -> bool:
    """Whether the way is part of a sum: all are but the one through the last mediator alone."""
    ends = item.key.rpartition(".")[2]
    last_alone = any(other.key.endswith(f"-{ends}") for other in estimates)
    return item.key.startswith("chain.through.") and not (ends in ("beside", "both") or last_alone)


def _clear(items: list[Estimate]) -> str:
    clear = sum(item.low > 0 or item.high < 0 for item in items)
    most = max(items, key=lambda item: abs(item.value), default=None)
    if most is None:
        return "There is nothing to draw."
    verb = "interval does" if clear == 1 else "intervals do"
    name = most.name.removesuffix(MARK)
    return f"{clear} of {len(items)} {verb} not include zero. The largest is {name}: {most}."


def sensitivity(estimates: list[Estimate], figure: Figure) -> str:
    """What would go through the mediator, by how far its errors and the outcome's correlate."""
    curves: dict[str, list[Estimate]] = {}
    for item in estimates:
        if item.key.startswith("mechanism.at."):
            curves.setdefault(item.key.rpartition(".")[0], []).append(item)
    shown = dict(list(curves.items())[:CURVES])
    if not shown:
        return "There is nothing to draw."
    rows = (len(shown) + 1) // 2
    figure.set_size_inches(style.WIDTH, 2.7 * rows + 0.2)
    columns = min(len(shown), 2)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    for ax, curve in zip(axes.flat, shown.values(), strict=False):
        _curve(ax, curve)
    first = next(iter(shown.values()))[0]
    axes[0, 0].set_ylabel(f"through the mediator, SD\n({format_level(first.level)} band)")
    figure.supxlabel("correlation of the errors of mediator and outcome", fontsize=10.5)
    rhos = [item for item in estimates if item.key.startswith("mechanism.rho.")]
    texts = [f"{item.name.partition(':')[0]} {item}" for item in rhos]
    return (
        "What would go through the mediator were its errors correlated with the outcome's by an "
        f"unmeasured cause of both. Nothing is left at: {'; '.join(texts)}."
    )


def _curve(ax: Axes, curve: list[Estimate]) -> None:
    at = [_correlation(item) for item in curve]
    ax.axhline(0, color=style.GREY, lw=0.8)
    ax.axvline(0, color=style.PALE, lw=0.8)
    lows, highs = [item.low for item in curve], [item.high for item in curve]
    ax.fill_between(at, lows, highs, color=style.ACCENT, alpha=0.18, lw=0)
    ax.plot(at, [item.value for item in curve], color=style.ACCENT, lw=2)
    heading, _, words = curve[0].name.partition(": ")
    source = words.partition(", ")[0]
    ax.set_title(
        wrapped(upper(heading) if source.startswith("all ") else f"{upper(heading)}: {source}", 28)
    )
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_locator(MaxNLocator(5))


def _correlation(item: Estimate) -> float:
    return float(item.method.removeprefix("errors correlated by ").partition(",")[0])
