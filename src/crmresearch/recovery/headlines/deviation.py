"""Two failures and their order in sentences."""

from crmresearch.recovery.headlines.wording import ABSENT, upper
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, format_number


def deviation(estimates: list[Estimate]) -> str:
    """The order of a good and a bad recovery, then what failing again goes with."""
    parts = [_order(_first(estimates, "order", "order"))]
    parts.append(_again(_first(estimates, "deviation", "interaction"), bool(parts[0])))
    words = "; ".join(filter(None, parts))
    if not words:
        return f"{ABSENT}earlier problems of enough complainers, or how they ended."
    return f"{upper(words)}."


def missed(estimates: list[Estimate]) -> str:
    """What the planned contrasts of the first outcome would mostly miss; empty without any."""
    kinds = {"order_detectable.": "of the order", "deviation_detectable.": "of failing again"}
    parts = []
    for start, words in kinds.items():
        item = next((x for x in estimates if x.key.startswith(start) and x.value == x.value), None)
        if item is not None:
            size = format_number(item.value, item.unit).lstrip("+")
            parts.append(f"{words} below {f'{size} {UNITS[item.unit].word}'.strip()}")
    return f"True differences {' and '.join(parts)} would mostly be missed." if parts else ""


def _first(estimates: list[Estimate], kind: str, end: str) -> Estimate | None:
    """The contrast on the first outcome that has it with an interval."""
    found = (item for item in estimates if item.key.startswith(f"{kind}."))
    return next((x for x in found if x.key.endswith(f".{end}") and x.low == x.low), None)


def _order(item: Estimate | None) -> str:
    if item is None:
        return ""
    if item.low <= 0 <= item.high:
        return f"whether the first or the second recovery failed does not tell ({item})"
    ends = "higher" if item.value > 0 else "lower"
    outcome = item.name.partition(": ")[0]
    return f"“unresolved, then resolved” ends {ends} than the reverse in {outcome}: {item}"


def _again(item: Estimate | None, more: bool) -> str:
    if item is None:
        return ""
    outcome = item.name.partition(": ")[0]
    if item.low <= 0 <= item.high:
        words = "an unresolved complaint is not told to go with more loss after an earlier problem"
    else:
        side = "more" if item.value < 0 else "less"
        words = f"an unresolved complaint goes with {side} loss after an earlier problem"
    return words if more else f"{words} ({outcome}, {item})"
