"""The drawings of the survey study: each returns its caption, which is also its alt text."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crmresearch.report import bars, plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_level, format_number
from crmresearch.survey.distributions import points
from crmresearch.survey.scales import ENOUGH

KINDS = {"Detractor": style.POOR, "Passive": style.PALE, "Promoter": style.ACCENT}
MOST_ROWS = 20
MOST_GROUPS = 50


def by_group(estimates: list[Estimate], figure: Figure) -> str:
    """A measure for all and for every group, with the interval of all as a band."""
    shown = estimates[:MOST_GROUPS]
    plots.groups(shown, figure)
    parts = [item for item in shown if item.group]
    if not parts:
        return plots.extremes(estimates[:1])
    more = "" if len(shown) == len(estimates) else " The table has the groups not drawn."
    return (
        f"The line and band show all respondents and their interval. {plots.extremes(parts)}{more}"
    )


def shares(estimates: list[Estimate], figure: Figure) -> str:
    """Shares with their intervals, the largest of them where there are many."""
    shown = estimates[:MOST_ROWS]
    plots.intervals(shown, figure, label="share of respondents").set_xlim(left=0)
    more = "" if len(shown) == len(estimates) else f" The {MOST_ROWS} largest are drawn."
    return plots.extremes(shown) + more


def recommend(frame: pd.DataFrame, figure: Figure) -> str:
    """The 0 to 10 answers as columns, coloured and named as detractor, passive and promoter."""
    figure.set_size_inches(style.WIDTH, 3.0)
    ax = figure.subplots()
    positions = range(len(frame))
    ax.bar(positions, frame["Share"], color=[KINDS[kind] for kind in frame["Kind"]], width=0.82)
    for position, value in zip(positions, frame["Share"], strict=True):
        label = f"{value * 100:.0f}"
        ax.text(position, value, label, ha="center", va="bottom", fontsize=9)
    ceiling = 1.22 * float(frame["Share"].max())
    totals = frame.groupby("Kind", sort=False)["Share"].sum()
    for kind, total in totals.items():
        places = [at for at, other in zip(positions, frame["Kind"], strict=True) if other == kind]
        colour = style.GREY if kind == "Passive" else KINDS[kind]
        middle = (places[0] + places[-1]) / 2
        words = f"{kind}s {total * 100:.0f}%"
        ax.plot([places[0] - 0.4, places[-1] + 0.4], [ceiling] * 2, color=colour, lw=2)
        narrow = len(places) < 4
        ax.text(
            middle,
            ceiling,
            words.replace(" ", "\n") if narrow else words,
            ha="center",
            va="bottom",
            fontsize=9.5,
            color=colour,
            fontweight="bold",
        )
    ax.set_ylim(0, ceiling * 1.22)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xticks(list(positions), labels=list(frame["Answer"]))
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel("likelihood to recommend (labels: per cent of answers)")
    texts = [f"{total * 100:.0f}% are {kind.lower()}s" for kind, total in totals.items()]
    return f"Of {int(frame['n'].iloc[0]):,} answers {', '.join(texts[:-1])} and {texts[-1]}."


def answers(frame: pd.DataFrame, figure: Figure) -> str:
    """Diverging bars of every question, one panel a scale."""
    scales = list(dict.fromkeys(frame["Scale"]))
    heights = [(frame["Scale"] == scale).sum() + 2.2 for scale in scales]
    figure.set_size_inches(style.WIDTH, 0.36 * sum(heights) + 0.3)
    axes = figure.subplots(len(scales), 1, height_ratios=heights, squeeze=False)[:, 0]
    for ax, scale in zip(axes, scales, strict=True):
        part = frame[frame["Scale"] == scale]
        table = part.set_index("Question")[points(frame)].dropna(axis=1, how="all")
        bars.stack(ax, table.fillna(0.0))
    best, worst = frame.loc[frame["Mean"].idxmax()], frame.loc[frame["Mean"].idxmin()]
    if len(frame) == 1:
        return f"{best['Question']} has a mean of {best['Mean']:.2f} on a scale of {best['Scale']}."
    return (
        f"{len(frame)} questions ordered by their mean within each scale. Highest is "
        f"{best['Question']} with {best['Mean']:.2f} on a scale of {best['Scale']}, lowest "
        f"{worst['Question']} with {worst['Mean']:.2f} on a scale of {worst['Scale']}."
    )


def reliability(estimates: list[Estimate], figure: Figure) -> str:
    """Alpha and omega of every scale as two dots a row, against the convention."""
    scales: dict[str, list[Estimate]] = {}
    for item in estimates:
        scales.setdefault(item.key.partition(".")[2], []).append(item)
    figure.set_size_inches(style.WIDTH, plots.row_height(len(scales), per_row=0.5, frame=1.2))
    ax = figure.subplots()
    ax.axvline(ENOUGH, color=style.GREY, lw=0.8, ls=(0, (4, 3)))
    names = []
    for row, pair in enumerate(scales.values()):
        for item in pair:
            omega = item.key.startswith("omega")
            shift = 0.0 if len(pair) == 1 else 0.14 if omega else -0.14
            _reliability_dot(ax, item, row + shift, omega)
        name = pair[0].name.rpartition(", ")[0]
        names.append(plots.with_n(name, pair[0].n))
    ax.set_yticks(range(len(names)), labels=names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(names) - 0.45, -0.55)
    lowest = min(ends for item in estimates for ends in (item.low, item.value) if ends == ends)
    ax.set_xlim(min(lowest - 0.02, ENOUGH - 0.05), 1.0)
    ax.plot([], [], "s", color=style.GREY, mfc="white", ms=6, label="alpha")
    ax.plot([], [], "o", color=style.ACCENT, ms=6.5, label="omega")
    ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(0, 1), fontsize=9.5, handlelength=0.8)
    ax.set_xlabel(f"reliability ({format_level(estimates[0].level)} CI); dashed: {ENOUGH:.2f}")
    return plots.extremes(estimates)


def _reliability_dot(ax: Axes, item: Estimate, row: float, omega: bool) -> None:
    colour = style.ACCENT if omega else style.GREY
    if item.low == item.low:
        ax.plot([item.low, item.high], [row, row], color=colour, lw=2.0, alpha=0.55)
    face = colour if omega else "white"
    ax.plot(item.value, row, "o" if omega else "s", color=colour, mfc=face, ms=6)


def coefficients(estimates: list[Estimate], figure: Figure) -> str:
    """Correlations with their intervals and a line at zero."""
    plots.intervals(estimates, figure, reference=0, label="correlation")
    return plots.extremes(estimates)


def items(estimates: list[Estimate], figure: Figure) -> str:
    """Each item's correlation with the rest, under the name of its scale."""
    rows = [
        (item.key.split(".")[1].replace("_", " "), plots.with_n(item.name, item.n), item)
        for item in estimates
    ]
    plots.headed(rows, figure, label="correlation with the rest of the scale").set_xlim(right=1)
    return plots.extremes(estimates)


