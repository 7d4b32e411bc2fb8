"""The drawings of the scales' structure: each returns its caption, which is also its alt text."""

from matplotlib.figure import Figure

from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.structure import HTMT_APART, HTMT_ONE
from crmresearch.survey.verdicts import HELD, TOLERABLE

MOST_ROWS = 20


def loadings(estimates: list[Estimate], figure: Figure) -> str:
    """Every question's standardised loading under the name of its scale."""
    found = [item for item in estimates if item.key.startswith("loading.")]
    rows = []
    weak = sorted(found, key=lambda item: item.value)[:MOST_ROWS]
    for item in (item for item in found if item in weak):
        name, _, scale = item.name.rpartition(", loading on ")
        rows.append((scale, plots.cut(name), item))
    ax = plots.headed([(a, plots.wrapped(b), c) for a, b, c in rows], figure, label="loading")
    low = min(min(item.low, item.value) if item.low == item.low else item.value for item in found)
    ax.set_xlim(min(0.0, low - 0.03), max(1.0, max(item.value for item in found) + 0.03))
    weakest = min(found, key=lambda item: item.value)
    more = "" if len(found) == len(rows) else f" The {MOST_ROWS} weakest are drawn."
    name, _, scale = weakest.name.rpartition(", loading on ")
    return (
        f"Standardised loadings of {count(len(found), 'question')}, n = {found[0].n:,}. The "
        f"weakest is {name} on {scale}, {weakest}.{more}"
    )


def pairs(estimates: list[Estimate], figure: Figure) -> str:
    """HTMT of every pair of scales against the two conventions; of one scale its AVE and CR."""
    found = [item for item in estimates if item.key.startswith("htmt.")]
    if not found:
        plots.intervals(estimates, figure, label="share")
        return f"{estimates[0].name}: {estimates[0]}."
    ordered = sorted(found, key=lambda item: -item.value)
    shown = ordered[:MOST_ROWS]
    rows = [("", plots.wrapped(plots.cut(_pair(item))), item) for item in shown]
    ax = plots.headed(rows, figure, label="HTMT")
    for bound in (HTMT_APART, HTMT_ONE):
        ax.axvline(bound, color=style.GREY, lw=0.8, ls=(0, (4, 3)), zorder=0.6)
    top = max(
        max(item.value, item.high) if item.high == item.high else item.value for item in found
    )
    ax.set_xlim(0, max(1.0, top + 0.02))
    apart = sum(item.high < HTMT_APART for item in found)
    more = "" if len(shown) == len(found) else f" The {MOST_ROWS} closest are drawn."
    return (
        f"{apart} of {count(len(found), 'pair')} of scales have an interval wholly below "
        f"{_bare(HTMT_APART)}. Dashed: {_bare(HTMT_APART)} and {_bare(HTMT_ONE)}. Closest are "
        f"{_pair(ordered[0])} at {ordered[0]}.{more}"
    )


def steps(estimates: list[Estimate], figure: Figure) -> str:
    """What holding loadings and intercepts alike adds to the misfit, one grouping after another."""
    rows = []
    for item in estimates:
        variable, _, words = item.name.partition(": ")
        step = item.key.split(".")[2]
        if step in HELD and item.low == item.low and item.unit == "fit":
            name = words.rpartition(", ")[0].removeprefix("same ")
            rows.append((variable, plots.wrapped(plots.cut(name)), item))
    if not rows:
        plots.intervals([item for item in estimates if item.unit == "fit"], figure, label="fit")
        return "No step could be tested."
    ax = plots.headed(rows, figure, label="RMSEA added by holding alike")
    ax.axvline(TOLERABLE, color=style.GREY, lw=0.8, ls=(0, (4, 3)), zorder=0.6)
    ax.set_xlim(0, max(0.1, max(item.high for _, _, item in rows) + 0.005))
    worst = max((item for _, _, item in rows), key=lambda item: item.value)
    below = sum(item.high < TOLERABLE for _, _, item in rows)
    bound = format_number(TOLERABLE, "correlation").lstrip("0")
    return (
        f"{below} of {len(rows)} intervals lie wholly below {bound} (dashed). The most is added by "
        f"{worst.name.rpartition(', ')[0]}: {worst}."
    )


def _pair(item: Estimate) -> str:
    return item.name.rpartition(", ")[0]


def _bare(bound: float) -> str:
    return f"{bound:.2f}".lstrip("0")
