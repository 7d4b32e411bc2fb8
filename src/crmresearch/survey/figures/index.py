"""The drawings of the satisfaction index: each returns its caption, which is also its alt text."""

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from crmresearch.report import plots, style
from crmresearch.report.dots import points, spans
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number
from crmresearch.report.plots import cut, wrapped
from crmresearch.survey.figures.layout import Diagram, fits, lay_out
from crmresearch.survey.flags import MARK

MOST_ARROWS = 16  # more than this are drawn as rows
MOST_GROUPS = 24  # more rows than this nobody reads on a phone
LETTERS = (16, 10)  # of a line in a box; the narrower where a row would not fit


def paths(estimates: list[Estimate], figure: Figure) -> str:
    """The model as boxes and arrows with coefficients; as rows where it has too many arrows."""
    drawn = [item for item in estimates if item.key.startswith("index.path.") and not item.group]
    boxes = next((texts for texts in _boxes(drawn, estimates) if _fits(texts, drawn)), {})
    if len(drawn) > MOST_ARROWS or not boxes:
        rows = [(_ends(item)[3], plots.with_n(_ends(item)[2], item.n), item) for item in drawn]
        order = list(dict.fromkeys(row[0] for row in rows))
        rows.sort(key=lambda row: order.index(row[0]))
        plots.headed(rows, figure, label="path").axvline(0, color=style.GREY, lw=0.8)
    else:
        _diagram(drawn, boxes, figure)
    clear = [item for item in drawn if item.low > 0 or item.high < 0]
    largest = max(drawn, key=lambda item: abs(item.value))
    return (
        f"{len(clear)} of {len(drawn)} paths have an interval clear of zero; those that do not are "
        f"drawn grey and broken. The largest is {largest.name.removesuffix(MARK)}, {largest}. "
        "Below a construct's name stands the share of its variance that the arrows into it account "
        "for."
    )


def _ends(item: Estimate) -> tuple[str, str, str, str]:
    """Keys and names of an arrow's two ends: source, target, source's name, target's name."""
    source, target = item.key.removeprefix("index.path.").split(".")
    first, _, second = item.name.removesuffix(MARK).partition(" → ")
    return source, target, first, second


def _boxes(drawn: list[Estimate], estimates: list[Estimate]) -> Iterator[dict[str, str]]:
    """What stands in each box, in wide lines and then in narrow ones."""
    names: dict[str, str] = {}
    for item in drawn:
        source, target, first, second = _ends(item)
        names |= {source: first, target: second}
    for letters in LETTERS:
        texts = {key: _broken(cut(name, 40), letters) for key, name in names.items()}
        for key in names:
            explained = find(estimates, f"index.r2.{key}")
            if explained is not None:
                texts[key] += f"\n{format_number(explained.value, 'share')}"
        yield texts


def _broken(name: str, letters: int) -> str:
    """A name in lines of so many letters, or of its longest word where that is not much longer."""
    longest = max(map(len, name.split()), default=0)
    return wrapped(name, min(max(letters, longest), LETTERS[0]))


def _fits(texts: dict[str, str], drawn: list[Estimate]) -> bool:
    return fits(texts, [_ends(item)[:2] for item in drawn], width=style.WIDTH)


def _diagram(drawn: list[Estimate], texts: dict[str, str], figure: Figure) -> None:
    arrows = [_ends(item)[:2] for item in drawn]
    plan = lay_out(texts, arrows, width=style.WIDTH)
    figure.set_size_inches(style.WIDTH, plan.height)
    ax = figure.subplots()
    ax.set(xlim=(0, style.WIDTH), ylim=(plan.height, 0))
    ax.axis("off")
    for key, text in texts.items():
        _box(ax, plan, key, text)
    for item, arrow in zip(drawn, arrows, strict=True):
        _arrow(ax, plan, arrow, item)


def _box(ax: Axes, plan: Diagram, key: str, text: str) -> None:
    x, y = plan.places[key]
    width, height = plan.sizes[key]
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=style.ZONE,
            edgecolor=style.GREY,
            lw=0.9,
            zorder=3,
        )
    )
    ax.text(x, y, text, ha="center", va="center", fontsize=10, zorder=4)


def _arrow(ax: Axes, plan: Diagram, arrow: tuple[str, str], item: Estimate) -> None:
    clear = item.low > 0 or item.high < 0
    colour = style.GREY if not clear else style.ACCENT if item.value > 0 else style.POOR
    start, end = plan.lines[arrow]
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=11,
            shrinkA=0,
            shrinkB=0,
            lw=0.9 + 3.6 * min(abs(item.value), 1.0),
            linestyle="-" if clear else (0, (4, 2)),
            color=colour,
            alpha=0.85,
            zorder=1,
        )
    )
    words = format_number(item.value, item.unit) + MARK * item.name.endswith(MARK)
    if item.low == item.low:
        bounds = [format_number(bound, item.unit) for bound in (item.low, item.high)]
        words += f"\n{bounds[0]} to {bounds[1]}"
    ax.text(
        *plan.labels[arrow],
        words,
        ha="center",
        va="center",
        fontsize=9,
        linespacing=1.05,
        color=style.INK if clear else style.GREY,
        bbox={"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none"},
        zorder=2,
    )


