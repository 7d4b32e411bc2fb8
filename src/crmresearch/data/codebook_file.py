"""Read and write ``codebook.csv``, finding every mistake in it at once."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from crmresearch.data.codebook import COLUMNS, MAY_HAVE, TYPES, Variable
from crmresearch.data.kano_pairs import kano_faults
from crmresearch.data.numerals import NUMBER
from crmresearch.data.problems import Problem, listed, meant, quoted
from crmresearch.data.rules import faults
from crmresearch.data.tables import as_text
from crmresearch.errors import DataError

_REQUIRED = ("variable", "type")
_REVERSED = {
    **dict.fromkeys(("yes", "true", "1", "x"), True),
    **dict.fromkeys(("", "no", "false", "0"), False),
}
_MOST_BYTES = 20_000_000


def read_codebook(path: Path) -> tuple[dict[str, Variable], list[Problem]]:
    """Variables by name, and what is wrong with them; a row that cannot be read is left out."""
    try:
        rows = _rows(path)
    except (OSError, UnicodeDecodeError, csv.Error, DataError) as error:
        found = f"it cannot be read: {error}".replace(str(path), path.name)
        if isinstance(error, UnicodeDecodeError):
            line = error.object.count(b"\n", 0, error.start) + 1
            found = f"line {line} is not UTF-8"
        fix = 'Save it as CSV in UTF-8; a spreadsheet calls that "CSV UTF-8".'
        return {}, [Problem(where=path.name, found=found, fix=fix)]
    problems = _header_faults(rows[0][1] if rows else [], path.name)
    if problems and any(problem.blocks for problem in problems):
        return {}, problems
    header = [name.strip().casefold() for name in rows[0][1]]
    variables: dict[str, Variable] = {}
    for line, cells in rows[1:]:
        where = f"{path.name} line {line}"
        if len(cells) > len(header) and any(cells[len(header) :]):
            found = f"{len(cells)} cells stand in it"
            rule = f"the header has {len(header)}"
            fix = "Put a cell that holds the delimiter in quotation marks."
            problems.append(Problem(where=where, found=found, rule=rule, fix=fix))
            continue
        cells = dict(zip(header, cells, strict=False))
        variable, wrong = _variable(cells, where)
        problems += wrong
        if variable and variable.variable in variables:
            found = f"{quoted(variable.variable)} is described a second time"
            problems.append(Problem(where=where, found=found, fix="Keep one of the rows."))
        elif variable:
            variables[variable.variable] = variable
    if not variables and not problems:
        problems.append(Problem(where=path.name, found="it describes no variable"))
    problems += faults(variables.values(), path.name)
    return variables, problems + kano_faults(variables.values(), path.name)


def write_codebook(variables: Iterable[Variable]) -> str:
    """The text of a ``codebook.csv``; a guessed role carries its question mark."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in variables:
        roles = [f"{role}?" if item.guess else role for role in item.roles]
        values = (
            f"{_escape(code)}={'|'.join(map(_escape, labels))}" if labels else _escape(code)
            for code, labels in item.values.items()
        )
        writer.writerow(
            _inert(cell)
            for cell in (
                item.variable, item.label, item.type, ";".join(roles), item.construct,
                "" if item.low is None else as_text(item.low),
                "" if item.high is None else as_text(item.high),
                "yes" if item.reverse else "",
                "; ".join(map(_escape, item.missing)), "; ".join(values), item.note,
            )
        )  # fmt: skip
    return out.getvalue()


def parse_values(cell: str) -> dict[str, tuple[str, ...]]:
    """``1=Poor; 2=Fair|So so`` as code to labels; raises `DataError` where it does not parse."""
    values: dict[str, tuple[str, ...]] = {}
    owner: dict[str, str] = {}
    for part in _split(cell, ";"):
        if not part.strip():
            continue
        code, *labels = _split(part, "=", once=True)
        code = fold(_unescape(code))
        if labels and len(_split(labels[0], "=")) > 1:
            raise DataError(
                f"{quoted(part.strip())} has a second '='; between two answers stands ';', and a "
                "'=' that belongs to an answer is written \\="
            )
        names = tuple(dict.fromkeys(fold(_unescape(name)) for name in _split("".join(labels), "|")))
        names = tuple(name for name in names if name)
        if not code:
            raise DataError(
                f"{quoted(part.strip())} has no code before its '='; a '=' that belongs to an "
                "answer is written \\="
            )
        if code in values:
            raise DataError(f"the code {quoted(code)} stands twice")
        for name in names:
            if owner.setdefault(name, code) != code:
                raise DataError(
                    f"the label {quoted(name)} stands for {quoted(owner[name])} and {quoted(code)}"
                )
        values[code] = names
    return values


