"""What goes with the types."""

from matplotlib.figure import Figure

from crmresearch.archetypes.figures.layout import dot, label_rows
from crmresearch.archetypes.headlines.wording import pair_differences
from crmresearch.report import plots, style
from crmresearch.report.estimates import Estimate


def outcome(estimates: list[Estimate], figure: Figure) -> str:
    """Corrected means as dots, those of likeliest types as hollow squares beneath them."""
    labels = list(dict.fromkeys(item.group for item in estimates))
    figure.set_size_inches(style.WIDTH, plots.row_height(len(labels), per_row=0.5))
    ax = figure.subplots()
    corrected = [item for item in estimates if item.key.endswith(".bch")]
    for item in estimates:
        row = labels.index(item.group)
        if item.key.endswith(".bch"):
            dot(ax, item, row - 0.13, style.ACCENT, "o")
        else:
            dot(ax, item, row + 0.17, style.GREY, "s", hollow=True)
    shown = corrected or estimates
    names = {item.group: f"{item.group.partition(': ')[2]}  (n = {item.n:,})" for item in shown}
    label_rows(ax, [names.get(label, label.partition(": ")[2]) for label in labels])
    plots.unit_axis(ax, shown, shown[0].name.partition(",")[0].lower() if shown else "")
    return (
        "Dots are means corrected for classification error, squares those of respondents put into "
        f"their likeliest type. {plots.extremes(corrected)}"
    )


def differences(estimates: list[Estimate], figure: Figure) -> str:
    """Every pair of types with its simultaneous interval."""
    pairs = pair_differences(estimates)
    plain = {x.name.partition(": ")[2]: x for x in estimates if ".modal." in x.key}
    figure.set_size_inches(style.WIDTH, plots.row_height(len(pairs), per_row=0.44))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    for row, item in enumerate(pairs):
        dot(ax, item, row - 0.13, style.ACCENT, "o")
        uncorrected = plain.get(item.name.partition(": ")[2])
        if uncorrected is not None:
            dot(ax, uncorrected, row + 0.17, style.GREY, "s", hollow=True)
    label_rows(ax, [item.name.partition(": ")[2] for item in pairs])
    plots.unit_axis(ax, pairs, f"difference in {pairs[0].name.partition(': ')[0].lower()}")
    clear = [item for item in pairs if item.low > 0 or item.high < 0]
    parts = [f"{item.name.partition(': ')[2]}, {item}" for item in clear]
    text = "; ".join(parts) if parts else "none"
    return (
        "Dots are differences corrected for classification error, squares those of respondents put "
        f"into their likeliest type. Clear of zero: {text}."
    )
