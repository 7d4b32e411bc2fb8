"""The next wave: whether the types are still the same, and who changed type."""

from crmresearch.archetypes.headlines.wording import ABSENT, part_of, value_of
from crmresearch.report.estimates import Estimate, find


def transitions(estimates: list[Estimate]) -> str:
    """How many stayed, beside what likeliest types say, and the most frequent change."""
    stay = find(estimates, "transition.stay")
    if stay is None:
        return f"{ABSENT}people placed in several types who answered in two waves in a row"
    naive = find(estimates, "transition.stay.modal")
    text = (
        f"{stay} of the people asked twice are of the same type in both waves; by likeliest types "
        f"it would seem to be {value_of(naive)}"
    )
    moves = [item for item in moved(estimates) if item.low > 0]
    if not moves:
        return f"{text}. No single change has an interval clear of zero"
    most = max(moves, key=lambda item: item.value)
    return f"{text}. Most moved from {part_of(most)} {most.name}, {value_of(most)} of that type"


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
