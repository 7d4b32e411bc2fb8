"""The funnel of failures, drawn."""

from matplotlib.figure import Figure

from crmresearch.recovery.figures.layout import bar_interval, upper
from crmresearch.recovery.funnel import STEPS
from crmresearch.report import style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number
from crmresearch.report.plots import headed, row_height, with_n

LABELS = STEPS | {"satisfied": "were satisfied"}  # short enough to stand beside the shares
MOST_DRAWN = 4  # steps and variables of which the groups are drawn


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
        bar_interval(ax, row, item)
        ax.text(0, row - 0.34, upper(LABELS[step]), va="bottom", weight="bold")
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
    parts = [f"From all customers to those who {STEPS[steps[-1]]}: {last} of all."]
    quiet = at.get("silent.of_previous")
    if quiet is not None:
        of = quiet.name.rpartition(", share of ")[2]
        parts.append(f"Of {of}, {quiet} did not complain.")
    return " ".join(parts) + " The pale part of a bar was lost since the step before."


def destinations(estimates: list[Estimate], figure: Figure) -> str:
    """The shares of complaints by recipient and by channel; those of problems are in the table."""
    shown = [item for item in estimates if item.key == "complaints.of_complaints"]
    rows = [_row(item) for item in shown]
    if not rows:
        return "Whom customers complained to is not in these data."
    headed(rows, figure, label="share of complaints")
    return " ".join(
        f"{upper(heading)}: most often {most.group.partition(': ')[2]}, {most}."
        for heading in dict.fromkeys(heading for heading, _, _ in rows)
        for most in [max((x for h, _, x in rows if h == heading), key=lambda item: item.value)]
    )


def by_group(estimates: list[Estimate], figure: Figure) -> str:
    """The groups of the steps and variables that the tests tell apart, clearest first."""
    tests = clearest(estimates)
    drawn = tests[:MOST_DRAWN]
    rows = []
    for test in drawn:
        step, variable = test.key.split(".")[1], test.name.partition(", differs by ")[2]
        rows += [
            (f"{upper(STEPS[step])}, by {variable}", *_row(item)[1:])
            for item in estimates
            if item.key == f"funnel_by.{step}" and item.group.startswith(f"{variable}: ")
        ]
    if not rows:
        return "No step differs clearly between groups, so none is drawn."
    headed(rows, figure, label="share of those at the step before")
    if len(tests) > len(drawn):
        return f"The {len(drawn)} clearest of {len(tests)} differences; the rest is in the table."
    return "Every step that differs clearly between groups; the others are in the table."


def clearest(estimates: list[Estimate]) -> list[Estimate]:
    """The tests of a step by a variable whose corrected p is below the limit, smallest first."""
    tests = [item for item in estimates if item.key.startswith("funnel_test.")]
    return sorted((x for x in tests if x.p < 1 - x.level), key=lambda item: item.p)


def _row(item: Estimate) -> tuple[str, str, Estimate]:
    heading, _, label = item.group.partition(": ")
    return heading, with_n(label, item.n), item
