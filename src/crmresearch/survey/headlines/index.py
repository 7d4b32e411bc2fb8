"""The satisfaction index in sentences."""

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.flags import MARK
from crmresearch.survey.headlines.wording import ABSENT, short


def paths(estimates: list[Estimate]) -> str:
    """The largest path to the construct that the index is about, and what all explain of it."""
    drawn = [item for item in estimates if item.key.startswith("index.path.") and not item.group]
    if not drawn:
        return f"{ABSENT}no satisfaction model, or too few who answered all its items"
    target = drawn[0].key.rpartition(".")[2]
    into = [item for item in drawn if item.key.endswith(f".{target}")]
    largest = max(into, key=lambda item: abs(item.value))
    mark = MARK if largest.name.endswith(MARK) else ""
    source, _, name = largest.name.removesuffix(MARK).partition(" → ")
    explained = find(estimates, f"index.r2.{target}")
    share = "" if explained is None else format_number(explained.value, "share")
    if len(into) == 1:
        return f"{source} goes with {name}{mark} by a path of {largest}, {share} of its variance"
    return (
        f"Of {len(into)} constructs held against {short(name)}, {short(source)} has the largest "
        f"path{mark}, {largest}; all account for {share} of its variance"
    )


def scores(estimates: list[Estimate]) -> str:
    """The index, and what it would be with every item counted alike."""
    overall = find(estimates, "index.score")
    if overall is None:
        return f"{ABSENT}no satisfaction model whose items have declared ends"
    equal = find(estimates, "index.score.equal")
    alike = ""
    if equal is not None and abs(equal.value - overall.value) < 0.05:
        alike = ", the same with every item counted alike"
    elif equal is not None:
        alike = f"; {format_number(equal.value, equal.unit)} with every item counted alike"
    return f"The {overall.name[0].lower()}{overall.name[1:]} is {overall}{alike}"


def priorities(estimates: list[Estimate]) -> str:
    """The construct that most often is both more important and lower than the others."""
    shares = [item for item in estimates if item.key.startswith("index.improve.")]
    if not shares:
        return f"{ABSENT}fewer than two constructs that lead to another and have declared ends"
    first = max(shares, key=lambda item: item.value)
    mark = MARK if first.name.endswith(MARK) else ""
    name = f"{first.name.rpartition(', share of resamples')[0]}{mark}"
    share = format_number(first.value, "share")
    if not first.value >= 0.5:
        return (
            "No construct is in most resamples both more important and lower than the average of "
            f"the {count(len(shares), 'construct')} shown; {name} is so in {share}"
        )
    return (
        f"The first priority is {name}: more important and lower than the average in {share} of "
        "resamples"
    )
