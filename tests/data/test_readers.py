"""Every format but text: what was written is read back, and what is lost elsewhere is kept."""

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import xlsxwriter

from crmresearch.data.inspection import inspect
from crmresearch.data.readers import read

FRAME = pd.DataFrame(
    {
        "q1": [1.0, 2.5, None],
        "name": ["Ä", "x,y", ""],
        "day": pd.to_datetime(["2026-01-01", None, "2026-01-02"]),
    }
)
CELLS = {"q1": ["1", "2.5", ""], "name": ["Ä", "x,y", ""], "day": ["2026-01-01", "", "2026-01-02"]}


def cells(table):
    assert not [str(problem) for problem in table.problems if problem.blocks]
    return {name: column.as_list() for name, column in table.column.items()}


@pytest.mark.parametrize("suffix", [".xlsx", ".sav", ".zsav", ".dta", ".parquet"])
def test_a_frame_is_read_back_as_text(tmp_path, suffix):
    path = tmp_path / f"responses{suffix}"
    if suffix == ".xlsx":
        FRAME.to_excel(path, index=False, engine="openpyxl")
    elif suffix in (".sav", ".zsav"):
        pyreadstat.write_sav(FRAME, path, compress=suffix == ".zsav")
    elif suffix == ".dta":
        FRAME.to_stata(path, write_index=False, version=118)
    else:
        FRAME.to_parquet(path)
    assert cells(read(path, {})) == CELLS


def test_parquet_types_become_their_plain_text(tmp_path):
    frame = pd.DataFrame(
        {
            "flag": [True, False, None],
            "whole": pd.array([1, None, 12345678901234567], dtype="Int64"),
            "kind": pd.Categorical(["b", None, "a"]),
        }
    )
    frame.to_parquet(tmp_path / "responses.parquet")
    assert cells(read(tmp_path / "responses.parquet", {})) == {
        "flag": ["1", "0", ""],
        "whole": ["1", "", "12345678901234567"],
        "kind": ["b", "", "a"],
    }


def test_parquet_with_nested_cells_is_refused(tmp_path):
    pd.DataFrame({"q": [[1], [2]]}).to_parquet(tmp_path / "responses.parquet")
    [problem] = read(tmp_path / "responses.parquet", {}).problems
    assert "a column must hold one answer a cell" in str(problem)


def test_spss_keeps_codes_and_says_what_the_file_calls_missing(tmp_path):
    path = tmp_path / "responses.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"q1": [1.0, 99.0, 97.0, 5.0]}),
        path,
        column_labels=["Satisfied?"],
        variable_value_labels={"q1": {1.0: "Low", 5.0: "High", 99.0: "No answer"}},
        missing_ranges={"q1": [{"lo": 90, "hi": 99}]},
    )
    table = read(path, {})
    assert table.column["q1"].as_list() == ["1", "99", "97", "5"]
    assert table.labels == {"q1": "Satisfied?"}
    assert table.value_labels == {"q1": {"1": "Low", "5": "High", "99": "No answer"}}
    assert table.missing == {"q1": ("97", "99")}
    assert not table.problems


def test_stata_keeps_its_extended_missing_values(tmp_path):
    path = tmp_path / "responses.dta"
    frame = pd.DataFrame({"q1": [1.0, "a", 3.0]}, dtype=object)
    pyreadstat.write_dta(frame, path, missing_user_values={"q1": ["a"]})
    table = read(path, {})
    assert table.column["q1"].as_list() == ["1", ".a", "3"]
    assert table.missing == {"q1": (".a",)}


def workbook(path, rows, title="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    second = book.create_sheet("Answers")
    second.append(["q9"])
    second.append(["007"])
    book.save(path)
    return path


def test_the_first_sheet_or_the_declared_one(tmp_path):
    path = workbook(tmp_path / "responses.xlsx", [["q1"], [3], [None]])
    assert cells(read(path, {})) == {"q1": ["3", ""]}
    assert cells(read(path, {"sheet": "Answers"})) == {"q9": ["007"]}
    [problem] = read(path, {"sheet": "Answer"}).problems
    assert "It holds 'Sheet', 'Answers'. Did you mean 'Answers'?" in str(problem)


def test_formulas_that_nobody_calculated_are_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["q1", "q2"], [1, "=A2+1"]])
    [problem] = [problem for problem in read(path, {}).problems if problem.blocks]
    assert "column 'q2': a formula in 1 of 1 rows (row 2)" in str(problem)
    with xlsxwriter.Workbook(tmp_path / "b.xlsx") as book:  # writes 0 for every formula
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["q1", "q2"])
        sheet.write(1, 0, 1)
        sheet.write_formula(1, 1, "=A2+1")
    assert "nobody has calculated it" in str(read(tmp_path / "b.xlsx", {}).problems[0])
    with xlsxwriter.Workbook(tmp_path / "c.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["q1", "q2"])
        sheet.write(1, 0, 1)
        sheet.write_formula(1, 1, "=A2+1", value=2)
    assert cells(read(tmp_path / "c.xlsx", {})) == {"q1": ["1"], "q2": ["2"]}


def test_a_suffix_nobody_reads_is_named(tmp_path, small):
    folder = small.write(tmp_path)
    (folder / "answers.pdf").write_bytes(b"%PDF")
    [problem] = inspect(folder / "answers.pdf", codebook=folder).blocking
    assert "files that end in .pdf are not read" in str(problem)


def test_messages_name_no_folder(tmp_path, small):
    for suffix in (".xlsx", ".sav", ".dta", ".parquet"):
        folder = small.write(tmp_path / suffix[1:], b"junk" * 99, name=f"responses{suffix}")
        for problem in inspect(folder).problems:
            assert str(tmp_path) not in str(problem)


def test_which_sheet_is_read_is_told(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("Notes")
        book.add_worksheet("Answers").write_column(0, 0, ["q1", 3])
    [problem] = read(tmp_path / "a.xlsx", {}).problems
    assert "the sheet 'Notes' is empty; others are 'Answers'. Name the one" in str(problem)
    with xlsxwriter.Workbook(tmp_path / "b.xlsx") as book:
        book.add_worksheet("Wave 1").write_column(0, 0, ["q1", 3])
        book.add_worksheet("Wave 2").write_column(0, 0, ["q1", 4])
    [note] = read(tmp_path / "b.xlsx", {}).problems
    assert not note.blocks
    assert "the first sheet 'Wave 1' is read and not 'Wave 2'" in str(note)
    assert not read(tmp_path / "b.xlsx", {"sheet": "Wave 2"}).problems


def test_codes_that_only_the_file_calls_missing_are_told(tmp_path, small):
    folder = small.write(tmp_path, b"", small.header + "q1,,number,,,,,,97,,\n")
    (folder / "responses.csv").unlink()
    pyreadstat.write_sav(
        pd.DataFrame({"q1": [1.0, 99.0, 97.0, 5.0]}),
        folder / "responses.sav",
        missing_ranges={"q1": [{"lo": 90, "hi": 99}]},
    )
    notes = [str(note) for note in inspect(folder).notes]
    assert any(
        "declares missing codes in 1 column: q1 (99). The codebook" in note for note in notes
    )


def test_an_unnamed_index_of_parquet_is_told(tmp_path):
    pd.DataFrame({"a": [1, 2]}, index=["x", "y"]).to_parquet(tmp_path / "a.parquet")
    table = read(tmp_path / "a.parquet", {})
    assert (table.names, table.changes) == (["a"], ("1 unnamed index column not read.",))
