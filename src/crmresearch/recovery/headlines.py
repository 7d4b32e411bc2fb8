"""The finding of each exhibit as one sentence, computed from its estimates."""

import pandas as pd

from crmresearch.recovery.contrasts import VERDICTS
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_interval, format_number

ABSENT = "Not in these data: "


def funnel(estimates: list[Estimate]) -> str:
    """How many had a problem, and how many of them said so."""
    problem = find(estimates, "funnel.problem.of_all")
    complained = find(estimates, "funnel.complained.of_previous")
    if problem is None:
        alone = find(estimates, "funnel.complained.of_all")
        if alone is None:
            return f"{ABSENT}who had a problem and who complained."
        return f"{alone} of customers complained; who had a problem is not in these data."
    if complained is None:
        return f"{problem} of customers had a problem; complaints are not in these data."
    return f"{problem} of customers had a problem, and {complained} of them complained."


def silent(estimates: list[Estimate]) -> str:
    """The share of those with a problem who told nobody."""
    quiet = find(estimates, "silent.of_previous")
    if quiet is None:
        return f"{ABSENT}both who had a problem and who complained, so silence cannot be counted."
    unseen = "did not complain: no complaint desk sees them."
    return f"{quiet} of customers with a problem {unseen}"


def sizes(estimates: list[Estimate]) -> str:
    """The largest path after the first."""
    others = [item for item in estimates[1:] if item.value == item.value]
    if not others:
        return f"{ABSENT}more than one path."
    largest = max(others, key=lambda item: item.value)
    first = f"{_value(estimates[0])} took the path “{_part(estimates[0])}”"
    return f"{first}; next is “{_part(largest)}” with {_value(largest)}."


def means(estimates: list[Estimate]) -> str:
    """Where an outcome is highest and lowest, and whether that may be chance."""
    found = sorted((x for x in estimates if x.value == x.value), key=lambda item: item.value)
    if not found:
        return f"{ABSENT}the groups or the outcome to compare."
    name = _upper(found[0].name)
    if len(found) == 1:
        return f"{name} is {_value(found[0])} in the one group, “{_part(found[0])}”."
    low, high = found[0], found[-1]
    if _value(low) == _value(high):
        return f"{name} is {_value(low)} in each of {len(found)} groups."
    top, bottom = f"“{_part(high)}” ({_value(high)})", f"“{_part(low)}” ({_value(low)})"
    doubt = "" if high.low > low.high else ", though their intervals overlap"
    return f"{name} is highest on {top} and lowest on {bottom}{doubt}."


def others(estimates: list[Estimate]) -> str:
    """Which group stands lowest, outcome by outcome."""
    keys = dict.fromkeys(item.key for item in estimates)
    lowest = {}
    for key in keys:
        known = [item for item in estimates if item.key == key and item.value == item.value]
        if len(known) > 1:
            least = min(known, key=lambda item: item.value)
            lowest[least.name] = _part(least)
    if not lowest:
        return f"{ABSENT}a further outcome."
    if len(set(lowest.values())) == 1:
        return f"“{next(iter(lowest.values()))}” is lowest on every further outcome."
    return "Lowest are " + ", ".join(f"“{part}” on {name}" for name, part in lowest.items()) + "."


def differences(estimates: list[Estimate]) -> str:
    """How many pairs differ, and the largest difference."""
    pairs = [x for x in estimates if x.unit.endswith("difference") and x.low == x.low]
    if not pairs:
        return f"{ABSENT}two groups large enough to compare."
    clear = [item for item in pairs if item.low > 0 or item.high < 0]
    if not clear:
        return f"No pair of {len(pairs)} is told apart: the intervals leave room for either sign."
    top = max(clear, key=lambda item: abs(item.value))
    if len(pairs) == 1:
        return f"{_upper(top.name)}: {top}."
    verb = "differs" if len(clear) == 1 else "differ"
    number = f"{len(clear)} of {len(pairs)} pairs {verb}"
    return f"{number}; the largest difference is {_pair(top)}, {top}."


