"""Downloads: full numbers, harmless texts, the same bytes every time."""

import csv
import io
import math

import openpyxl
import pandas as pd
import pytest

from crmresearch.report.downloads import estimates_csv, plain_text, table_csv, workbook
from crmresearch.report.suppression import suppress
from crmresearch.report.tables import from_estimates, from_frame

from .examples import estimate

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x.invalid","y")']


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def test_estimates_keep_every_digit():
    third = estimate(value=1 / 3, low=-1e-17, high=2 / 3)
    [header, row] = rows(estimates_csv([third]))
    assert [float(row[header.index(name)]) for name in ("value", "low", "high")] == [
        third.value,
        third.low,
        third.high,
    ]
    assert row[header.index("p")] == ""


def test_hidden_groups_are_blank():
    items, _ = suppress([estimate(n=3, group="brand: A"), estimate(n=30, group="brand: B")], 10)
    for table in (rows(estimates_csv(items)), rows(table_csv(from_estimates(items)))):
        for row in table[1:]:
            numbers = [name for name in table[0] if name in {"value", "n", "n_dropped", "Estimate"}]
            assert [row[table[0].index(name)] for name in numbers] == [""] * len(numbers)
    book = openpyxl.load_workbook(io.BytesIO(workbook({"a": ("t", from_estimates(items))})))
    sheet = book["a"]
    assert [sheet.cell(4, column).value for column in range(2, 7)] == [None] * 5


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_looks_like_a_formula_is_text(text):
    frame = pd.DataFrame({text: [text], "number": [-1.5]})
    [header, row] = rows(table_csv(from_frame(frame)))
    assert header[0].startswith("'")
    assert row[0].startswith("'")
    assert row[1] == "-1.5"
    book = openpyxl.load_workbook(io.BytesIO(workbook({"f": (text, from_frame(frame))})))
    cells = [cell for line in book["f"].iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert all(cell.hyperlink is None for cell in cells)


def test_ordinary_text_stays_as_it_is():
    assert plain_text("Jørgen, 'the' \"best\"\nnext") == "Jørgen, 'the' \"best\"\nnext"
    assert plain_text("nul\x00") == "nul"
    assert len(plain_text("x" * 100_000)) == 32_000


def test_a_workbook_has_a_sheet_a_table_with_numbers_as_numbers():
    frame = pd.DataFrame({"Group": ["A"], "Share": [0.25], "Late": [True], "Gone": [math.nan]})
    tables = {
        "a" * 40: ("One", from_frame(frame, {"Share": "share"})),
        "a" * 39: ("Two", from_frame(frame)),
        "x/y:z": ("Three", from_frame(pd.DataFrame())),
    }
    book = openpyxl.load_workbook(io.BytesIO(workbook(tables)))
    assert book.sheetnames == ["a" * 31, "a" * 29 + "-2", "x-y-z"]
    sheet = book.worksheets[0]
    assert sheet["A1"].value == "One"
    assert [cell.value for cell in sheet[4]] == ["A", 0.25, "yes", None]
    assert sheet["B4"].number_format == "#,##0.0%"


def test_without_tables_there_is_still_a_workbook():
    assert openpyxl.load_workbook(io.BytesIO(workbook({}))).sheetnames == ["No tables"]


def test_equal_tables_are_equal_bytes():
    table = {"a": ("One", from_estimates([estimate()]))}
    assert workbook(table) == workbook(table)
