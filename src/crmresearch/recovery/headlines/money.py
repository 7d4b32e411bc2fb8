"""What putting complaints right is worth, in sentences."""

from crmresearch.recovery.headlines.wording import ABSENT
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_interval

NEITHER = f"{ABSENT}both who left and whose complaint was resolved, in groups large enough to show."


def kept(estimates: list[Estimate]) -> str:
    """The departures that go with resolution, and whether they are clear of none."""
    item = find(estimates, "money.kept")
    if item is None or item.value != item.value:
        return NEITHER
    adjusted = find(estimates, "money.kept.raw") is not None
    how = "alike in what was measured" if adjusted else "not adjusted for who they are"
    more = "more" if item.value >= 0 else "less"
    start = f"Complainers with a resolution stayed {more} often than those without, {how}"
    doubt = "" if item.low > 0 or item.high < 0 else ", a difference that may be none"
    return f"{start}: {item}{doubt}."


def value(estimates: list[Estimate], departures: list[Estimate]) -> str:
    """What one complaint put right is worth or leaves after its cost."""
    if not any(item.value == item.value for item in departures):
        return NEITHER
    worth, net = (find(estimates, key) for key in ("money.break_even", "money.net"))
    if worth is None:
        return f"{ABSENT}what a customer who stays earns, nor was it stated as the margin."
    unit = "in revenue" if find(estimates, "money.revenue") else "in margin"
    text = f"A complaint put right goes with {_size(worth)} {unit}"
    if net is None:
        return f"{text}: the most that it may cost{_open(worth)}."
    pays = "more than it costs" if net.low > 0 else "less than it costs"
    if net.low <= 0 <= net.high:
        pays = "which may be more or less than it costs"
    return f"{text}, {pays}: {_size(net)} after the cost stated."


def _size(item: Estimate) -> str:
    return format_interval(item.value, item.low, item.high, item.level, item.unit)


def _open(item: Estimate) -> str:
    return "" if item.low > 0 else ", which may be nothing"
