"""Publishing: at every moment the last good report, whole, and one build at a time."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from crmresearch.errors import RequestError, UserError
from crmresearch.run import manifest
from crmresearch.run.disk import remove
from crmresearch.run.publishing import publish

FILES = ("index.html", "report.json", "tables/one.csv", "tables/two.csv")
PUBLISHER = """
import sys
from pathlib import Path
from crmresearch.run import manifest
from crmresearch.run.publishing import publish
reports = Path(sys.argv[1])
if sys.argv[2] == "without exchange":
    publish._exchange = lambda one, other: False
with publish.locked(reports):
    print("ready", flush=True)
    version = 0
    while True:
        version += 1
        folder = publish.staging(reports, "report")
        (folder / "tables").mkdir()
        for name in ("index.html", "report.json", "tables/one.csv", "tables/two.csv"):
            (folder / name).write_text(f"version {version}" * 50)
        manifest.write(folder, str(version))
        publish.publish(reports, "report")
"""


def put(reports: Path, text: str, *names: str) -> None:
    folder = publish.staging(reports, "report")
    (folder / "tables").mkdir()
    for name in names or FILES:
        (folder / name).write_text(text)
    manifest.write(folder, text)
    publish.publish(reports, "report")


def whole(report: Path) -> bool:
    """Every file is there and of the same version, which the manifest confirms."""
    texts = {(report / name).read_text() for name in FILES}
    return len(texts) == 1 and any(
        manifest.is_fresh(report, made_from) for made_from in texts | {t.split("version ")[1]
        for t in texts if "version " in t}
    )  # fmt: skip


@pytest.mark.parametrize("exchange", [True, False])
def test_a_new_report_takes_the_place_of_the_old(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    with publish.locked(tmp_path / "reports"):
        put(tmp_path / "reports", "old", *FILES, "tables/gone.csv")
        put(tmp_path / "reports", "new")
    report = tmp_path / "reports" / "report"
    assert whole(report)
    assert (report / "index.html").read_text() == "new"
    assert not (report / "tables" / "gone.csv").exists()
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == [".lock", "report"]


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is Linux's")
@pytest.mark.parametrize("at_once", [True, False])
def test_all_is_on_the_disk_before_it_is_put_in_place(tmp_path, monkeypatch, at_once):
    flushed = set()

    def flush(call, path):
        assert not (tmp_path / "reports" / "report").exists()
        flushed.add(path.relative_to(tmp_path / "reports" / publish.STAGING).as_posix())
        return call(None)

    monkeypatch.setattr(publish, "_flush_with", flush)
    monkeypatch.setattr(publish.os, "fsync", lambda handle: None)
    monkeypatch.setattr(publish.sys, "platform", "linux")
    calls = SimpleNamespace(syncfs=lambda handle: 0 if at_once else -1)
    monkeypatch.setattr(publish.ctypes, "CDLL", lambda name: calls)
    put(tmp_path / "reports", "new", *FILES)
    every = {f"report.new/{name}" for name in (*FILES, "tables")} | {"report.new"}
    assert flushed - {"report.new/manifest.json"} == ({"report.new"} if at_once else every)


def test_folders_are_exchanged_in_one_step_here(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert publish._exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "other").exists()
    assert not publish._exchange(tmp_path / "one", tmp_path / "missing")


@pytest.mark.parametrize("way", ["exchange", "without exchange"])
def test_a_kill_at_any_moment_leaves_a_whole_report(tmp_path, way):
    reports = tmp_path / "reports"
    with publish.locked(reports):
        put(reports, "version 0")
    moments = random.Random(2026)
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, str(reports), way], stdout=subprocess.PIPE
        )
        assert process.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0.001, 0.05))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if way == "exchange" and sys.platform == "linux":
            assert whole(reports / "report")  # even before anything is recovered
        with publish.locked(reports):
            assert whole(reports / "report")
    assert sorted(path.name for path in reports.iterdir()) == [".lock", "report"]


def test_a_report_taken_out_of_place_is_put_back(tmp_path):
    with publish.locked(tmp_path):
        put(tmp_path, "good")
    (tmp_path / ".staging").mkdir()
    (tmp_path / "report").rename(tmp_path / ".staging" / "report.old")
    (tmp_path / ".staging" / "other.new").mkdir()
    with publish.locked(tmp_path):
        assert whole(tmp_path / "report")
    assert not (tmp_path / ".staging").exists()


def test_a_second_build_is_told_to_wait(tmp_path):
    with publish.locked(tmp_path), pytest.raises(publish.Busy) as refused:
        publish.locked(tmp_path).__enter__()
    assert refused.value.exit_code == 75
    assert re.fullmatch(
        rf"another run \(process {os.getpid()}, since \d{{4}}-\d\d-\d\d \d\d:\d\d UTC\) is "
        rf"publishing to {re.escape(str(tmp_path))}. Wait until it has ended.",
        str(refused.value),
    )
    with publish.locked(tmp_path):
        (tmp_path / ".lock").write_bytes(b"\x1b[2J")
        with pytest.raises(publish.Busy, match=r"^another run is publishing to "):
            publish.locked(tmp_path).__enter__()
    assert (tmp_path / ".lock").read_bytes() == b""


def test_a_folder_of_other_files_is_not_written_to(tmp_path):
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(RequestError, match="it holds other files"):
        publish.locked(tmp_path).__enter__()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]
    with pytest.raises(UserError, match="cannot hold reports: File exists"):
        publish.locked(tmp_path / "thesis.docx").__enter__()


def test_a_report_does_not_take_the_place_of_other_files(tmp_path):
    reports = tmp_path / "reports"
    with publish.locked(reports):
        (reports / "notes").mkdir()
        publish.check_place(reports, "notes")
        (reports / "notes" / "mine.txt").touch()
        (reports / "link").symlink_to(tmp_path)
        for key in ("notes", "link"):
            with pytest.raises(UserError, match=f"^{key} in .* is in the way"):
                publish.check_place(reports, key)
        put(reports, "good")
        publish.check_place(reports, "report")


def test_removing_a_link_leaves_what_it_points_to(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    remove(tmp_path / "link")
    remove(tmp_path / "nothing")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda report: (report / "index.html").write_text("tampered"),
        lambda report: (report / "tables" / "one.csv").unlink(),
        lambda report: (report / "manifest.json").unlink(),
        lambda report: (report / "manifest.json").write_text("{}"),
        lambda report: (report / "manifest.json").write_text('{"made_from": "good", "files": 1}'),
    ],
)
def test_an_altered_report_is_not_fresh(tmp_path, damage):
    with publish.locked(tmp_path):
        put(tmp_path, "good")
    assert manifest.is_fresh(tmp_path / "report", "good")
    assert not manifest.is_fresh(tmp_path / "report", "other")
    damage(tmp_path / "report")
    assert not manifest.is_fresh(tmp_path / "report", "good")
