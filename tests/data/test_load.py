import hashlib

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.inspection import inspect
from crmresearch.data.load import load
from crmresearch.data.roles import Needs
from crmresearch.errors import DataError, RequestError


def refused(folder) -> str:
    with pytest.raises(DataError) as error:
        load(folder)
    return str(error.value)


def test_answers_are_typed_by_the_codebook(tmp_path, small):
    survey = load(small.write(tmp_path))
    assert list(survey.answers) == ["id", "q1", "q2", "segment"]
    assert survey.answers["id"].tolist() == ["R1", "R2", "R3"]
    np.testing.assert_array_equal(survey.answers["q1"], [5, np.nan, 7])
    np.testing.assert_array_equal(survey.answers["q2"], [6, 5, np.nan])  # 1 + 7 - answer
    segment = survey.answers["segment"]
    assert segment.tolist() == ["Retail", "Trade", "Retail"]
    assert segment.cat.ordered
    assert segment.cat.categories.tolist() == ["Retail", "Trade"]


def test_what_reading_did_is_counted(tmp_path, small):
    responses = "id,q1,q2,segment,extra\nR1,5,2,Retail,a\nR2,99,3,2,b\nR3,7,,1,c\n"
    survey = load(small.write(tmp_path, responses))
    assert survey.changes == (
        "1 column not described by the codebook not read.",
        "1 cell of 99 in 1 column read as no answer: q1.",
        "1 reversed item turned: q2.",
    )
    assert survey.flow == {"Rows in the file": 3, "Respondents read": 3}


def test_source_is_named_and_hashed_and_not_located(tmp_path, small):
    folder = small.write(tmp_path / "wave1")
    source = load(folder).source
    assert source["file"] == "responses.csv"
    assert source["sha256"] == hashlib.sha256((folder / "responses.csv").read_bytes()).hexdigest()
    assert not any(str(tmp_path) in text for text in source.values())


def test_known_steps_before_the_file_lead_the_flow(tmp_path, small):
    survey = load(small.write(tmp_path, about=small.about + "invited = 40\nreached = 12\n"))
    assert survey.flow == {
        "Invited": 40, "Reached": 12, "Rows in the file": 3, "Respondents read": 3,
    }  # fmt: skip


def test_every_problem_stands_in_one_error(tmp_path, small):
    responses = "id,q1,q2,segment\nR1,8,x,Retial\nR1,999,2,2\nR3,5,2,2\n"
    codebook = small.codebook + "q9,,scale,,,1,5,,,,\nq1,,number,,,,,,,,\n"
    assert refused(small.write(tmp_path, responses, codebook)) == (
        "6 data problem(s):\n"
        "  1. codebook.csv line 7: 'q1' is described a second time. Keep one of the rows.\n"
        "  2. responses.csv, column 'q9': the file has no such column but codebook.csv describes "
        "it. Correct the name in the codebook or remove its row.\n"
        "  3. responses.csv, column 'q1': found '8', '999' in 2 of 3 rows (rows 2, 3) but the "
        'codebook allows 1 to 7. If 8, 999 means "no answer", add it to missing in the codebook.\n'
        "  4. responses.csv, column 'q2': found 'x' in 1 of 3 rows (row 2) but a number must stand "
        "there. Correct the cell or add what it stands for to values or missing in the codebook.\n"
        "  5. responses.csv, column 'segment': found 'Retial' in 1 of 3 rows (row 2) but the "
        "codebook lists Retail, Trade. Correct the cell or add the label to values in the "
        "codebook. Did you mean 'Retail'?\n"
        "  6. responses.csv, column 'id': 1 id used more than once in 2 of 3 rows (rows 2, 3) but "
        "every row has its own. Remove the copies, or give the column the role person if people "
        "answer repeatedly."
    )


def test_columns_with_the_same_fault_are_told_as_one(tmp_path, small):
    names = [f"c{i}" for i in range(40)]
    codebook = small.header + "".join(f"{name},,scale,,,1,5,,,,\n" for name in names)
    rows = [["99", "9"][i % 2 and i < 4] for i in range(40)], ["99"] * 20 + ["3"] * 20
    cells = "".join(",".join(row) + "\n" for row in rows)
    text = refused(small.write(tmp_path, ",".join(names) + "\n" + cells, codebook))
    first, *others = text.splitlines()[1:]
    assert first.startswith(
        "  1. responses.csv: found '99' in 38 columns, in 56 cells altogether ('c0', 'c2', 'c4', "
    )
    assert first.endswith(
        "'c39') but the codebook allows 1 to 5. If 99 means \"no answer\", add it to missing in "
        "the codebook."
    )
    assert [line.split(":")[0] for line in others] == [
        "  2. responses.csv, column 'c1'", "  3. responses.csv, column 'c3'",
    ]  # fmt: skip


