"""Who has which type."""

from crmresearch.archetypes.headlines.wording import ABSENT, value_of
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count

NOTHING = f"{ABSENT}characteristics of customers to tell several types by"
UNSURE = "The types cannot be told apart, or are too rare, to say who has which"


def shares(estimates: list[Estimate]) -> str:
    """Which characteristics go with the type, and the largest difference in a type's share."""
    tests = [item for item in estimates if not item.key.startswith("who.share.")]
    known = [x for x in estimates if x.key.startswith("who.share.") and x.low == x.low]
    if not known:
        return UNSURE if estimates else NOTHING
    most = max(known, key=lambda item: abs(item.value))
    largest = f"the largest difference is in type {most.name}, {most.group}: {most}"
    clear = [item.name.partition(": ")[0] for item in tests if item.p < 1 - item.level]
    if not clear:
        return (
            f"None of {count(len(tests), 'characteristic')} clearly goes with the type when all "
            f"are tested; {largest}"
        )
    return f"The type goes with {', '.join(clear)}; {largest}"


def odds(estimates: list[Estimate]) -> str:
    """The corrected log odds furthest from zero beside the uncorrected ones."""
    if not estimates:
        return NOTHING
    at = {(item.key, item.group): item for item in estimates if item.low == item.low}
    pairs = [
        (item, at.get((key.replace(".ml.", ".modal."), group)))
        for (key, group), item in at.items()
        if key.startswith("odds.ml.")
    ]
    pairs = [pair for pair in pairs if pair[1] is not None]
    if not pairs:
        return UNSURE
    most, plain = max(pairs, key=lambda pair: abs(pair[0].value))
    return (
        f"The log odds furthest from zero, of type {most.name.rpartition(', ')[0]} for "
        f"{most.group}, are {most} when corrected and {value_of(plain)} by likeliest type"
    )
