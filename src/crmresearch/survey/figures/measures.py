"""The drawings of the headline measures: each returns its caption, which is also its alt text."""

import re

import pandas as pd
from matplotlib.figure import Figure

from crmresearch.report import bars, plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.survey.distributions import points

KINDS = {"Detractor": style.POOR, "Passive": style.PALE, "Promoter": style.ACCENT}
MOST_GROUPS = 24  # more rows than this nobody reads on a phone


def by_group(estimates: list[Estimate], figure: Figure) -> str:
    """A measure for all and for every group, with the interval of all as a band."""
    shown = estimates[:MOST_GROUPS]
    plots.groups(shown, figure, label=re.split("[,;]", shown[0].name)[0])
    parts = [item for item in shown if item.group]
    if not parts:
        return plots.extremes(estimates[:1])
    more = "" if len(shown) == len(estimates) else " The table has the groups not drawn."
    return (
        f"The line and band show all respondents and their interval. {plots.extremes(parts)}{more}"
    )


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
    weighted = ", weighted," if frame["Weighted"].any() else ""
    return (
        f"Of {int(frame['n'].iloc[0]):,} answers{weighted} {', '.join(texts[:-1])} and {texts[-1]}."
    )


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