def test_constant_columns_are_told_as_one(tmp_path, small):
    names = [f"c{i}" for i in range(10)]
    codebook = small.header + "".join(f"{name},,number,,,,,,,,\n" for name in names)
    cells = "".join(",".join(["4"] * 5 + [""] * 5) + "\n" for _ in range(2))
    found = inspect(small.write(tmp_path, ",".join(names) + "\n" + cells, codebook))
    notes = [str(note) for note in found.notes]
    assert (
        "responses.csv: all answers are '4' in 5 columns ('c0', 'c1', 'c2', 'c3', 'c4')." in notes
    )
    assert any(
        note.startswith("responses.csv: nobody has an answer in 5 columns") for note in notes
    )


def test_a_long_list_is_cut_and_says_where_the_rest_is(tmp_path, small):
    names = [f"c{i}" for i in range(40)]
    codebook = small.header + "".join(f"{name},,scale,,,1,5,,,,\n" for name in names)
    cells = ",".join(str(n) for n in range(60, 100))
    text = refused(small.write(tmp_path, ",".join(names) + "\n" + cells + "\n", codebook))
    assert text.startswith("40 data problem(s):")
    assert text.count("\n") == 31
    assert "… and 10 more. `crmresearch check" in text


def test_whole_numbers_ids_and_words_for_nothing_survive(tmp_path, small):
    codebook = small.header + "id,,id,id,,,,,,,\nkind,,category,segment,,,,,,None; NA; nan,\n"
    answers = load(
        small.write(tmp_path, "id,kind\n007,None\n12345678901234567890,NA\n", codebook)
    ).answers
    assert answers["id"].tolist() == ["007", "12345678901234567890"]
    assert answers["kind"].tolist() == ["None", "NA"]


def test_missing_wins_over_a_value_with_the_same_code(tmp_path, small):
    folder = small.one(tmp_path, ["1", "2", "0", "3"], ",binary,problem,,,,,0;3,1=Yes; 0=No|2,")
    np.testing.assert_array_equal(load(folder).answers["x"], [1, 0, np.nan, np.nan])


def test_partly_labelled_scale_takes_codes_and_labels(tmp_path, small):
    folder = small.one(
        tmp_path, ["+2", "I love it!+5", "-5", " 0 "], ",scale,,,-5,5,,,5=I love it!+5,"
    )
    assert load(folder).answers["x"].tolist() == [2, 5, -5, 0]


def test_a_fully_listed_scale_takes_its_range_from_the_codes(tmp_path, small):
    survey = load(small.one(tmp_path, ["Bad", "3"], ",scale,,,,,,,1=Bad; 2=Fair; 3=Good,"))
    assert (survey.codebook["x"].low, survey.codebook["x"].high) == (1, 3)
    assert "the codebook lists" in refused(
        small.one(tmp_path / "b", ["4", "1"], ",scale,,,,,,,1=Bad; 2=Fair; 3=Good,")
    )


@pytest.mark.parametrize(
    ("cells", "row", "says"),
    [
        (["2.5", "1"], ",scale,,,1,7,,,,", "a scale's answers are whole numbers"),
        (["2", "1"], ",binary,,,,,,,,", "found '2' in 1 of 2 rows (row 2) but the codebook lists"),
        (["1,5", "2,5"], ",number,,,,,,,,", "declare it in about.toml: [file] decimal"),
        (["-1", "2"], ",number,,,0,,,,,", "the codebook allows 0 or more"),
        (["2026-02-31", "2026-01-01"], ",date,,,,,,,,", "no calendar has that day"),
        (["1899-12-31", "2300-01-01"], ",date,,,,,,,,", "the years are 1900 to 2100"),
        (["31.12.2025", "2026-01-01"], ",date,,,,,,,,", "[file] date ="),
        (["1e400", "1"], ",number,,,0,9,,,,", "a number must stand there"),
        (["inf", "1"], ",number,,,,,,,,", "a number must stand there"),
        (["1_000", "0x1"], ",number,,,,,,,,", "a number must stand there"),
    ],
)  # fmt: skip
def test_cells_against_the_rules(tmp_path, small, cells, row, says):
    assert says in refused(small.one(tmp_path, cells, row))


def test_declared_dates_and_decimals(tmp_path, small):
    about = small.about + '[file]\ndate = "%d.%m.%Y"\ndecimal = ","\n'
    days = small.one(tmp_path / "a", ["31.12.2025", ""], ",date,,,,,,,,", about)
    assert load(days).answers["x"].tolist() == [pd.Timestamp("2025-12-31"), pd.NaT]
    numbers = small.one(tmp_path / "b", ["1,25", "3", "99,0"], ",number,,,,,,99,,", about)
    np.testing.assert_array_equal(load(numbers).answers["x"], [1.25, 3, np.nan])
    assert "a number must stand there" in refused(
        small.one(tmp_path / "c", ["1.25", "3"], ",number,,,,,,,,", about)
    )


