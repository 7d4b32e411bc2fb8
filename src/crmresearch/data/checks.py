"""Checks of the rows of a file together: columns, ids, duplicates, weights, what is constant."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.numerals import numeric_key
from crmresearch.data.problems import Problem, counted, in_rows, listed, meant, quoted
from crmresearch.data.tables import Column, Table, as_text

_MOST_ABSENT = 20  # columns that are named one by one
_USUAL_CODES = ("-999", "-99", "-9", "99", "999", "9999", "99999")


def match(
    codebook: Mapping[str, Variable], table: Table, book: str
) -> tuple[dict[str, Column], list[Problem], list[str]]:
    """The file's column of each variable that is read, problems, and what was changed.

    Names are compared exactly, and where that fails with their white space folded.
    """
    same: dict[str, list[int]] = {}
    folded: dict[str, list[int]] = {}
    for i, name in enumerate(table.names):
        same.setdefault(name, []).append(i)
        folded.setdefault(" ".join(name.split()), []).append(i)
    found: dict[str, Column] = {}
    used: set[int] = set()
    problems, refolded, absent = [], [], []
    for item in codebook.values():
        exact = same.get(item.heading, [])
        at = exact or folded.get(" ".join(item.heading.split()), [])
        used.update(at)
        if item.type == "ignore":
            continue
        if not at:
            absent.append(item.heading)
        elif len(at) > 1:
            problems.append(_twice(item.heading, len(at), table.where))
        else:
            found[item.variable] = table.columns[at[0]]
            refolded += [] if exact else [item.heading]
    problems = _absent(absent, table, book) + problems
    changes = []
    if refolded:
        changes.append(
            f"Blanks in the names of {counted(len(refolded), 'column')} folded: {listed(refolded)}."
        )
    rest = [name for i, name in enumerate(table.names) if i not in used and name.strip()]
    if rest and codebook:
        changes.append(f"{counted(len(rest), 'column')} not described by the codebook not read.")
        found_rest = f"{counted(len(rest), 'column')} not described: {listed(rest, quote=True)}"
        fix = "They are not read. Describe them in the codebook to use them."
        note = Problem(where=table.where, found=found_rest, fix=fix, blocks=False)
        problems.append(note)
    return found, problems + _declared_missing(codebook, found, table), changes


def _absent(names: list[str], table: Table, book: str) -> list[Problem]:
    """Variables without a column; so many that the codebook is another file's, in one line."""
    if len(names) > _MOST_ABSENT:
        found = f"{len(names):,} columns are not in the file: {listed(names, quote=True)}"
        fix = f"Is it this file's codebook? The file has {listed(table.names, quote=True)}."
        return [Problem(where=table.where, found=found, rule=f"{book} describes them", fix=fix)]
    return [
        Problem(
            where=table.where,
            column=name,
            found="the file has no such column",
            rule=f"{book} describes it",
            fix=f"Correct the name in the codebook or remove its row.{meant(name, table.names)}",
        )
        for name in names
    ]


def headings(table: Table) -> list[Problem]:
    """Columns that hold cells but have no name, which therefore nobody can ask for."""
    unnamed = [
        i + 1
        for i, (name, column) in enumerate(zip(table.names, table.columns, strict=True))
        if not name.strip() and any(column.texts[code].strip() for code in np.unique(column.codes))
    ]
    if not unnamed:
        return []
    which = f"column{'s' if len(unnamed) > 1 else ''} {listed(map(str, unnamed))}"
    found = f"{counted(len(unnamed), 'column')} with cells but no name in the header ({which})"
    fix = "They are not read. The first row must name every column, and no other row may."
    return [Problem(where=table.where, found=found, fix=fix, blocks=False)]


def _declared_missing(
    codebook: Mapping[str, Variable], columns: Mapping[str, Column], table: Table
) -> list[Problem]:
    """A note on what the file itself calls missing and the codebook reads as answers."""
    left = {}
    for name, column in columns.items():
        declared = set(table.missing.get(codebook[name].heading, ())) - set(codebook[name].missing)
        if not declared:
            continue
        counts = zip(column.texts, column.counts, strict=True)
        standing = {text for text, count in counts if count}
        codes = [
            code for code in table.missing[codebook[name].heading] if code in declared & standing
        ]
        if codes:
            left[name] = codes
    if not left:
        return []
    shown = listed((f"{name} ({', '.join(codes[:6])})" for name, codes in left.items()), most=8)
    found = f"the file itself declares missing codes in {counted(len(left), 'column')}: {shown}"
    fix = "The codebook decides: list them in its column missing, or they are read as answers."
    return [Problem(where=table.where, found=found, fix=fix, blocks=False)]


def _twice(name: str, times: int, where: str) -> Problem:
    fix = "Rename all but one in the file."
    return Problem(where=where, column=name, found=f"{times} columns have this name", fix=fix)


def rows_together(
    codebook: Mapping[str, Variable],
    answers: Mapping[str, pd.Series],
    columns: Mapping[str, Column],
    table: Table,
) -> tuple[list[Problem], list[str]]:
    """What only shows when rows are compared: ids, copies, weights, constant columns.

    Returns the problems, and sentences on what was found and kept.
    """
    by_role = {role: item.variable for item in codebook.values() for role in item.roles}
    problems = _ids(by_role, answers, table)
    kept = []
    if "id" not in by_role and (repeated := np.flatnonzero(copies(table))).size:
        problems.append(_copies(repeated, table))
        kept = [f"Kept: {counted(len(repeated), 'row')} equal to an earlier row in every column."]
    if by_role.get("weight") in answers:
        weights = answers[by_role["weight"]]
        problems += _weights(by_role["weight"], weights, table)
        if idle := int((~(weights > 0)).sum()):
            row = f"{counted(idle, 'row')} without a weight above 0"
            kept.append(f"Kept: {row}, counting nothing wherever answers are weighted.")
    problems += _constant(codebook, answers, table.where)
    return problems + _suspects(codebook, columns, table), kept