def reach(estimates: list[Estimate]) -> str:
    """What the narrowest contrast can and cannot show."""
    speaks = [x for x in estimates if x.key.startswith("speaks_for.") and x.value == x.value]
    if not speaks:
        return f"{ABSENT}a group to contrast."
    least = min(speaks, key=lambda item: item.value)
    detectable = find(estimates, least.key.replace("speaks_for", "detectable"))
    group = least.name.partition(", share")[0]
    text = f"The contrast of {group} speaks for {_value(least)} of customers"
    if detectable is None or detectable.value != detectable.value:
        return f"{text} and is too small to show any difference."
    size = format_number(detectable.value, "SD").lstrip("+")
    return f"{text} and would find a true difference of {size} SD four times out of five."


def contrasts(estimates: list[Estimate], verdicts: pd.DataFrame) -> str:
    """The verdict on the narrowest contrast, raw and adjusted."""
    if verdicts.empty:
        return f"{ABSENT}customers with and without a problem or complaint to contrast."
    group, raw, adjusted = verdicts.iloc[-1]
    if adjusted not in VERDICTS:
        return f"{_upper(group)}: {raw}, with nothing to adjust for in these data."
    if raw == adjusted:
        return f"{_upper(group)}: {adjusted}, raw and adjusted alike."
    return f"{_upper(group)}: {raw} when raw, {adjusted} once adjusted."


def unmeasured(estimates: list[Estimate]) -> str:
    """The least that an unmeasured cause would have to be to undo the firmest contrast."""
    limits = [item for item in estimates if item.key.startswith("e_value_limit.")]
    if not limits:
        return f"{ABSENT}an adjusted contrast on a scale to question."
    firmest = max(limits, key=lambda item: item.value)
    if firmest.value <= 1:
        return "No adjusted contrast is clear of zero, so nothing unmeasured is needed to undo it."
    ratio = format_number(firmest.value, "ratio")
    group = firmest.name.partition(" − ")[0]
    return (
        f"To undo the contrast of {group}, a cause not measured must go with both the group and "
        f"the outcome by a risk ratio of {ratio}."
    )


def verdicts(table: pd.DataFrame) -> str:
    """How often each verdict was reached after adjustment."""
    if table.empty:
        return f"{ABSENT}a contrast to judge."
    words = table["Adjusted"].where(table["Adjusted"].isin(VERDICTS), table["Raw"])
    counts = [f"{int((words == word).sum())} {word}" for word in VERDICTS if (words == word).any()]
    return f"Of {count(len(table), 'contrast')}: {', '.join(counts)}."


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


def arms(tests: list[Estimate]) -> str:
    """On which outcomes the arms differ, by Welch's tests."""
    if not tests:
        return f"{ABSENT}arms of an experiment."
    told = [item.name.partition(",")[0] for item in tests if item.p < 1 - item.level]
    if not told:
        of = count(len(tests), "outcome")
        return f"No test of {of} tells the arms apart, which does not show that they are equal."
    return f"The arms differ in {_listed(told)} ({len(told)} of {len(tests)} outcomes tested)."


def factors(estimates: list[Estimate]) -> str:
    """Which factors of a crossed experiment move the outcome."""
    if not estimates:
        return f"{ABSENT}arms that cross two factors or more."
    clear = [item for item in estimates if item.low > 0 or item.high < 0]
    if not clear:
        return "No factor is clear of zero, which does not show that it does nothing."
    verb = "raises" if clear[0].randomised else "goes with more"
    texts = [_moves(item, verb) for item in clear]
    return _upper("; ".join(texts)) + "."


def _moves(item: Estimate, verb: str) -> str:
    name, _, pair = item.name.partition(": ")
    second, _, first = pair.partition(" − ")
    if item.value < 0:
        second, first = first, second
    low, high = sorted((abs(item.low), abs(item.high)))
    size = format_interval(abs(item.value), low, high, item.level, item.unit).replace("+", "")
    return f"{second} {verb} {name} by {size} against {first}"


def _value(item: Estimate) -> str:
    return format_number(item.value, item.unit)


def _size(item: Estimate) -> str:
    return f"{format_number(abs(item.value), item.unit).lstrip('+')} scale points"


def _part(item: Estimate) -> str:
    return item.group.partition(": ")[2] or item.name


def _pair(item: Estimate) -> str:
    return item.name.partition(": ")[2] or item.name


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
