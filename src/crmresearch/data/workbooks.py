"""Read XLSX and Parquet: typed cells, turned back into the text that stands in them."""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet

from crmresearch.data.problems import Problem, counted, in_rows, listed, meant, quoted
from crmresearch.data.tables import Column, Table, encode, unreadable

_MOST_UNPACKED = 4 << 30  # bytes; a small workbook may unpack to more than memory holds


def read_workbook(path: Path, declared: Mapping[str, str]) -> Table:
    """One sheet of an XLSX file, the declared one or the first, its header in the first row.

    A formula is read as the value that the spreadsheet last calculated; where nobody has, as in
    files that programs write, that is a problem, because the value is not in the file.
    """
    try:
        with zipfile.ZipFile(path) as package:
            if sum(part.file_size for part in package.infolist()) > _MOST_UNPACKED:
                return unreadable(path.name, "it unpacks to more than 4 GiB", "Save it as CSV.")
        cells, sheet, problem = _sheet(path, declared.get("sheet", ""), values=True)
    except Exception as error:  # openpyxl raises whatever the broken part of a package raises
        found = f"it cannot be read as a workbook: {quoted(str(error), length=120)}"
        return unreadable(path.name, found, "Save it again as XLSX, or as CSV in UTF-8.")
    if problem and problem.blocks:
        return Table(where=path.name, problems=(problem,))
    width = max(
        (i + 1 for row in cells for i, cell in enumerate(row) if cell is not None), default=1
    )
    rows = [tuple(row[:width]) + (None,) * (width - len(row)) for row in cells]
    names = ["" if name is None else encode([name]).as_last() for name in rows[0]]
    return Table(
        where=path.name,
        names=names,
        columns=[encode(column) for column in zip(*rows[1:], strict=True)]
        if len(rows) > 1
        else [encode([]) for _ in names],
        rows=np.arange(2, len(rows) + 1),
        kind="XLSX",
        settings={"sheet": sheet},
        problems=(*filter(None, [problem]), *_uncalculated(path, sheet, names)),
    )


def _sheet(path: Path, wanted: str, *, values: bool) -> tuple[list[tuple], str, Problem | None]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=values)
    try:
        titles = [sheet.title for sheet in book.worksheets]
        if wanted and wanted not in titles:
            found = f"there is no sheet {quoted(wanted)}"
            fix = f"It holds {listed(titles, quote=True)}.{meant(wanted, titles)}"
            return [], wanted, Problem(where=path.name, found=found, fix=fix)
        sheet = book[wanted] if wanted else book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong one
        cells = list(sheet.iter_rows(values_only=True))
        return cells, sheet.title, _choice(path.name, sheet.title, titles, wanted, cells)
    finally:
        book.close()


def _choice(
    where: str, sheet: str, titles: list[str], wanted: str, cells: list[tuple]
) -> Problem | None:
    """A sheet without cells, or a note on the others where nobody said which to read."""
    others = [title for title in titles if title != sheet]
    fix = "Name the one with the answers in about.toml: [file] sheet = …" if others else ""
    if not any(cell is not None for row in cells for cell in row):
        found = f"the sheet {quoted(sheet)} is empty"
        found += f"; others are {listed(others, quote=True)}" if others else ""
        return Problem(where=where, found=found, fix=fix or "Save it again with its answers.")
    if wanted or not others:
        return None
    found = f"the first sheet {quoted(sheet)} is read and not {listed(others, quote=True)}"
    return Problem(where=where, found=found, fix=fix, blocks=False)


def _uncalculated(path: Path, sheet: str, names: list[str]) -> Iterator[Problem]:
    """Formulas without a calculated value, or with one that no spreadsheet has checked."""
    with zipfile.ZipFile(path) as package:
        formulas = any(
            b"<f>" in package.read(part) or b"<f " in package.read(part)
            for part in package.namelist()
            if part.startswith("xl/worksheets/") and part.endswith(".xml")
        )
        if not formulas:
            return
        application = (
            package.read("docProps/app.xml") if "docProps/app.xml" in package.namelist() else b""
        )
    written, _, _ = _sheet(path, sheet, values=False)
    known, _, _ = _sheet(path, sheet, values=True)
    program = b"openpyxl" in application or b"<AppVersion>12.0000" in application
    never, zero = {}, {}  # column to rows whose formula has no value, or the value 0
    other = False
    for row, (formula_cells, value_cells) in enumerate(zip(written, known, strict=True), start=1):
        for column, cell in enumerate(formula_cells):
            formula = isinstance(cell, str) and cell.startswith("=")
            if formula or type(cell).__name__ in ("ArrayFormula", "DataTableFormula"):
                value = value_cells[column]
                other = other or value not in (None, 0)
                if value in (None, 0):
                    (zero if value == 0 else never).setdefault(column, []).append(row)
    if program and not other:  # some programs write 0 for every formula
        for column, rows in zero.items():
            never[column] = sorted(never.get(column, []) + rows)
    for column, rows in never.items():
        yield Problem(
            where=path.name,
            column=names[column] if column < len(names) else "",
            found=f"a formula {in_rows(np.array(rows), len(written) - 1)}",
            rule="nobody has calculated it, so its value is not in the file",
            fix="Open the file in a spreadsheet and save it, or paste the values.",
        )


def read_parquet(path: Path, declared: Mapping[str, str]) -> Table:
    """A Parquet file: every column by its values, categories by their labels."""
    try:
        table = pa.parquet.read_table(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        found = f"it cannot be read as Parquet: {type(error).__name__}"
        return unreadable(path.name, found, "Write it again, as Parquet or as CSV in UTF-8.")
    names = [name for name in table.column_names if not name.startswith("__index_level_")]
    left = len(table.column_names) - len(names)
    nested = [name for name in names if pa.types.is_nested(table.schema.field(name).type)]
    problems = [
        Problem(
            where=path.name,
            column=name,
            found=f"cells of type {table.schema.field(name).type}",
            rule="a column must hold one answer a cell",
            fix="Write one column for each part.",
        )
        for name in nested
    ]
    names = [name for name in names if name not in nested]
    return Table(
        where=path.name,
        names=names,
        columns=[_arrow_column(table.column(name)) for name in names],
        rows=np.arange(1, table.num_rows + 1),
        changes=(f"{counted(left, 'unnamed index column')} not read.",) if left else (),
        kind="Parquet",
        problems=tuple(problems),
    )


def _arrow_column(chunks: pa.ChunkedArray) -> Column:
    if pa.types.is_dictionary(chunks.type):
        chunks = chunks.cast(chunks.type.value_type)
    if pa.types.is_binary(chunks.type) or pa.types.is_large_binary(chunks.type):
        return encode(str(cell) for cell in chunks.to_pylist())
    encoded = chunks.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    distinct = encode([*encoded.dictionary.to_pylist(), None])
    codes = encoded.indices.fill_null(len(distinct.codes) - 1).to_numpy(zero_copy_only=False)
    return Column(distinct.codes[codes], distinct.texts)
