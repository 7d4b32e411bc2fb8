"""The ladder of adjustment and the balance behind it, drawn."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmresearch.recovery.balance import LIMIT, WORDS, worst
from crmresearch.recovery.figures.layout import label_rows, upper
from crmresearch.recovery.headlines.ladder import SHORT
from crmresearch.report import style
from crmresearch.report.dots import Dot, dots, points, sample, spans
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number
from crmresearch.report.plots import cut, name_rows, row_height, unit_axis, wrapped

MARKS = {  # colour, shape and whether it is filled
    "before": (style.GREY, "o", False),
    "overlap": (style.ACCENT, "D", True),
    "att": (style.ACCENT, "s", False),
}
MOST = 8  # covariates of a contrast that are drawn


def ladder(*, sesoi: float) -> Callable[[list[Estimate], Figure], str]:
    """A drawing of the rungs of every contrast, one below the other, in SD.

    The shaded zone is smaller than `sesoi` either way. Open circles are raw, filled ones adjusted,
    diamonds rest on other people: those asked twice, or the arms of an experiment.
    """

    def draw(estimates: list[Estimate], figure: Figure) -> str:
        shown = [item for item in estimates if not item.key.endswith(".shift")]
        blocks = list(dict.fromkeys(_block(item) for item in shown))
        rows = len(shown) + len(blocks)
        figure.set_size_inches(style.WIDTH, row_height(rows, per_row=0.3, frame=0.9))
        ax = figure.subplots()
        zone = sesoi if shown and shown[0].unit == "SD" else 0.0
        _zero(ax, zone)
        rungs, names, row = [], [], 0
        for block in blocks:
            _heading(ax, row, block)
            first = row + 1
            for row, item in enumerate([x for x in shown if _block(x) == block], first):
                rungs.append(_rung(ax, row, item))
                names.append(f"{_words(item)}  (n\u00a0=\u00a0{item.n:,})")
            row += 1
        dots(ax, rungs, size=6)
        name_rows(ax, [rung.row for rung in rungs], names)
        ax.set_ylim(row - 0.4, -0.7)
        unit_axis(ax, shown, _against(shown))
        return _caption(shown, zone)

    return draw


def balance(estimates: list[Estimate], figure: Figure) -> str:
    """Standardised mean differences of the covariates, before and after weighting (love plot)."""
    blocks = list(dict.fromkeys(_block(item) for item in estimates))
    chosen = {block: _largest([x for x in estimates if _block(x) == block]) for block in blocks}
    rows = sum(len(names) for names in chosen.values()) + len(blocks)
    figure.set_size_inches(style.WIDTH, row_height(rows, per_row=0.32, frame=1.2))
    ax = figure.subplots()
    _zero(ax, LIMIT)
    places: dict[tuple[str, str], int] = {}
    row = 0
    for block in blocks:
        _heading(ax, row, block)
        for column in chosen[block]:
            row += 1
            places[block, column] = row
        row += 1
    _spreads(ax, places, estimates)
    name_rows(ax, list(places.values()), [wrapped(cut(column)) for _, column in places])
    ax.set_ylim(row - 0.4, -0.7)
    unit_axis(ax, estimates)
    ax.set_xlabel("difference of means, SD")
    _legend(ax)
    return _balance_caption(estimates)


def panel(estimates: list[Estimate], figure: Figure) -> str:
    """Mean changes of those to whom it happened, and of those without, of the same people."""
    shown = [item for item in estimates if not item.key.endswith(".difference")]
    figure.set_size_inches(style.WIDTH, row_height(len(shown), per_row=0.46))
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    calm = shown[0] if shown else None
    hues = [style.GREY, *[style.ACCENT] * len(shown)]
    dots(ax, map(Dot, shown, range(len(shown)), hues))
    if calm is not None:
        ax.axvline(calm.value, color=style.GREY, lw=0.8, ls=":")
    labels = [_short(item.name.partition(": ")[0]) for item in shown]
    label_rows(ax, [f"{a}\n(n\u00a0=\u00a0{x.n:,})" for a, x in zip(labels, shown, strict=True)])
    unit_axis(ax, shown, shown[0].name.partition(": ")[2] if shown else "")
    if calm is None:
        return "No group is large enough to show."
    return (
        f"{upper(calm.name)}: {calm}, the dotted line. The others are read against it: the "
        "distance is the difference in differences, in the table with its interval."
    )


def _zero(ax: Axes, zone: float) -> None:
    if zone:
        ax.axvspan(-zone, zone, color=style.ZONE, lw=0)
    ax.axvline(0, color=style.GREY, lw=0.8)


def _legend(ax: Axes) -> None:
    ax.legend(
        handles=[sample(*MARKS[kind], upper(WORDS[kind]), size=6) for kind in MARKS],
        loc="lower center",
        bbox_to_anchor=(0.3, 1.0),
        ncols=3,
        frameon=False,
        fontsize=9,
        handletextpad=0.2,
        columnspacing=1.0,
    )


def _balance_caption(estimates: list[Estimate]) -> str:
    first = worst(estimates, "before")
    if first is None:
        return "Nothing to show."
    drawn: dict[str, set[str]] = {}
    for item in estimates:
        drawn.setdefault(_block(item), set()).add(_column(item))
    more = any(len(columns) > MOST for columns in drawn.values())
    rest = f" The {MOST} covariates that differ most are drawn." if more else ""
    return (
        f"Largest before: {_column(first)}, {format_number(first.value, 'SD')} SD. The shaded zone "
        f"is within {format_number(LIMIT, 'SD')[1:]} SD, a customary limit.{rest}"
    )


def _rung(ax: Axes, row: int, item: Estimate) -> Dot:
    """A rung's dot, its number written at the right."""
    rung = item.key.rpartition(".")[2]
    raw = rung == "raw"
    shape = "D" if rung.startswith(("panel", "randomised")) else "o"
    ax.annotate(
        format_number(item.value, item.unit),
        (1.015, row),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=9.5,
    )
    return Dot(item, row, style.GREY if raw else style.ACCENT, shape, filled=not raw)


