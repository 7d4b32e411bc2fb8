"""`Problem`: one thing wrong with a dataset, worded once for every place that shows it."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crmresearch.errors import DataError

SHOWN_VALUES = 5
SHOWN_ROWS = 5
SHOWN_ALIKE = 3  # columns with the same fault that are told one by one
SHOWN_COLUMNS = 50
SHOWN_PROBLEMS = 30  # what `load` lists before it points to `crmresearch check`


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Where, what was found, the rule and the fix.

    Parameters
    ----------
    where : the file, and the line of a codebook where it is one.
    found : what stands there, with counts and rows; completes "… , column 'q3': ".
    rule : what should stand there; follows "but".
    fix : one or two sentences that say what to do.
    column : the column or variable, empty for the whole file.
    blocks : False for a note: worth knowing, but the data are read.
    shared : what was found without its column and rows, so that many columns with the same fault
        can be told as one; empty where each stands for itself.
    cells : in how many cells.
    """

    where: str
    found: str
    rule: str = ""
    fix: str = ""
    column: str = ""
    blocks: bool = True
    shared: str = ""
    cells: int = 0

    def __str__(self) -> str:
        column = f", column {quoted(self.column)}" if self.column else ""
        rule = f" but {self.rule}" if self.rule else ""
        fix = f" {self.fix}" if self.fix else ""
        return f"{self.where}{column}: {self.found}{rule}.{fix}"


def quoted(value: str, *, length: int = 40) -> str:
    """`value` in quotation marks, shortened, with nothing in it that could upset a terminal."""
    text = value if len(value) <= length else f"{value[: length - 1]}…"
    safe = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
    return f"'{safe}'"


def counted(count: int, word: str) -> str:
    """``1 row``, ``2,831 rows``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def listed(names: Iterable[str], *, most: int = 10, quote: bool = False) -> str:
    """``a, b, c and 4 more``."""
    names = [quoted(name) if quote else name for name in names]
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def meant(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'level'?`` with a leading blank, or nothing."""
    known = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), known, n=1)
    return f" Did you mean {quoted(known[close[0]])}?" if close else ""


def in_rows(rows: np.ndarray, total: int) -> str:
    """``in 2 of 400 rows (rows 18, 205)``; rows are counted as a spreadsheet does."""
    shown = ", ".join(str(row) for row in rows[:SHOWN_ROWS])
    more = ", …" if len(rows) > SHOWN_ROWS else ""
    word = "row" if len(rows) == 1 else "rows"
    return f"in {len(rows):,} of {total:,} rows ({word} {shown}{more})"


def values_in_rows(
    values: Sequence[str], counts: Sequence[int], rows: np.ndarray, total: int
) -> str:
    """``found '8' (12 times), '9' in 13 of 400 rows (rows 3, 9, …)``, most frequent first."""
    order = sorted(range(len(values)), key=lambda i: -counts[i])[:SHOWN_VALUES]
    times = [
        quoted(values[i]) + (f" ({counts[i]:,} times)" if counts[i] > 1 < len(values) else "")
        for i in order
    ]
    return f"found {', '.join(times)}{_others(len(values))} {in_rows(rows, total)}"


def values_shared(values: Sequence[str]) -> str:
    """``found '8', '9'``: the same for every column that holds the same values."""
    ordered = sorted(values)
    return f"found {', '.join(map(quoted, ordered[:SHOWN_VALUES]))}{_others(len(ordered))}"


def _others(number: int) -> str:
    rest = number - SHOWN_VALUES
    return f" and {rest:,} other value{'s' if rest > 1 else ''}" if rest > 0 else ""


def alike(problems: Iterable[Problem]) -> list[Problem]:
    """`problems` with those told as one that more than a few columns share."""
    groups: dict[object, list[Problem]] = {}
    for place, problem in enumerate(problems):
        same = (problem.where, problem.shared, problem.rule, problem.fix, problem.blocks)
        groups.setdefault(same if problem.shared else place, []).append(problem)
    return [
        problem
        for group in groups.values()
        for problem in ([_as_one(group)] if len(group) > SHOWN_ALIKE else group)
    ]


def _as_one(group: list[Problem]) -> Problem:
    columns = listed((problem.column for problem in group), most=SHOWN_COLUMNS, quote=True)
    cells = sum(problem.cells for problem in group)
    total = f", in {counted(cells, 'cell')} altogether" if cells else ""
    found = f"{group[0].shared} in {len(group):,} columns{total} ({columns})"
    return replace(group[0], column="", found=found, cells=cells)


def refuse(problems: Iterable[Problem], *, advice: str = "") -> None:
    """Raise one `DataError` with every problem that blocks; do nothing where none does."""
    blocking = [problem for problem in problems if problem.blocks]
    if not blocking:
        return
    lines = [f"  {i}. {problem}" for i, problem in enumerate(blocking[:SHOWN_PROBLEMS], start=1)]
    rest = len(blocking) - SHOWN_PROBLEMS
    if rest > 0:
        lines.append(f"  … and {rest} more. {advice}".rstrip())
    raise DataError("\n".join([f"{len(blocking)} data problem(s):", *lines]))
