import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmresearch.data.inspection import inspect
from crmresearch.data.text_files import read_text, sniff
from crmresearch.errors import UserError

# text of any script, with the signs that delimit, quote and break lines; no NUL, no surrogates
SIGNS = st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")
TEXT = st.text(SIGNS | st.sampled_from('",;\t|\n\r'))
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=6
    )
)  # fmt: skip


def written(rows, delimiter, quoting=csv.QUOTE_ALL):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting).writerows(rows)
    return out.getvalue()


def read_back(raw, **declared):
    table = read_text(raw, "responses.csv", declared)
    assert not table.problems, [str(problem) for problem in table.problems]
    return [
        table.names,
        *map(list, zip(*(column.as_list() for column in table.columns), strict=True)),
    ]


@settings(max_examples=150, deadline=None)
@given(
    TABLES, st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])
)
def test_any_table_is_read_back_as_it_was_written(rows, delimiter, encoding):
    raw = written(rows, delimiter).encode(encoding)
    declared = {"encoding": "utf-32"} if encoding == "utf-32" else {}
    if encoding == "utf-32":  # its mark begins with that of UTF-16, so it is written without
        raw = written(rows, delimiter).encode("utf-32-be")
        declared = {"encoding": "utf-32-be"}
    assert read_back(raw, delimiter=delimiter, **declared) == rows


@settings(max_examples=75, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-99, 99), st.floats(0, 9), st.text("abcäß é", min_size=1)), min_size=1
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "cp1252", "latin-1", "utf-16"]),
)
def test_the_delimiter_of_plain_answers_is_found_out(rows, delimiter, encoding):
    rows = [["q1", "q2", "comment"], *([str(a), str(b), c] for a, b, c in rows)]
    raw = written(rows, delimiter, csv.QUOTE_MINIMAL).encode(encoding)
    declared = {"encoding": encoding} if encoding in ("cp1252", "latin-1") else {}
    assert read_back(raw, **declared) == rows


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=300)
    | st.text('ab1,;"\n\r\t| \\=é', max_size=80).map(str.encode)
    | st.binary(max_size=40).map(lambda tail: b"\xff\xfe" + tail)
)
def test_no_file_brings_a_check_down(tmp_path, small, raw):
    folder = small.write(tmp_path, raw)
    try:
        found = inspect(folder)
    except UserError:
        return
    assert found.blocking or found.survey is not None
    for problem in found.problems:
        assert str(problem).isprintable()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".sav", ".zsav", ".dta", ".parquet"])
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raw=st.binary(max_size=200))
def test_no_bytes_bring_a_reader_down(tmp_path, small, suffix, raw):
    marks = {".xlsx": b"PK\x03\x04", ".sav": b"$FL2", ".zsav": b"$FL3", ".parquet": b"PAR1"}
    for content in (raw, marks.get(suffix, b"") + raw):
        folder = small.write(tmp_path / suffix[1:], content, name=f"responses{suffix}")
        assert inspect(folder).blocking


def test_undeclared_encodings_are_refused_and_declared_ones_read():
    raw = "name,q\nMüller,1\n".encode("cp1252")
    [problem] = read_text(raw, "responses.csv", {}).problems
    assert str(problem) == (
        "responses.csv: byte 0xfc in line 2 is not utf-8. Save the file as UTF-8, or declare its "
        'encoding in about.toml: [file] encoding = "cp1252" for a file from Windows in a western '
        "European language."
    )
    assert read_back(raw, encoding="cp1252")[1] == ["Müller", "1"]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b;c\n1,5;2,5;x\n", ";"),
        ("a,b\n1;2,3\n", ","),
        ("a\tb\n1,2\t3,4\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("only\n1\n", ","),
        ('"a;x","b"\n"1;2;3","2"\n', ","),
    ],
)
def test_delimiters(text, delimiter):
    assert sniff(text.encode()) == delimiter


def test_a_spreadsheets_own_first_line_names_the_delimiter():
    assert read_back(b"sep=;\r\na;b\r\n1,5;2\r\n") == [["a", "b"], ["1,5", "2"]]


def test_rows_are_counted_as_a_spreadsheet_counts_them():
    table = read_text(b"a,b\n1,2\n3\n\n4,5\n", "responses.csv", {})
    assert table.rows.tolist() == [2, 4, 5]  # row 3 has one field; row 4 is empty
    [problem] = table.problems
    assert "found 1 fields in 1 of 4 rows (row 3) but the header has 2" in str(problem)


def test_empty_rows_are_left_out_and_counted(tmp_path, small):
    survey = inspect(small.write(tmp_path, small.responses + ",,,\n\n")).survey
    assert survey.flow == {
        "Rows in the file": 5,
        "Rows in which nothing stands, left out": 2,
        "Respondents read": 3,
    }
    assert survey.changes[0] == "2 rows left out (empty row)."