def _heading(ax: Axes, row: int, text: str) -> None:
    ax.annotate(
        cut(text, 60),
        (-0.015, row + 0.1),
        xycoords=("axes fraction", "data"),
        ha="right",
        va="center",
        fontsize=9.5,
        color=style.GREY,
        weight="bold",
    )


def _spreads(ax: Axes, places: dict[tuple[str, str], int], estimates: list[Estimate]) -> None:
    """The differences of a covariate, a mark a weighting, joined by a pale line."""
    values: dict[int, list[float]] = {}
    kinds: dict[str, list[tuple[float, int]]] = {kind: [] for kind in MARKS}
    for item in estimates:
        row = places.get((_block(item), _column(item)))
        if row is not None:
            values.setdefault(row, []).append(item.value)
            kinds[item.key.split(".")[2]].append((item.value, row))
    ends = [(min(found), max(found), row) for row, found in values.items()]
    spans(ax, ends, color=style.PALE, lw=1.6, alpha=None)
    for kind, found in kinds.items():
        points(ax, found, *MARKS[kind], size=6)


def _block(item: Estimate) -> str:
    """The group's name, short."""
    return _short(item.name.partition(" − ")[0])


def _short(name: str) -> str:
    return SHORT.get(name, name)


def _words(item: Estimate) -> str:
    return (
        item.name.rpartition(" (for ")[0].rpartition(", ")[2]
        if (not item.key.endswith("_ancova"))
        else "randomised, regression"
    )


def _against(shown: list[Estimate]) -> str:
    """What the axis measures: a difference from those whom every row is compared with."""
    found = {
        item.name.rpartition(" (for ")[0].partition(" − ")[2].removesuffix(f", {_words(item)}")
        for item in shown
    }
    return f"difference from {cut(found.pop(), 40)}" if len(found) == 1 else "difference"


def _column(item: Estimate) -> str:
    return item.name.partition(": ")[2].rpartition(", ")[0]


def _largest(items: list[Estimate]) -> list[str]:
    """The covariates that differ most before weighting, in that order."""
    before = [item for item in items if item.key.split(".")[2] == "before"]
    before.sort(key=lambda item: -abs(item.value))
    return [_column(item) for item in before[:MOST]]


def _caption(shown: list[Estimate], sesoi: float) -> str:
    if not shown:
        return "No contrast is large enough to show."
    kept = [item for item in shown if item.low == item.low]
    last = next((x for x in reversed(kept) if not x.key.endswith(".panel")), shown[-1])
    zone = (
        f" The shaded zone is within {format_number(sesoi, 'SD')[1:]} SD of no difference."
        if sesoi
        else ""
    )
    marks = "open circles are raw, filled ones adjusted"
    if any(x.key.endswith(".panel") for x in kept):
        marks += "; diamonds rest on those asked twice"
    if all(x.randomised for x in kept):
        marks = "chance assigned the arms"
    return f"{upper(last.name)}: {last}.{zone} {upper(marks)}."
