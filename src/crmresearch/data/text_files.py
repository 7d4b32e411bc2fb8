"""Read CSV and TSV: every cell as the text that stands in the file."""

import codecs
import csv
import io
import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.csv

from crmresearch.data.problems import Problem, counted, in_rows, quoted
from crmresearch.data.tables import Column, Table, unreadable

DELIMITERS = ",;\t|"
_SNIFFED = 1 << 16  # bytes that the delimiter is found out from
_BLOCK = 1 << 26  # bytes that one record must fit into
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEP = re.compile(rb'"?sep=(.)"?\r?\n', re.IGNORECASE)  # a spreadsheet's own first line


def read_text(raw: bytes, where: str, declared: Mapping[str, str]) -> Table:
    """The cells of a delimited text file.

    The delimiter is declared or found out; the encoding is UTF-8, what a byte order mark says,
    or declared: it is never guessed.
    """
    text, problem = _as_utf8(raw, where, declared.get("encoding", ""))
    if problem:
        return Table(where=where, problems=(problem,))
    if b"\0" in text:
        return unreadable(
            where,
            f"found {counted(text.count(0), 'NUL byte')}, "
            f"the first in line {_line(text, text.index(0))}",
            "Export the file again: it is damaged, no text file, or UTF-16, which about.toml "
            'declares as [file] encoding = "utf-16-le".',
        )
    first = 0
    sep = _SEP.match(text)
    if sep:
        text, first = text[sep.end() :], 1
    if not text.strip():
        return unreadable(where, "the file is empty", "Export it again with its header row.")
    delimiter = declared.get("delimiter") or (sep and sep[1].decode()) or sniff(text[:_SNIFFED])
    return _parse(text, where, delimiter, first)


def sniff(sample: bytes) -> str:
    """The delimiter under which most records have as many fields as the header; a comma if none."""
    lines = sample.decode("utf-8", "replace").splitlines(keepends=True)
    lines = lines[: 200 if len(lines) > 1 else 1]
    best, chosen = (0.0, 0), ","
    for delimiter in DELIMITERS:
        try:
            records = list(csv.reader(lines, delimiter=delimiter, strict=True))
        except csv.Error:
            records = _readable(lines, delimiter)
        records = [record for record in records if record]
        if not records or len(records[0]) < 2:
            continue
        width = len(records[0])
        share = sum(len(record) == width for record in records) / len(records)
        if (share, width) > best:
            best, chosen = (share, width), delimiter
    return chosen


def _readable(lines: list[str], delimiter: str) -> list[list[str]]:
    """The records before the first that breaks the rules of quoting (a sample may end in one)."""
    records: list[list[str]] = []
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for record in reader:
            records.append(record)
    except csv.Error:
        pass
    return records


def _as_utf8(raw: bytes, where: str, declared: str) -> tuple[bytes, Problem | None]:
    marked = next(((mark, name) for mark, name in _BOMS.items() if raw.startswith(mark)), None)
    encoding = marked[1] if marked else declared or "utf-8"
    try:
        if codecs.lookup(encoding).name == "utf-8":
            text = raw[len(codecs.BOM_UTF8) :] if marked else raw
            text.decode("utf-8")
            return text, None
        return raw.decode(encoding).removeprefix("\ufeff").encode(), None
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        offending = raw[start : start + 1].hex() or "??"
        found = f"byte 0x{offending} in line {_line(raw, start)} is not {encoding}"
        fix = (
            "Save the file as UTF-8, or declare its encoding in about.toml: "
            '[file] encoding = "cp1252" for a file from Windows in a western European language.'
        )
        return b"", Problem(where=where, found=found, fix=fix)


def _line(raw: bytes, position: int) -> int:
    return raw.count(b"\n", 0, position) + 1


def _parse(text: bytes, where: str, delimiter: str, first: int) -> Table:
    try:
        width = _width(text, delimiter)
        table, ragged = _records(text, delimiter, width)
    except (csv.Error, pa.ArrowException) as error:
        found = f"the file cannot be read as delimited text: {quoted(str(error), length=120)}"
        fix = "Look for a quotation mark that is opened and never closed, or a very long cell."
        return unreadable(where, found, fix)
    columns = [_column(table.column(i)) for i in range(width)]
    names = [column.texts[column.codes[0]] for column in columns]
    columns = [Column(column.codes[1:], column.texts) for column in columns]
    n = len(columns[0].codes)
    numbers = np.arange(2, n + len(ragged) + 2)
    numbers = (np.setdiff1d(numbers, list(ragged)) if ragged else numbers)[:n] + first
    problems = []
    if ragged:
        problems.append(_ragged(ragged, where, delimiter, width, n, first))
    if n and not text.rstrip(b"\r\n").endswith(b'"') and "\n" in columns[-1].as_last():
        found = f"a quotation mark that opens in row {numbers[-1]} is never closed"
        fix = "Close it, or remove it: everything after it was read as one answer."
        problems.append(Problem(where=where, found=found, fix=fix))
    return Table(
        where=where,
        names=names,
        columns=columns,
        rows=numbers,
        kind="TSV" if delimiter == "\t" else "CSV",
        settings={"delimiter": delimiter},
        problems=tuple(problems),
    )


def _width(text: bytes, delimiter: str) -> int:
    """The number of fields of the header."""
    end = _SNIFFED
    while True:
        part = text[:end].decode("utf-8", "ignore")
        reader = csv.reader(io.StringIO(part, newline=""), delimiter=delimiter)
        header = next(reader, [])
        if end >= len(text) or reader.line_num < part.count("\n"):
            return max(len(header), 1)
        end *= 8


def _records(text: bytes, delimiter: str, width: int) -> tuple[pa.Table, dict[int, int]]:
    """All records of `width` fields, the header first; and the fields of those that differ."""
    ragged: dict[int, int] = {}

    def remember(row: pa.csv.InvalidRow) -> str:
        ragged[row.number] = row.actual_columns
        return "skip"

    names = [str(i) for i in range(width)]
    kind = pa.dictionary(pa.int32(), pa.string())
    table = pa.csv.read_csv(
        pa.BufferReader(text),
        read_options=pa.csv.ReadOptions(use_threads=False, column_names=names, block_size=_BLOCK),
        parse_options=pa.csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=remember,
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, kind), strings_can_be_null=False
        ),
    )
    return table.unify_dictionaries(), ragged


def _column(chunks: pa.ChunkedArray) -> Column:
    texts = chunks.chunk(0).dictionary.to_pylist()
    codes = [chunk.indices.to_numpy(zero_copy_only=False) for chunk in chunks.chunks]
    return Column(np.concatenate(codes) if len(codes) > 1 else codes[0], texts)


def _ragged(
    ragged: dict[int, int], where: str, delimiter: str, width: int, n: int, first: int
) -> Problem:
    rows = np.array(sorted(ragged)) + first
    fields = sorted(set(ragged.values()))
    few = " or ".join(str(count) for count in fields[:4]) + (" or more" if len(fields) > 4 else "")
    fix = "Put answers that hold the delimiter in quotation marks, or declare the delimiter in "
    fix += "about.toml: [file] delimiter = …"
    if width == 1:
        fix = "The first line must name the columns: remove what stands above it."
    elif len(fields) == 1 and not n:
        fix = "Name every column in the header, also those in which nothing stands."
    return Problem(
        where=where,
        found=f"found {few} fields {in_rows(rows, n + len(ragged))}",
        rule=f"the header has {width} under the delimiter {quoted(delimiter)}",
        fix=fix,
    )
