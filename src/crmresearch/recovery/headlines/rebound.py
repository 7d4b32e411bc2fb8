"""Regression to the mean in one sentence."""

from crmresearch.recovery.headlines.wording import ABSENT
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number


def rises(estimates: list[Estimate]) -> str:
    """The naive rise of complainers beside the rise to expect without recovery."""
    naive = find(estimates, "rise.complainers.naive")
    expected = find(estimates, "rise.complainers.expected")
    if naive is None or expected is None or naive.value != naive.value:
        return f"{ABSENT}complainers' satisfaction before and now on one range."
    change = f"{'rose' if naive.value > 0 else 'fell'} by {_size(naive)}"
    if not format_number(naive.value, naive.unit).strip("0."):
        change = "neither rose nor fell"
    return (
        f"Complainers {change}, where customers as satisfied before but without "
        f"a problem changed by {format_number(expected.value, expected.unit)}."
    )


def _size(item: Estimate) -> str:
    return f"{format_number(abs(item.value), item.unit).lstrip('+')} scale points"
