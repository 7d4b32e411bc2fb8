"""What each exhibit finds, as one sentence made from its estimates."""

import pandas as pd

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_of_types(criteria: pd.DataFrame) -> str:
    """How many types were chosen, why, and the runner-up."""
    chosen = int(criteria.loc[criteria["Chosen"] == "chosen", "Types"].iloc[0])
    ranked = criteria.sort_values(["BIC", "Types"])["Types"].astype(int).tolist()
    said = f"{_types(chosen).capitalize()}"
    if ranked[0] != chosen:
        return f"{said} as asked for; BIC is lowest with {_types(ranked[0])}"
    if len(ranked) == 1:
        return f"{said}: these indicators cannot tell more apart"
    higher = criteria.set_index("Types")["BIC"]
    gap = format_number(higher[ranked[1]] - higher[chosen], "criterion")
    verb = "describe" if chosen > 1 else "describes"
    return f"{said} {verb} the answers best by BIC; {_types(ranked[1])} come next, {gap} higher"


def sharpness(estimates: list[Estimate]) -> str:
    """How surely respondents can be placed."""
    entropy = find(estimates, "type.entropy")
    if entropy is None:
        return "With a single type there is nothing to tell apart"
    stable = find(estimates, "type.stability")
    text = f"Respondents can be placed with a relative entropy of {entropy}"
    if stable is None:
        return text
    agree = format_number(stable.value, stable.unit)
    return f"{text}; the types of two halves of the data agree to {agree} (adjusted Rand index)"


def shares(estimates: list[Estimate]) -> str:
    """The largest type and the smallest."""
    known = _largest_first(estimates)
    if not known:
        return "No type is large enough to show"
    if len(known) == 1:
        return "All respondents are of one type"
    return (
        f"The largest is type {_group(known[0])} with {known[0]}, the smallest "
        f"type {_group(known[-1])} with {known[-1]}"
    )


def profiles(estimates: list[Estimate]) -> str:
    """The sign that divides the types most."""
    by_type = [item for item in estimates if item.group]
    name = widest(by_type)
    if not name:
        return "One type: its profile is that of all respondents"
    low, high = _ends([x for x in by_type if x.name == name and x.value == x.value])
    return (
        f"“{name}” divides the types most: {_value(low)} in type {_group(low)}, "
        f"{_value(high)} in type {_group(high)}"
    )


def balance(estimates: list[Estimate]) -> str:
    """The share with negative signs and how the middle divides."""
    parts = {
        kind: find(estimates, f"balance.{kind}") for kind in ("negative", "ambivalent", "neutral")
    }
    if None in parts.values():
        return "Not in these data: indicators declared positive and negative"
    negative = parts["negative"]
    if negative.value != negative.value:
        return "Too few respondents answered both the positive and the negative signs"
    return (
        f"{negative} of relationships are negative, {parts['ambivalent']} ambivalent and "
        f"{parts['neutral']} neutral"
    )


def outcome(estimates: list[Estimate], role: str) -> str:
    """Where the outcome is highest and lowest."""
    corrected = [item for item in estimates if item.key == f"{role}.bch"]
    known = [item for item in corrected if item.value == item.value]
    if len(known) < 2:
        return _nothing(role, estimates)
    low, high = _ends(known)
    name = high.name.partition(",")[0]
    return (
        f"{name} is highest in type {_group(high)}, {_value(high)}, and lowest in type "
        f"{_group(low)}, {_value(low)}{_doubt(low, high)}"
    )


def differences(estimates: list[Estimate], role: str) -> str:
    """How many pairs of types differ clearly, and the largest difference."""
    gap = find(estimates, f"{role}.gap")
    if gap is None:
        return _nothing(role, estimates)
    pairs = pair_differences(estimates)
    clear = sum(item.low > 0 or item.high < 0 for item in pairs)
    types = gap.name.partition(": ")[2]
    return (
        f"{clear} of {count(len(pairs), 'pair')} of types have an interval clear of zero; "
        f"the largest difference, {types}, is {gap}"
    )


def mix(estimates: list[Estimate], role: str) -> str:
    """The type whose share varies most between the groups."""
    name = widest(estimates)
    if not name:
        return f"Not in these data: several groups by {role}"
    low, high = _ends([x for x in estimates if x.name == name and x.value == x.value])
    return (
        f"Type {name} varies most by {role}: from {_value(low)} ({_group(low)}) to "
        f"{_value(high)} ({_group(high)}){_doubt(low, high)}"
    )


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


def _types(number: int) -> str:
    word = WORDS[number] if number < len(WORDS) else f"{number}"
    return f"{word} type{'' if number == 1 else 's'}"


def _nothing(role: str, estimates: list[Estimate]) -> str:
    if estimates:
        return f"The types cannot be told apart well enough to compare {role}"
    return f"Not in these data: {role} to compare between several types"


def _largest_first(estimates: list[Estimate]) -> list[Estimate]:
    known = [item for item in estimates if item.value == item.value]
    return sorted(known, key=lambda item: -item.value)


def _ends(items: list[Estimate]) -> tuple[Estimate, Estimate]:
    return min(items, key=lambda item: item.value), max(items, key=lambda item: item.value)


def _doubt(low: Estimate, high: Estimate) -> str:
    """What to add where the extremes were picked from estimates that chance may have ordered."""
    return "" if high.low > low.high else ", though their intervals overlap"


def _group(item: Estimate) -> str:
    return item.group.partition(": ")[2]


def _value(item: Estimate) -> str:
    return format_number(item.value, item.unit)
