"""Printed statistics that a user types in from a paper, read and checked for consistency."""

import math
from collections.abc import Iterator

import pandas as pd

from crmresearch.data.locate import named_path
from crmresearch.data.problems import Problem, quoted, refuse
from crmresearch.data.side_tables import column_faults, read_side_table
from crmresearch.data.tables import Table
from crmresearch.methods.consistency import CLASHES, FITS, OPEN, Check, Statistics, checks
from crmresearch.methods.printed import Printed, printed

PRINTED = {  # column: what is printed there
    "mean": "the mean of the group",
    "sd": "its standard deviation",
    "se": "a standard error",
    "mean2": "the mean of the second group",
    "sd2": "its standard deviation",
    "estimate": "a difference, coefficient or other estimate",
    "low": "the lower end of the interval",
    "high": "the upper end of the interval",
    "t": "t of the estimate, or of the two groups",
    "df": "degrees of freedom of t, or between groups of F",
    "p": "the two-sided p value, such as .03 or < .001",
    "f": "F",
    "df2": "degrees of freedom of F within groups",
    "d": "a standardised difference",
    "percent": "a percentage of the n people",
}
WHOLE = {
    "n": "people in the group",
    "n2": "people in the second group",
    "items": "items answered in whole numbers that the mean averages over",
    "decimals": "how many decimals were printed, where a spreadsheet dropped the last zeros",
}
NUMBERS = {
    "level": "confidence level of the interval, 0.95 unless given",
    "scale_min": "the lowest answer",
    "scale_max": "the highest answer",
}
COLUMNS = {"label": "what the statistics are of", **WHOLE, **PRINTED, **NUMBERS}
SHOWN = ("Statistic", "Check", "Printed", "Recomputed, from", "to", "Verdict", "Why")
MOST = 500  # rows
HIGHEST = 1_000_000_000  # people


