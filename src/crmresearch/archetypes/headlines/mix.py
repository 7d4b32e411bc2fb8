"""The mix of types in groups, and the share of negative relationships."""

from crmresearch.archetypes.headlines.wording import ABSENT, ends, part_of, value_of
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number


def mix(estimates: list[Estimate]) -> str:
    """The type and grouping whose shares differ most clearly."""
    gaps = [item for item in estimates if item.key.endswith(".gap") and item.p == item.p]
    if not gaps:
        return f"{ABSENT}several types, and several groups by brand, industry, segment or wave"
    least = min(gaps, key=lambda item: (item.p, -item.value))
    role, label = least.key.split(".")[1], least.name.partition(":")[0]
    if least.p >= 1 - least.level:
        largest = max(gaps, key=lambda item: item.value)
        return (
            f"The mix is not shown to differ between groups (adjusted {_p(least)} at the least): "
            f"the largest difference, in type {largest.name.replace(': largest difference', '')}, "
            f"is {largest}"
        )
    key = least.key.removesuffix(".gap")
    shares = [item for item in estimates if item.key == key and item.value == item.value]
    others = sum(item.p < 1 - item.level for item in gaps) - 1
    more = f"; {others} more of {len(gaps)} comparisons differ" if others else ""
    return f"Type {label} differs by {role}: {_range(shares)}, adjusted {_p(least)}{more}"


def negative(estimates: list[Estimate]) -> str:
    """The share of negative relationships, and the grouping by which it differs most clearly."""
    overall = find(estimates, "negative")
    if overall is None:
        return (
            f"{ABSENT}a type with half or more of the negative signs and fewer than half of the "
            "positive ones"
        )
    gaps = [item for item in estimates if item.key.endswith(".gap") and item.p == item.p]
    text = f"{overall} have a relationship of a negative type"
    if not gaps:
        return text
    least = min(gaps, key=lambda item: item.p)
    role = least.key.split(".")[1]
    if least.p >= 1 - least.level:
        return f"{text}; the share is not shown to differ between groups (adjusted {_p(least)})"
    shares = [
        item
        for item in estimates
        if item.group.startswith(f"{role}: ") and item.value == item.value
    ]
    return f"{text}, by {role} {_range(shares)} (adjusted {_p(least)})"


def _range(shares: list[Estimate]) -> str:
    if len(shares) < 2:
        return "groups too small to show"
    low, high = ends(shares)
    return f"from {value_of(low)} ({part_of(low)}) to {value_of(high)} ({part_of(high)})"


def _p(item: Estimate) -> str:
    text = format_number(item.p, "p")
    return f"p {text}" if text.startswith("<") else f"p = {text}"
