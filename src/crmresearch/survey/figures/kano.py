"""The drawing of Kano's classification: its caption is also its alt text."""

from matplotlib.figure import Figure

from crmresearch.report import plots, style
from crmresearch.report.dots import Dot, dots
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_level, format_number
from crmresearch.survey.kano import Verdict, verdicts

MOST = 25  # parts that are drawn


def coefficients(estimates: list[Estimate], figure: Figure) -> str:
    """CS- to the left of zero and CS+ to the right, a row a part, with its category in the label.

    The parts whose absence matters most come first.
    """
    found = verdicts(estimates)
    sides = {
        item.attribute: [find(estimates, f"kano.{side}.{item.attribute}") for side in _SIDES]
        for item in found
    }
    found.sort(key=lambda item: _value(sides[item.attribute][0]))
    shown = found[:MOST]
    names = [_label(item) for item in shown]
    tallest = max(name.count("\n") + 1 for name in names)
    height = plots.row_height(len(shown), per_row=0.12 + 0.18 * tallest, frame=1.15)
    figure.set_size_inches(style.WIDTH, height)
    ax = figure.subplots()
    ax.axvline(0, color=style.GREY, lw=0.8)
    dots(
        ax,
        [
            Dot(side, row, colour)
            for row, item in enumerate(shown)
            for side, colour in zip(sides[item.attribute], _SIDES.values(), strict=True)
            if side is not None
        ],
    )
    plots.name_rows(ax, list(range(len(shown))), names)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(-1.05, 1.05)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1], labels=["−1", "−0.5", "0", "0.5", "1"])
    for x, words, colour in zip(
        (-0.5, 0.5), ("if absent", "if there"), _SIDES.values(), strict=True
    ):
        ax.annotate(
            words, (x, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom",
            color=colour, fontweight="bold",
        )  # fmt: skip
    ax.set_xlabel(f"CS− and CS+ ({format_level(shown[0].share.level)} CI)")
    return _caption(shown, sides, len(found))


_SIDES = {"worse": style.POOR, "better": style.ACCENT}


def _value(item: Estimate | None) -> float:
    return 0.0 if item is None or item.value != item.value else item.value


def _label(item: Verdict) -> str:
    share = format_number(item.share.value, "share")
    words = f"{item.first}, {share}" if item.decided else "not decided"
    return f"{plots.with_n(item.name, item.share.n)}\n{words}"


def _caption(shown: list[Verdict], sides: dict[str, list[Estimate | None]], number: int) -> str:
    texts = []
    for place, words, pick in ((0, "absence", min), (1, "presence", max)):
        known = [item for item in shown if _value(sides[item.attribute][place])]
        if known:
            most = pick(known, key=lambda item: _value(sides[item.attribute][place]))
            texts.append(f"{words} matters most for {most.name}, {sides[most.attribute][place]}")
    decided = sum(item.decided for item in shown)
    more = "" if number == len(shown) else " The table has the parts not drawn."
    text = f"{'; '.join(texts)}. " if texts else ""
    return (
        f"{text[:1].upper()}{text[1:]}The category of {decided} of {len(shown)} is decided.{more}"
    )