def scores(estimates: list[Estimate], figure: Figure) -> str:
    """The index for all and for every group, with the interval of all as a band."""
    shown = estimates[:MOST_GROUPS]
    groups = [item for item in shown if item.group]
    overall = find(shown, "index.score")
    rows = []
    for item in shown:
        heading, _, name = item.group.partition(": ")
        name = name or ("All" if item is overall else "All, items counted alike")
        rows.append((heading, plots.with_n(name, item.n), item))
    quiet = tuple(item for item in shown if not item.group and item is not overall)
    ax = plots.headed(rows, figure, label="index", quiet=quiet)
    if overall is not None:
        ax.axvline(overall.value, color=style.GREY, lw=0.8, zorder=0.6)
        if overall.low == overall.low:
            ax.axvspan(overall.low, overall.high, color=style.ZONE, lw=0, zorder=0.5)
    if not groups:
        return plots.extremes([item for item in shown if item is overall])
    more = "" if len(shown) == len(estimates) else " The table has the groups not drawn."
    return (
        "The line and band show all respondents and their interval; grey is the index with every "
        f"item counted alike. {plots.extremes(groups)}{more}"
    )


def priorities(estimates: list[Estimate], figure: Figure) -> str:
    """Every construct by importance and performance, a cross for both intervals."""
    start = "index.importance."
    shown = [
        (item, find(estimates, item.key.replace(".importance.", ".performance.")))
        for item in estimates
        if item.key.startswith(start)
    ]
    across, down = (find(estimates, f"index.line.{word}") for word in ("importance", "performance"))
    figure.set_size_inches(style.WIDTH, 4.6)
    ax = figure.subplots()
    for line, draw in ((across, ax.axvline), (down, ax.axhline)):
        if line is not None:
            draw(line.value, color=style.GREY, lw=0.8, zorder=0.6)
    look = {"color": style.ACCENT, "lw": 2.0, "alpha": 0.5}
    spans(ax, [(x.low, x.high, y.value) for x, y in shown], **look)
    spans(ax, [(y.low, y.high, x.value) for x, y in shown], upright=True, **look)
    points(ax, [(x.value, y.value) for x, y in shown])
    ax.margins(0.12)
    _name(ax, shown)
    _quadrants(ax)
    ax.set_xlabel(f"importance: total effect ({plots.format_level(shown[0][0].level)} CI)")
    ax.set_ylabel("performance, index from 0 to 100")
    texts = [
        f"{item.name.rpartition(', ')[0]} {format_number(item.value, item.unit)} at "
        f"{format_number(level.value, level.unit)}"
        for item, level in shown
    ]
    return (
        "Importance beside performance, each with its interval; the lines are the averages of the "
        f"constructs shown. Importance and performance: {'; '.join(texts)}."
    )


def _name(ax: Axes, shown: list[tuple[Estimate, Estimate]]) -> None:
    """The name of each construct beside its cross, on the side where the others are farthest."""
    width, height = (high - low for low, high in (ax.get_xlim(), ax.get_ylim()))
    for item, level in shown:
        others = [(a.value, b.value) for a, b in shown if a is not item]
        sides = [(x, y) for y in (1, -1) for x in (1, -1)]

        def crowd(side: tuple[int, int]) -> float:
            x = item.value + 0.12 * side[0] * width  # noqa: B023
            y = level.value + 0.05 * side[1] * height  # noqa: B023
            return sum(
                1 / (0.01 + ((a - x) / width) ** 2 + ((b - y) / height) ** 2)
                for a, b in others  # noqa: B023
            )

        across, up = min(sides, key=crowd)
        ax.annotate(
            wrapped(cut(item.name.rpartition(", ")[0], 40), 18),
            (item.value, level.value),
            xytext=(6 * across, 5 * up),
            textcoords="offset points",
            fontsize=9.5,
            ha="left" if across > 0 else "right",
            va="bottom" if up > 0 else "top",
        )


def _quadrants(ax: Axes) -> None:
    for x, y, text in (
        (0.99, 0.01, "more important, lower"),
        (0.99, 0.99, "more important, higher"),
        (0.01, 0.01, "less important, lower"),
        (0.01, 0.99, "less important, higher"),
    ):
        ax.text(
            x,
            y,
            text,
            transform=ax.transAxes,
            ha="right" if x > 0.5 else "left",
            va="top" if y > 0.5 else "bottom",
            fontsize=9,
            color=style.GREY,
        )
