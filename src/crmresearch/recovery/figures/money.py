"""What putting complaints right is worth, drawn."""

from matplotlib.figure import Figure

from crmresearch.recovery.figures.layout import label_rows, upper
from crmresearch.report import style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate
from crmresearch.report.plots import row_height, unit_axis, wrapped

PANELS = {
    "amount for one complaint": ("money.break_even", "money.net"),
    "amount for every 1,000 customers": ("money.stake.unresolved", "money.stake.silent"),
}
SHORT = {
    "money.break_even": "a complaint put right, before its cost",
    "money.net": "a complaint put right, after its cost",
    "money.stake.unresolved": "departures of the unresolved",
    "money.stake.silent": "departures of those who told nobody",
}


def kept(estimates: list[Estimate], figure: Figure) -> str:
    """The share who stayed, resolved less unresolved, adjusted above raw."""
    figure.set_size_inches(style.WIDTH, row_height(len(estimates), per_row=0.4))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    dots(ax, [Dot(item, row) for row, item in enumerate(estimates)])
    names = [item.name.rpartition(", ")[2] for item in estimates]
    label_rows(
        ax,
        [
            f"{name}\n(n\u00a0=\u00a0{item.n:,})"
            for name, item in zip(names, estimates, strict=True)
        ],
    )
    unit_axis(ax, estimates, "resolved less unresolved")
    texts = [f"{name}, {item}" for name, item in zip(names, estimates, strict=True)]
    return f"Share who stayed, resolved less unresolved complainers: {'; '.join(texts)}."


def value(estimates: list[Estimate], figure: Figure) -> str:
    """Amounts for one complaint above what is at stake for every 1,000 customers."""
    at = {item.key: item for item in estimates}
    panels = {
        label: [at[key] for key in keys if key in at]
        for label, keys in PANELS.items()
        if any(key in at for key in keys)
    }
    if not panels:
        return "No amount to show."
    rows = [len(items) for items in panels.values()]
    heights = [row_height(n, per_row=0.4, frame=0.75) for n in rows]
    figure.set_size_inches(style.WIDTH, sum(heights))
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=[n + 1.2 for n in rows])
    for ax, (label, items) in zip(axes[:, 0], panels.items(), strict=True):
        ax.axvline(0, color=style.GREY, lw=0.8)
        dots(ax, [Dot(item, row) for row, item in enumerate(items)])
        label_rows(ax, [wrapped(SHORT[item.key]) for item in items])
        unit_axis(ax, items, label)
    drawn = [item for items in panels.values() for item in items]
    return " ".join(f"{upper(SHORT[item.key])}: {item}." for item in drawn)
