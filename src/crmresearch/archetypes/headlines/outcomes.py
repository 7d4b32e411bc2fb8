"""What goes with the types."""

from crmresearch.archetypes.headlines.wording import (
    ABSENT,
    doubt,
    ends,
    pair_differences,
    part_of,
    value_of,
)
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count


def outcome(estimates: list[Estimate], role: str) -> str:
    """Where the outcome is highest and lowest."""
    corrected = [item for item in estimates if item.key == f"{role}.bch"]
    known = [item for item in corrected if item.value == item.value]
    if len(known) < 2:
        return _nothing(role, estimates)
    low, high = ends(known)
    name = high.name.partition(",")[0]
    return (
        f"{name} is highest in type {part_of(high)}, {value_of(high)}, and lowest in type "
        f"{part_of(low)}, {value_of(low)}{doubt(low, high)}"
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


def _nothing(role: str, estimates: list[Estimate]) -> str:
    if estimates:
        return f"The types cannot be told apart well enough to compare {role}"
    return f"{ABSENT}{role} to compare between several types"
