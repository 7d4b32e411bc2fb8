"""Published reports read back, and what is refused of a folder from anywhere."""

import json
import os

import pytest

from crmresearch.errors import DataError
from crmresearch.report import published
from crmresearch.report.downloads import estimates_csv
from crmresearch.report.estimates import FIELDS, Estimate


def estimate(**fields) -> Estimate:
    shown = {"key": "k", "name": "n", "value": 0.1, "unit": "SD", "n": 50, "method": "m"}
    return Estimate(**shown | fields)


@pytest.fixture
def write(tmp_path):
    """Write a report's two files; texts or estimates."""

    def make(key: str = "one", about: object = None, estimates: object = ()) -> None:
        place = tmp_path / key
        place.mkdir()
        about = {"study": "recovery", "data": "D"} if about is None else about
        about = {"key": key} | about if isinstance(about, dict) else about
        text = about if isinstance(about, str) else json.dumps(about)
        (place / "report.json").write_text(text, encoding="utf-8")
        table = estimates if isinstance(estimates, str) else estimates_csv(estimates)
        (place / "estimates.csv").write_text(table, encoding="utf-8")

    return make


def test_what_was_published_is_read_back(write, tmp_path):
    made = [
        estimate(low=-0.1, high=0.3, p=0.2, group="brand: =1+1", n_dropped=2),
        estimate(key="-cmd", name='@x, “quoted”, "plain"', level=0.9, randomised=True),
        estimate(key="k2", value=float("nan")),
    ]
    write("one", {"study": "recovery", "data": "Dä", "data_sha256": "abc"}, made)
    write("two", {"study": "survey", "data": "D"})
    (tmp_path / ".staging").mkdir()
    (tmp_path / "index.html").write_text("the site")
    one, two = published.published(tmp_path)
    assert (one.key, one.study, one.data, one.data_sha256) == ("one", "recovery", "Dä", "abc")
    assert one.estimates == made
    assert (two.key, two.data_sha256, two.estimates) == ("two", "", [])


def test_only_the_two_files_of_each_report_are_named(write, tmp_path):
    write("b")
    write("a")
    (tmp_path / "a" / "index.html").write_text("page")
    (tmp_path / "notes").mkdir()
    names = [path.relative_to(tmp_path).as_posix() for path in published.files(tmp_path)]
    assert names == ["a/report.json", "a/estimates.csv", "b/report.json", "b/estimates.csv"]


HEAD = ",".join(FIELDS)
ROW = "k,n,0.1,,,0.95,SD,5,0,m,,,False,recovery"


@pytest.mark.parametrize(
    ("about", "table", "found"),
    [
        ("{", "", "one/report.json: found what is not JSON"),
        ("[" * 100_000, "", "one/report.json: found what is not JSON"),
        ("[]", "", "one/report.json: found no text under key, study, data"),
        ({"study": 1, "data": "D"}, "", "one/report.json: found no text under key, study, data"),
        (None, "", "one/estimates.csv: found no table"),
        (None, "a,b\n1,2\n", "one/estimates.csv: found other columns than key, name"),
        (None, f"{HEAD}\nk,n\n", "one/estimates.csv, row 2: found 2 cells of 14"),
        (None, f"{HEAD}\n{ROW.replace('SD', 'parsecs')}\n", "row 2: found what is no estimate"),
        (None, f"{HEAD}\n{ROW.replace('0.95', '95')}\n", "row 2: found what is no estimate"),
        (None, f"{HEAD}\n{ROW.replace('0.1', 'inf')}\n", "(value is not finite)"),
        (None, f"{HEAD}\n{ROW.replace('0.1', '__import__')}\n", "row 2: found what is no estimate"),
        (None, f"{HEAD}\n{ROW.replace(',5,', ',-5,')}\n", "(n is below 0)"),
        (None, f"{HEAD}\n{ROW.replace('0.1,,', '0.1,3,2')}\n", "row 2: found"),
        (None, f"{HEAD}\n{ROW}\n{ROW}\n", "row 3: found a second estimate of one key and group"),
    ],
)
def test_what_is_no_published_report_is_refused(write, tmp_path, about, table, found):
    write("one", about, table)
    write("two", "no json")
    with pytest.raises(DataError) as refused:
        published.published(tmp_path)
    lines = str(refused.value).splitlines()
    assert lines[0] == "2 problem(s) with the published reports:"
    assert found in lines[1]
    assert lines[1].endswith("Publish the report again, or take its folder away.")
    assert lines[2].startswith("  2. two/report.json: found what is not JSON")
    assert str(tmp_path) not in str(refused.value)


def test_files_that_are_missing_too_large_or_not_text_are_refused(write, tmp_path, monkeypatch):
    write("one")
    (tmp_path / "one" / "estimates.csv").unlink()
    write("two")
    (tmp_path / "two" / "report.json").write_bytes(b'{"key": "\xff"}')
    write("three", None, "x" * 500)
    monkeypatch.setattr(published, "LARGEST", 400)
    with pytest.raises(DataError) as refused:
        published.published(tmp_path)
    text = str(refused.value)
    assert "one/estimates.csv: found no such file" in text
    assert "two/report.json: found what is not UTF-8 (byte 9)" in text
    assert "three/estimates.csv: found more than 400 bytes" in text


def test_a_link_out_of_the_folder_is_not_followed(write, tmp_path):
    inside = tmp_path / "runs"
    (inside / "one").mkdir(parents=True)
    write("elsewhere")
    for name in published.READ:
        os.symlink(tmp_path / "elsewhere" / name, inside / "one" / name)
    with pytest.raises(DataError, match="found a link out of the folder"):
        published.published(inside)


def test_a_folder_without_reports_is_refused(tmp_path):
    with pytest.raises(DataError, match="found no report but it must hold the folders"):
        published.published(tmp_path)


def test_the_same_data_are_counted_once(write, tmp_path):
    for key, study in (("one", "recovery"), ("two", "recovery"), ("three", "survey")):
        write(key, {"study": study, "data": "D", "data_sha256": "abc"})
    with pytest.raises(DataError, match="two: found the same data as in one") as refused:
        published.published(tmp_path)
    assert str(refused.value).startswith("1 problem(s)")
