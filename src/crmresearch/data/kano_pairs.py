"""The pairs of questions that Kano's classification needs, and what is wrong with them."""

from collections.abc import Iterable, Iterator

from crmresearch.data.codebook import Variable
from crmresearch.data.problems import Problem, listed, quoted
from crmresearch.data.rules import effective_range

ROLES = ("kano_functional", "kano_dysfunctional")
ANSWERS = 5
_PAIRED = "each has one partner, of the other role and with the same construct"
_ANSWERED = "the answers are like, must be so, neutral, live with it, dislike, in this order"

Sides = tuple[list[Variable], list[Variable]]


def pairs(variables: Iterable[Variable]) -> dict[str, tuple[Variable, Variable]]:
    """Construct to its functional and its dysfunctional question, where there is one of each."""
    return {
        construct: (sides[0][0], sides[1][0])
        for construct, sides in _asked(variables).items()
        if construct and len(sides[0]) == len(sides[1]) == 1
    }


def kano_faults(variables: Iterable[Variable], where: str) -> list[Problem]:
    """Questions that are not one of a pair, and questions without five answers."""
    asked = _asked(list(variables))
    faults = [fault for construct, sides in asked.items() for fault in _unpaired(construct, sides)]
    questions = {item.variable: item for sides in asked.values() for side in sides for item in side}
    faults += [fault for item in questions.values() for fault in _answers(item)]
    return [
        Problem(where=where, column=column, found=found, rule=rule, fix=fix)
        for column, found, rule, fix in faults
    ]


def _asked(variables: Iterable[Variable]) -> dict[str, Sides]:
    """Construct to its functional and its dysfunctional questions."""
    asked: dict[str, Sides] = {}
    for item in variables:
        for side, role in enumerate(ROLES):
            if role in item.roles and item.type != "ignore":
                asked.setdefault(item.construct, ([], []))[side].append(item)
    return asked


def _unpaired(construct: str, sides: Sides) -> Iterator[tuple[str, str, str, str]]:
    for side, role in enumerate(ROLES):
        names = [item.variable for item in sides[side]]
        if not construct:
            fix = "Write the part of the offer under construct, the same in both questions."
            for name in names:
                yield name, f"the role {quoted(role)} without a construct", _PAIRED, fix
        elif len(names) > 1:
            found = f"{listed(names, quote=True)} have the role {quoted(role)} and the construct "
            fix = "Give each pair a construct of its own."
            yield names[0], found + quoted(construct), _PAIRED, fix
        elif names and not sides[1 - side]:
            other = quoted(ROLES[1 - side])
            found = f"no variable has the role {other} and the construct {quoted(construct)}"
            fix = "Give them to the other question of the pair, or clear this role."
            yield names[0], found, _PAIRED, fix
        elif side == 0 and names == [item.variable for item in sides[1]]:
            found = f"it has the roles {listed(ROLES, quote=True)}"
            yield names[0], found, _PAIRED, "Keep one of the two roles."


def _answers(item: Variable) -> Iterator[tuple[str, str, str, str]]:
    if item.type == "category" and len(item.values) != ANSWERS:
        fix = "List the five under values, in this order."
        yield item.variable, f"{len(item.values)} answers are listed", _ANSWERED, fix
    low, high = effective_range(item)
    if item.type == "scale" and None not in (low, high) and high - low != ANSWERS - 1:
        fix = "Correct low and high, such as 1 and 5; reverse where like has the highest number."
        yield item.variable, f"the scale runs from {low:g} to {high:g}", _ANSWERED, fix
