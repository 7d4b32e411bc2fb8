"""Downloads: the tables of a report as CSV and as one workbook, safe to open in a spreadsheet."""

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import xlsxwriter

from crmresearch.report.estimates import FIELDS, Estimate, as_records
from crmresearch.report.numbers import UNITS
from crmresearch.report.suppression import is_hidden
from crmresearch.report.tables import Table, clean

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n")
CELL_CHARACTERS = 32_000  # a spreadsheet cell holds 32,767
CREATED = datetime(2000, 1, 1)  # one date for every workbook, so that equal reports are equal bytes


def estimates_csv(estimates: Iterable[Estimate]) -> str:
    """One row an estimate, at full precision; what is missing or not shown is blank."""
    records = [
        record | dict.fromkeys(("n", "n_dropped")) if is_hidden(estimate) else record
        for estimate in estimates
        for record in as_records([estimate])
    ]
    return _csv(FIELDS, ([record[field] for field in FIELDS] for record in records))


def table_csv(table: Table) -> str:
    """The table's raw values under its columns' names."""
    return _csv(_headings(table), table.rows)


def workbook(sheets: Mapping[str, tuple[str, Table]]) -> bytes:
    """One sheet a table, named by its key and headed by its title, numbers as numbers."""
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": CREATED})
        styles = _Styles(book)
        names = _sheet_names(sheets)
        for (title, table), name in zip(sheets.values(), names, strict=True):
            _write_sheet(book.add_worksheet(name), title, table, styles)
        if not sheets:
            book.add_worksheet("No tables")
    return buffer.getvalue()


def plain_text(value: str) -> str:
    """Text that a spreadsheet takes for text, whatever it starts with."""
    lines = value[: 2 * CELL_CHARACTERS]
    if not lines.isprintable():
        lines = re.sub(r"\r\n?", "\n", lines)
        lines = "".join(c for c in lines if c.isprintable() or c in "\t\n")
    kept = lines[:CELL_CHARACTERS]
    return f"'{kept}" if kept.startswith(FORMULA_STARTS) else kept


def _csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([plain_text(column) for column in columns])
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    return buffer.getvalue()


def _csv_cell(value: object) -> object:
    if isinstance(value, str):
        return plain_text(value)
    return "" if _missing(value) else value


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _headings(table: Table) -> list[str]:
    return [column or "Quantity" for column in table.columns]


class _Styles:
    """The cell formats of a workbook, one a unit."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 13})
        self.heading = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        self._numbers = {
            unit: book.add_format({"num_format": _number_format(unit)}) for unit in UNITS
        }

    def number(self, unit: str) -> object | None:
        return self._numbers.get(unit)


def _number_format(unit: str) -> str:
    kind = UNITS[unit]
    digits = f"#,##0.{'0' * kind.decimals}" if kind.decimals else "#,##0"
    if kind.factor == 100.0:
        return f"{digits}%"
    return "0.000" if unit == "p" else digits


def _write_sheet(sheet: object, title: str, table: Table, styles: _Styles) -> None:
    sheet.write_string(0, 0, clean(title)[:CELL_CHARACTERS], styles.title)
    for column, name in enumerate(_headings(table)):
        sheet.write_string(2, column, clean(name)[:CELL_CHARACTERS], styles.heading)
        sheet.set_column(column, column, 34 if column == 0 else 16)
    for position, row in enumerate(table.rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(position + 3, column, clean(value)[:CELL_CHARACTERS])
            elif isinstance(value, bool):
                sheet.write_string(position + 3, column, "yes" if value else "no")
            elif not _missing(value):
                unit = table.unit(position, table.columns[column])
                sheet.write_number(position + 3, column, value, styles.number(unit))
    sheet.freeze_panes(3, 1)


def _sheet_names(keys: Iterable[str]) -> list[str]:
    """The keys as sheet names: at most 31 characters, none forbidden, none twice."""
    names: list[str] = []
    for key in keys:
        base = re.sub(r"[^\w .-]", "-", key).strip("' ")[:31] or "table"
        name, number = base, 2
        while name.lower() in {other.lower() for other in names}:
            suffix = f"-{number}"
            name, number = base[: 31 - len(suffix)] + suffix, number + 1
        names.append(name)
    return names
