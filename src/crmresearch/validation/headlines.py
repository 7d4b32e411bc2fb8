"""Outcomes as one-sentence findings."""

from collections.abc import Sequence

from crmresearch.report.numbers import count
from crmresearch.validation.cases import Outcome

COMPARISONS = "comparisons"  # of reports of any study, which are no study


def met(outcomes: Sequence[Outcome]) -> str:
    """How many reference numbers are met, and which are not."""
    if not outcomes:
        return "There is no reference number yet"
    study = outcomes[0].case.study
    of = "comparisons" if study == COMPARISONS else f"the {study} study"
    numbers = count(len(outcomes), f"reference number of {of}", f"reference numbers of {of}")
    missed = [one.case.id for one in outcomes if not one.passed]
    if not missed:
        return (
            f"All {numbers} are reproduced" if len(outcomes) > 1 else f"The {numbers} is reproduced"
        )
    named = ", ".join(missed[:3]) + (" and others" if len(missed) > 3 else "")
    return f"{len(missed)} of {numbers} {'is' if len(missed) == 1 else 'are'} missed: {named}"
