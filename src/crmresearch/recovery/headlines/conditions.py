"""Single moderators in sentences."""

from crmresearch.recovery.headlines.wording import ABSENT, part_of, upper
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, format_number


def details(estimates: list[Estimate]) -> str:
    """The first interaction: the contrast at the two ends, or in two categories, and for how many.

    A title to be called with the data that may be shown, as it may name a category.
    """
    found = [x for x in estimates if x.key.startswith(("effect_at.", "effect_in.")) and x.n]
    if not found and any(x.key.startswith("support.") for x in estimates):
        return "The groups compared share no range of the moderator, so no line is drawn."
    if not found:
        return f"{ABSENT}a declared moderator known of both groups of a contrast."
    ends = _ends(found[0])
    first = [item for item in found if _ends(item) == ends and item.value == item.value]
    if not first:
        return f"{ABSENT}a category large enough to show."
    if first[0].group:
        low, high = (pick(first, key=lambda item: item.value) for pick in (min, max))
        words = f"{_size(low)} for “{part_of(low)}” and {_size(high)} for “{part_of(high)}”"
        return f"{upper(first[0].name)}: {words}{_doubt(low, high)}."
    focus, place, other = *first[0].name.split(", at ", 1), first[-1].name.split(", at ", 1)[1]
    words = f"{_size(first[0])} at {place}"
    if len(first) > 1:
        words += f", {_size(first[-1])} at {other}"
    return f"{upper(focus)}: {words}{_told(estimates, ends)}."


def _size(item: Estimate) -> str:
    return f"{format_number(item.value, item.unit)} {UNITS[item.unit].word}".strip()


def _ends(item: Estimate) -> str:
    """The interaction that an estimate belongs to: ``loyalty.resolved.severity``."""
    kind, _, rest = item.key.partition(".")
    return rest.rpartition(".")[0] if kind == "effect_at" else rest


def _told(estimates: list[Estimate], ends: str) -> str:
    at = {item.key: item.value for item in estimates}
    above, below = (at.get(f"told_{side}.{ends}", 0.0) for side in ("above", "below"))
    if not above and not below:
        return "; clear of zero for nobody, all values at once"
    sides = {"above": above, "below": below}
    parts = [
        f"{side} zero for {format_number(share, 'share')}" for side, share in sides.items() if share
    ]
    return f"; told {' and '.join(parts)} of those compared"


def _doubt(low: Estimate, high: Estimate) -> str:
    return "" if high.low > low.high else ", though their intervals overlap"
