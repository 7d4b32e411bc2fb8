"""Words that the headlines share."""

from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number

ABSENT = "Not in these data: "


def value_of(item: Estimate) -> str:
    return format_number(item.value, item.unit)


def part_of(item: Estimate) -> str:
    return item.group.partition(": ")[2] or item.name


def pair_of(item: Estimate) -> str:
    return item.name.partition(": ")[2] or item.name


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
