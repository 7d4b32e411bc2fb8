"""The arms of an experiment in sentences."""

from crmresearch.recovery.headlines import paths
from crmresearch.recovery.headlines.wording import ABSENT, listed, upper
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_interval

NOT_HERE = f"{ABSENT}arms of an experiment that are large enough to show."


def arms(tests: list[Estimate]) -> str:
    """On which outcomes the arms differ, by Welch's tests."""
    if not tests:
        return NOT_HERE
    told = [item.name.partition(",")[0] for item in tests if item.p < 1 - item.level]
    if not told:
        of = count(len(tests), "outcome")
        return (
            f"Over all arms at once no difference is clear in {of}, which does not show that the "
            "arms are equal."
        )
    return f"The arms differ in {listed(told)} ({len(told)} of {len(tests)} outcomes tested)."


def means(estimates: list[Estimate]) -> str:
    """Where an outcome is highest and lowest among the arms."""
    return paths.means(estimates) if estimates else NOT_HERE


def differences(estimates: list[Estimate]) -> str:
    """How many pairs of arms differ, and the largest difference."""
    return paths.differences(estimates) if estimates else NOT_HERE


def factors(estimates: list[Estimate]) -> str:
    """Which factors of a crossed experiment move the outcome."""
    if not estimates:
        return f"{ABSENT}arms that cross two factors or more."
    clear = [item for item in estimates if item.low > 0 or item.high < 0]
    if not clear:
        return "No factor is clear of zero, which does not show that it does nothing."
    verb = "raises" if clear[0].randomised else "goes with more"
    texts = [_moves(item, verb) for item in clear]
    return upper("; ".join(texts)) + "."


def _moves(item: Estimate, verb: str) -> str:
    name, _, pair = item.name.partition(": ")
    second, _, first = pair.partition(" − ")
    if item.value < 0:
        second, first = first, second
    low, high = sorted((abs(item.low), abs(item.high)))
    size = format_interval(abs(item.value), low, high, item.level, item.unit).replace("+", "")
    return f"{second} {verb} {name} by {size} against {first}"
