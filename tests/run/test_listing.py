"""reports.toml: every mistake in it is told, with the rule and the nearest known name."""

from pathlib import Path

import pytest

from crmresearch.errors import RequestError
from crmresearch.run.request.listing import read_listing

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
        read_listing(path)
    return str(refused.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports.toml"


def test_a_good_file_is_read_in_its_order(path):
    path.write_text(GOOD)
    first, second = read_listing(path)
    assert (first.key, first.studies, first.data, first.title) == (
        "first-2026", ("survey",), ("telecom",), "The first",
    )  # fmt: skip
    assert first.parameters == ({"level": 0.9, "quick": True},)
    assert (second.data, second.codebook, second.parameters) == (("",), "", ({},))


def test_an_entry_can_ask_for_many(path):
    path.write_text("""
[[report]]
key = "brands"
study = ["survey", "recovery"]
data = ["a", "waves/*.csv"]
by = "brand"
parameters = [{ level = 0.9 }, { level = 0.99, seed = 2 }]
grid = { min_cell = [10, 20] }
""")
    [entry] = read_listing(path)
    assert entry.studies == ("survey", "recovery")
    assert (entry.data, entry.by) == (("a", "waves/*.csv"), ("brand",))
    assert entry.parameters == ({"level": 0.9}, {"level": 0.99, "seed": 2})
    assert entry.grid == {"min_cell": (10, 20)}
    assert entry.holds("brands-survey-x")
    assert entry.holds("brands")
    assert not entry.holds("brandsx")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("by = []", "'by' is an empty list; name at least one, or leave it out."),
        ("by = 3", "'by' takes text, or a list of texts, not 3."),
        ('by = ["a", "a"]', "'by' names 'a' twice."),
        ("parameters = []", "'parameters' takes a table, such as parameters = { level = 0.9 }, or "
         "a list of tables for a report each."),
        ("parameters = [{a = 1}, {a = 1}]", "'parameters' lists the same table twice."),
        ("grid = { level = 0.9 }", "'grid' takes a table of lists, such as grid = { level = "
         "[0.9, 0.95] }."),
        ("grid = { level = [1, 1] }", "'grid' gives 'level' the same value twice."),
        ("parameters = { level = 1 }\ngrid = { level = [1, 2] }",
         "'level' stands in both parameters and grid; keep one."),
    ],
)  # fmt: skip
def test_what_cannot_be_many_is_told(path, line, problem):
    text = '[[report]]\nkey = "a"\nstudy = "survey"\n' + line
    assert refusal(path, text) == f"reports.toml, report 1: {problem}"


def test_the_projects_own_file_is_good(project):
    entries = read_listing(project / "reports.toml")
    assert [entry.key for entry in entries] == ["survey", "recovery", "archetypes", "validation"]


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
        "data, codebook, title, by, parameters, grid.",
        "reports.toml, report 1: the key '../up' is not allowed: small letters, digits and "
        "hyphens, starting with a letter or digit, at most 60.",
        "reports.toml, report 2: 'study' takes text, or a list of texts, not 3.",
        "reports.toml, report 2: 'parameters' takes a table, such as parameters = { level = 0.9 }, "
        "or a list of tables for a report each.",
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
         "[[report]] tables may stand in it, and history = false above them."),
        ("history = 'no'\n[[report]]\nkey='a'\nstudy='b'", "reports.toml: 'history' takes true or "
         "false."),
        ('[[report]]\nkey = "a"\nstudy = "b"\ndata = "a\\u0000b"', "reports.toml, report 1: "
         r"'data' holds a control character: 'a\x00b'."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_of_reports(path, text, message):
    assert refusal(path, text).startswith(message)


def test_a_missing_file(path):
    with pytest.raises(RequestError, match=r"reports\.toml cannot be read: No such file"):
        read_listing(path)
