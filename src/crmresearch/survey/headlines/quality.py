"""Answer quality in sentences."""

from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.headlines.wording import ABSENT, listed


def checks(estimates: list[Estimate]) -> str:
    """The shares of suspicious answers."""
    if not estimates:
        return f"{ABSENT}neither times nor enough ratings to check how carefully people answered"
    texts = [
        f"{format_number(item.value, item.unit)} {item.name.partition(',')[0].lower()}"
        for item in estimates
    ]
    return f"Checks of answer quality find {listed(texts)}"


def sensitivity(estimates: list[Estimate]) -> str:
    """Whether any headline measure moves when suspicious respondents are left out."""
    if not estimates:
        return f"{ABSENT}careless answers of enough people to show what they change"
    chosen = [item for item in estimates if item.key.startswith("sensitivity.all.")] or estimates
    if all(item.value == item.low == item.high == 0 for item in chosen):
        return "Nobody answered suspiciously, so no headline measure would move"
    moved = sum(item.low > 0 or item.high < 0 for item in chosen)
    rest = f"{moved} of {len(chosen)} measures {'moves' if moved == 1 else 'move'} beyond chance"
    first = chosen[0]
    name = first.name.partition(" without")[0]
    name = f"the {name}" if first.key.endswith(".nps") else f"“{name}”"
    return f"Without suspicious respondents {name} would move by {first}; {rest}"


def missing(estimates: list[Estimate]) -> str:
    """The question most often left unanswered."""
    if not estimates:
        return f"{ABSENT}no question that everybody was asked"
    first = estimates[0]
    if not first.value > 0:
        return f"All {count(len(estimates), 'question')} were answered by everybody"
    return f"{first.name} is missing most often, {first} of the time"
