"""Change between waves in sentences."""

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.headlines.wording import ABSENT, listed, short


def change(estimates: list[Estimate]) -> str:
    """The latest change of the first measure, what could have been found, and who was followed."""
    latest = [
        item
        for item in estimates
        if not item.group and "difference" in item.unit and item.key.startswith("change.")
    ]
    if not latest:
        return f"{ABSENT}a single wave, so that change cannot be told"
    first = latest[0]
    smallest = find(estimates, f"{first.key}.detectable")
    text = f"{first.name}: {first}"
    if smallest is not None:
        text += f"; 80% power for a change of {format_number(smallest.value, smallest.unit)}"
    again = find(estimates, "panel.again")
    if again is not None:
        text += f"; {_followed(again)}"
    return text


def _followed(again: Estimate) -> str:
    """Whether the waves are a panel, from the share of people who answered again."""
    if not again.value > 0:
        return "nobody answered in both waves"
    share = format_number(again.value, "share")
    return f"{share} of the earlier wave answered again"


def periods(estimates: list[Estimate]) -> str:
    """Which periods lie beyond their limits, and how often chance alone does that."""
    points = [x for x in estimates if x.group and not x.key.endswith(".limits")]
    if not points:
        return f"{ABSENT}fewer than three periods with enough answers to chart"
    unit, name = points[0].group.partition(": ")[0].lower(), points[0].name
    name = name if name.startswith("Net") else name[0].lower() + name[1:]
    chance = find(estimates, f"{points[0].key}.false_alarm")
    out = [item for item in points if _beyond(item, estimates)]
    rate = format_number(chance.value, "share")
    number = count(len(points), unit)
    if not out:
        return (
            f"None of {number} lies beyond the control limits of the {name}; chance alone would "
            f"put at least one beyond them {rate} of the time"
        )
    texts = [
        f"{item.group.partition(': ')[2]} ({format_number(item.value, item.unit)})" for item in out
    ]
    lies = "lies" if len(out) == 1 else "lie"
    return (
        f"{listed(texts)} of {number} {lies} beyond the control limits of the {name}, where chance "
        f"alone would put at least one {rate} of the time"
    )


def _beyond(item: Estimate, estimates: list[Estimate]) -> bool:
    limit = find(estimates, f"{item.key}.limits", item.group)
    return limit is not None and not limit.low <= item.value <= limit.high


def mix(estimates: list[Estimate]) -> str:
    """How the change of the first measure divides under the first grouping."""
    who = next((item for item in estimates if item.key.endswith(".composition")), None)
    if who is None and any(item.key.endswith(".restored") for item in estimates):
        return _restored(estimates)
    if who is None:
        return f"{ABSENT}two waves of groups large enough to divide a change"
    within = find(estimates, who.key.replace(".composition", ".within"))
    name = who.name.partition(", by ")[0]
    by = who.name.partition(", by ")[2].rpartition(": ")[0]
    return f"{name}: {who} goes with a changed mix by {short(by)} and {within} with changed answers"


def _restored(estimates: list[Estimate]) -> str:
    """Where the weights set the shares of every grouping, all of the change lies within groups."""
    within = next(item for item in estimates if item.key.endswith(".within"))
    name, _, by = within.name.partition(", by ")
    return (
        f"{name}: {within} goes with changed answers within groups by "
        f"{short(by.rpartition(': ')[0])}, whose shares the weights set alike"
    )