def test_codes_of_no_answer_are_numbers_in_numbers_and_text_in_ids(tmp_path, small):
    numbers = small.one(tmp_path / "a", ["099", "99.0", " 99 ", "9"], ",number,,,,,,99,,")
    np.testing.assert_array_equal(load(numbers).answers["x"], [np.nan, np.nan, np.nan, 9])
    ids = small.one(tmp_path / "b", ["099", "99.0", " 99 ", "9"], ",id,person,,,,,99,,")
    assert load(ids).answers["x"].fillna("none").tolist() == ["099", "99.0", "none", "9"]


def test_labels_match_whatever_blanks_stand_in_them(tmp_path, small):
    cells = ["Very\u00a0good", " Very  good ", "Very\u2003good", "2"]
    folder = small.one(tmp_path, cells, ",category,segment,,,,,,1=Very\u00a0good; 2=Bad,")
    assert load(folder).answers["x"].tolist() == ["Very good"] * 3 + ["Bad"]


def test_hostile_text_is_only_text(tmp_path, small):
    hostile = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "x" * 100_000, "\x07\x1b[31m‮"]
    survey = load(small.one(tmp_path, hostile, ",text,verbatim,,,,,,,"))
    assert survey.answers["x"].tolist() == hostile
    text = refused(small.one(tmp_path / "b", [*hostile, "1"], ",scale,,,1,5,,,,"))
    assert len(text) < 600
    assert "\x1b" not in text
    assert "‮" not in text


@pytest.mark.parametrize(
    ("responses", "says"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"id,q1,q2,segment\n", "a header and no answers"),
        (b"id,q1\nR1\0,2\n", "1 NUL byte, the first in line 2"),
        (b"id,q1,q2,segment\nR\xe4,1,2,1\n", "byte 0xe4 in line 2 is not utf-8"),
        (b"id,q1,q2,segment\nR1,1,2,1,5\nR2,1,2,1,5\n", "found 5 fields in 2 of 2 rows"),
        (b"id,q1,q1,segment,q2\nR1,1,2,1,5\n", "2 columns have this name"),
        (b'id,q1,q2,segment\nR1,1,2,"1\nR2,2,2,2\n', "never closed"),
        (b"\xff\xfeR", "is not utf-16"),
    ],
)
def test_damaged_files_are_refused_in_words(tmp_path, small, responses, says):
    assert says in refused(small.write(tmp_path, responses))


def test_column_names_match_after_folding_blanks(tmp_path, small):
    codebook = small.header + "Call Failure,,number,covariate,,0,,,,,\n"
    survey = load(small.write(tmp_path, "Call  Failure \n8\n", codebook))
    assert survey.answers["Call Failure"].tolist() == [8]
    assert survey.changes == ("Blanks in the names of 1 column folded: Call Failure.",)


def test_notes_do_not_block(tmp_path, small):
    codebook = small.header + "a,,scale,,,1,5,,,,\nb,,number,,,,,,,,\nw,,number,weight,,,,,,,\n"
    found = inspect(small.write(tmp_path, "a,b,w\n3,10,1\n3,10,1\n3,20,\n3,9999,2\n", codebook))
    assert not found.blocking
    assert [str(note) for note in found.notes] == [
        "responses.csv: the same answers as in an earlier row in 1 of 4 rows (row 3). They are "
        "kept. Remove them if they are copies; an id column would settle it.",
        "responses.csv, column 'w': no weight in 1 of 4 rows (row 4). Such respondents count 0 "
        "wherever answers are weighted.",
        "responses.csv, column 'a': all 4 answers are '3'.",
        "responses.csv, column 'b': 9999 is far from all else in 1 of 4 rows (row 5). If it means "
        "no answer, add it to missing in the codebook.",
    ]
    assert found.survey.changes == (
        "Kept: 1 row equal to an earlier row in every column.",
        "Kept: 1 row without a weight above 0, counting nothing wherever answers are weighted.",
    )


@pytest.mark.parametrize(
    ("cells", "says"), [("-1", "negative weights"), ("0", "no weight is above 0")]
)
def test_weights_that_cannot_weigh(tmp_path, small, cells, says):
    assert says in refused(small.one(tmp_path, [cells, "0"], ",number,weight,,,,,,,"))


