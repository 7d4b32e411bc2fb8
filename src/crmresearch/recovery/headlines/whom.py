"""For whom recovery works, in sentences."""

from crmresearch.recovery.headlines.wording import ABSENT, listed, upper
from crmresearch.recovery.moderators import Declared
from crmresearch.recovery.whom import Interaction
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_number


def reach(asked: Declared, found: list[Interaction], estimates: list[Estimate]) -> str:
    """What is tested, and what it could find."""
    if not found:
        return _nothing(asked)
    moderators = len({item.moderator.key for item in found})
    sizes = sorted(item.value for item in estimates)
    low, high = (format_number(size, "SD").lstrip("+") for size in (sizes[0], sizes[-1]))
    of = f"{count(len(found), 'test')} of {count(moderators, 'declared moderator')}"
    if low == high:
        return f"{upper(of)} would find an interaction of {low} SD four times out of five."
    return f"{upper(of)} would find interactions of {low} to {high} SD four times out of five."


def tested(asked: Declared, found: list[Interaction]) -> str:
    """The moderators declared, and those of them that were not tested and why."""
    tested = {item.moderator.key for item in found}
    left = [item.name for item in asked.found if item.key not in tested]
    names = [item.name for item in asked.found]
    parts = [f"Declared and in these data: {listed(names)}." if names else ""]
    parts += [f"{ABSENT}{listed(list(asked.absent))}." if asked.absent else ""]
    if left:
        parts.append(
            f"Not tested, the same for all or known of too few of those compared: {listed(left)}."
        )
    return " ".join(filter(None, parts))


def people(estimates: list[Estimate]) -> str:
    """How many more people interactions need; empty without a numeric moderator."""
    known = sorted(item.value for item in estimates if item.value == item.value)
    if not known:
        return ""
    low, high = (f"{round(value):,}" for value in (known[0], known[-1]))
    times = low if low == high else f"{low} to {high}"
    return (
        "By the standard errors of these data, to find an interaction (1 SD below the moderator's "
        f"mean against 1 SD above) half as large as the difference itself takes {times} times the "
        "people that the difference takes."
    )


def family(asked: Declared, found: list[Interaction], told: list[Interaction]) -> str:
    """Which interactions Holm tells from zero."""
    if not found:
        return _nothing(asked)
    number = count(len(found), "interaction")
    if not told:
        none = f"None of {number} is" if len(found) > 1 else "The one interaction is not"
        return f"{none} told from zero (Holm), which does not show that nothing depends on them."
    names = [_named(item) for item in told]
    verb = "is" if len(told) == 1 else "are"
    return f"{upper(listed(names))} {verb} told from zero among {number} (Holm)."


def _named(item: Interaction) -> str:
    return f"“{item.moderator.name}” for {item.focus.name}"


def _nothing(asked: Declared) -> str:
    if asked.found:
        return f"{ABSENT}a declared moderator known of both groups of a contrast."
    names = listed(list(asked.absent)) if asked.absent else "none"
    return f"{ABSENT}a moderator that was declared ({names})."