def fold(text: str) -> str:
    """`text` without white space at its ends and with single blanks inside."""
    return " ".join(text.split())


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    if path.stat().st_size > _MOST_BYTES:
        raise DataError("it is larger than 20 MB")
    raw = path.read_bytes()
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    first = text.split("\n", 1)[0]
    if first.strip('" \r').casefold().startswith("sep="):  # a spreadsheet's own first line
        text = text[len(first) :]
        first = text.split("\n", 2)[1]
    delimiter = max(",;\t", key=first.count)  # a spreadsheet may write its country's own
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]


def _header_faults(header: list[str], where: str) -> list[Problem]:
    names = [name.strip().casefold() for name in header]
    where = f"{where} line 1"
    problems = []
    known = (*COLUMNS, *MAY_HAVE)
    for name in dict.fromkeys(names):
        if name and name not in known:
            found, rule = f"found the column {quoted(name)}", "a codebook has no such column"
            fix = f"It may have {listed(known, most=20)}.{meant(name, known)}"
            problems.append(Problem(where=where, found=found, rule=rule, fix=fix))
    for name in known:
        if names.count(name) > 1:
            found = f"the column {quoted(name)} stands twice"
            problems.append(Problem(where=where, found=found, fix="Remove one."))
    for name in _REQUIRED:
        if name not in names:
            found = f"the column {quoted(name)} is missing"
            fix = f"The first line must name the columns: {','.join(COLUMNS)}."
            problems.append(Problem(where=where, found=found, fix=fix))
    return problems


def _variable(cells: Mapping[str, str], where: str) -> tuple[Variable | None, list[Problem]]:
    name = cells.get("variable", "").strip()
    if not name:
        found, fix = "no variable is named", "Write the column's name in its first cell."
        return None, [Problem(where=where, found=found, fix=fix)]
    kind, unknown = _type(cells.get("type", ""))
    low, no_low = _bound("low", cells.get("low", ""))
    high, no_high = _bound("high", cells.get("high", ""))
    flag = cells.get("reverse", "").strip().casefold()
    unflagged = (f"reverse is {quoted(flag)}", "it must be yes or empty", "Correct it.")
    values, unlisted = _values(cells.get("values", ""))
    kind = "ignore" if unlisted else kind
    wrong = [unknown, no_low, no_high, None if flag in _REVERSED else unflagged, unlisted]
    problems = [
        Problem(where=where, column=name, found=found, rule=rule, fix=fix)
        for found, rule, fix in filter(None, wrong)
    ]
    broken = kind == "ignore" and bool(problems)  # not judged by its role and range as well
    roles = [role for role in re.split(r"[;\s,]+", cells.get("role", "").casefold()) if role]
    variable = Variable(
        variable=name,
        label=fold(cells.get("label", "")),
        type=kind,
        roles=() if broken else _distinct(role.rstrip("?") for role in roles),
        construct=fold(cells.get("construct", "")),
        low=None if broken else low,
        high=None if broken else high,
        reverse=_REVERSED.get(flag, False) and not broken,
        missing=_distinct(fold(_unescape(code)) for code in _split(cells.get("missing", ""), ";")),
        values=values,
        guess=any(role.endswith("?") for role in roles),
        note=cells.get("note", ""),
        column=cells.get("column", "").strip(),
    )
    return variable, problems


_Fault = tuple[str, str, str] | None  # found, rule, fix


def _type(cell: str) -> tuple[str, _Fault]:
    kind = cell.strip().casefold()
    if kind in TYPES:
        return kind, None
    fix = f"Choose one of {', '.join(TYPES)}.{meant(kind, TYPES)}"
    return "ignore", (f"its type is {quoted(kind)}", "there is no such type", fix)


def _values(cell: str) -> tuple[dict[str, tuple[str, ...]], _Fault]:
    try:
        return parse_values(cell), None
    except DataError as error:
        fix = "Write them as 1=Poor; 2=Fair|So so."
        return {}, (f"its values do not parse: {error}", "", fix)


def _bound(end: str, cell: str) -> tuple[float | None, _Fault]:
    text = cell.strip().replace(",", ".")
    if not text or NUMBER.fullmatch(text):
        return (float(text) if text else None), None
    return None, (f"{end} is {quoted(cell)}", "it must be a number", "Correct it.")


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


_SIGNS = r"[;|=\\]"  # that are written with a backslash where they belong to a code or label


def _split(text: str, sign: str, *, once: bool = False) -> list[str]:
    """`text` at each `sign` before which no backslash stands."""
    parts, start = [], 0
    for match in re.finditer(rf"\\{_SIGNS}|{re.escape(sign)}", text):
        if match[0] == sign and not (once and parts):
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def _escape(text: str) -> str:
    return re.sub(rf"({_SIGNS})", r"\\\1", text)


def _unescape(text: str) -> str:
    return re.sub(rf"\\({_SIGNS})", r"\1", text)


def _inert(cell: str) -> str:
    """`cell` with a blank before what a spreadsheet would calculate; reading removes it."""
    return f" {cell}" if cell[:1] in tuple("=+-@") and not NUMBER.fullmatch(cell) else cell
