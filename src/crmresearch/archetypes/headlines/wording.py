"""Words and choices that the headlines share."""

from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number

ABSENT = "Not in these data: "
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def in_words(number: int) -> str:
    word = WORDS[number] if number < len(WORDS) else f"{number}"
    return f"{word} type{'' if number == 1 else 's'}"


def widest(estimates: list[Estimate]) -> str:
    """The name whose estimates lie furthest apart; empty where none has two."""
    by_name: dict[str, list[float]] = {}
    for item in estimates:
        if item.value == item.value:
            by_name.setdefault(item.name, []).append(item.value)
    spread = {
        name: max(values) - min(values) for name, values in by_name.items() if len(values) > 1
    }
    return max(spread, key=spread.__getitem__, default="")


def pair_differences(estimates: list[Estimate]) -> list[Estimate]:
    """Only the corrected differences of pairs, without those picked out for claims."""
    return [
        item
        for item in estimates
        if not item.key.endswith((".gap", ".positive")) and ".modal." not in item.key
    ]


def largest_first(estimates: list[Estimate]) -> list[Estimate]:
    known = [item for item in estimates if item.value == item.value]
    return sorted(known, key=lambda item: -item.value)


def ends(items: list[Estimate]) -> tuple[Estimate, Estimate]:
    return min(items, key=lambda item: item.value), max(items, key=lambda item: item.value)


def doubt(low: Estimate, high: Estimate) -> str:
    """What to add where the extremes were picked from estimates that chance may have ordered."""
    return "" if high.low > low.high else ", though their intervals overlap"


def part_of(item: Estimate) -> str:
    return item.group.partition(": ")[2]


def value_of(item: Estimate) -> str:
    return format_number(item.value, item.unit)


def listing(texts: list[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))
