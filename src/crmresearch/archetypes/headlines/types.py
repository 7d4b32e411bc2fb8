"""What each type says, how large it is, and the balance of signs."""

from crmresearch.archetypes.headlines.wording import (
    ABSENT,
    ends,
    in_words,
    largest_first,
    part_of,
    value_of,
    widest,
)
from crmresearch.archetypes.types import OF_SCALE
from crmresearch.report.estimates import Estimate, find


def shares(estimates: list[Estimate]) -> str:
    """The largest type and the smallest."""
    known = largest_first(estimates)
    if not known:
        return "No type is large enough to show"
    if len(known) == 1:
        return "All respondents are of one type"
    return (
        f"Of {in_words(len(estimates))} the largest is {part_of(known[0])} with {known[0]}, the "
        f"smallest {part_of(known[-1])} with {known[-1]}"
    )


def profiles(estimates: list[Estimate]) -> str:
    """The sign that divides the types most."""
    if not estimates:
        return f"{ABSENT}signs or ratings of the relationship, beside the type that was chosen"
    by_type = [item for item in estimates if item.group]
    name = widest(by_type)
    if not name:
        return "One type: its profile is that of all respondents"
    low, high = ends([x for x in by_type if x.name == name and x.value == x.value])
    way = " of the way up its scale" if OF_SCALE in low.method else ""
    return (
        f"“{name}” divides the types most: {value_of(low)}{way} in type {part_of(low)}, "
        f"{value_of(high)} in type {part_of(high)}"
    )


def balance(estimates: list[Estimate]) -> str:
    """The share with negative signs and how the middle divides."""
    parts = {
        kind: find(estimates, f"balance.{kind}") for kind in ("negative", "ambivalent", "neutral")
    }
    if None in parts.values():
        return f"{ABSENT}indicators declared positive and negative"
    negative = parts["negative"]
    if negative.value != negative.value:
        return "Too few respondents answered both the positive and the negative signs"
    return (
        f"{negative} of relationships are negative, {parts['ambivalent']} ambivalent and "
        f"{parts['neutral']} neutral"
    )


def balance_by_type(estimates: list[Estimate]) -> str:
    """The type in which most are ambivalent, and the one in which most are neutral."""
    parts = []
    for kind, words in (("ambivalent", "both sides"), ("neutral", "neither side")):
        known = largest_first([item for item in estimates if item.key == f"balance.{kind}"])
        if known:
            parts.append(f"{words} by {known[0]} of type {part_of(known[0])}")
    if not parts:
        return f"{ABSENT}several types with signs declared positive and negative"
    return f"Most often shown: {' and '.join(parts)}"
