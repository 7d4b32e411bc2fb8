"""Break-even in one sentence."""

from crmresearch.recovery.breakeven import BreakEven
from crmresearch.recovery.headlines.wording import ABSENT, upper
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_level, format_number


def curve(found: BreakEven) -> str:
    """Where the curve breaks even, or that it never or everywhere does, and how sure that is."""
    if not found.estimates:
        return f"{ABSENT}{found.why}."
    ends = f"{found.dose.key}.{found.outcome.key}"
    crossing = find(found.estimates, f"breakeven.{ends}")
    if crossing.value == crossing.value:
        return _reached(found, crossing)
    best = find(found.estimates, f"breakeven_best.{ends}")
    level = f"the level of “{found.reference}”"
    name = upper(found.outcome.name)
    if "never" not in crossing.method:
        return f"{name} is at or above {level} however {_poor(found)}, in the data’s range."
    share = find(found.estimates, f"breakeven_reached.{ends}").value
    doubt = f" ({format_number(share, 'share')} of resamples do)" if share > 0 else ""
    return (
        f"{name} of complainers never reaches {level} in the data’s range{doubt}: "
        f"the {best.name.partition(' at the ')[2].partition(' − ')[0]} still leaves {best}."
    )


def _reached(found: BreakEven, crossing: Estimate) -> str:
    at = format_number(crossing.value, crossing.unit)
    if found.dose.key == "handling":
        low, high = (format_number(x, "number").rstrip("0").rstrip(".") for x in _scale(found))
        where = f"handling is rated {at} on its scale from {low} to {high}"
    else:
        where = f"“{found.dose.name}” is {at}"
    lead = f"{upper(found.outcome.name)} reaches the level of “{found.reference}” where {where}"
    return f"{lead} ({interval(crossing)})."


def interval(crossing: Estimate) -> str:
    """The crossing's interval in words, also where an end lies beyond the data."""
    low, high = (format_number(x, crossing.unit) for x in (crossing.low, crossing.high))
    low = low if crossing.low == crossing.low else "below the data’s range"
    high = high if crossing.high == crossing.high else "beyond the data’s range"
    return f"{format_level(crossing.level)} CI {low} to {high}"


def _scale(found: BreakEven) -> tuple[float, float]:
    return found.dose.low, found.dose.high


def _poor(found: BreakEven) -> str:
    return "poor the handling" if found.dose.key == "handling" else "late the answer"
