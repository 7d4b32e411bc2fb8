"""Tables: from estimates or a frame to accessible HTML, Markdown and plain cells.

Every text that comes from a survey passes through `escape` here; nothing else writes table HTML.
"""

import html
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase

import numpy as np
import pandas as pd

from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import MINUS, MISSING, UNITS, format_level, format_number
from crmresearch.report.suppression import is_hidden

METHOD = "Method"
LETTERS = [*ascii_lowercase, *(f"a{letter}" for letter in ascii_lowercase)]
CELL_LIMIT = 200  # characters of one text cell that a table shows


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of raw values under labelled columns; `units` has a unit for each numeric column.

    `row_units` (one unit a row) overrides the column's unit "by row", for estimate tables that mix
    units. The first column labels its row.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple, ...]
    units: Mapping[str, str] = field(default_factory=dict)
    row_units: tuple[str, ...] = ()

    def cells(self) -> list[list[str]]:
        """Every cell as the text a reader sees."""
        return [
            [
                self._cell(row_number, column, value)
                for column, value in zip(self.columns, row, strict=True)
            ]
            for row_number, row in enumerate(self.rows)
        ]

    def unit(self, row_number: int, column: str) -> str:
        """The unit of one cell; empty where none was given."""
        unit = self.units.get(column, "")
        return self.row_units[row_number] if unit == "by row" else unit

    def _cell(self, row_number: int, column: str, value: object) -> str:
        if isinstance(value, str):
            return shorten(value)
        if _is_missing(value):
            return MISSING
        unit = self.unit(row_number, column)
        if unit:
            return format_number(float(value), unit)
        if isinstance(value, (bool, np.bool_)):
            return "yes" if value else "no"
        if not isinstance(value, numbers.Real):
            return shorten(str(value))
        return (
            format_number(float(value), "count")
            if float(value).is_integer()
            else _plain(float(value))
        )


def from_estimates(estimates: Iterable[Estimate]) -> Table:
    """Estimate, interval, p where there is one, n and rows left out: one row an estimate."""
    items = list(estimates)
    levels = sorted({item.level for item in items if item.low == item.low})
    interval = f"{format_level(levels[0])} CI" if len(levels) == 1 else "CI"
    columns = ["", "Estimate", f"{interval}, from", "to", "p", "n", "left out", "Unit", METHOD]
    rows = [
        (
            f"{item.name}, {item.group}" if item.group else item.name,
            item.value,
            item.low,
            item.high,
            item.p,
            None if is_hidden(item) else item.n,
            None if is_hidden(item) else item.n_dropped,
            UNITS[item.unit].word or item.unit,
            item.method,
        )
        for item in items
    ]
    if all(item.p != item.p for item in items):
        columns.remove("p")
        rows = [row[:4] + row[5:] for row in rows]
    by_row = dict.fromkeys(("Estimate", f"{interval}, from", "to"), "by row")
    return Table(
        columns=tuple(columns),
        rows=tuple(rows),
        units=by_row | {"p": "p", "n": "count", "left out": "count"},
        row_units=tuple(item.unit for item in items),
    )


def from_frame(frame: pd.DataFrame, units: Mapping[str, str] | None = None) -> Table:
    """A frame whose columns already carry their reader's names; the index is not shown."""
    return Table(
        columns=tuple(str(column) for column in frame.columns),
        rows=tuple(tuple(row) for row in frame.astype(object).itertuples(index=False)),
        units=dict(units or {}),
    )


def from_record(record: Mapping) -> Table:
    """The table that ``dataclasses.asdict`` made a record of."""
    return Table(
        columns=tuple(record["columns"]),
        rows=tuple(tuple(row) for row in record["rows"]),
        units=dict(record["units"]),
        row_units=tuple(record["row_units"]),
    )


def as_html(table: Table, *, caption: str) -> str:
    """An accessible table: caption, column and row headers with scope, numbers right-aligned.

    A column in which no row has a value is left out. Methods are written out below the table, once
    each, and named by a letter in the rows.
    """
    rows, methods = _lettered(table)
    shown = [
        (position, _css(_is_numeric(table, position)))
        for position, name in enumerate(table.columns)
        if (not table.rows or any(not _is_missing(row[position]) for row in table.rows))
        and not (name == METHOD and len(methods) == 1)
    ]
    names = [(table.columns[position], css) for position, css in shown]
    head = "".join(
        f'<th scope="col"{css}>{escape(name)}</th>' if name else "<td></td>" for name, css in names
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{css}>{escape(cells[position])}</td>"
            if position
            else f'<th scope="row">{escape(cells[position])}</th>'
            for position, css in shown
        )
        + "</tr>"
        for cells in rows
    )
    below = "".join(
        f"<br>{f'{letter}: ' if letter else ''}{escape(text)}" for letter, text in methods
    )
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption>"
        + (f"<thead><tr>{head}</tr></thead>" if any(name for name, _ in names) else "")
        + f"<tbody>{body}</tbody></table></div>"
        + (f'<p class="methods">{METHOD}{below}</p>' if methods else "")
    )


def _lettered(table: Table) -> tuple[list[list[str]], list[tuple[str, str]]]:
    """The cells with a letter for the method, and what each letter stands for.

    In a column of its own a method would take more lines than the numbers that it is of. One that
    all rows share has no letter; a table of more methods than letters keeps them in its rows.
    """
    rows = table.cells()
    if METHOD not in table.columns or len(rows) < 2:
        return rows, []
    at = table.columns.index(METHOD)
    texts = list(dict.fromkeys(cells[at] for cells in rows))
    if len(texts) == 1:
        return rows, [("", texts[0])]
    if len(texts) > len(LETTERS):
        return rows, []
    letter = dict(zip(texts, LETTERS, strict=False))
    lettered = [[*cells[:at], letter[cells[at]], *cells[at + 1 :]] for cells in rows]
    return lettered, [(one, text) for text, one in letter.items()]


def as_markdown(table: Table) -> str:
    """A pipe table of the same cells, for terminals and reviewable notebook outputs."""
    lines = [list(table.columns), *table.cells()]
    rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join([rows[0], "|" + " --- |" * len(table.columns), *rows[1:]])


def escape(text: object) -> str:
    """Text made safe inside HTML elements and quoted attributes."""
    return html.escape(clean(str(text)), quote=True)


def clean(text: str) -> str:
    """One line without control and direction-changing characters, which could hide what it says."""
    line = " ".join(text.split())
    if line.isprintable():  # neither kind is: nothing to take out
        return line
    return "".join(c for c in line if c.isprintable() and c not in DIRECTION)


def shorten(text: str) -> str:
    """`clean` text cut to what a table cell can show."""
    kept = clean(text[: CELL_LIMIT * 4])
    return kept if len(kept) <= CELL_LIMIT else kept[: CELL_LIMIT - 1] + "…"


DIRECTION = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _plain(value: float) -> str:
    """A number without a unit, to four digits."""
    return f"{value:.4g}".replace("-", MINUS)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value != value


def _is_numeric(table: Table, position: int) -> bool:
    values = [row[position] for row in table.rows]
    known = [value for value in values if not _is_missing(value)]
    return bool(known) and all(isinstance(value, numbers.Real) for value in known)


def _css(right: bool) -> str:
    return ' class="number"' if right else ""
