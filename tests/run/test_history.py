"""The history: what is kept of builds, how little it takes, who may read it and how it goes."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crmresearch.run import manifest, runner
from crmresearch.run.history import keeping as history
from crmresearch.run.history.blobs import Blobs, Damaged
from crmresearch.run.history.keeping import FOLDER, History

WITH_DATA = 'data: str = "small"  # a folder under data/\nlevel: float = 0.95  # level\n'


@pytest.fixture
def whole(small, small_data, add, new_notebook, faked) -> Path:
    """A project whose study reads the small data; its kernels are not started."""
    for known in (manifest.package_digest, manifest.package_hashes):
        known.cache_clear()  # the package may have been edited since another test hashed it
    add("tiny", new_notebook("level", parameters=WITH_DATA))
    return small


@pytest.fixture
def project(whole, monkeypatch) -> Path:
    """The same, of whose package one file is kept."""
    hashes = {"errors.py": history.package_hashes()["errors.py"]}
    monkeypatch.setattr(history, "package_hashes", lambda: hashes)
    return whole


def many(root: Path, number: int) -> None:
    """Let the project have this many reports of the same data."""
    entries = "".join(
        f'[[report]]\nkey = "r{x}"\nstudy = "tiny"\nparameters = {{ level = 0.{x} }}\n'
        for x in range(1, number + 1)
    )
    (root / "reports.toml").write_text(entries)


def new_answers(root: Path, more: str) -> None:
    path = root / "data" / "small" / "responses.csv"
    path.write_text(path.read_text() + more)


def kept_files(root: Path) -> set[str]:
    found = (root / FOLDER / "files").glob("*/*")
    return {path.parent.name + path.name for path in found}


def test_a_build_is_kept_whole_and_can_be_read_back(whole):
    runner.build()
    kept = History(whole)
    (build,) = kept.builds("tiny")
    assert sorted(build.files) == [
        "data/small/about.toml", "data/small/codebook.csv", "data/small/responses.csv",
    ]  # fmt: skip
    assert build.places == {"data": "data/small"}
    data = kept.blobs.read(build.files["data/small/responses.csv"])
    assert data == (whole / "data/small/responses.csv").read_bytes()
    sources = json.loads(kept.blobs.read(build.package))
    assert kept.blobs.read(sources["run/history/keeping.py"]) == Path(history.__file__).read_bytes()
    assert not [name for name in sources if "__pycache__" in name]
    assert json.loads(kept.blobs.read(build.libraries))["pandas"]


def test_what_is_built_again_alike_is_kept_once(project):
    runner.build()
    runner.build(force=True)
    assert len(History(project).builds("tiny")) == 1


def test_many_reports_of_the_same_data_keep_it_once(project):
    runner.build()
    before = kept_files(project)
    many(project, 5)
    runner.build()
    new = kept_files(project) - before
    # Of each report its results, compressed; data, notebook, sources and versions stand there.
    assert len(new) == 5
    known = History(project)
    assert {known.builds(f"r{x}")[0].results for x in range(1, 6)} == new


def test_the_last_builds_are_kept_and_what_they_do_not_need_goes(project):
    for number in range(history.KEPT + 2):
        new_answers(project, f"9{number},3\n")
        runner.build()
    kept = History(project)
    builds = kept.builds("tiny")
    assert len(builds) == history.KEPT
    assert [build.made for build in builds] == sorted((b.made for b in builds), reverse=True)
    needed = set().union(*(build.hashes for build in builds))
    for build in builds:
        needed |= set(json.loads(kept.blobs.read(build.package)).values())
    assert kept_files(project) == needed


def test_the_oldest_give_way_to_the_limit_of_all(project, monkeypatch):
    many(project, 3)
    runner.build()
    monkeypatch.setattr(history, "IN_ALL", 1)
    History(project).tidy()
    assert len(History(project).keys()) == 1


def test_nobody_else_can_read_it(project):
    runner.build()
    for path in (project / FOLDER).rglob("*"):
        if path.name != ".lock":
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE((project / FOLDER).stat().st_mode) == 0o700


def test_a_folder_that_others_can_write_to_is_refused_and_no_build_fails(project, capsys):
    folder = project / FOLDER
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    many(project, 3)
    runner.build()
    assert (project / "reports" / "r3" / "index.html").is_file()
    said = [x for x in capsys.readouterr().err.splitlines() if x.startswith("history:")]
    assert said == [
        f"history: this build cannot be explained later. {folder} must be a folder of your own "
        "that nobody else may write to, because the sources kept in it are run. Remove it, or "
        f"run: chmod 700 {folder}"
    ]


@pytest.mark.parametrize("way", ["option", "configuration"])
def test_it_can_be_turned_off(project, way):
    if way == "configuration":
        path = project / "reports.toml"
        path.write_text("history = false\n" + path.read_text())
    runner.build(history=way != "option")
    assert (project / "reports" / "tiny" / "index.html").is_file()
    assert not (project / FOLDER).exists()


def test_another_listing_keeps_nothing_where_it_says_so(project):
    listing = project / "brands.toml"
    listing.write_text("history = false\n" + (project / "reports.toml").read_text())
    runner.build(listing)
    assert (project / "reports" / "tiny" / "index.html").is_file()
    assert not (project / FOLDER).exists()


def test_the_first_build_says_what_is_kept_and_the_next_does_not(project, capsys):
    runner.build()
    said = "history: what reports are made from, the data included, is kept in .build/history/"
    assert said in capsys.readouterr().err
    runner.build(force=True)
    assert "history" not in capsys.readouterr().err


def test_forgetting_one_report_leaves_the_other_and_forgetting_all_leaves_nothing(project):
    many(project, 2)
    runner.build()
    kept = History(project)
    assert kept.forget("r1") == ["r1"]
    assert kept.keys() == ["r2"]
    assert kept.blobs.read(kept.builds("r2")[0].files["data/small/responses.csv"])
    assert kept.forget() == ["r2"]
    assert kept_files(project) == set()
    assert kept.forget() == []


def test_data_over_the_limit_are_known_by_their_hashes_alone(project, monkeypatch):
    monkeypatch.setattr(history, "LARGEST", 10)
    runner.build()
    kept = History(project)
    (build,) = kept.builds("tiny")
    assert not build.kept
    assert not kept.blobs.has(build.files["data/small/responses.csv"])


def test_a_damaged_file_is_told_and_kept_anew_by_the_next_build(project):
    runner.build()
    kept = History(project)
    (build,) = kept.builds("tiny")
    known = build.files["data/small/responses.csv"]
    kept.blobs.path(known).write_text("somebody's edit")
    with pytest.raises(Damaged, match="is not what it was when it was kept"):
        kept.blobs.copy(known, project / "copy.csv")
    assert not (project / "copy.csv").exists()
    runner.build(force=True)
    assert kept.blobs.read(known)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"form": 99}', '{"form": 1}'])
def test_a_damaged_record_is_left_out(project, text):
    runner.build()
    new_answers(project, "77,3\n")
    runner.build()
    path = max((project / FOLDER / "builds" / "tiny").iterdir())
    path.write_text(text)
    assert len(History(project).builds("tiny")) == 1
    runner.build(force=True)
    assert len(History(project).builds("tiny")) == 2


def test_a_record_that_names_a_place_outside_is_not_read(project):
    runner.build()
    (path,) = (project / FOLDER / "builds" / "tiny").iterdir()
    content = json.loads(path.read_text())
    content["files"]["../../../elsewhere"] = "0" * 64
    path.write_text(json.dumps(content))
    assert History(project).builds("tiny") == []


KILLED = """
import sys, time
from pathlib import Path
from crmresearch.run.history import blobs
def slow(source, target):  # so that the copy takes long enough to be killed in its middle
    while chunk := source.read(1 << 20):
        print("copying", flush=True)
        time.sleep(0.05)
        target.write(chunk)
blobs.shutil.copyfileobj = slow
store = blobs.Blobs(Path(sys.argv[1]))
with store.held():
    store.keep_file(Path(sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_in_the_middle_of_keeping_leaves_what_was_kept(tmp_path):
    store = Blobs(tmp_path / "store")
    with store.held():
        known = store.keep_bytes(b"kept before")
    large = tmp_path / "large"
    large.write_bytes(b"x" * (60 << 20))
    command = [sys.executable, "-c", KILLED, str(store.folder), str(large)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGKILL)
    left = list((store.folder / "unfinished").iterdir())
    assert len(left) == 1
    with store.held():  # the lock went with the process
        assert store.read(known) == b"kept before"
        store.sweep({known})
        assert not list((store.folder / "unfinished").iterdir())
        again = store.keep_file(large)
    assert store.size(again) == 60 << 20
