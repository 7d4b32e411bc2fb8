"""Associations and groups in sentences."""

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.headlines.wording import ABSENT


def correlations(estimates: list[Estimate]) -> str:
    """How closely satisfaction and loyalty go together."""
    pair = find(estimates, "correlation.satisfaction.loyalty")
    if pair is not None:
        return f"Satisfaction and loyalty are correlated at {pair}"
    if not estimates:
        return f"{ABSENT}fewer than two of satisfaction, recommendation, effort and loyalty"
    closest = max(estimates, key=lambda item: abs(item.value))
    return f"The closest association is that of {closest.name}, {closest}"


def differences(estimates: list[Estimate]) -> str:
    """How many differences between groups remain after the correction, and the clearest."""
    pairs = [item for item in estimates if "difference" in item.unit]
    if not pairs:
        return f"{ABSENT}no groups to compare that are large enough, two to twelve of a kind"
    clear = [item for item in pairs if item.low > 0 or item.high < 0]
    number = count(len(pairs), "difference between groups", "differences between groups")
    if not clear:
        return (
            f"None of {number} is clear of chance after correction, which does not make the groups "
            "alike"
        )
    first = max(clear, key=lambda item: max(item.low, -item.high) / abs(item.high - item.low))
    return (
        f"{len(clear)} of {number} {_be(clear)} clear of chance, most clearly {first.name}: {first}"
    )


def widest(estimates: list[Estimate]) -> str:
    """The grouping and measure under which groups are most surely apart."""
    if not estimates:
        return f"{ABSENT}no groups that are large enough to compare"
    sure = [item for item in estimates if item.low > 0]
    if sure:
        most = max(sure, key=lambda item: item.low)
        text = (
            f"Groups lie apart most surely in {_lower(most.name)}: the widest difference is {most}"
        )
        return text.replace("+", "")
    limit = max(estimates, key=lambda item: item.high)
    size = format_number(limit.high, limit.unit).lstrip("+")
    return (
        f"No grouping is shown to matter; the widest true difference may be anything up to {size} "
        f"SD, in {_lower(limit.name)}"
    )


def _be(items: list[Estimate]) -> str:
    return "is" if len(items) == 1 else "are"


def _lower(name: str) -> str:
    return name if name.startswith("Net") else name[0].lower() + name[1:]
