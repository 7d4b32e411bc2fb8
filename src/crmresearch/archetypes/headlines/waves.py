"""The next wave: whether the types are still the same, and who changed type."""

import pandas as pd

from crmresearch.archetypes.headlines.wording import ABSENT, in_words, part_of, value_of
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number

MATTERS = 0.05  # of a type's answers, or of all respondents: less has moved by little


def transitions(estimates: list[Estimate]) -> str:
    """How many stayed, beside what likeliest types say, and the most frequent change."""
    stay = find(estimates, "transition.stay")
    if stay is None:
        return f"{ABSENT}people placed in several types who answered in two waves in a row"
    naive = find(estimates, "transition.stay.modal")
    text = f"{stay} of the people asked twice are of the same type in both waves"
    if naive.value != stay.value:  # alike where types were chosen, so that nobody is misplaced
        text += f"; by likeliest types it would seem to be {value_of(naive)}"
    moves = [item for item in moved(estimates) if item.p < 1 - item.level]
    if not moves:
        return f"{text}. No single move stands clear of zero when all are tested together"
    most = max(moves, key=lambda item: item.value)
    return f"{text}. Most moved from {part_of(most)} {most.name}, {value_of(most)} of that type"


def drift(estimates: list[Estimate]) -> str:
    """The verdict: other types, another meaning, other shares, or none that these data show."""
    returned = find(estimates, "drift.returned")
    if returned is None:
        return f"{ABSENT}several types that were found, and a saved model or two waves to compare"
    before, after = sides(estimates)
    of, anew = (int(find(estimates, f"drift.{key}").value) for key in ("of", "types"))
    if returned.value < of:
        return (
            f"Other types: {returned.value:.0f} of the {of} types of {before} return among those "
            f"found anew in {after}"
        )
    changed = changed_items(estimates)
    if changed:
        most = max(changed, key=lambda item: item.value)
        asked = sum(item.key.startswith("drift.item.") for item in estimates)
        text = f"The meaning has moved in {len(changed)} of {asked} indicators, most in "
        return f"{text}{most.name.partition(' in ')[2]}: {most} in one type"
    extra = "" if anew == of else f"; BIC would take {anew} types instead of {of}"
    whole = find(estimates, "drift.shares")
    if whole.p < 1 - level_of(estimates):
        moves = [x for x in estimates if x.key == "drift.share" and x.value == x.value]
        most = max(moves, key=lambda item: abs(item.value))
        return f"The same types in other shares: {part_of(most)} moved most, {most}{extra}"
    return (
        f"No drift that these data can show from {before} to {after}: {_within(estimates)}{extra}"
    )


def offered(why_not: str, parts: pd.DataFrame) -> str:
    """What the file of the model is good for, or why there is none."""
    if why_not:
        return f"No file of a model is offered: {why_not}"
    types = in_words(int(parts["Number"].iloc[0]))
    return f"The model of {types} is offered as a file, to place new respondents by"


def sides(estimates: list[Estimate]) -> tuple[str, str]:
    """What before and after are called."""
    found = next(item for item in estimates if item.key == "drift.returned")
    before, after = found.name.removeprefix("Types of ").split(" that return in ")
    return before, after


def changed_items(estimates: list[Estimate]) -> list[Estimate]:
    """Indicators that a type answers differently, by enough to matter."""
    return [
        item
        for item in estimates
        if item.key.startswith("drift.item.")
        and item.p < 1 - level_of(estimates)
        and item.value >= MATTERS
    ]


def level_of(estimates: list[Estimate]) -> float:
    """The confidence level of the intervals."""
    return next(item.level for item in estimates if item.key == "drift.share")


def _within(estimates: list[Estimate]) -> str:
    """How much the shares may have moved all the same."""
    ends = [
        abs(end)
        for x in estimates
        if x.key == "drift.share"
        for end in (x.low, x.high)
        if end == end
    ]
    if not ends:
        return "their shares cannot be told"
    most = format_number(max(ends), "percentage points")
    return f"all types return, and no interval of a share reaches beyond {most} percentage points"


def moved(estimates: list[Estimate]) -> list[Estimate]:
    """The corrected shares who went to another type."""
    return [
        item
        for item in estimates
        if item.key.startswith("transition.to.")
        and not item.key.endswith(".modal")
        and item.name != f"to {part_of(item)}"
        and item.value == item.value
    ]