def test_data_without_a_required_role_are_refused_in_one_line(tmp_path, small):
    codebook = small.codebook.replace(
        "q1,Satisfied,scale,satisfaction", "q1,,scale,imagined_complaint"
    )
    needs = Needs(required=(("complained", "problem"), ("loyalty",)))
    with pytest.raises(DataError) as error:
        load(small.write(tmp_path, codebook=codebook), needs=needs)
    text = str(error.value)
    assert "\n" not in text
    assert text.startswith(
        "Three customers: this study needs the role 'complained' (whether the customer complained "
        "about it) or 'problem' (whether the customer had a problem); the role "
        "'imagined_complaint', which these data have, mixes how real complaints were handled"
    )
    assert load(small.write(tmp_path / "b"), needs=Needs(required=(("loyalty",),))).roles


def test_a_guessed_role_must_be_confirmed(tmp_path, small):
    text = refused(
        small.write(tmp_path, codebook=small.codebook.replace("satisfaction", "satisfaction?"))
    )
    assert (
        "1 guessed role, marked by '?': satisfaction (q1) but only confirmed roles are read" in text
    )


def test_a_single_file_takes_its_codebook_from_elsewhere(tmp_path, small):
    folder = small.write(tmp_path / "a")
    file = tmp_path / "export.csv"
    (folder / "responses.csv").rename(file)
    assert len(load(file, codebook=folder).answers) == 3
    assert len(load(file, codebook=folder / "codebook.csv").answers) == 3
    with pytest.raises(DataError, match="has no codebook.csv beside it"):
        load(file)


def test_unknown_names_are_a_wrong_request(tmp_path, small, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports.toml").touch()
    small.write(tmp_path / "data" / "telecom")
    assert len(load("telecom").answers) == 3
    with pytest.raises(RequestError, match="Did you mean 'telecom'"):
        load("telekom")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert len(load("telecom").answers) == 3
    assert len(load("data/telecom").answers) == 3


def test_the_file_is_named_by_about_and_stays_in_its_folder(tmp_path, small):
    folder = small.write(
        tmp_path, about=small.about + '[file]\nname = "wave.csv"\n', name="wave.csv"
    )
    assert len(load(folder).answers) == 3
    small.write(folder, about=small.about + '[file]\nname = "../wave.csv"\n', name="wave.csv")
    with pytest.raises(DataError, match="holds no responses.csv"):
        load(folder)
    small.write(folder, about=small.about + '[file]\nname = "weve.csv"\n', name="wave.csv")
    with pytest.raises(DataError, match="Did you mean 'wave.csv'"):
        load(folder)


def test_cells_that_are_no_numbers_are_not_called_absent_as_well(tmp_path, small):
    found = inspect(small.one(tmp_path, ["12%", "13 %"], ",number,weight,,,,,,,"))
    [problem] = found.problems
    assert "Write plain numbers: without percent, currency and thousands signs." in str(problem)


@pytest.mark.parametrize(
    ("cells", "row", "says"),
    [
        (["1,234", "2,000"], ",number,,,,,,,,", "without signs between the thousands"),
        (["$3.50", "1.234.567"], ",number,,,,,,,,", "Write plain numbers"),
        (["Yes", "No"], ",binary,,,,,,,,", "such as 1=Yes; 0=No."),
        (["5"], ",scale,,,7,1,,,,", "low must be less than high"),
    ],
)
def test_the_fix_fits_what_was_found(tmp_path, small, cells, row, says):
    [problem] = inspect(small.one(tmp_path, cells, row)).blocking
    assert says in str(problem)


def test_a_decimal_comma_before_a_code_for_no_answer(tmp_path, small):
    about = small.about + '[file]\ndecimal = ","\n'
    text = refused(small.one(tmp_path, ["11,0", "5,0"], ",scale,,,0,10,,,,", about))
    assert 'If 11,0 means "no answer", add it to missing' in text


def test_columns_without_a_name_are_told(tmp_path, small):
    codebook = small.header + "a,,number,,,,,,,,\n"
    found = inspect(small.write(tmp_path, "a,,,\n1,5,,\n2,,x,\n", codebook))
    assert [str(note) for note in found.notes] == [
        "responses.csv: 2 columns with cells but no name in the header (columns 2, 3). They are "
        "not read. The first row must name every column, and no other row may."
    ]


def test_the_codebook_of_another_file_is_one_problem(tmp_path, small):
    codebook = small.header + "".join(f"c{i},,number,,,,,,,,\n" for i in range(30))
    [problem] = inspect(small.write(tmp_path, "a,b\n1,2\n", codebook)).blocking
    assert "30 columns are not in the file: 'c0', " in str(problem)
    assert "Is it this file's codebook? The file has 'a', 'b'." in str(problem)


@pytest.mark.parametrize(
    ("responses", "says"),
    [
        ("Made in 2026\n\nid,q1\n1,2\n", "remove what stands above it"),
        ("id,q1\n1,2,\n2,3,\n", "Name every column in the header"),
    ],
)
def test_headers_that_do_not_fit_the_rows(tmp_path, small, responses, says):
    assert says in refused(small.write(tmp_path, responses))
