"""Files beside the data: found before a run, part of what a report is made from."""

import json

import pytest

from crmresearch.errors import RequestError
from crmresearch.run import runner
from crmresearch.run.request.jobs import Job
from crmresearch.run.request.parameters import declared
from crmresearch.run.request.plans import plan
from crmresearch.run.request.shelf import Shelf

PARAMETERS = (
    'quoted: str = ""  # a table of printed numbers <file>\n'
    'others: str = ""  # a folder of published reports <reports>\n'
)


@pytest.fixture
def beside(small, add, new_notebook):
    """The small project with a study that reads a file and a folder beside its data."""
    add("tiny", new_notebook("quoted", parameters=PARAMETERS))
    (small / "table.csv").write_text("label,n\nx,1\n")
    report = small / "runs" / "france"
    report.mkdir(parents=True)
    (report / "report.json").write_text(json.dumps({"key": "france"}))
    (report / "estimates.csv").write_text("key\n")
    (report / "index.html").write_text("the page")
    settings = 'parameters = { quoted = "table.csv", others = "runs" }\n'
    (small / "reports.toml").write_text('[[report]]\nkey = "tiny"\nstudy = "tiny"\n' + settings)
    return small


def job(**parameters) -> Job:
    return Job(key="tiny", study="tiny", parameters=parameters)


def test_the_mark_is_read_and_is_no_part_of_the_meaning():
    found = declared(PARAMETERS + "n: int = 1  # a number <file>\n", "notebook")
    assert [item.place for item in found.values()] == ["file", "reports", ""]
    assert found["quoted"].meaning == "a table of printed numbers"


def test_the_kernel_gets_whole_paths_and_the_reader_their_last_names(beside):
    made = plan(beside, job(quoted="table.csv", others="runs"), base=beside, shelf=Shelf())
    assert made.values == {
        "quoted": str(beside / "table.csv"),
        "others": str(beside / "runs"),
    }
    assert made.published == {"quoted": "table.csv", "others": "runs"}
    hashed = [name for name in made.provenance if name.startswith("SHA-256 of")]
    assert hashed[:3] == [
        "SHA-256 of quoted: table.csv",
        "SHA-256 of others: france/report.json",
        "SHA-256 of others: france/estimates.csv",
    ]


def test_nothing_named_is_nothing_read(beside):
    made = plan(beside, job(), base=beside, shelf=Shelf())
    assert made.values == {}
    assert made.beside == {}


def test_a_changed_input_makes_the_report_stale_and_nothing_else_does(beside, faked):
    runner.build()
    runner.build()
    assert len(faked) == 1
    (beside / "runs" / "france" / "index.html").write_text("another page")
    (beside / "runs" / "notes.txt").write_text("notes")
    runner.build()
    assert len(faked) == 1
    (beside / "table.csv").write_text("label,n\nx,2\n")
    runner.build()
    assert len(faked) == 2
    (beside / "runs" / "france" / "estimates.csv").write_text("key\nk\n")
    runner.build()
    assert len(faked) == 3
    (beside / "runs" / "france").rename(beside / "runs" / "spain")
    runner.build()
    assert len(faked) == 4


def test_paths_that_name_nothing_are_refused_together(beside):
    with pytest.raises(RequestError) as refused:
        plan(beside, job(quoted="runs", others="nowhere\0"), base=beside, shelf=Shelf())
    assert "must be one line without control characters" in str(refused.value)
    with pytest.raises(RequestError) as refused:
        plan(beside, job(quoted="runs", others="table.csv"), base=beside, shelf=Shelf())
    assert str(refused.value).splitlines() == [
        "notebooks/tiny.ipynb: parameter 'quoted' names 'runs', but there is no such file that "
        "can be read. Correct the path, which is seen from project/.",
        "notebooks/tiny.ipynb: parameter 'others' names 'table.csv', but there is no such folder "
        "of reports that can be read. Correct the path, which is seen from project/.",
    ]
    with pytest.raises(RequestError, match="no such file"):
        plan(beside, job(quoted="x" * 5000), base=beside, shelf=Shelf())


def test_reports_are_not_read_from_where_they_are_published(beside, faked):
    (beside / "runs").rename(beside / "reports")
    text = (beside / "reports.toml").read_text().replace('"runs"', '"reports"')
    (beside / "reports.toml").write_text(text)
    with pytest.raises(RequestError, match="report 'tiny' would read from reports/") as refused:
        runner.build()
    assert refused.value.exit_code == 2
    assert not faked
