"""Who has which type."""

from crmresearch.archetypes.headlines.wording import ABSENT, listing, value_of
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
    clear = [item.name.partition(": ")[0] for item in tests if item.p < 1 - item.level]
    if not clear:
        return (
            f"None of {count(len(tests), 'characteristic')} clearly goes with the type when all "
            "are tested together"
        )
    named = [item for item in known if item.group.rpartition(": ")[0] in clear]
    most = max(named or known, key=lambda item: abs(item.value))
    return (
        f"The type goes with {listing(clear)}; the largest difference is in type {most.name}, "
        f"{most.group}: {most}"
    )


def odds(estimates: list[Estimate]) -> str:
    """The corrected log odds furthest from zero beside the uncorrected ones."""
    if not estimates:
        return NOTHING
    at = {(item.key, item.group): item for item in estimates if item.low == item.low}
    corrected = [item for (key, _), item in at.items() if key.startswith("odds.ml.")]
    if not corrected:
        return UNSURE
    most = max(corrected, key=lambda item: abs(item.value))
    plain = at.get((most.key.replace(".ml.", ".modal."), most.group))
    beside = "" if plain is None else f" when corrected and {value_of(plain)} by likeliest type"
    return (
        f"The log odds furthest from zero, of type {most.name.rpartition(', ')[0]} for "
        f"{most.group}, are {value_of(most)}{beside}"
    )
