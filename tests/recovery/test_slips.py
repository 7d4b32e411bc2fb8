"""Printed statistics that a user types in: what is read, what is refused, what is shown."""

import os
from pathlib import Path

import pytest

from crmresearch.data.locate import project_root
from crmresearch.errors import DataError, RequestError
from crmresearch.recovery import slips
from crmresearch.recovery.headlines import slips as headlines
from crmresearch.report.exhibits import show
from crmresearch.validation.references import FOLDER

EXAMPLE = project_root() / "data" / "reported" / "servqual_gaps.csv"


@pytest.fixture
def file(tmp_path):
    """Write a file and return its path as text."""

    def make(content: str | bytes, name: str = "paper.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return make


def test_the_published_slip_is_found_and_nothing_else():
    table = slips.judged(slips.read(str(EXAMPLE)))
    wrong = table[table["Verdict"] == "inconsistent"]
    assert list(wrong["Statistic"]) == ["Assurance"]
    assert len(table) == 10
    assert headlines.slips(table) == (
        "Of 10 checks of 5 printed statistics, 1 does not fit: Assurance, t from the estimate and "
        "its interval, is printed as -4.87, where the others allow −8.08 to −6.26."
    )
    shown = show("reported", table, title=headlines.slips(table))
    assert "| Assurance | t from the estimate and its interval | -4.87 |" in shown.markdown


def test_the_example_is_the_reference_case():
    assert EXAMPLE.read_bytes() == (FOLDER / "tables" / "servqual_gaps.csv").read_bytes()


def test_without_a_file_one_line_says_so():
    table = slips.judged(slips.read(""))
    assert headlines.slips(table) == (
        "No file of printed statistics was named, so none was checked."
    )
    assert show("reported", table, title=headlines.slips(table)).record["table"]["rows"] == []


def test_every_column_is_read(file):
    text = (
        "Label;n;mean;sd;se;n2;mean2;sd2;estimate;low;high;level;t;df;p;F;df2;d;percent;items;"
        "scale_min;scale_max;decimals\n"
        "a;40;3.5;1.2;.19;38;3.1;1.1;.4;-.12;.92;95%;1.53;76;< .2;;;.35;33;2;1;7;2\n"
        ";;;;;;;;;;;;;;;;;;;;;;\n"
        "b;;;;;;;;;;;;;2;.03;3.7;57;;;;;;\n"
    )
    one, two = slips.read(file("\ufeff" + text))
    assert (one.label, one.n, one.n2, one.items, one.level) == ("a", 40, 38, 2, 0.95)
    assert one.mean.range.low == pytest.approx(3.495)  # two decimals were printed
    assert one.df.range.low == pytest.approx(75.5)  # of df none were
    assert one.scale == (1.0, 7.0)
    assert one.percentage.text == "33"
    assert (one.p.range.low, one.p.range.high) == (0.0, 0.2)
    assert two.f.value == 3.7
    assert two.scale is None
    assert len(slips.judged([one, two])) > 8


def test_a_row_that_allows_no_check_says_so(file):
    table = slips.judged(slips.read(file("label,n\nonly a size,40\n")))
    assert list(table["Verdict"]) == ["cannot tell"]
    assert headlines.slips(table) == (
        "Of 1 check of 1 printed statistic, none contradicts another and 1 cannot tell."
    )


def test_every_mistake_of_a_file_is_told_at_once(file):
    text = (
        "label,n,mean,t,level,low,high,scale_min,sd,items\n"
        "a,1.5,3.5,2,0.95,1,2,,1,1\n"
        'a,"1,200",three,< 2,7,3,2,1,-1,0\n'
        ",20,1,1,95,1,2,,1,1\n"
    )
    with pytest.raises(DataError) as refused:
        slips.read(file(text))
    lines = str(refused.value).splitlines()
    assert lines[0] == "11 data problem(s):"
    told = "\n".join(lines)
    for part in (
        "paper.csv, row 2, column 'n': found '1.5' but it is a whole number from 1",
        "paper.csv, row 3, column 'n': found '1,200' but it is a whole number from 1",
        "paper.csv, row 3, column 'mean': found 'three' but a number is written with a decimal",
        "paper.csv, row 3, column 't': found '< 2' but only p may be printed as less or more",
        "paper.csv, row 3, column 'level': found '7' but the level is a share such as 0.95",
        "paper.csv, row 3, column 'low': found '3' above high, '2' but an interval goes from low",
        "paper.csv, row 3, column 'scale_min': found one end of the scale but both are needed",
        "paper.csv, row 3, column 'sd': found '-1' but it is never below 0",
        "paper.csv, row 4, column 'label': found nothing but every row has a label",
        "paper.csv, row 3, column 'items': found '0' but it is a whole number from 1",
        "paper.csv, column 'label': found 2 rows with the label 'a' but the report names a row",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("label,n\n", "found no row below the header"),
        ("label,n\n,\n", "found no row below the header"),
        ("n,mean\n1,2\n", "found no column 'label'"),
        ("label,meen\na,1\n", "Did you mean 'mean'?"),
        ("label,mean,Mean\na,1,2\n", "found 2 columns of that name"),
        ("label,mean\na,1,2\n", "found 3 fields"),
        (b"label,mean\na,\xff\n", "is not utf-8"),
        (b"\x00\x01", "NUL byte"),
        ("label,n\n" + "".join(f"r{i},1\n" for i in range(501)), "at most 500 are read"),
        ("x" * 1_000_001, "more than a million bytes"),
        ('label,n\n"a,1\n', "found 1 fields"),
    ],
)
def test_a_file_of_another_form_is_refused(file, content, message):
    with pytest.raises(DataError, match=message) as refused:
        slips.read(file(content))
    assert os.sep + "tmp" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RequestError, match="there is no file of printed statistics 'no.csv'"):
        slips.read("no.csv")
    with pytest.raises(RequestError, match="there is no file"):
        slips.read("a\0b")
    with pytest.raises(DataError, match="it is no file"):
        slips.read(str(tmp_path))


def test_a_path_is_seen_from_the_project_too(monkeypatch):
    monkeypatch.chdir(project_root() / "notebooks")
    assert len(slips.read("data/reported/servqual_gaps.csv")) == 5
    assert Path.cwd().name == "notebooks"


def test_hostile_labels_are_text(file):
    table = slips.judged(slips.read(file('label,t,df,p\n"<script>=1+1",2.2,28,.001\n')))
    shown = show("reported", table, title=headlines.slips(table))
    assert "<script>" not in shown.html
