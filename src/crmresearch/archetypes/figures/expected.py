"""What is expected beside what is experienced: shares, gaps, surfaces, mismatches, priorities."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from crmresearch.archetypes.figures.layout import label_rows, marks, short
from crmresearch.archetypes.mismatch import CELL
from crmresearch.archetypes.surface import Shape, verdict
from crmresearch.report import plots, style
from crmresearch.report.dots import Dot
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number

FINE = 71  # points along each side of a surface
BANDS = 8  # contour lines over all surfaces, at most
MOST = 6  # rows of either kind of priority
HEADINGS = {"change": "To change: wanted → had", "reinforce": "To reinforce"}
SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", "#86b7d3"])


def met(estimates: list[Estimate], figure: Figure) -> str:
    """Share with the relationship they want, of all and of each group."""
    shares = [item for item in estimates if item.key == "met.share"]
    plots.groups(shares, figure, label="share with the relationship they want")
    return plots.extremes([item for item in shares if item.group])


def directions(estimates: list[Estimate], figure: Figure) -> str:
    """Mean of experienced less expected, a row a dimension."""
    means = [item for item in estimates if item.key == "gap.mean"]
    plots.intervals(means, figure, reference=0.0, label="experienced less expected")
    return f"Left of the line customers have less than they want. {plots.extremes(means)}"


def surfaces(estimates: list[Estimate], figure: Figure, *, shapes: list[Shape]) -> str:
    """Contours of the outcome over expected and experienced, where there are enough people."""
    drawn = [shape for shape in shapes if shape.surface.known and len(shape.hull) > 2]
    if not drawn:
        return "No surface could be told."
    grids = [_grid(shape) for shape in drawn]
    low, high = (
        edge(part(grid[2]) for grid in grids) for edge, part in ((min, np.nanmin), (max, np.nanmax))
    )
    levels = MaxNLocator(BANDS).tick_values(low, high)
    down = -(-len(drawn) // 2)
    figure.set_size_inches(style.WIDTH, 0.3 + 2.65 * down)
    axes = figure.subplots(down, min(2, len(drawn)), squeeze=False).ravel()
    for ax, shape, grid in zip(axes, drawn, grids, strict=False):
        _surface(ax, shape, grid, levels, Normalize(low, high))
        _ridge(ax, shape, estimates)
    for ax in axes[len(drawn) :]:
        ax.set_visible(False)
    figure.supxlabel("as customers want it", fontsize=style.RC["font.size"])
    figure.supylabel("as it is", fontsize=style.RC["font.size"])
    return (
        f"Lines join equal mean {drawn[0].role} (numbers, darker is higher), drawn where enough "
        "customers are. On the dashed line experience is what was wanted; the orange line is the "
        "first principal axis, where the data tell it."
    )


def _grid(shape: Shape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both scales and the surface over them, NaN outside the hull."""
    scale = np.linspace(shape.dimension.low, shape.dimension.high, FINE)
    x, y = np.meshgrid(scale, scale)
    inside = Path(shape.hull).contains_points(np.column_stack([x.ravel(), y.ravel()]), radius=1e-6)
    inside |= Path(shape.hull).contains_points(
        np.column_stack([x.ravel(), y.ravel()]), radius=-1e-6
    )
    return x, y, np.where(inside.reshape(x.shape), shape.surface.at(x, y), np.nan)


def _surface(
    ax: Axes,
    shape: Shape,
    grid: tuple[np.ndarray, np.ndarray, np.ndarray],
    levels: np.ndarray,
    norm: Normalize,
) -> None:
    one = shape.dimension
    ax.contourf(*grid, levels=levels, cmap=SHADES, norm=norm, extend="both")
    lines = ax.contour(*grid, levels=levels, colors=style.ACCENT, linewidths=0.9)
    ax.clabel(lines, fmt=lambda value: format_number(value, "scale points"), fontsize=7.5)
    ax.add_patch(Polygon(shape.hull, fill=False, ec=style.GREY, lw=0.8))
    ax.plot([one.low, one.high], [one.low, one.high], "--", color=style.INK, lw=1)
    ax.set_title(f"{short(one.label)}  (n\u00a0=\u00a0{shape.surface.fit.n:,})", fontsize=9)
    ax.set_xlim(one.low, one.high)
    ax.set_ylim(one.low, one.high)
    ax.set_box_aspect(1)
    ax.locator_params(nbins=7, integer=True)


def _ridge(ax: Axes, shape: Shape, estimates: list[Estimate]) -> None:
    """The first principal axis inside the hull."""
    start, slope = (find(estimates, f"surface.{shape.key}.{name}") for name in ("p10", "p11"))
    if start is None or slope is None or start.value != start.value:
        return
    centre = shape.dimension.centre
    ends = np.array([shape.dimension.low, shape.dimension.high])
    heights = centre + start.value + slope.value * (ends - centre)
    [line] = ax.plot(ends, heights, color=style.POOR, lw=1.6)
    line.set_clip_path(Polygon(shape.hull, transform=ax.transData))