def _ids(
    by_role: Mapping[str, str], answers: Mapping[str, pd.Series], table: Table
) -> list[Problem]:
    name = by_role.get("id")
    if name not in answers:
        return []
    ids = answers[name]
    problems = []
    again = (ids.duplicated(keep=False) & ids.notna()).to_numpy()
    if again.any():
        places = np.flatnonzero(again)
        distinct = int(ids[places].nunique())
        fix = "Remove the copies, or give the column the role person if people answer repeatedly."
        found = f"{distinct:,} id{'s' if distinct > 1 else ''} used more than once "
        found += in_rows(table.rows[places], len(ids))
        rule = "every row has its own"
        problems.append(Problem(where=table.where, column=name, found=found, rule=rule, fix=fix))
    blank = np.flatnonzero(ids.isna())
    if len(blank):
        found = f"no id {in_rows(table.rows[blank], len(ids))}"
        problems.append(Problem(where=table.where, column=name, found=found, blocks=False))
    return problems


def copies(table: Table) -> np.ndarray:
    """Flags of the rows that repeat an earlier row in every column of the file."""
    rng = np.random.default_rng(20260101)  # any odd multipliers hash the rows
    mixed = np.zeros(len(table.rows), np.uint64)
    for column in table.columns:
        keys = rng.integers(1, 2**63, len(column.texts), dtype=np.uint64)
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + keys[column.codes]
    return pd.Series(mixed).duplicated().to_numpy()


def _copies(places: np.ndarray, table: Table) -> Problem:
    found = f"the same answers as in an earlier row {in_rows(table.rows[places], len(table.rows))}"
    fix = "They are kept. Remove them if they are copies; an id column would settle it."
    return Problem(where=table.where, found=found, fix=fix, blocks=False)


def _weights(name: str, weights: pd.Series, table: Table) -> list[Problem]:
    problems = []
    negative = np.flatnonzero(weights < 0)
    if len(negative):
        found = f"negative weights {in_rows(table.rows[negative], len(weights))}"
        rule, fix = "a weight is 0 or more", "Correct the cells, or clear the role weight."
        problems.append(Problem(where=table.where, column=name, found=found, rule=rule, fix=fix))
    elif not (weights > 0).any():
        found, fix = "no weight is above 0", "Clear the role weight, or correct the column."
        problems.append(Problem(where=table.where, column=name, found=found, fix=fix))
    absent = np.flatnonzero(weights.isna())
    if len(absent):
        found = f"no weight {in_rows(table.rows[absent], len(weights))}"
        fix = "Such respondents count 0 wherever answers are weighted."
        problems.append(Problem(where=table.where, column=name, found=found, fix=fix, blocks=False))
    return problems


def _constant(
    codebook: Mapping[str, Variable], answers: Mapping[str, pd.Series], where: str
) -> list[Problem]:
    """Columns that cannot tell respondents apart; a note, since a study may not need them."""
    notes = []
    for name, values in answers.items():
        if codebook[name].type in ("text", "id") or len(values) < 2:
            continue
        known = _known(values)
        shared = ""
        if not len(known):
            found = shared = "nobody has an answer"
        elif (known == known[0]).all():
            only = quoted(as_text(values.dropna().iloc[0]))
            found = f"all {len(known):,} answers are {only}"
            found = found if len(known) > 1 else f"there is one answer, {only}"
            shared = f"all answers are {only}"
        else:
            continue
        notes.append(Problem(where=where, column=name, found=found, blocks=False, shared=shared))
    return notes


def _known(values: pd.Series) -> np.ndarray:
    """The answers that were given, as numbers that can be compared."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy()
        return codes[codes >= 0]
    answers = values.to_numpy()
    return answers[~np.isnan(answers) if answers.dtype.kind == "f" else ~np.isnat(answers)]


def _suspects(
    codebook: Mapping[str, Variable], columns: Mapping[str, Column], table: Table
) -> list[Problem]:
    """Quantities without a range that hold a usual code for no answer, far from the others."""
    return [
        Problem(
            where=table.where,
            column=name,
            found=f"{code} is far from all else {in_rows(table.rows[places], len(table.rows))}",
            fix="If it means no answer, add it to missing in the codebook.",
            blocks=False,
            shared=f"{code} is far from all else",
            cells=len(places),
        )
        for name, column in columns.items()
        if codebook[name].type == "number" and codebook[name].low is None is codebook[name].high
        for code, places in _far_codes(column, codebook[name].missing)
    ]


def _far_codes(column: Column, declared: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Usual codes for no answer that stand beyond twice the largest, or below 0 alone."""
    present = set(_USUAL_CODES).intersection(column.texts).difference(declared)
    if not present:  # as in most columns, however many numbers they hold
        return
    numbers = [
        value
        for text, n in zip(column.texts, column.counts, strict=True)
        if n and text not in _USUAL_CODES and (value := numeric_key(text)) is not None
    ]
    for code in sorted(present, key=_USUAL_CODES.index):
        at = column.where(np.array([text == code for text in column.texts]))
        value = float(code)
        if numbers and len(at) and (value < 0 <= min(numbers) or value > 2 * max(numbers)):
            yield code, at
