"""Whether the types mean the same in every group, and what the mix is where they do not."""

from matplotlib.figure import Figure

from crmresearch.archetypes.figures.layout import by, small_multiples
from crmresearch.archetypes.figures.mix import group_rows
from crmresearch.archetypes.headlines.invariance import differs, role_of, sign_of, signs
from crmresearch.report import style
from crmresearch.report.dots import Dot
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number


def differences(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a grouping: the largest difference of each sign, a diamond where it differs."""
    items = signs(estimates)
    names = list(dict.fromkeys(map(sign_of, items)))

    def dot(item: Estimate) -> Dot:
        look = (style.ACCENT, "D") if differs(item) else (style.GREY, "o")
        return Dot(item, names.index(sign_of(item)), *look)

    panels = by(items, lambda item: f"by {role_of(item)}")
    label = "largest difference between two groups in a type"
    small_multiples(figure, panels, names, dot, label, items, top=None)
    marked = "Diamonds: signs that differ by the rule. " if any(map(differs, items)) else ""
    tests = [_test(item) for item in estimates if item.key.count(".") == 1]
    return f"{marked}All signs together: {'; '.join(tests)}."


def freed(estimates: list[Estimate], figure: Figure) -> str:
    """One panel a type: shares with the same profiles filled, with freed signs hollow."""
    rows = group_rows(estimates)

    def dot(item: Estimate) -> Dot:
        hollow = item.key.endswith(".freed")
        return Dot(item, rows[item.group] + (0.17 if hollow else -0.17), filled=not hollow)

    panels = by(estimates, lambda item: item.name.rpartition(", ")[0])
    label = "share of the group"
    rows.mark(small_multiples(figure, panels, list(rows.names), dot, label, estimates, top=None))
    return "Filled dots: the same profiles in all groups; hollow dots below: some signs freed."


def _test(item: Estimate) -> str:
    better = "the same profiles" if item.value > 0 else "profiles of their own"
    size, p = format_number(abs(item.value), item.unit), format_number(item.p, "p")
    equals = "" if p.startswith("<") else "= "
    return f"by {role_of(item)} p {equals}{p}, BIC favours {better} by {size}"
