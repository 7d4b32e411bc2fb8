"""The run log: one line for what happens, whole after a kill, and never more than it may hold."""

import errno
import json

import pytest

from crmresearch.run.batch import events, log
from crmresearch.run.batch.events import Event
from crmresearch.run.batch.log import Log
from crmresearch.run.kernels.limits import Used


def lines(reports) -> list[dict]:
    return [json.loads(line) for line in (reports / log.NAME).read_text().splitlines()]


def told(reports, *, key: str = "one", seconds: float = 2.5, ended: bool = True) -> Log:
    """A build of one report."""
    found = Log(reports)
    found.began(reports=1, slots=2, retries=1)
    found.tell(Event(name=events.PUBLISHED, key=key, study="tiny", attempt=1, seconds=seconds))
    if ended:
        found.ended("complete", seconds=3.0, published=1)
    return found


def test_every_event_is_one_line_at_once(tmp_path):
    build = Log(tmp_path)
    build.began(reports=1, slots=2, retries=1)
    build.tell(
        Event(
            name=events.FAILED, key="one", study="tiny", part="brand = Café \u2028", attempt=2,
            seconds=1.23456, used=Used(0.98765, 250_000_000), reason="ValueError in cell 3",
            made_from="ab12",
        )
    )  # fmt: skip
    began, failed = lines(tmp_path)
    assert failed.pop("time") >= began.pop("time")
    assert began == {
        "build": build.build, "event": "began", "reports": 1, "slots": 2, "retries": 1,
    }  # fmt: skip
    assert failed == {
        "build": build.build, "event": "failed", "key": "one", "study": "tiny",
        "part": "brand = Café \u2028", "attempt": 2, "seconds": 1.235, "cpu_seconds": 0.988,
        "peak_memory": 250_000_000, "reason": "ValueError in cell 3", "made_from": "ab12",
    }  # fmt: skip
    assert (tmp_path / log.NAME).read_bytes().isascii()
    build.ended("complete", seconds=2.0)
    assert lines(tmp_path)[-1]["reason"] == "complete"


def test_a_build_that_was_killed_is_closed_by_the_next(tmp_path):
    killed = told(tmp_path, ended=False)
    with (tmp_path / log.NAME).open("ab") as file:
        file.write(b'{"time": "2026-01-01T00:00:00.000Z", "bui')
    following = told(tmp_path, key="two")
    found = lines(tmp_path)
    assert [(line["build"], line["event"]) for line in found] == [
        (killed.build, "began"), (killed.build, "published"), (killed.build, "ended"),
        (following.build, "began"), (following.build, "published"), (following.build, "ended"),
    ]  # fmt: skip
    assert found[2]["reason"] == "killed"


def test_what_reports_took_the_last_time_is_known(tmp_path):
    told(tmp_path, key="one", seconds=5.0)
    told(tmp_path, key="two", seconds=7.0)
    told(tmp_path, key="one", seconds=6.0)
    assert Log(tmp_path).seconds == {"one": 6.0, "two": 7.0}


@pytest.mark.parametrize(("builds", "size"), [(4, 10_000_000), (100, 1_500)])
def test_old_builds_give_way(tmp_path, monkeypatch, builds, size):
    monkeypatch.setattr(log, "_BUILDS", builds)
    monkeypatch.setattr(log, "_BYTES", size)
    names = [told(tmp_path).build for _ in range(9)]
    kept = list(dict.fromkeys(line["build"] for line in lines(tmp_path)))
    assert kept == names[-len(kept) :]
    assert len(kept) == 4
    assert list(tmp_path.iterdir()) == [tmp_path / log.NAME]


@pytest.mark.parametrize("content", [b"\x00\xff\n", b"[1]\n", b'{"event": 3}\n', b"\n\n", b'"'])
def test_a_damaged_log_stops_no_build(tmp_path, content):
    (tmp_path / log.NAME).write_bytes(content)
    build = told(tmp_path)
    text = (tmp_path / log.NAME).read_bytes()
    assert json.loads(text.splitlines()[-1])["build"] == build.build
    assert not build.broken


def test_a_log_that_cannot_be_written_ends_and_says_so(tmp_path, monkeypatch):
    build = told(tmp_path, ended=False)

    class Full:
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(build, "_file", Full())
    build.tell(Event(name=events.FAILED, key="one"))
    build.ended("complete")
    assert build.broken == "build.jsonl cannot be written: No space left on device."
    assert len(lines(tmp_path)) == 2


def test_a_folder_in_its_place_stops_no_build(tmp_path):
    (tmp_path / log.NAME).mkdir()
    assert told(tmp_path).broken == "build.jsonl cannot be written: Is a directory."
