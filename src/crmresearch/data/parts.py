"""One data file, read and checked by its codebook."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from crmresearch.data import checks
from crmresearch.data.codebook import Variable
from crmresearch.data.convert import Answers, convert
from crmresearch.data.problems import Problem, alike, counted, listed
from crmresearch.data.readers import read
from crmresearch.data.rules import effective_range
from crmresearch.data.sources import Source
from crmresearch.data.tables import Table

_MOST_CODES = 3  # of the same columns that are told one by one


@dataclass(slots=True, kw_only=True)
class Part:
    """The answers in one file, or in one wave of several.

    Parameters
    ----------
    source : the file, its codebook and the wave
    rows : how many respondents were read
    answers : variable to typed answers; those of a variable with a problem cannot be used
    codebook : the variables that `answers` holds, with the range that their labels imply
    sound : the variables without a problem
    problems, changes, flow : what was found, what reading changed, and who was left out
    """

    source: Source
    rows: int = 0
    answers: dict[str, pd.Series] = field(default_factory=dict)
    codebook: dict[str, Variable] = field(default_factory=dict)
    sound: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    flow: Mapping[str, int] = field(default_factory=dict)


def read_part(source: Source, book: Mapping[str, Variable]) -> Part:
    """Read the file of `source` by `book`; what is wrong stands in the part's problems."""
    table = read(source.file, source.settings)
    part = Part(source=source, rows=len(table.rows), problems=list(table.problems))
    if not table.columns:
        return part
    columns, found, changes = checks.match(book, table, source.codebook.name)
    part.problems += found + checks.headings(table)
    if not part.rows:
        found = "the file has a header and no answers"
        fix = "Export it again when there are answers."
        part.problems.append(Problem(where=table.where, found=found, fix=fix))
        return part
    read_as = {
        name: convert(
            column,
            book[name],
            where=table.where,
            rows=table.rows,
            decimal=source.settings.get("decimal", "."),
            date=source.settings.get("date", ""),
        )
        for name, column in columns.items()
    }
    part.problems += alike(problem for item in read_as.values() for problem in item.problems)
    part.answers = {name: item.values for name, item in read_as.items()}
    part.codebook = {name: ranged(book[name]) for name in read_as}
    part.sound = frozenset(name for name, item in read_as.items() if not item.problems)
    sound = {name: part.answers[name] for name in read_as if name in part.sound}
    together, kept = checks.rows_together(book, sound, columns, table)
    part.problems += alike(_as_in_file(problem, book) for problem in together)
    part.changes = [*table.changes, *changes, *_changes(read_as, book), *kept]
    part.flow = _flow(table)
    return part


def _as_in_file(problem: Problem, book: Mapping[str, Variable]) -> Problem:
    """`problem` under the name that its column has in the file."""
    if problem.column not in book:
        return problem
    return replace(problem, column=book[problem.column].heading)


def ranged(item: Variable) -> Variable:
    """`item` with the range that its labels imply."""
    low, high = effective_range(item)
    return replace(item, low=low, high=high)


def _changes(read_as: Mapping[str, Answers], book: Mapping[str, Variable]) -> list[str]:
    cells: dict[str, dict[str, int]] = {}
    for name, answers in read_as.items():
        for code, count in answers.missing.items():
            cells.setdefault(code, {})[name] = count
    together: dict[object, list[str]] = {}
    for code, cells_of in cells.items():
        together.setdefault(tuple(cells_of), []).append(code)
    sentences = [
        f"{counted(sum(sum(cells[code].values()) for code in codes), 'cell')} of "
        f"{listed(codes)} in {counted(len(columns), 'column')} read as no answer: "
        f"{listed(columns)}."
        for columns, same in together.items()
        for codes in ([same] if len(same) > _MOST_CODES else [[code] for code in same])
    ]
    turned = [name for name in read_as if book[name].reverse]
    if turned:
        sentences.append(f"{counted(len(turned), 'reversed item')} turned: {listed(turned)}.")
    return sentences


def _flow(table: Table) -> dict[str, int]:
    """Rows that stand in the file and, under what they were left out for, those that were."""
    removed = sum(table.flow.values())
    flow = {"Rows in the file": len(table.rows) + removed}
    return flow | {f"{label}, left out": count for label, count in table.flow.items()}