def read(reported: str) -> list[Statistics]:
    """The rows of a CSV file of printed statistics; none for an empty name.

    The columns are those of `COLUMNS`, any of them but the label left out; a cell holds what is
    printed, digit by digit. ``data/README.md`` describes them.

    Raises
    ------
    DataError
        With every problem of the file at once.
    RequestError
        Where there is no such file.
    """
    if not reported:
        return []
    path = named_path(reported, "file of printed statistics")
    table = read_side_table(
        path,
        fix=f"Give a CSV file of at most {MOST} rows with the column label and the statistics.",
    )
    refuse(table.problems)
    problems = list(_columns(table))
    refuse(problems)
    names = [name.strip().casefold() for name in table.names]
    cells = [column.as_list() for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
    numbered = [
        (int(number), {name: cell.strip() for name, cell in row.items() if cell.strip()})
        for number, row in zip(table.rows, rows, strict=True)
    ]
    numbered = [(number, row) for number, row in numbered if row]
    problems = [
        Problem(where=f"{path.name}, row {number}", column=column, found=found, rule=rule, fix=fix)
        for number, row in numbered
        for column, found, rule, fix in _faults(row)
    ]
    problems += _rows(path.name, numbered)
    refuse(problems)
    return [_statistics(row) for _, row in numbered]


def judged(rows: list[Statistics]) -> pd.DataFrame:
    """Every check of every row, what does not fit first; a row that allows none says so."""
    found = [
        item
        for row in rows
        for item in checks(row) or [Check(
            label=row.label,
            what="none",
            printed="–",
            verdict=OPEN,
            words="what is given does not determine any of it from the rest",
        )]
    ]  # fmt: skip
    order = {CLASHES: 0, OPEN: 1, FITS: 2}
    found.sort(key=lambda item: order[item.verdict])
    return pd.DataFrame(
        [(x.label, x.what, x.printed, x.low, x.high, x.verdict, x.words or "–") for x in found],
        columns=list(SHOWN),
    )


def _columns(table: Table) -> Iterator[Problem]:
    names = [name.strip().casefold() for name in table.names]
    yield from column_faults(
        table, COLUMNS, repeated="Keep one, or write a row of its own for each."
    )
    if "label" not in names:
        fix = "Add it: it says what the statistics of the row are of."
        yield Problem(where=table.where, found="found no column 'label'", fix=fix)


def _rows(where: str, numbered: list[tuple[int, dict[str, str]]]) -> Iterator[Problem]:
    if not numbered:
        fix = "Write one row for each quantity."
        yield Problem(where=where, found="found no row below the header", fix=fix)
    if len(numbered) > MOST:
        rule, fix = f"at most {MOST} are read", "Split the file."
        yield Problem(where=where, found=f"found {len(numbered):,} rows", rule=rule, fix=fix)
    labels = [row.get("label", "") for _, row in numbered]
    for label in dict.fromkeys(label for label in labels if labels.count(label) > 1 and label):
        found = f"found {labels.count(label)} rows with the label {quoted(label)}"
        rule, fix = "the report names a row by its label", "Tell them apart."
        yield Problem(where=where, column="label", found=found, rule=rule, fix=fix)


def _faults(row: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Column, what was found, the rule and the fix, for everything wrong in a row."""
    if "label" not in row:
        yield "label", "found nothing", "every row has a label", "Say what its statistics are of."
    for name, cell in row.items():
        if name in WHOLE and not _is_whole(name, cell):
            least = 0 if name == "decimals" else 1
            rule = f"it is a whole number from {least}, without a sign for thousands"
            yield name, f"found {quoted(cell)}", rule, "Write it as 1200."
        elif name in PRINTED and printed(cell) is None:
            rule = "a number is written with a decimal point and no sign for thousands"
            fix = "Write it as printed, such as -4.87 or < .001."
            yield name, f"found {quoted(cell)}", rule, fix
        elif name in PRINTED and cell[0] in "<>≤≥" and name != "p":
            rule = "only p may be printed as less or more than something"
            yield name, f"found {quoted(cell)}", rule, "Leave the cell empty."
        elif name in NUMBERS and _number(name, cell) is None:
            rule = "the level is a share such as 0.95" if name == "level" else "it is a number"
            yield name, f"found {quoted(cell)}", rule, "Correct it."
    yield from _against_each_other(row)


def _against_each_other(row: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    low, high = (_value(row, name) for name in ("low", "high"))
    if low > high:
        found = f"found {quoted(row['low'])} above high, {quoted(row['high'])}"
        yield "low", found, "an interval goes from low to high", "Exchange them."
    ends = [_number(name, row.get(name, "")) for name in ("scale_min", "scale_max")]
    if (ends[0] is None) != (ends[1] is None) and {"scale_min", "scale_max"} & set(row):
        yield "scale_min", "found one end of the scale", "both are needed", "Add the other."
    elif None not in ends and not ends[0] < ends[1]:
        yield "scale_min", "found no less than scale_max", "a scale rises", "Correct them."
    for name in ("sd", "sd2", "se", "df", "df2", "f"):
        if _value(row, name) < 0:
            yield name, f"found {quoted(row[name])}", "it is never below 0", "Correct it."


def _statistics(row: dict[str, str]) -> Statistics:
    decimals = int(row["decimals"]) if "decimals" in row else None
    rounded = {"mean", "sd", "se", "mean2", "sd2", "estimate", "low", "high", "percent"}
    found: dict[str, Printed | None] = {
        name: printed(row[name], decimals=decimals if name in rounded else None)
        for name in PRINTED
        if name in row
    }
    whole = {name: int(row[name]) for name in ("n", "n2", "items") if name in row}
    scale = None
    if "scale_min" in row:
        scale = (_number("scale_min", row["scale_min"]), _number("scale_max", row["scale_max"]))
    return Statistics(
        label=row["label"],
        percentage=found.pop("percent", None),
        level=_number("level", row.get("level", "0.95")),
        scale=scale,
        **whole,
        **found,
    )


def _is_whole(name: str, cell: str) -> bool:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 10):
        return False
    if name == "decimals":
        return int(cell) <= 10
    return 1 <= int(cell) <= HIGHEST


def _number(name: str, cell: str) -> float | None:
    """A plain number; a level as a share, also where it is written as 95 or 95%."""
    found = printed(cell)
    if found is None or cell[0] in "<>≤≥":
        return None
    if name != "level":
        return found.value
    share = found.value / 100 if found.value > 1 else found.value
    return share if 0.5 <= share < 1 else None


def _value(row: dict[str, str], name: str) -> float:
    found = printed(row.get(name, ""))
    return math.nan if found is None else found.value
