"""Population margins of ``about.toml``: shares that the weights are raked to."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from crmresearch.data.codebook import About, Variable
from crmresearch.data.numerals import numeric_key
from crmresearch.data.problems import Problem, listed, meant, quoted

_NEAR = 0.001  # how far the shares of a variable may sum from 1
_FORM = "Write a line [margins.segment], then a line such as Small = 0.62 for every answer."


def read_margins(given: object, where: str) -> tuple[dict[str, dict[str, float]], list[Problem]]:
    """The shares by variable and answer, each variable's summing to 1, and what is wrong."""
    if not isinstance(given, Mapping):
        rule = "it must be a table of tables"
        return {}, [Problem(where=where, found="margins is no table", rule=rule, fix=_FORM)]
    kept, problems = {}, []
    for variable, shares in given.items():
        wrong = list(_share_faults(variable, shares))
        problems += [Problem(where=where, found=f, rule=r, fix=x) for f, r, x in wrong]
        if not wrong:
            total = sum(shares.values())
            kept[variable] = {str(label): share / total for label, share in shares.items()}
    return kept, problems


def _share_faults(variable: str, shares: object) -> list[tuple[str, str, str]]:
    name = f"[margins.{variable}]"
    if not isinstance(shares, Mapping) or not shares:
        return [(f"{name} lists no shares", "it must be a table", _FORM)]
    wrong = {
        label: share
        for label, share in shares.items()
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < np.inf
    }
    if wrong:
        found = ", ".join(
            f"{quoted(label)} is {quoted(str(share))}" for label, share in wrong.items()
        )
        fix = "Write it without quotation marks, such as 0.62; leave out answers that nobody gives."
        return [(f"in {name} {found}", "a share is a number above 0", fix)]
    total = sum(shares.values())
    if abs(total - 1) > _NEAR and abs(total - 100) > 100 * _NEAR:
        rule = "the shares of all answers sum to 1 (or to 100)"
        return [(f"the shares in {name} sum to {total:.6g}", rule, "Correct them.")]
    return []


def settle_margins(
    about: About, book: Mapping[str, Variable], where: str
) -> tuple[About, list[Problem]]:
    """`about` with every share under the first label of its answer, and what does not fit.

    An answer may be named by its code or any of its labels. A category that lists no answers
    takes any; a binary variable that lists none has the answers ``1`` and ``0``.
    """
    kept, problems = {}, []
    for variable, shares in about.margins.items():
        item = book.get(variable)
        fault = _variable_fault(variable, item, book)
        if fault:
            found, rule, fix = fault
            problems.append(Problem(where=where, found=found, rule=rule, fix=fix))
            continue
        known = answers_of(item)
        settled: dict[str, float] = {}
        before = len(problems)
        for name, share in shares.items():
            label = known.get(name) if known else name
            found = f"[margins.{variable}] gives a share to {quoted(name)}"
            if label is None:
                shown = listed(dict.fromkeys(known.values()), most=20, quote=True)
                fix = f"Its answers are {shown}.{meant(name, known)}"
                rule = "the codebook lists no such answer"
                problems.append(Problem(where=where, found=found, rule=rule, fix=fix))
            elif label in settled:
                rule, fix = f"{quoted(label)} has one already", "Keep one of the two."
                problems.append(Problem(where=where, found=found, rule=rule, fix=fix))
            else:
                settled[label] = share
        if len(problems) == before:
            kept[variable] = settled
    return replace(about, margins=kept), problems


def _variable_fault(
    variable: str, item: Variable | None, book: Mapping[str, Variable]
) -> tuple[str, str, str] | None:
    if item is None:
        fix = f"Correct the name.{meant(variable, book)}"
        return f"found [margins.{variable}]", "the codebook has no such variable", fix
    if item.type not in ("category", "binary"):
        rule = f"{quoted(variable)} is a {item.type}"
        fix = "Shares can be given of a category or binary variable."
        return f"found [margins.{variable}]", rule, fix
    return None


def answers_of(item: Variable) -> dict[str, str]:
    """Every code and label of `item` to the label that the answers and reports show."""
    known = {}
    for code, labels in item.values.items():
        first = labels[0] if labels else code
        known |= dict.fromkeys((code, *labels), first)
    if item.type == "binary" and not known:
        return {"1": "1", "0": "0"}
    return known


def labels_of(values: pd.Series, item: Variable) -> pd.Series:
    """The label of each answer, missing where there is none: what margins are named by."""
    if item.type != "binary":
        return values.astype(object).where(values.notna(), None)
    known = answers_of(item)
    labels = {numeric_key(code): label for code, label in known.items()}
    stands_for = {1 - code if item.reverse else code: labels.get(code) for code in (0.0, 1.0)}
    return values.map(stands_for).astype(object)


def unmatched(
    about: About, book: Mapping[str, Variable], answers: Mapping[str, pd.Series], where: str
) -> list[Problem]:
    """Answers in the data without a share, and shares of answers that nobody gave."""
    problems = []
    for variable, shares in about.margins.items():
        if variable not in answers:
            continue
        counts = labels_of(answers[variable], book[variable]).value_counts()
        found = set(counts[counts > 0].index)
        name = f"[margins.{variable}]"
        if without := sorted(found - set(shares)):
            said = f"{name} gives no share to {listed(without, quote=True)}"
            fix = "Add the share of each, also where it is small."
            rule = "the data have such answers"
            problems.append(Problem(where=where, found=said, rule=rule, fix=fix))
        if idle := sorted(set(shares) - found):
            said = f"{name} gives a share to {listed(idle, quote=True)}"
            rule = "nobody in the data gave that answer, and no weight can make up for it"
            fix = "Add its share to that of a similar answer."
            problems.append(Problem(where=where, found=said, rule=rule, fix=fix))
    return problems