def differences(estimates: list[Estimate], figure: Figure) -> str:
    """Pairwise differences of means in scale points, with a line at zero."""
    every = [item for item in estimates if item.unit == "scale difference"]
    pairs = every
    if len(every) > MOST_ROWS:
        pairs = sorted(every, key=lambda item: -max(item.low, -item.high))[:MOST_ROWS]
    plots.intervals(pairs, figure, reference=0, label="difference of means")
    clear = sum(item.low > 0 or item.high < 0 for item in every)
    more = "" if len(pairs) == len(every) else f" The {len(pairs)} nearest to that are drawn."
    return f"{clear} of {len(every)} simultaneous intervals are clear of zero.{more}"


def changes(estimates: list[Estimate], figure: Figure) -> str:
    """Changes between waves, each on the band of changes too small to be found."""
    bands = {
        item.key.removesuffix(".detectable"): item.value
        for item in estimates
        if item.key.endswith(".detectable") and not item.group
    }
    latest = [item for item in estimates if "difference" in item.unit and not item.group]
    plots.panels(latest, figure, bands=bands)
    clear = sum(item.low > 0 or item.high < 0 for item in latest)
    return (
        f"{clear} of {len(latest)} changes have an interval clear of zero. The bands mark true "
        "changes that these samples would miss more often than one time in five."
    )


def shifts(estimates: list[Estimate], figure: Figure) -> str:
    """What leaving out everybody suspicious changes, a panel for each unit."""
    shown = [item for item in estimates if item.key.startswith("sensitivity.all.")] or estimates
    plots.panels(shown, figure)
    widest = max(shown, key=lambda item: abs(item.value) / _scale(item))
    return (
        f"The largest of these shifts is {widest} ({widest.name}). The table adds each check on "
        "its own."
    )


def _scale(item: Estimate) -> float:
    """The range a unit covers, so that shifts in several units can be ranked."""
    return {"points difference": 200.0, "share difference": 1.0}.get(item.unit, 10.0)


def importance(estimates: list[Estimate], figure: Figure) -> str:
    """Each driver's share of the explained variance."""
    drivers = [item for item in estimates if item.unit == "share"]
    plots.intervals(drivers, figure, label="share of the explained variance").set_xlim(left=0)
    return plots.extremes(drivers)


def ranks(frame: pd.DataFrame, figure: Figure) -> str:
    """How often each driver took each rank, as a strip of shaded cells."""
    columns = list(frame.columns[1:])
    figure.set_size_inches(style.WIDTH, plots.row_height(len(frame), per_row=0.4))
    ax = figure.subplots()
    for row, values in enumerate(frame[columns].to_numpy(float)):
        for column, value in enumerate(values):
            ax.add_patch(_cell(column, row, value))
            if value >= 0.005 and len(columns) <= 12:
                text = f"{value * 100:.0f}"
                colour = "white" if value > 0.5 else style.INK
                ax.text(column, row, text, ha="center", va="center", fontsize=9, color=colour)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(frame) - 0.5, -0.5)
    ax.set_xticks(range(len(columns)), labels=[name.split()[-1] for name in columns])
    ax.set_yticks(
        range(len(frame)), labels=[plots.wrapped(plots.cut(name)) for name in frame["Driver"]]
    )
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_xlabel("rank by importance (labels: per cent of resamples)")
    first, share = frame["Driver"].iloc[0], frame[columns[0]].iloc[0]
    return f"{first} ranks first in {format_number(share, 'share')} of the resamples."


def _cell(column: int, row: int, value: float) -> Rectangle:
    return Rectangle(
        (column - 0.48, row - 0.44), 0.96, 0.88, facecolor=style.ACCENT, alpha=0.06 + 0.94 * value
    )
