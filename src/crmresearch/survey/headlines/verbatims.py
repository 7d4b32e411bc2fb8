"""What customers write, in sentences."""

from collections.abc import Callable

import pandas as pd

from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.headlines.wording import ABSENT


def prevalence(estimates: list[Estimate]) -> str:
    """How many wrote, and the commonest theme."""
    if not estimates:
        return f"{ABSENT}no question answered in own words, or too few answers to show"
    wrote = next((item for item in estimates if item.key.startswith("comments.")), None)
    themes = [item for item in estimates if item.key.startswith("theme.")]
    text = "" if wrote is None else f"{format_number(wrote.value, 'share')} wrote an answer"
    if not themes:
        return f"{text or 'Answers were written'}; no theme stands out in what they wrote"
    most = max(themes, key=lambda item: item.value)
    rest = f"the commonest of {count(len(themes), 'theme')} is {most.name}, {most} of them"
    return f"{text}; {rest}" if text else rest[0].upper() + rest[1:]


def scores(measure: str) -> Callable[[list[Estimate]], str]:
    """The theme whose writers are clearly the least content; made for what was compared."""

    def words(estimates: list[Estimate]) -> str:
        themes = [item for item in estimates if item.key.startswith("themescore.")]
        if not themes:
            return f"{ABSENT}no themes that could be held against a score"
        low = [item for item in themes if item.high < 0]
        high = [item for item in themes if item.low > 0]
        if not (low or high):
            return f"No theme is shown to go with lower or higher {measure}"
        worst = min(low, key=lambda item: item.value, default=None)
        if worst is None:
            best = max(high, key=lambda item: item.value)
            return f"Mean {measure} is higher where {best.name} is mentioned: {best}"
        return f"Mean {measure} is lower where {worst.name} is mentioned: {worst}"

    return words


def quotations(frame: pd.DataFrame) -> str:
    """How many quotations there are."""
    if frame.empty:
        return "Not shown: quotations, which the parameter quotes asks for"
    themes = frame["Theme"].nunique()
    return f"{count(len(frame), 'redacted quotation')} for {count(themes, 'theme')}"
