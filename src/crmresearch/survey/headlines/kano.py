"""Kano's classification in sentences."""

from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count
from crmresearch.survey.headlines.wording import ABSENT, listed
from crmresearch.survey.kano import verdicts

MOST_NAMED = 3
SAID = {  # of one, of several
    "must-be": ("is expected", "are expected"),
    "one-dimensional": ("is wanted", "are wanted"),
    "attractive": ("is a surprise", "are surprises"),
    "indifferent": ("leaves most indifferent", "leave most indifferent"),
    "reverse": ("is better left out", "are better left out"),
    "questionable": ("was answered against itself", "were answered against themselves"),
}


def categories(estimates: list[Estimate]) -> str:
    """Which parts have a category that can be told from the others, and how many have none."""
    found = verdicts(estimates)
    if not found:
        return f"{ABSENT}no pairs of questions about having a part of the offer and not having it"
    decided = [item for item in found if item.decided]
    if not decided:
        if len(found) == 1:
            return f"No category of {found[0].name} can be told from the others"
        return f"None of {count(len(found), 'part')} of the offer has a category that is decided"
    told = []
    for category, (one, several) in SAID.items():
        names = [item.name for item in decided if item.first == category]
        if names:
            told.append(f"{_some(names)} {one if len(names) == 1 else several} ({category})")
    text = "; ".join(told)
    rest = len(found) - len(decided)
    return f"{text}; {rest} of {len(found)} not decided" if rest else text


def _some(names: list[str]) -> str:
    if len(names) <= MOST_NAMED:
        return listed(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} others"
