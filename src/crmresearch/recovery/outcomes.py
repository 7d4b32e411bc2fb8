"""What a company may lose by a failure: attitudes and, where they are recorded, behaviour."""

import dataclasses
from dataclasses import dataclass

import pandas as pd

from crmresearch.data.survey import Survey

DIFFERENCES = {"share": "share difference", "amount": "amount difference"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What customers may lose by a failure; every outcome is read as higher is better.

    `behaviour` is True for what customers did (stayed, bought again, paid) and False for what they
    said of themselves, so that a verdict on attitude is never taken for one on behaviour.
    """

    role: str
    key: str
    name: str
    unit: str = "scale points"
    behaviour: bool = False

    @property
    def difference(self) -> str:
        """The unit of a difference."""
        return DIFFERENCES.get(self.unit, "scale difference")


OUTCOMES = (
    Outcome("loyalty", "loyalty", "loyalty"),
    Outcome("recommend", "recommend", "likelihood to recommend"),
    Outcome("word_of_mouth", "word_of_mouth", "word of mouth"),
    Outcome("satisfaction", "satisfaction", "satisfaction"),
    Outcome("repurchase", "repurchase", "intention to buy again"),
    Outcome("churned", "stayed", "staying a customer", "share", behaviour=True),
    Outcome("revenue", "revenue", "revenue", "amount", behaviour=True),
)
BOUGHT = Outcome("repurchase", "repurchase", "buying again", "share", behaviour=True)


def outcomes_of(answers: Survey) -> tuple[Outcome, ...]:
    """The outcomes that the survey has, the main one first.

    An attitude asked as yes or no is a share. Buying again is an intention where it was rated and
    an act where it was recorded as yes or no.
    """
    return tuple(_as_asked(item, answers) for item in OUTCOMES if item.role in answers.roles)


def values_of(outcome: Outcome, answers: Survey) -> pd.Series:
    """The outcome of every customer, higher is better; NaN where it is not known."""
    found = answers.score(outcome.role)
    return 1 - found if outcome.role == "churned" else found


def _as_asked(outcome: Outcome, answers: Survey) -> Outcome:
    if {item.type for item in answers.variables(outcome.role)} != {"binary"}:
        return outcome
    return BOUGHT if outcome.role == "repurchase" else dataclasses.replace(outcome, unit="share")
