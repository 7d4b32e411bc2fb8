"""reports.toml: every mistake in it is told, with the rule and the nearest known name."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.errors import RequestError
from crmresearch.run.jobs import checked_key, default_key, read_jobs, select

GOOD = """
[[report]]
key = "first-2026"
study = "survey"
data = "telecom"
codebook = "data/codebooks/x"
title = "The first"
parameters = { level = 0.9, quick = true }

[[report]]
key = "second"
study = "validation"
"""


def refusal(path: Path, text: str | bytes) -> str:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(RequestError) as refused:
        read_jobs(path)
    return str(refused.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports.toml"


def test_a_good_file_is_read_in_its_order(path):
    path.write_text(GOOD)
    first, second = read_jobs(path)
    assert (first.key, first.study, first.data, first.title) == (
        "first-2026", "survey", "telecom", "The first",
    )  # fmt: skip
    assert first.parameters == {"level": 0.9, "quick": True}
    assert (second.data, second.codebook, second.parameters) == ("", "", {})


def test_the_projects_own_file_is_good(project):
    jobs = read_jobs(project / "reports.toml")
    assert [job.key for job in jobs] == ["survey", "recovery", "archetypes", "validation"]


def test_every_mistake_is_told_at_once(path):
    text = """
[[report]]
key = "../up"
study = "survey"
dta = "telecom"

[[report]]
key = "twice"
study = 3
parameters = [1]

[[report]]
key = "twice"
"""
    assert refusal(path, text).splitlines() == [
        "reports.toml, report 1: unknown key 'dta'. Did you mean 'data'? It may have: key, study, "
        "data, codebook, title, parameters.",
        "reports.toml, report 1: the key '../up' is not allowed: small letters, digits and "
        "hyphens, starting with a letter or digit, at most 60.",
        "reports.toml, report 2: 'study' takes text, not 3.",
        "reports.toml, report 2: 'parameters' takes a table, such as parameters = { level = 0.9 }.",
        "reports.toml, report 3: 'study' is missing.",
        "reports.toml: the key 'twice' stands in 2 reports; every report needs its own.",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[report]\n", "reports.toml is not TOML: "),
        ("x = " + "9" * 5000, "reports.toml is not TOML: "),
        ("x = " + "[" * 5000, "reports.toml is not TOML: "),
        (b"\xff\xfe", "reports.toml is not UTF-8 text (byte 0)."),
        ("", "reports.toml lists no report: add a table that begins with [[report]]."),
        ("report = 3", "reports.toml lists no report: add a table that begins with [[report]]."),
        ("report = [3]", "reports.toml, report 1: write it as a table that begins with "
         "[[report]]."),
        ("title = 'x'\n[[report]]\nkey='a'\nstudy='b'", "reports.toml: unknown key 'title'; only "
         "[[report]] tables may stand in it."),
        ('[[report]]\nkey = "a"\nstudy = "b"\ndata = "a\\u0000b"', "reports.toml, report 1: "
         r"'data' holds a control character: 'a\x00b'."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_of_reports(path, text, message):
    assert refusal(path, text).startswith(message)


def test_a_missing_file(path):
    with pytest.raises(RequestError, match=r"reports\.toml cannot be read: No such file"):
        read_jobs(path)


def test_an_unknown_key_is_refused_with_the_nearest(path):
    path.write_text(GOOD)
    jobs = read_jobs(path)
    assert [job.key for job in select(jobs, ["second"], "reports.toml")] == ["second"]
    assert select(jobs, [], "reports.toml") == jobs
    with pytest.raises(RequestError) as refused:
        select(jobs, ["secnd"], "reports.toml")
    assert str(refused.value) == (
        "reports.toml has no report 'secnd'. Did you mean 'second'? It has: first-2026, second."
    )


@pytest.mark.parametrize("key", ["", "..", "a/b", "a\\b", "A", "-a", "a b", "a\n", "é", "a" * 61])
def test_a_key_is_a_plain_name(key):
    with pytest.raises(RequestError):
        checked_key(key)


@given(st.text(min_size=1, max_size=20), st.text(max_size=40))
def test_a_report_that_nobody_named_gets_an_allowed_key(study, data):
    key = default_key(f"study-{study}", data)
    assert checked_key(key) == key


def test_the_key_names_study_and_dataset():
    assert default_key("survey", "telecom") == "survey-telecom"
    assert default_key("survey", "/some/Where/SFO 2017.csv") == "survey-sfo-2017"
    assert default_key("survey", "") == "survey"
