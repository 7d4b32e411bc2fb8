"""The paths in sentences."""

from crmresearch.recovery.headlines.wording import ABSENT, listed, pair_of, part_of, upper, value_of
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count


def sizes(estimates: list[Estimate]) -> str:
    """The largest path after the first."""
    others = [item for item in estimates[1:] if item.value == item.value]
    if not others:
        return f"{ABSENT}more than one path."
    largest = max(others, key=lambda item: item.value)
    first = f"{value_of(estimates[0])} took the path “{part_of(estimates[0])}”"
    return f"{first}; next is “{part_of(largest)}” with {value_of(largest)}."


def means(estimates: list[Estimate]) -> str:
    """Where an outcome is highest and lowest, and whether that may be chance."""
    found = sorted((x for x in estimates if x.value == x.value), key=lambda item: item.value)
    if not found:
        return f"{ABSENT}the groups or the outcome to compare."
    name = upper(found[0].name)
    if len(found) == 1:
        return f"{name} is {value_of(found[0])} in the one group, “{part_of(found[0])}”."
    low, high = found[0], found[-1]
    if value_of(low) == value_of(high):
        return f"{name} is {value_of(low)} in each of {len(found)} groups."
    top, bottom = f"“{part_of(high)}” ({value_of(high)})", f"“{part_of(low)}” ({value_of(low)})"
    doubt = "" if high.low > low.high else ", though their intervals overlap"
    return f"{name} is highest on {top} and lowest on {bottom}{doubt}."


def others(estimates: list[Estimate]) -> str:
    """Which group stands lowest, outcome by outcome."""
    keys = dict.fromkeys(item.key for item in estimates)
    outcomes, lowest = 0, {}
    for key in keys:
        known = [item for item in estimates if item.key == key and item.value == item.value]
        if len(known) > 1:
            outcomes += 1
            least, most = (pick(known, key=lambda item: item.value) for pick in (min, max))
            if most.low > least.high:  # elsewhere the lowest may be chance
                lowest.setdefault(part_of(least), []).append(least.name)
    if not outcomes:
        return f"{ABSENT}a further outcome."
    told = sum(len(names) for names in lowest.values())
    if not told:
        return "On no further outcome are the highest and the lowest clear of each other."
    if told == outcomes and len(lowest) == 1:
        return f"“{next(iter(lowest))}” is lowest on every further outcome."
    texts = [f"“{part}” is lowest on {listed(names)}" for part, names in lowest.items()]
    rest = "" if told == outcomes else "; elsewhere even highest and lowest overlap"
    return f"{'; '.join(texts)}{rest}."


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
        return f"{upper(top.name)}: {top}."
    verb = "differs" if len(clear) == 1 else "differ"
    number = f"{len(clear)} of {len(pairs)} pairs {verb}"
    return f"{number}; the largest difference is {pair_of(top)}, {top}."


def planned(estimates: list[Estimate]) -> str:
    """On how many outcomes each planned contrast is clear of zero, and in which direction."""
    tests = [x for x in estimates if x.key.startswith("planned.") and x.low == x.low]
    if not tests:
        return f"{ABSENT}two groups of a planned contrast that are large enough to compare."
    texts = []
    for pair in dict.fromkeys(pair_of(item) for item in tests):
        inside = [item for item in tests if pair_of(item) == pair]
        sides = {"higher": sum(x.low > 0 for x in inside), "lower": sum(x.high < 0 for x in inside)}
        words = [f"{side} on {n}" for side, n in sides.items() if n]
        texts.append(f"{pair}: {' and '.join(words) or 'clear on none'}")
    number = count(len({item.key.split(".")[1] for item in tests}), "outcome")
    return upper(f"{'; '.join(texts)} (of {number}).")