def verdicts(estimates: list[Estimate], figure: Figure) -> str:
    """The slope beyond agreement of each dimension, with what it says of congruence."""
    slopes = [x for x in estimates if x.key.startswith("congruence.") and x.value == x.value]
    if not slopes:
        return "No surface could be told."
    figure.set_size_inches(style.WIDTH, plots.row_height(len(slopes)))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    marks(ax, [Dot(item, row) for row, item in enumerate(slopes)])
    for row, item in enumerate(slopes):
        ax.annotate(
            verdict(item),
            (1.015, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9.5,
        )
    label_rows(ax, [plots.with_n(item.name.partition(":")[0], item.n) for item in slopes])
    outcome = slopes[0].key.split(".")[1]
    plots.unit_axis(ax, slopes, f"change of {outcome} a point further off")
    return (
        f"Left of the line {outcome} falls beyond agreement on either side, right of it it still "
        "rises on one. The interval decides: wholly left is supported, wholly right contradicted. "
        + _restricted(estimates)
    )


def _restricted(estimates: list[Estimate]) -> str:
    """On how many dimensions the data speak against what a difference score takes for granted."""
    found = {
        kind: [x for x in estimates if x.key.endswith(f".{kind}") and x.p == x.p]
        for kind in ("difference", "squared")
    }
    against = {kind: sum(x.p < 1 - x.level for x in tests) for kind, tests in found.items()}
    return (
        f"A plain difference score is rejected on {against['difference']} and a squared one on "
        f"{against['squared']} of {count(len(found['squared']), 'dimension')}."
    )


def mismatch(estimates: list[Estimate], figure: Figure) -> str:
    """Heat table of types wanted by types had: shades for loyalty, share and loyalty written."""
    shares = {item.group: item for item in estimates if item.key == "mismatch.share"}
    means = {item.group: item for item in estimates if item.key == "mismatch.loyalty"}
    cells = {tuple(group.removeprefix(CELL).split(" → ", 1)): group for group in shares}
    rows, columns = (list(dict.fromkeys(cell[side] for cell in cells)) for side in (0, 1))
    columns.sort(key=lambda name: rows.index(name) if name in rows else len(rows))
    figure.set_size_inches(style.WIDTH, 1.3 + 0.42 * len(rows))
    ax = figure.subplots()
    values = [item.value for item in means.values() if item.value == item.value]
    norm = Normalize(min(values), max(values)) if values else Normalize(0, 1)
    for cell, group in cells.items():
        place = columns.index(cell[1]), rows.index(cell[0])
        _cell(ax, place, shares[group], means.get(group), norm, cell[0] == cell[1])
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), labels=[plots.wrapped(short(name, 30), 16) for name in rows])
    names = [short(name, 24) for name in columns]
    ax.set_xticks(range(len(columns)), labels=names, rotation=40, ha="left", rotation_mode="anchor")
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_ylabel("wanted")
    ax.set_xlabel("had")
    ax.xaxis.set_label_position("top")
    return (
        "Rows are the types wanted, columns the types had; framed cells are met expectations. "
        + (
            "Above the share of customers, below and as a shade their mean loyalty. "
            if values
            else "Each number is the share of customers. "
        )
        + "Empty cells have nobody, or too few people to be shown."
    )


def _cell(
    ax: Axes,
    place: tuple[int, int],
    share: Estimate,
    loyalty: Estimate | None,
    norm: Normalize,
    met: bool,
) -> None:
    if share.value != share.value:
        return
    known = loyalty is not None and loyalty.value == loyalty.value
    colour = SHADES(norm(loyalty.value)) if known else style.ZONE
    corner = (place[0] - 0.47, place[1] - 0.45)
    edge = style.INK if met else style.PALE
    ax.add_patch(Rectangle(corner, 0.94, 0.9, fc=colour, ec=edge, lw=1.6 if met else 0.6))
    text = format_number(share.value, share.unit)
    if known:
        text += f"\n{format_number(loyalty.value, loyalty.unit)}"
    ax.text(*place, text, ha="center", va="center", fontsize=8.5, linespacing=1.1)


def priorities(estimates: list[Estimate], figure: Figure) -> str:
    """The leading rows of what to change and of what to reinforce."""
    rows = []
    for kind, heading in HEADINGS.items():
        items = [x for x in estimates if x.key == f"stake.{kind}" and x.value == x.value]
        for item in items[:MOST]:
            wanted, _, had = item.group.removeprefix(CELL).partition(" → ")
            label = wanted if kind == "reinforce" else f"{wanted} → {had}"
            rows.append((heading, plots.with_n(label, item.n), item))
    if not rows:
        return "Nothing can be compared."
    ax = plots.headed(rows, figure, label="loyalty points over 100 customers")
    ax.axvline(0, color=style.GREY, lw=0.8, zorder=0.5)
    clear = sum(item.low > 0 for _, _, item in rows)
    return (
        f"{clear} of {len(rows)} rows are clear of zero with intervals that hold for all rows at "
        "once. Ranked by the lower bound."
    )
