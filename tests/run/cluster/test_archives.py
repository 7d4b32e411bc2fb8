"""A report as one archive: the same bytes each time, and nothing else is ever unpacked."""

import io
import os
import stat
import zipfile

import pytest

from crmresearch.run import manifest
from crmresearch.run.cluster import archives
from crmresearch.run.cluster.archives import Unfit, packed, unpack

PARTS = {"key": "one", "seed": 1}


@pytest.fixture
def report(tmp_path):
    folder = tmp_path / "report"
    (folder / "tables").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>é</h1>" * 500, encoding="utf-8")
    (folder / "tables" / "one.csv").write_bytes(b"a,b\r\n1,2\r\n")
    (folder / "empty.txt").touch()
    manifest.write(folder, PARTS)
    return folder


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "inner" / "target"
    folder.mkdir(parents=True)
    return folder


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def changed(content: bytes, *, leave_out: str = "", **added: bytes | zipfile.ZipInfo) -> bytes:
    """The archive without one file, and with others."""
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(new, "w") as archive:
        for entry in old.infolist():
            if entry.filename != leave_out:
                archive.writestr(entry, old.read(entry))
        for name, text in added.items():
            archive.writestr(name, text)
    return new.getvalue()


def test_a_report_comes_back_as_it_was(report, target):
    content = packed(report)
    unpack(content, target, PARTS)
    assert files(target) == files(report)
    assert len(content) < 3000


def test_the_same_report_is_the_same_archive_wherever_and_whenever_it_was_made(report, target):
    content = packed(report)
    unpack(content, target, PARTS)
    os.utime(target / "index.html", (1, 1))
    (target / "empty.txt").chmod(0o640)
    assert packed(target) == content


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt", "/out.txt", "a/../../out.txt", "C:/out.txt", "C:out.txt", "\\\\host\\out.txt",
        "..\\out.txt", "INDEX.html", "folder/",
    ],
)  # fmt: skip
def test_a_name_that_no_report_has_is_refused(report, target, name):
    with pytest.raises(Unfit):
        unpack(changed(packed(report), **{name: b"x"}), target, PARTS)
    assert not list(target.parent.parent.glob("out.txt"))
    assert [path.name for path in target.parent.iterdir()] == ["target"]
    assert files(target) == {}


def test_a_link_is_refused(report, target):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    content = io.BytesIO(packed(report))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(Unfit, match="^'link' is no name of a report's file$"):
        unpack(content.getvalue(), target, PARTS)
    assert files(target) == {}


@pytest.mark.parametrize(
    "alter",
    [
        lambda content: changed(content, **{"extra.html": b"x"}),
        lambda content: changed(content, leave_out="empty.txt"),
        lambda content: changed(content, leave_out="manifest.json"),
        lambda content: changed(content, leave_out="index.html", **{"index.html": b"other"}),
        lambda content: changed(content, **{"index.html/in": b"x"}),
    ],
)
def test_what_is_not_the_report_that_was_made_is_refused(report, target, alter):
    with pytest.raises(Unfit):
        unpack(alter(packed(report)), target, PARTS)


def test_a_manifest_that_names_files_elsewhere_is_refused(report, target, tmp_path):
    (tmp_path / "inner" / "secret").write_text("x")
    text = (report / "manifest.json").read_text()
    known = manifest.file_hash(tmp_path / "inner" / "secret")
    (report / "manifest.json").write_text(
        text.replace('"files": {', f'"files": {{"../secret": "{known}",')
    )
    with pytest.raises(Unfit, match="not the report that was asked for"):
        unpack(packed(report), target, PARTS)


def test_another_report_is_refused(report, target):
    with pytest.raises(Unfit, match="^it is not the report that was asked for, or was altered$"):
        unpack(packed(report), target, PARTS | {"seed": 2})


def test_an_archive_cut_short_anywhere_is_refused(report, tmp_path):
    content = packed(report)
    for length in range(0, len(content), 97):
        folder = tmp_path / str(length)
        folder.mkdir()
        with pytest.raises(Unfit):
            unpack(content[:length], folder, PARTS)


def test_one_changed_byte_changes_nothing_or_is_refused(report, tmp_path):
    content = packed(report)
    for place in range(0, len(content), 61):
        folder = tmp_path / str(place)
        folder.mkdir()
        altered = bytearray(content)
        altered[place] ^= 0x55
        try:
            unpack(bytes(altered), folder, PARTS)
        except Unfit:
            continue
        assert files(folder) == files(report)


def test_more_than_a_report_may_have_is_refused(report, target, monkeypatch):
    content = packed(report)
    monkeypatch.setattr(archives, "MOST", 3)
    with pytest.raises(Unfit, match="too many files"):
        unpack(content, target, PARTS)
    monkeypatch.undo()
    monkeypatch.setattr(archives, "LARGEST", 5000)
    with pytest.raises(Unfit, match="too large"):
        unpack(content, target, PARTS)
    assert files(target) == {}


def test_a_file_larger_than_the_list_says_is_not_written_out(report, target):
    content = packed(report)
    size = (report / "index.html").stat().st_size.to_bytes(4, "little")
    assert content.count(size) == 2  # before the file, and in the list at the end
    with pytest.raises(Unfit):
        unpack(content.replace(size, (10).to_bytes(4, "little")), target, PARTS)
    assert sum(len(text) for text in files(target).values()) < 2000
