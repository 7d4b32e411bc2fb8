"""Rules that the codebook's variables must keep among themselves, whatever the file holds."""

import re
from collections.abc import Iterable, Iterator

from crmresearch.data.codebook import Variable
from crmresearch.data.numerals import numeric_key
from crmresearch.data.problems import Problem, counted, listed, meant, quoted
from crmresearch.data.roles import REPEATABLE, ROLES

_JOINED = re.compile(r"-?\d+(\s*,\s*-?\d+)+")  # codes with a comma between them
_ORDERED = ("scale", "number")
_MOST_POINTS = 1001  # a "scale" of more points is a quantity


def faults(variables: Iterable[Variable], where: str) -> list[Problem]:
    """Every rule that `variables` break."""
    variables = list(variables)
    problems = [
        Problem(where=where, column=item.variable, found=found, rule=rule, fix=fix)
        for item in variables
        for check in (_range, _values, _reverse, _missing, _roles)
        for found, rule, fix in check(item)
    ]
    problems += _read_twice(variables, where)
    return problems + _guesses(variables, where) + _repeated(variables, where)


def effective_range(item: Variable) -> tuple[float | None, float | None]:
    """``low`` and ``high``; for a scale with labels only, its lowest and highest code."""
    codes = [numeric_key(code) for code in item.values]
    if item.type == "binary":
        return 0.0, 1.0
    if item.type != "scale" or not codes or None in codes:
        return item.low, item.high
    low = min(codes) if item.low is None else item.low
    high = max(codes) if item.high is None else item.high
    return low, high


def _range(item: Variable) -> Iterator[tuple[str, str, str]]:
    low, high = effective_range(item)
    if item.type not in _ORDERED and (item.low is not None or item.high is not None):
        if item.type != "binary" or (item.low, item.high) != (0.0, 1.0):
            fix = "Clear low and high or correct the type."
            yield f"a {item.type} has low or high", "only a scale or a number has a range", fix
        return
    if item.type == "scale" and (low is None or high is None):
        fix = "Fill in low and high, such as 1 and 7."
        yield "a scale without low or high", "a scale must say where it begins and ends", fix
    elif item.type == "scale" and high - low >= _MOST_POINTS:
        fix = "Give a quantity the type number."
        yield f"a scale from {low:g} to {high:g}", "a scale has at most 1,000 steps", fix
    if low is not None and high is not None and low >= high:
        fix = "Exchange or correct them."
        yield f"low is {low:g} and high is {high:g}", "low must be less than high", fix


def _values(item: Variable) -> Iterator[tuple[str, str, str]]:
    if item.type in ("text", "id", "date") and item.values:
        fix = "Clear the values or give it the type category."
        yield f"a {item.type} lists values", "its answers are not codes", fix
    if item.type in ("scale", "number", "binary"):
        words = [code for code in item.values if numeric_key(code) is None]
        if words:
            fix = "Write them as code=label, such as 1=Poor; 2=Fair."
            yield f"the codes {listed(words, quote=True)}", f"a {item.type} has numeric codes", fix
            return
    if item.type == "scale":
        low, high = effective_range(item)
        outside = [
            code for code in item.values if low is not None and not low <= float(code) <= high
        ]
        if outside:
            fix = "Correct the range, or move codes for no answer to missing."
            found = f"it labels {listed(outside, quote=True)}"
            yield found, f"its range is {low:g} to {high:g}", fix
    if item.type == "binary" and not {float(code) for code in item.values} <= {0.0, 1.0}:
        fix = "A file that codes no as 2 is described by 1=Yes; 0=No|2."
        yield f"it lists {listed(item.values, quote=True)}", "binary codes are 1 (yes) and 0", fix
    if item.type == "category" and len(item.values) == 1:
        yield "it lists a single answer", "a category needs two", "List the others."
    first = [names[0] if names else code for code, names in item.values.items()]
    twice = {name for name in first if first.count(name) > 1}
    if twice:
        fix = "Write the codes as labels of one: 1=Yes|2."
        yield f"two codes are labelled {listed(sorted(twice), quote=True)}", "labels differ", fix


