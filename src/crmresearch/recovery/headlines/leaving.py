"""Time to leave in sentences."""

from crmresearch.recovery.headlines.wording import ABSENT, part_of, value_of
from crmresearch.recovery.leaving import Leaving
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number

START = "leaving_ratio."


def curves(found: Leaving) -> str:
    """On which path most and fewest are still customers, and whether the paths are told apart."""
    if not found.estimates:
        return f"{ABSENT}{found.why}."
    shares = [item for item in found.estimates if item.key == "leaving.stayed"]
    ordered = sorted(shares, key=lambda item: item.value)
    low, high = ordered[0], ordered[-1]
    test = find(found.estimates, "leaving_test")
    text = (
        f"After {found.until:,.0f} days {value_of(high)} of those on the path “{part_of(high)}” "
        f"are still customers, {value_of(low)} of those on “{part_of(low)}”"
    )
    if not test.p < 1 - found.level:
        return f"{text}; the test does not tell the paths apart, which does not make them alike."
    return f"{text}; the paths do not leave alike (log-rank p {_p(test)})."


def ratios(estimates: list[Estimate]) -> str:
    """Which paths leave faster, or are likelier to have left, once customers are made alike."""
    found = [item for item in estimates if item.key.startswith(START)]
    if not found:
        return f"{ABSENT}departures from two paths that may be compared."
    reference = _pair(found[0])[1]
    clear = [item for item in found if item.low > 1 or item.high < 1]
    timed = "hazard" in found[0].method
    if not clear:
        what = "pace of leaving" if timed else "chance of having left"
        return f"No path’s {what} is told apart from that of “{reference}”."
    top = max(clear, key=lambda item: abs(item.value - 1))
    verb = "leaves" if timed else "is"
    told = f"{verb} {_size(top)} times as {'fast' if timed else 'likely to have left'}"
    if len(found) == 1:
        return f"“{_pair(top)[0]}” {told} as “{reference}”."
    differ = "differs" if len(clear) == 1 else "differ"
    others = f"{len(clear)} of {count(len(found), 'path')} {differ} from “{reference}”"
    return f"{others}, most of all “{_pair(top)[0]}”, which {told}."


def note(estimates: list[Estimate]) -> str:
    """What the ratios cannot say: whether they hold all the time, or any time at all."""
    test = find(estimates, "leaving_hazards.all")
    if not any(item.key.startswith(START) for item in estimates):
        return ""
    if test is None:
        return "These data say whether customers had left by one date, not when."
    if test.value < 1 - test.level:
        p = _p_text(test.value)
        return f"The ratios change over time (test p {p}): each is an average over the days seen."
    return "No test finds that the ratios change over time, which does not show that they do not."


def _pair(item: Estimate) -> tuple[str, str]:
    one, _, other = item.name.partition(": ")[2].partition(" against ")
    return one, other


def _size(item: Estimate) -> str:
    value, low, high = (format_number(x, item.unit) for x in (item.value, item.low, item.high))
    return f"{value} ({item.level * 100:.6g}% CI {low} to {high})"


def _p(item: Estimate) -> str:
    return _p_text(item.p)


def _p_text(p: float) -> str:
    text = format_number(p, "p")
    return text if text.startswith("<") else f"= {text}"
