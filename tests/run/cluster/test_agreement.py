"""What is told where machines could not make the same reports."""

from crmresearch.run import manifest
from crmresearch.run.cluster import agreement
from crmresearch.run.cluster.agreement import differences, here, told

OURS = {"Python": "3.11.7", "pandas": "3.1.0", "the package's files": "abc"}


def test_this_process_agrees_with_itself():
    assert here()["pandas"] == manifest.versions()["pandas"]
    assert differences(here(), here()) == ""
    assert told({"a": here(), "b": here()}, here()) == []


def test_every_version_that_differs_is_named():
    theirs = {"Python": "3.12.1", "pandas": "3.0.9", "the package's files": "def"}
    assert differences(theirs, OURS) == "Python 3.12.1, here 3.11.7; pandas 3.0.9, here 3.1.0"
    assert differences({"Python": "3.11.7"}, OURS) == "pandas missing, here 3.1.0"


def test_other_files_of_the_same_version_are_told():
    theirs = OURS | {"the package's files": "def"}
    assert differences(theirs, OURS) == (
        "crmresearch of the same version, but not the same files as here"
    )


def test_machines_that_differ_alike_are_told_in_one_line():
    old = OURS | {"pandas": "3.0.9"}
    found = {"the scheduler": OURS, "tcp://a": old, "tcp://b": ImportError("no x"), "tcp://c": old}
    assert told(found, OURS) == [
        "tcp://a, tcp://c: has pandas 3.0.9, here 3.1.0",
        "tcp://b: cannot run crmresearch (no x)",
    ]


def test_what_is_compared_is_what_a_report_is_made_from(monkeypatch):
    monkeypatch.setattr(manifest, "package_digest", lambda: "changed")
    assert agreement.here()["the package's files"] == "changed"
