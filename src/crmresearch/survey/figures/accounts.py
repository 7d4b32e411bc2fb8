"""The drawings of accounts: each returns its caption, which is also its alt text."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.report import plots, style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate, find

Row = tuple[str, Estimate]
EDGE = 0.02  # room for half a dot at zero


def agreement(estimates: list[Estimate], figure: Figure) -> str:
    """Agreement and reliability above, differences between parts of one account below."""
    coefficients = [item for item in estimates if item.unit == "coefficient"]
    roles = [item for item in estimates if item.key.startswith("roles.")]
    rows = [(_kind(item), item) for item in coefficients]
    stacked = [("agreement of the people of one account", rows)]
    if roles:
        rows = [(item.name, item) for item in roles]
        stacked.append(("difference within an account", rows))
    axes = _stacked(stacked, figure)
    axes[0].axvline(0, color=style.GREY, lw=0.8)
    if roles:
        axes[1].axvline(0, color=style.GREY, lw=0.8)
    real, chance = find(estimates, "agreement.rwg"), find(estimates, "agreement.rwg.shuffled")
    low = find(estimates, "agreement.low")
    text = plots.extremes([item for item in coefficients if item.key == "agreement.icc1"])
    if real is not None and chance is not None:
        text += f" Median agreement is {real}; of people put together by chance {chance}."
    if low is not None:
        text += f" {low} of accounts agree little ({low.name.partition(', ')[2]})."
    return text


def coverage(estimates: list[Estimate], figure: Figure) -> str:
    """Shares of accounts, then the contacts heard by brand and segment."""
    every = [("All accounts heard", item.name, item) for item in estimates if not item.group]
    parts = [
        (f"Contacts by {item.group.partition(': ')[0]}",
         item.group.partition(": ")[2], item)
        for item in estimates
        if item.group
    ]  # fmt: skip
    rows = [(heading, plots.with_n(name, item.n), item) for heading, name, item in every + parts]
    plots.headed(rows, figure, label="share; n counts accounts").set_xlim(-EDGE, 1)
    groups = [item for item in estimates if item.group]
    return plots.extremes(groups or [item for _, _, item in every])


def hidden(estimates: list[Estimate], figure: Figure) -> str:
    """Accounts that hide somebody against, and what weighting by influence changes."""
    fine = [item for item in estimates if item.key in ("hidden.fine", "hidden.all")]
    moved = [item for item in estimates if item.key.endswith(".moved")]
    change = [item for item in estimates if item.key.endswith(".mean")]
    stacked = [
        ("accounts that hide a detractor; n counts accounts", [(_named(x), x) for x in fine]),
        ("accounts whose score moves", [(_named(item), item) for item in moved]),
        ("change of an account's score", [(_named(item), item) for item in change]),
    ]
    axes = _stacked([part for part in stacked if part[1]], figure)
    for ax in axes[: 1 + bool(moved)]:
        ax.set_xlim(left=-EDGE)
    if change:
        axes[-1].axvline(0, color=style.GREY, lw=0.8)
    text = plots.extremes([item for item in fine if item.group] or fine)
    if moved:
        least, most = (pick(moved, key=lambda item: item.value) for pick in (min, max))
        text += f" From {least} to {most} of accounts change their score, depending on the weights."
    return text


def ranking(estimates: list[Estimate], figure: Figure) -> str:
    """Bands of accounts with what one account in them could be; below, what can be told apart."""
    bands = [item for item in estimates if item.key == "accounts.band"]
    named = [item for item in estimates if item.key == "accounts.named"]
    shares = [item for item in estimates if item.unit == "share" and not item.group]
    stacked = [
        ("score, with the usual interval of one account", [(_place(x), x) for x in bands]),
        ("score of named accounts", [(_place(item), item) for item in named]),
        ("share of accounts or of ranks", [(item.name, item) for item in shares]),
    ]
    axes = _stacked([part for part in stacked if part[1]], figure)
    axes[-1].set_xlim(left=-EDGE)
    lowest = find(estimates, "accounts.lowest")
    text = ""
    if bands:
        text = (
            f"The lowest band has a mean of {bands[0].value:.2f}, the highest of "
            f"{bands[-1].value:.2f}; the intervals are those of one account. "
        )
    return f"{text}Of the accounts placed in the lowest tenth {lowest} belong there."


def _stacked(parts: list[tuple[str, list[Row]]], figure: Figure) -> list[Axes]:
    """One panel a part, each with its own unit and label: a dot with its interval a row."""
    names = [[plots.with_n(label, item.n) for label, item in rows] for _, rows in parts]
    heights = [0.75 + plots.per_row(labels) * len(labels) for labels in names]
    figure.set_size_inches(style.WIDTH, sum(heights))
    axes = figure.subplots(len(parts), 1, height_ratios=heights, squeeze=False)[:, 0]
    for ax, (label, rows), labels in zip(axes, parts, names, strict=True):
        dots(
            ax,
            [
                Dot(item, row, style.GREY if item.group else style.ACCENT)
                for row, (_, item) in enumerate(rows)
            ],
        )
        plots.name_rows(ax, list(range(len(rows))), labels)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        plots.unit_axis(ax, [item for _, item in rows], label)
    return list(axes)


def _kind(item: Estimate) -> str:
    """A coefficient's short name: what stands after the comma, or the group that it is of."""
    if item.group:
        return f"{item.group.partition(': ')[2]}, ICC(1)"
    return item.name.rpartition(", ")[2] if "icc" in item.key else item.name


def _named(item: Estimate) -> str:
    return item.group.partition(": ")[2] if item.group else item.name


def _place(item: Estimate) -> str:
    return item.group.partition(": ")[2]