def _reverse(item: Variable) -> Iterator[tuple[str, str, str]]:
    if item.reverse and (item.type not in _ORDERED + ("binary",) or None in effective_range(item)):
        fix = "Fill in low and high, or clear reverse."
        yield "it is reversed", "only an item with a range can be reversed", fix


def _missing(item: Variable) -> Iterator[tuple[str, str, str]]:
    both = [
        code
        for code in item.missing
        if code in item.values and not (item.type == "binary" and len(item.values[code]) > 1)
    ]
    if both:
        fix = "Keep it in one of the two."
        yield f"{listed(both, quote=True)} stands in values and missing", "it can be one", fix
    joined = [code for code in item.missing if _JOINED.fullmatch(code)]
    if joined:
        fix = "Write them as 98; 99."
        yield f"missing holds {listed(joined, quote=True)}", "';' stands between two codes", fix


def _roles(item: Variable) -> Iterator[tuple[str, str, str]]:
    for name in item.roles:
        role = ROLES.get(name)
        if role is None:
            fix = f"The roles are {listed(ROLES, most=99)}.{meant(name, ROLES)}"
            yield f"its role is {quoted(name)}", "there is no such role", fix
        elif item.type not in role.types and item.type != "ignore":
            found = f"the role {quoted(name)} on a variable of type {item.type}"
            fix = "Correct the type or the role."
            yield found, f"{role.meaning} must be {' or '.join(role.types)}", fix
        elif name == "recommend" and effective_range(item) != (0.0, 10.0):
            low, high = (f"{end:g}" if end is not None else "?" for end in effective_range(item))
            fix = "Correct low and high, or give another scale the role word_of_mouth."
            yield f"the role 'recommend' on a scale from {low} to {high}", "it runs 0 to 10", fix
    if item.type == "ignore" and item.roles:
        fix = "Clear the role or correct the type."
        yield f"it has the role {quoted(item.roles[0])}", "its type ignore is not read", fix
    if "indicator" in item.roles and item.construct not in ("", "positive", "negative"):
        fix = "Write positive, negative or nothing."
        rule = "an indicator's construct is positive or negative"
        yield f"its construct is {quoted(item.construct)}", rule, fix


def _guesses(variables: list[Variable], where: str) -> list[Problem]:
    guesses = [f"{';'.join(item.roles)} ({item.variable})" for item in variables if item.guess]
    if not guesses:
        return []
    found = f"{counted(len(guesses), 'guessed role')}, marked by '?': {listed(guesses, most=12)}"
    return [
        Problem(
            where=where,
            found=found,
            rule="only confirmed roles are read",
            fix="Remove the question mark of each that is right and clear the cell of the others.",
        )
    ]


def _read_twice(variables: list[Variable], where: str) -> list[Problem]:
    """Columns of the file that more than one variable reads."""
    found: dict[str, list[str]] = {}
    for item in variables:
        if item.type != "ignore":
            found.setdefault(item.heading, []).append(item.variable)
    return [
        Problem(
            where=where,
            found=f"{listed(names, quote=True)} read the same column, {quoted(heading)}",
            rule="a column is one variable",
            fix="Correct the cells under column.",
        )
        for heading, names in found.items()
        if len(names) > 1
    ]


def _repeated(variables: list[Variable], where: str) -> list[Problem]:
    found: dict[str, list[str]] = {}
    for item in variables:
        for role in item.roles:
            found.setdefault(role, []).append(item.variable)
    return [
        Problem(
            where=where,
            found=f"the role {quoted(role)} is given to {listed(names, quote=True)}",
            rule="one variable at most may have it",
            fix="Keep it on one.",
        )
        for role, names in found.items()
        if len(names) > 1 and role in ROLES and role not in REPEATABLE
    ]
