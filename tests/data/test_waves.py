"""Several waves in one dataset: each file by its own codebook, then one below the other."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.data.agreement import united
from crmresearch.data.inspection import inspect
from crmresearch.data.load import load
from crmresearch.data.locate import locate
from crmresearch.data.sources import files_read
from crmresearch.errors import DataError

ABOUT = """\
title = "Two waves"
[[wave]]
label = "2025"
file = "first.csv"
codebook = "book_1.csv"
[[wave]]
label = "2026"
file = "second.csv"
codebook = "book_2.csv"
"""
HEAD = "variable,label,type,role,construct,low,high,reverse,missing,values,note,column\n"
BOOK_1 = HEAD + (
    "id,,id,id,,,,,,,,nr\n"
    "q1,Satisfied,scale,satisfaction,,1,7,,99,,,\n"
    "q2,Would leave,scale,loyalty,,1,7,yes,,,,Q2 old\n"
    "region,Region,category,segment,,,,,,1=North; 2=South,,\n"
    "left,Only in 2025,number,,,,,,,,,\n"
)
BOOK_2 = HEAD + (
    "id,,id,id,,,,,,,,\n"
    "nps,Recommend,scale,recommend,,0,10,,11,,,\n"
    "q1,Satisfied,scale,satisfaction,,1,7,,0,,,\n"
    "q2,Would leave,scale,loyalty,,1,7,yes,,,,\n"
    "region,Region,category,segment,,,,,,1=East; 2=North; 3=South,,\n"
    "when,Day,date,date,,,,,,,,\n"
)
FIRST = "nr,q1,Q2 old,region,left\n1,5,2,1,3.5\n2,99,3,2,\n3,7,,North,1\n"
SECOND = "id;nps;q1;q2;region;when\n1;10;0;1;East;03.05.2026\n2;11;6;7;3;\n"
SETTINGS = 'delimiter = ";"\ndate = "%d.%m.%Y"\n'


def write(folder: Path, about: str = ABOUT + SETTINGS, **files: str) -> Path:
    made = {
        "book_1.csv": BOOK_1, "book_2.csv": BOOK_2, "first.csv": FIRST, "second.csv": SECOND,
    }  # fmt: skip
    made |= {f"{name}.csv": text for name, text in files.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (made | {"about.toml": about}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def blocking(folder: Path) -> list[str]:
    return [str(problem) for problem in inspect(folder).blocking]


# Reading


def test_the_waves_stand_one_below_the_other(tmp_path):
    survey = load(write(tmp_path))
    answers = survey.answers
    assert list(answers) == ["wave", "id", "nps", "q1", "q2", "region", "when", "left"]
    assert list(survey.codebook) == list(answers)
    assert answers["wave"].tolist() == ["2025"] * 3 + ["2026"] * 2
    assert answers["wave"].cat.ordered
    assert survey.variables("wave")[0].variable == "wave"
    np.testing.assert_array_equal(answers["q1"], [5, np.nan, 7, np.nan, 6])
    np.testing.assert_array_equal(answers["q2"], [6, 5, np.nan, 7, 1])  # reversed in both
    np.testing.assert_array_equal(answers["nps"], [np.nan, np.nan, np.nan, 10, np.nan])
    np.testing.assert_array_equal(answers["left"], [3.5, np.nan, 1, np.nan, np.nan])
    assert answers["when"].isna().tolist() == [True, True, True, False, True]
    assert answers["when"][3] == pd.Timestamp("2026-05-03")
    assert answers.index.equals(pd.RangeIndex(5))


def test_types_are_those_of_a_single_file(tmp_path):
    answers = load(write(tmp_path)).answers
    assert {str(answers[name].dtype) for name in ("q1", "q2", "nps", "left")} == {"float64"}
    assert str(answers["id"].dtype) == "str"
    assert str(answers["when"].dtype) == "datetime64[us]"


def test_answers_of_a_category_are_compared_by_their_labels(tmp_path):
    survey = load(write(tmp_path))
    assert survey.answers["region"].tolist() == ["North", "South", "North", "East", "South"]
    assert survey.answers["region"].cat.categories.tolist() == ["East", "North", "South"]
    assert list(survey.codebook["region"].values) == ["East", "North", "South"]  # 1 means two


def test_a_category_that_lists_nothing_has_the_answers_of_both_files(tmp_path):
    listing = "region,Region,category,segment,,,,,,1=North; 2=South,,\n"
    open_ = "region,Region,category,segment,,,,,,,,\n"
    folder = write(
        tmp_path,
        book_1=BOOK_1.replace(listing, open_),
        book_2=BOOK_2.replace("1=East; 2=North; 3=South", ""),
        second=SECOND.replace(";3;", ";South;"),
    )
    found = load(folder).answers["region"]
    assert found.tolist() == ["1", "2", "North", "East", "South"]


def test_ids_that_start_anew_get_the_wave_put_before_them(tmp_path):
    survey = load(write(tmp_path))
    assert survey.answers["id"].tolist() == ["2025-1", "2025-2", "2025-3", "2026-1", "2026-2"]
    assert any(text.startswith("2 ids of ") for text in survey.changes)
    apart = load(write(tmp_path, second=SECOND.replace("\n1;", "\n8;").replace("\n2;", "\n9;")))
    assert apart.answers["id"].tolist() == ["1", "2", "3", "8", "9"]


def test_persons_and_accounts_stay_who_they_are(tmp_path):
    folder = write(
        tmp_path,
        book_1=BOOK_1.replace("id,,id,id,", "id,,id,person,"),
        book_2=BOOK_2.replace("id,,id,id,", "id,,id,person,"),
    )
    assert load(folder).answers["id"].tolist() == ["1", "2", "3", "1", "2"]


def test_what_reading_changed_is_told_wave_by_wave(tmp_path):
    assert load(write(tmp_path)).changes == (
        "2025: 1 cell of 99 in 1 column read as no answer: q1.",
        "2025: 1 reversed item turned: q2.",
        "2026: 1 cell of 11 in 1 column read as no answer: nps.",
        "2026: 1 cell of 0 in 1 column read as no answer: q1.",
        "2026: 1 reversed item turned: q2.",
        "Not in 2025, and missing for its 3 respondents: nps, when.",
        "Not in 2026, and missing for its 2 respondents: left.",
        "2 ids of the respondents used in more than one wave: the wave was put before each.",
    )


def test_all_rows_are_in_the_flow(tmp_path):
    survey = load(
        write(tmp_path, ABOUT.replace("[[wave]]", "invited = 90\n[[wave]]", 1) + SETTINGS)
    )
    assert survey.flow == {"Invited": 90, "Rows in the files": 5, "Respondents read": 5}


def test_every_file_is_named_with_its_hash(tmp_path):
    folder = write(tmp_path)

    def digests(*names: str) -> str:
        return ", ".join(hashlib.sha256((folder / x).read_bytes()).hexdigest() for x in names)

    assert load(folder).source == {
        "file": "first.csv, second.csv",
        "sha256": digests("first.csv", "second.csv"),
        "codebook_sha256": digests("book_1.csv", "book_2.csv"),
    }


def test_data_may_lie_elsewhere_than_their_codebooks(tmp_path):
    folder = write(tmp_path / "books")
    (tmp_path / "answers").mkdir()
    for name in ("first.csv", "second.csv"):
        (folder / name).rename(tmp_path / "answers" / name)
    assert len(load(tmp_path / "answers", codebook=folder).answers) == 5
    one = load(tmp_path / "answers" / "second.csv", codebook=folder)
    assert one.answers["wave"].tolist() == ["2026"] * 2
    assert one.flow == {"Rows in the file": 2, "Respondents read": 2}
    assert one.answers["id"].tolist() == ["1", "2"]


def test_a_codebook_that_is_named_itself_reads_a_file_without_waves(tmp_path):
    folder = write(tmp_path)
    survey = load(folder / "first.csv", codebook=folder / "book_1.csv")
    assert "wave" not in survey.answers


def test_a_file_that_is_no_wave_needs_its_codebook_named(tmp_path):
    folder = write(tmp_path, third="id,q1\n1,2\n")
    with pytest.raises(DataError, match="lists the files first.csv, second.csv and not third.csv"):
        load(folder / "third.csv")


def test_waves_may_share_a_codebook_and_the_settings_of_all(tmp_path):
    about = ABOUT.replace('"book_1.csv"', '"book_2.csv"')
    about += '[file]\ndelimiter = ";"\ndate = "%d.%m.%Y"\n'
    survey = load(write(tmp_path, about, first=SECOND))
    assert survey.answers["wave"].value_counts().tolist() == [2, 2]
    assert not [problem for problem in inspect(tmp_path).problems if problem.where == "book_2.csv"]


def test_the_settings_of_a_wave_go_before_those_of_all(tmp_path):
    about = ABOUT + SETTINGS + '[file]\ndelimiter = ","\n'
    assert len(load(write(tmp_path, about)).answers) == 5


def test_a_single_wave_is_a_dataset_too(tmp_path):
    survey = load(write(tmp_path, ABOUT.split('[[wave]]\nlabel = "2026"')[0]))
    assert survey.answers["wave"].tolist() == ["2025"] * 3


def test_margins_and_paths_are_checked_against_all_waves(tmp_path):
    about = 'paths = ["nps -> left"]\n' + ABOUT + SETTINGS
    about += "[margins.region]\nNorth = 0.5\nSouth = 0.4\nEast = 0.1\n"
    survey = load(write(tmp_path, about))
    assert survey.about.margins["region"] == {"North": 0.5, "South": 0.4, "East": 0.1}
    wrong = write(tmp_path, about.replace("East = 0.1", "West = 0.1"))
    assert len(blocking(wrong)) == 1


# The variable wave


def with_wave(folder: Path, first: str, second: str, values: str) -> Path:
    row = f"year,Year,category,wave,,,,,,{values},,\n"

    def beside(text: str, sign: str, cells: tuple[str, ...]) -> str:
        lines = zip(text.strip().splitlines(), ("year", *cells), strict=True)
        return "".join(f"{line}{sign}{cell}\n" for line, cell in lines)

    return write(
        folder,
        book_1=BOOK_1 + row,
        book_2=BOOK_2 + row,
        first=beside(FIRST, ",", first),
        second=beside(SECOND, ";", second),
    )


def test_a_wave_that_the_files_say_themselves_is_kept(tmp_path):
    folder = with_wave(tmp_path, ("1", "", "1"), ("2", "2"), "1=2025; 2=2026")
    survey = load(folder)
    assert "wave" not in survey.answers
    assert survey.answers["year"].tolist() == ["2025"] * 3 + ["2026"] * 2  # a blank is filled
    assert [item.variable for item in survey.variables("wave")] == ["year"]


def test_a_wave_that_contradicts_the_files_is_refused(tmp_path):
    folder = with_wave(tmp_path, ("1", "2", "1"), ("2", "2"), "1=2025; 2=2026")
    assert blocking(folder) == [
        "first.csv, column 'year': its wave is '2025', '2026' but about.toml says that this file "
        "is the wave '2025'. Correct the label in about.toml or in the codebook, which must name "
        "it alike, or take the role wave from the variable."
    ]


def test_another_variable_of_the_name_is_refused(tmp_path):
    row = "wave,Ocean,number,,,,,,,,,left\n"
    book = BOOK_1.replace("left,Only in 2025,number,,,,,,,,,\n", row)
    [problem] = blocking(write(tmp_path, book_1=book))
    assert problem.startswith("book_1.csv, column 'wave': a variable of the name 'wave' but")


# Codebooks that contradict one another


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "q1,Satisfied,scale,satisfaction,,1,7",
            "q1,Satisfied,scale,satisfaction,,1,10",
            "book_2.csv: the range of 'q1' is '1 to 10' but book_1.csv says '1 to 7'. One name is "
            "one question in every wave: make them agree, or name one otherwise.",
        ),
        ("q1,Satisfied,scale", "q1,Satisfied,number", "the type of 'q1' is 'number' but book_1"),
        ("satisfaction,,", "satisfaction,joy,", "the construct of 'q1' is 'joy' but book_1.csv s"),
        ("loyalty,,1,7,yes", "loyalty,,1,7,", "the reverse of 'q2' is 'no' but book_1.csv says 'y"),
        ("scale,loyalty", "scale,satisfaction", "the role of 'q2' is 'satisfaction' but book_1"),
        (
            "region,Region,category,segment,,,,,,1=East; 2=North; 3=South",
            "region,Region,text,,,,,,,",
            "the type of 'region' is 'text' but book_1.csv says 'category'",
        ),
    ],
)
def test_what_must_agree(tmp_path, old, new, says):
    assert old in BOOK_2
    problems = blocking(write(tmp_path, book_2=BOOK_2.replace(old, new)))
    assert any(says in problem for problem in problems), problems


def test_variables_with_the_same_contradiction_are_told_in_one(tmp_path):
    names = [f"x{i}" for i in range(20)]

    def book(high: int) -> str:
        return HEAD + "".join(f"{name},,scale,,,1,{high},,,,,\n" for name in names)

    cells = ",".join(names) + "\n" + ",".join("3" * 20) + "\n"
    folder = write(tmp_path, ABOUT, book_1=book(5), book_2=book(7), first=cells, second=cells)
    [problem] = blocking(folder)
    assert "the range of 'x0', 'x1'" in problem
    assert "and 10 more is '1 to 7' but book_1.csv says '1 to 5'" in problem


def test_a_scale_that_was_turned_round_is_refused(tmp_path):
    folder = write(
        tmp_path,
        book_1=BOOK_1.replace(",99,,,", ",99,1=Poor; 7=Good,,"),
        book_2=BOOK_2.replace(",1,7,,0,,,", ",1,7,,0,1=Good; 7=Poor,,"),
    )
    [problem] = blocking(folder)
    assert problem.startswith(
        "book_2.csv, column 'q1': 'Good' is the code 1 (and 1 other label moved) but in book_1.csv"
        " it is 7."
    )


def test_another_wording_is_a_note(tmp_path):
    folder = write(
        tmp_path,
        book_1=BOOK_1.replace(",99,,,", ",99,1=Poor; 7=Good,,"),
        book_2=BOOK_2.replace("Satisfied", "How satisfied").replace(
            ",1,7,,0,,,", ",1,7,,0,1=Bad; 7=Good,,"
        ),
    )
    found = inspect(folder)
    assert [str(note) for note in found.notes if note.where == "book_2.csv"] == [
        "book_2.csv: 1 question not worded as in book_1.csv: 'q1'. A change between these waves "
        "may come from the wording.",
        "book_2.csv: 1 scale not worded as in book_1.csv: 'q1'. A change between these waves may "
        "come from the wording.",
    ]
    assert found.survey.codebook["q1"].label == "How satisfied"


def test_weights_on_different_footings_are_a_note(tmp_path):
    row = "w,Weight,number,weight,,,,,,,,{}\n"
    first = FIRST.replace("left\n", "left,w\n").replace("3.5\n", "3.5,1\n")
    first = first.replace("2,\n", "2,,1.2\n").replace("North,1\n", "North,1,0.8\n")
    folder = write(
        tmp_path,
        book_1=BOOK_1 + row.format(""),
        book_2=BOOK_2 + row.format("weight"),
        first=first,
        second=SECOND.replace("when", "when;weight")
        .replace("2026", "2026;900")
        .replace(";3;", ";3;;1100"),
    )
    notes = [str(note) for note in inspect(folder).notes]
    assert any("the mean of the weights 'w' is 1 in 2025, 1000 in 2026" in note for note in notes)


# Problems of all files at once


def test_problems_of_all_files_come_at_once_and_name_their_file(tmp_path):
    folder = write(
        tmp_path,
        'design = "x"\n' + ABOUT + SETTINGS,
        first=FIRST.replace("1,5,", "1,8,"),
        second=SECOND.replace(";10;", ";12;"),
        book_2=BOOK_2.replace("segment", "segmnt"),
    )
    problems = blocking(folder)
    for start in (
        "about.toml: ",
        "book_2.csv, column 'region': its role is 'segmnt'",
        "book_2.csv: the role of 'region' is 'segmnt' but book_1.csv says 'segment'",
        "first.csv, column 'q1': found '8' in 1 of 3 rows (row 2)",
        "second.csv, column 'nps': found '12' in 1 of 2 rows (row 2)",
    ):
        assert any(problem.startswith(start) for problem in problems), (start, problems)


def test_a_column_is_named_as_it_stands_in_the_file(tmp_path):
    [problem] = blocking(write(tmp_path, first=FIRST.replace("5,2,", "5,9,")))
    assert problem.startswith("first.csv, column 'Q2 old': found '9'")
    [problem] = blocking(write(tmp_path, first=FIRST.replace("Q2 old", "Q2 older")))
    assert problem == (
        "first.csv, column 'Q2 old': the file has no such column but book_1.csv describes it. "
        "Correct the name in the codebook or remove its row. Did you mean 'Q2 older'?"
    )
    [problem] = blocking(write(tmp_path, first=FIRST.replace("\n2,", "\n1,")))
    assert problem.startswith("first.csv, column 'nr': 1 id used more than once")


def test_two_variables_cannot_read_one_column(tmp_path):
    book = BOOK_1 + "again,,number,,,,,,,,,q1\n"
    [problem] = blocking(write(tmp_path, book_1=book))
    assert "'q1', 'again' read the same column, 'q1'" in problem


def test_files_that_are_not_there_are_all_named(tmp_path):
    folder = write(tmp_path)
    (folder / "second.csv").unlink()
    (folder / "book_1.csv").unlink()
    first, second = blocking(folder)
    assert "wave '2025' names the codebook 'book_1.csv' but the folder" in first
    assert "Did you mean 'book_2.csv'?" in first
    assert "wave '2026' names the data file 'second.csv' but the folder" in second


@pytest.mark.parametrize(
    ("wave", "says"),
    [
        ("wave = 3", "found wave = … but every wave is a table of its own"),
        ('[wave]\nlabel = "a"', "every wave is a table of its own"),
        ('[[wave]]\nlabel = "a"', "[[wave]] 1: the file is missing"),
        ('[[wave]]\nlabel = 2016\nfile = "a.csv"', "label is '2016' but it must be text"),
        ('[[wave]]\nlabel = "a"\nfile = "../a.csv"', "it must be a file of the dataset's own fol"),
        ('[[wave]]\nlabel = "a"\nfile = "a.csv"\ncodbook = "b"', "Did you mean 'codebook'?"),
        ('[[wave]]\nlabel = "a"\nfile = "a.csv"\ndecimal = "x"', "it must be a point or a comma"),
        ('[[wave]]\nlabel = "a"\nfile = "a.csv"\n' * 2, "2 waves have the label 'a'"),
        ('[[wave]]\nlabel = "a"\nfile = "a.csv"\n' * 2, "2 waves have the file 'a.csv'"),
        (
            '[[wave]]\nlabel = "a"\nfile = "a.csv"\n[file]\nname = "b.csv"',
            "[file] has a name and there are [[wave]] tables",
        ),
    ],
)
def test_mistakes_in_about_are_named(tmp_path, wave, says):
    folder = write(tmp_path, 'title = "T"\n' + wave + "\n")
    (folder / "codebook.csv").write_text(BOOK_1, encoding="utf-8")
    (folder / "responses.csv").write_text(FIRST, encoding="utf-8")
    assert any(says in problem for problem in blocking(folder)), blocking(folder)


# What a report is made from


def test_every_file_of_every_wave_is_one_that_reading_depends_on(tmp_path):
    folder = write(tmp_path, third="id\n1\n")
    names = [path.name for path in files_read(locate(folder))]
    assert names == ["about.toml", "book_1.csv", "book_2.csv", "first.csv", "second.csv"]
    names = [path.name for path in files_read(locate(folder / "second.csv"))]
    assert names == ["about.toml", "book_2.csv", "second.csv"]
    assert files_read(locate(folder / "first.csv", folder / "book_1.csv")) == [
        folder / "about.toml", folder / "book_1.csv", folder / "first.csv",
    ]  # fmt: skip
    assert files_read(locate(folder / "third.csv")) == [folder / "about.toml"]


# The order of what unites


names = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(st.lists(names, max_size=4))
def test_united_names_stand_once_and_keep_the_order_of_the_first(lists):
    merged = united(lists)
    assert sorted(merged) == sorted(set().union(*lists))
    first = next((one for one in lists if one), [])
    assert [name for name in merged if name in first] == first


def test_a_new_name_stands_behind_the_one_it_follows():
    assert united([["18-24", "65+"], ["under 18", "18-24", "25-64", "65+"]]) == [
        "under 18", "18-24", "25-64", "65+",
    ]  # fmt: skip
    assert united([]) == []
