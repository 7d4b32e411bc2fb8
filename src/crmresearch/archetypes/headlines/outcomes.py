"""What goes with the types, and how much of it likeliest types hide."""

from crmresearch.archetypes.headlines.wording import (
    ABSENT,
    doubt,
    ends,
    pair_differences,
    part_of,
    value_of,
)
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_level

UNSURE = "The types cannot be told apart well enough to compare outcomes"
NOTHING = f"{ABSENT}outcomes to compare between several types"


def means(estimates: list[Estimate]) -> str:
    """In which outcomes the types clearly differ, and where the first of these is highest."""
    tests = [item for item in estimates if item.key.endswith(".equal") and item.p == item.p]
    if not tests:
        return UNSURE if estimates else NOTHING
    clear = [item for item in tests if item.p < 1 - item.level]
    if not clear:
        return (
            f"In none of {count(len(tests), 'outcome')} do the types differ clearly, at "
            f"{format_level(1 - tests[0].level)} for all together"
        )
    role = clear[0].key.partition(".")[0]
    known = [x for x in estimates if x.key == f"{role}.bch" and x.value == x.value]
    names = [item.name.partition(": ")[0].lower() for item in clear]
    text = f"The types differ clearly in {_listed(names)}"
    if len(known) < 2:
        return text
    low, high = ends(known)
    return (
        f"{text}: {names[0]} is highest in type {part_of(high)}, {value_of(high)}, and lowest in "
        f"type {part_of(low)}, {value_of(low)}{doubt(low, high)}"
    )


def differences(estimates: list[Estimate], role: str) -> str:
    """How many pairs of types differ clearly, and the largest difference."""
    gap = find(estimates, f"{role}.gap")
    if gap is None:
        return f"{ABSENT}{role} to compare between several types"
    pairs = pair_differences(estimates)
    clear = sum(item.low > 0 or item.high < 0 for item in pairs)
    types = gap.name.partition(": ")[2]
    return (
        f"{clear} of {count(len(pairs), 'pair')} of types have an interval clear of zero; "
        f"the largest difference, {types}, is {gap}"
    )


def attenuation(estimates: list[Estimate]) -> str:
    """How much groups of likeliest types hide, from the least to the most."""
    hidden = [item for item in estimates if item.key.endswith(".hidden")]
    if not hidden:
        if estimates:
            return "In no outcome do the types differ clearly, so nothing is there to hide"
        return f"{ABSENT}outcomes of several types that were found rather than chosen"
    least, most = ends(hidden)
    if len(hidden) == 1:
        return f"Groups of likeliest types hide {most} of how far the types are apart"
    return (
        f"Groups of likeliest types hide {value_of(least)} "
        f"({least.name.partition(': ')[0].lower()}) to {value_of(most)} "
        f"({most.name.partition(': ')[0].lower()}) of how far the types are apart"
    )


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
