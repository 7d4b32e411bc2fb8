"""Why a report would run: each ingredient that changed is named, with what is safe to show."""

import pytest

from crmresearch.run import manifest
from crmresearch.run.publishing.freshness import reasons

PARTS = {
    "study": "survey",
    "key": "a",
    "title": "",
    "notebook": "n1",
    "package": "p1",
    "parameters": {"data": "telecom", "level": 0.9},
    "data": {"responses.csv": "d1", "codebook.csv": "c1"},
    "beside": {"reported: table.csv": "t1"},
    "lock": "l1",
    "versions": {"Python": "3.11.7", "pandas": "3.0.1"},
}


@pytest.fixture
def report(tmp_path):
    (tmp_path / "index.html").write_text("page")
    manifest.write(tmp_path, PARTS)
    return tmp_path


def test_what_stands_unaltered_is_fresh(report):
    assert reasons(report, PARTS) == []


def test_what_is_not_there_is_new(tmp_path):
    assert reasons(tmp_path / "none", PARTS) == ["new"]


def test_altered_files_are_told(report):
    (report / "index.html").write_text("tampered")
    assert reasons(report, PARTS) == ["its files were altered or are gone"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"notebook": "n2"}, ["notebook"]),
        ({"package": "p2"}, ["package (crmresearch itself)"]),
        ({"lock": "l2"}, ["requirements.lock"]),
        ({"title": "New"}, ["title"]),
        ({"data": {"responses.csv": "d2", "codebook.csv": "c1"}}, ["data (responses.csv)"]),
        ({"data": {"responses.csv": "d1", "codebook.csv": "c2"}}, ["data (codebook.csv)"]),
        ({"data": {"responses.csv": "d1"}}, ["data (codebook.csv)"]),
        ({"beside": {"reported: table.csv": "t2"}}, ["file (reported: table.csv)"]),
        ({"parameters": {"data": "telecom", "level": 0.95}}, ["parameter level (0.9 to 0.95)"]),
        ({"parameters": {"data": "telecom"}}, ["parameter level (0.9 to its default)"]),
        ({"versions": {"Python": "3.11.7", "pandas": "3.1.0"}},
         ["version pandas ('3.0.1' to '3.1.0')"]),
        ({"notebook": "n2", "lock": "l2"}, ["notebook", "requirements.lock"]),
    ],
)  # fmt: skip
def test_every_ingredient_has_its_reason(report, change, why):
    assert reasons(report, PARTS | change) == why


def test_a_report_of_an_older_form_is_made_again(report):
    manifest.write(report, "a hash of all")
    assert reasons(report, PARTS) == ["made by another version of the builder"]
