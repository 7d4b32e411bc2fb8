"""The drawings of the scales: each returns its caption, which is also its alt text."""

from matplotlib.figure import Figure

from crmresearch.report import plots, style
from crmresearch.report.dots import Dot, dots, sample
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_level
from crmresearch.survey.scales import ENOUGH

MOST_ITEMS = 20
MARKS = {  # colour, shape, whether it is filled and what it is, by the first part of the key
    "alpha": (style.GREY, "s", False, "alpha"),
    "standardised": (style.ACCENT, "D", True, "Spearman-Brown (2 items)"),
    "omega": (style.ACCENT, "o", True, "omega"),
    "ordinal_omega": (style.GREY, "^", False, "ordinal omega"),
}


def reliability(estimates: list[Estimate], figure: Figure) -> str:
    """Alpha and omega of every scale as two dots a row, against the convention.

    Of two items, which have no omega, the Spearman-Brown coefficient stands in its place.
    """
    pairs = _drawn(estimates)
    figure.set_size_inches(style.WIDTH, plots.row_height(len(pairs), per_row=0.5, frame=1.2))
    ax = figure.subplots()
    ax.axvline(ENOUGH, color=style.GREY, lw=0.8, ls=(0, (4, 3)))
    placed = [
        (item, row + (place - (len(pair) - 1) / 2) * 0.26)
        for row, pair in enumerate(pairs.values())
        for place, item in enumerate(pair)
    ]
    dots(ax, [Dot(item, at, *MARKS[_kind(item)][:3]) for item, at in placed], size=6, width=2.0)
    names = [plots.with_n(pair[0].name.rpartition(", ")[0], pair[0].n) for pair in pairs.values()]
    plots.name_rows(ax, list(range(len(names))), names)
    ax.set_ylim(len(names) - 0.45, -0.55)
    drawn = [item for item, _ in placed]
    lowest = min(ends for item in drawn for ends in (item.low, item.value) if ends == ends)
    ax.set_xlim(min(lowest - 0.02, ENOUGH - 0.05), 1.0)
    kinds = {_kind(item) for item in drawn}
    ax.legend(
        handles=[sample(*look, size=6) for kind, look in MARKS.items() if kind in kinds],
        ncols=len(kinds) if len(kinds) < 4 else 2,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        fontsize=9.5,
        handlelength=0.8,
    )
    ax.set_xlabel(f"reliability ({format_level(drawn[0].level)} CI); dashed: {ENOUGH:.2f}")
    return plots.extremes(drawn)


def _drawn(estimates: list[Estimate]) -> dict[str, list[Estimate]]:
    """The two marks of each scale: alpha, and omega or what takes its place of two items."""
    scales: dict[str, list[Estimate]] = {}
    for item in estimates:
        scales.setdefault(item.key.partition(".")[2], []).append(item)
    return {
        key: [x for x in found if x.key.startswith(("alpha.", "omega.", "ordinal_omega."))]
        + [x for x in found if "Spearman" in x.name]
        for key, found in scales.items()
    }


def _kind(item: Estimate) -> str:
    return item.key.partition(".")[0]


def items(estimates: list[Estimate], figure: Figure) -> str:
    """Each item's correlation with the rest, under the name of its scale."""
    weak = sorted(estimates, key=lambda item: item.value)[:MOST_ITEMS]
    rows = [
        (item.key.split(".")[1].replace("_", " "), plots.with_n(item.name, item.n), item)
        for item in estimates
        if item in weak
    ]
    plots.headed(rows, figure, label="correlation with the rest of the scale").set_xlim(right=1)
    more = "" if len(rows) == len(estimates) else f" The {MOST_ITEMS} lowest are drawn."
    return plots.extremes(estimates) + more
