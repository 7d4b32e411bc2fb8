"""Associations and groups in sentences."""

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number
from crmresearch.survey.headlines.wording import ABSENT
from crmresearch.survey.sample import WORDS
from crmresearch.survey.segments import clearest


def correlations(estimates: list[Estimate]) -> str:
    """How closely satisfaction and loyalty go together."""
    pair = find(estimates, "correlation.satisfaction.loyalty")
    if pair is not None:
        return f"Satisfaction and loyalty are correlated at {pair}"
    if not estimates:
        return f"{ABSENT}fewer than two of satisfaction, recommendation, effort and loyalty"
    closest = max(estimates, key=lambda item: abs(item.value))
    return f"The closest association is that of {closest.name}, {closest}"


def segments(outcome: str, estimates: list[Estimate]) -> str:
    """The widest difference between segments."""
    widest = next((item for item in estimates if item.key.endswith(".widest")), None)
    if widest is None:
        return f"{ABSENT}no segments to compare on {WORDS[outcome]}"
    pair = clearest(estimates)
    if pair is not None:
        return f"Segments differ in {WORDS[outcome]}, most clearly {pair.name}: {pair}"
    most = format_number(widest.high, widest.unit).lstrip("+")
    return (
        f"No two segments are shown to differ in {WORDS[outcome]}; the widest true difference may "
        f"be anything up to {most} SD"
    )
