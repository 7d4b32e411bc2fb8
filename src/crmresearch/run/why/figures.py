"""The drawing of a change: what each move is made of, in widths of the old interval."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from crmresearch.report import style
from crmresearch.report.plots import cut, name_rows, per_row, row_height, wrapped
from crmresearch.run.why import words
from crmresearch.run.why.record import parts

MOST = 12  # moves that are drawn
_FAINT = 0.01  # of the longest bar: a part this small has no bar


def made_of(_: object, figure: Figure, *, moves: Sequence[Mapping]) -> str:
    """A bar a move, from zero to both sides, a colour an ingredient, a mark at the whole change."""
    drawn = [move for move in moves if move["size"]][:MOST]
    if not drawn:
        return ""
    names = list(dict.fromkeys(name for move in drawn for name in parts(move)))
    colours = dict(zip(names, style.SERIES * 2, strict=False))
    labels = [wrapped(cut(words.label(move))) for move in drawn]
    figure.set_size_inches(style.WIDTH, row_height(len(drawn) + 1, per_row=per_row(labels)))
    ax = figure.subplots()
    longest = max(move["size"] for move in drawn)
    for row, move in enumerate(drawn):
        width = abs(move["change"]) / move["size"]
        ends = {1: 0.0, -1: 0.0}
        for name, value in parts(move).items():
            size = (value or 0.0) / width
            if abs(size) > _FAINT * longest:
                side = 1 if size > 0 else -1
                ax.barh(row, size, left=ends[side], height=0.6, color=colours[name], label=name)
                ends[side] += size
        ax.plot(move["change"] / width, row, "D", color=style.INK, ms=4.5, mec="white")
    ax.axvline(0, color=style.GREY, lw=0.8)
    name_rows(ax, list(range(len(drawn))), labels)
    ax.set_ylim(len(drawn) - 0.4, -0.6)
    ax.set_xlabel("Move, in widths of the old interval")
    shown = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    figure.legend(shown.values(), shown.keys(), loc="outside upper left", ncols=3)
    return _said(drawn)


def _said(drawn: Sequence[Mapping]) -> str:
    first = drawn[0]
    return (
        f"The largest move is that of {words.label(first)}, from {words.was(first, 'old')} to "
        f"{words.was(first, 'new')}: {words.made_of(first)}. The diamond marks the whole change, "
        "the bars what it is made of."
    )
