"""Which variable a role or name means, and whether anybody gave the answer asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crmresearch.data.codebook import Variable
from crmresearch.data.labels import (
    MOST_POINTS,
    TELLING,
    Labels,
    has_few_answers,
    labels_in,
    may_divide,
)
from crmresearch.data.problems import listed, meant, quoted
from crmresearch.data.roles import ROLES
from crmresearch.data.survey import Survey
from crmresearch.errors import RequestError


@dataclass(frozen=True, slots=True)
class Condition:
    """A variable that the part is told by, and the answer that all in it gave."""

    item: Variable
    labels: Labels
    label: str

    @property
    def met(self) -> np.ndarray:
        """(n,) bool: who gave that answer."""
        return self.labels.codes == self.labels.place(self.label)


def asked(survey: Survey, mapping: Mapping[str, str]) -> list[Condition]:
    """Each condition with its variable; refused with every answer that nobody gave."""
    conditions, faults = [], []
    for item, (name, text) in zip(variables_named(survey, mapping), mapping.items(), strict=True):
        labels = labels_in(survey, item)
        label, given = labels.label(text), labels.given()
        if label in given:
            conditions.append(Condition(item, labels, label))
            continue
        found = f"nobody answered {quoted(text)} to {quoted(name)}"
        there = f"There are: {listed(given, most=20, quote=True)}."
        faults.append(f"{survey.about.title}: {found}.{meant(text, given)} {there}")
    if faults:
        raise RequestError("\n".join(faults))
    return conditions


def variables_named(survey: Survey, names: Iterable[str]) -> list[Variable]:
    """The variable that each name means; refused with every name that means none."""
    found = {name: _variable(survey, name) for name in names}
    faults = [fault for fault in found.values() if isinstance(fault, str)]
    if faults:
        raise RequestError("\n".join(faults))
    items = list(found.values())
    twice = [name for name, item in found.items() if items.count(item) > 1]
    if twice:
        raise RequestError(f"{listed(twice, quote=True)} are the same variable. Name it once.")
    return items


def _variable(survey: Survey, name: str) -> Variable | str:
    """The variable of this role or name, or what is wrong with it."""
    title, carrying = survey.about.title, survey.variables(name)
    named = survey.codebook.get(name)
    if len(carrying) > 1 and named not in carrying:
        names = listed((item.variable for item in carrying), quote=True)
        return f"{title}: the role {quoted(name)} is carried by {names}. Name one of them."
    if carrying and named and named not in carrying:
        return (
            f"{title}: {quoted(name)} is the role of {quoted(carrying[0].variable)} and the name "
            "of another variable. Give that one another name in the codebook (and its own under "
            "column)."
        )
    item = named or (carrying[0] if carrying else None)
    if item is None:
        known = _telling(survey, "category", "binary", "scale")
        absent = f"these data have no variable with the role {quoted(name)}"
        what = absent if name in ROLES else f"{quoted(name)} is neither a role nor a variable"
        return f"{title}: {what}.{meant(name, known)} {_can_tell(_telling(survey, 'category'))}"
    if not has_few_answers(item):
        return (
            f"{title}: {quoted(name)} is of the type {item.type}, but a part is told by a "
            f"category, a binary variable or a scale of at most {MOST_POINTS} points. "
            f"{_can_tell(_telling(survey, 'category'))}"
        )
    if not may_divide(item):
        role = next(role for role in item.roles if role not in TELLING)
        return (
            f"{title}: {quoted(name)} is {ROLES[role].meaning}, which studies analyse: among those "
            "selected by it their shares and comparisons would say how the part was chosen. "
            f"{_can_tell(_telling(survey, 'category'))}"
        )
    return item


def _telling(survey: Survey, *types: str) -> list[str]:
    """Names of variables of these types that can tell a part: a role that is theirs alone first."""
    return [
        next((role for role in item.roles if len(survey.variables(role)) == 1), item.variable)
        for item in survey.codebook.values()
        if item.type in types and may_divide(item)
    ]


def _can_tell(known: Sequence[str]) -> str:
    return f"A part can be told by: {listed(known, most=12) or 'nothing in these data'}."
