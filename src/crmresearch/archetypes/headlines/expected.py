"""What is expected beside what is experienced."""

from crmresearch.archetypes.headlines.wording import ABSENT, part_of, value_of
from crmresearch.archetypes.surface import verdict
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count

ASKED = "the type of relationship had and the one wanted, of enough customers"
RATED = "dimensions rated as they are and as they should be by enough customers"


def met(estimates: list[Estimate]) -> str:
    """How many have what they want, and how loyal they are beside the others."""
    overall = find(estimates, "met.share")
    if overall is None:
        return f"{ABSENT}{ASKED}"
    if overall.value != overall.value:
        return "Too few respondents have both types to compare them"
    text = f"{overall} of customers have the relationship they want"
    loyalty = find(estimates, "met.loyalty")
    if loyalty is None or loyalty.value != loyalty.value:
        return text
    return f"{text}; their loyalty differs from that of others who want the same by {loyalty}"


def directions(estimates: list[Estimate]) -> str:
    """The dimensions on which experience departs most from expectation, either way."""
    means = [item for item in estimates if item.key == "gap.mean" and item.value == item.value]
    if not means:
        return f"{ABSENT}{RATED}"
    less = [item for item in means if item.high < 0]
    more = [item for item in means if item.low > 0]
    parts = []
    if less:
        parts.append(_departs("less", min(less, key=lambda item: item.value)))
    if more:
        parts.append(_departs("more", max(more, key=lambda item: item.value)))
    if not parts:
        return "On no dimension do experience and expectation clearly differ on average"
    text = "; ".join(parts)
    return text[0].upper() + text[1:]


def _departs(word: str, item: Estimate) -> str:
    return f"customers have {word} than they want of {part_of(item).lower()} above all, {item}"


def surfaces(estimates: list[Estimate]) -> str:
    """On how many dimensions the outcome falls away from agreement, and where most."""
    curves = [item for item in estimates if item.key.endswith(".a4")]
    known = [item for item in curves if item.value == item.value]
    if not curves:
        return f"{ABSENT}{RATED}, with loyalty"
    if not known:
        return "Expected and experienced ratings are too alike to tell a surface"
    outcome = known[0].key.split(".")[1]
    clear = [item for item in known if item.high < 0]
    if not clear:
        return f"On no dimension does {outcome} clearly curve downwards away from agreement"
    steepest = min(clear, key=lambda item: item.value)
    return (
        f"{outcome.capitalize()} curves downwards away from agreement on {len(clear)} of "
        f"{count(len(known), 'dimension')}, each by itself, most on {_dimension(steepest)}: "
        f"a4 = {steepest}"
    )


def verdicts(estimates: list[Estimate]) -> str:
    """Where congruence is supported, where contradicted, and what difference scores assume."""
    slopes = [item for item in estimates if item.key.startswith("congruence.")]
    known = [item for item in slopes if item.value == item.value]
    if not known:
        return f"{ABSENT}{RATED}, with loyalty"
    outcome = known[0].key.split(".")[1]
    words = {"supported": "supported on", "contradicted": "contradicted on", "open": "open on"}
    parts = []
    for kind, text in words.items():
        names = [_dimension(item) for item in known if verdict(item) == kind]
        if len(names) == len(known) > 2:
            names = [f"all {len(known)} dimensions"]
        if names:
            parts.append(f"{text} {_and(names)}")
    return f"That {outcome} is highest where experience meets expectation is {'; '.join(parts)}"


def mismatch(estimates: list[Estimate]) -> str:
    """The largest mismatch that may be shown."""
    shares = [item for item in estimates if item.key == "mismatch.share"]
    if not shares:
        return f"{ABSENT}{ASKED}"
    apart = [item for item in shares if item.value == item.value and _sides(item)[2]]
    if not apart:
        return "No mismatch has enough customers to be shown"
    largest = max(apart, key=lambda item: item.value)
    wanted, had, _ = _sides(largest)
    text = f"The most frequent mismatch is to want “{wanted}” and have “{had}”: {largest}"
    loyalty = find(estimates, "mismatch.loyalty", largest.group)
    return text if loyalty is None else f"{text}, with a mean loyalty of {value_of(loyalty)}"


def priorities(estimates: list[Estimate]) -> str:
    """What comes first to change and to reinforce, where it is clear of zero."""
    if not estimates:
        return f"{ABSENT}loyalty of enough customers with and without the relationship they want"
    first = {
        kind: next(
            (item for item in estimates if item.key == f"stake.{kind}" and item.low > 0), None
        )
        for kind in ("change", "reinforce")
    }
    parts = []
    if first["change"] is not None:
        wanted, had, _ = _sides(first["change"])
        parts.append(
            f"change first for those who want “{wanted}” and have “{had}”, {first['change']} "
            "scale points of loyalty at stake over 100 customers"
            f"{_not_alone(first['change'], estimates)}"
        )
    if first["reinforce"] is not None:
        wanted = _sides(first["reinforce"])[0]
        unit = "" if parts else " scale points of loyalty over 100 customers"
        parts.append(
            f"reinforce first what those have who want “{wanted}”, {first['reinforce']}{unit}"
            f"{_not_alone(first['reinforce'], estimates)}"
        )
    if not parts:
        return "No mismatch and no match stands clear in loyalty when all are compared at once"
    text = "; ".join(parts)
    return text[0].upper() + text[1:]


def _not_alone(first: Estimate, estimates: list[Estimate]) -> str:
    """How many others may have more at stake, by intervals that hold together."""
    others = sum(item.key == first.key and item.high > first.low for item in estimates) - 1
    return f" ({others} more may have as much)" if others > 0 else ""


def _sides(item: Estimate) -> tuple[str, str, bool]:
    """Type wanted, type had, and whether they differ."""
    wanted, _, had = part_of(item).partition(" → ")
    return wanted, had, wanted != had


def _dimension(item: Estimate) -> str:
    return item.name.partition(":")[0].lower()


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
