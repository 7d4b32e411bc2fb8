"""The place where workers leave finished reports."""

import pytest

from crmresearch.errors import RequestError, UserError
from crmresearch.run.cluster.results import Results


def test_what_is_kept_is_found_until_it_is_removed(tmp_path):
    place = Results(f"file://{(tmp_path / 'a folder' / 'ü').as_posix()}")
    assert place.found("one.zip") is None
    place.keep("one.zip", b"first")
    place.keep("one.zip", b"second")
    assert place.found("one.zip") == b"second"
    assert [path.name for path in tmp_path.rglob("*.zip")] == ["one.zip"]
    place.remove("one.zip")
    assert place.found("one.zip") is None


def test_a_folder_is_seen_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Results("some where").keep("x", b"1")
    assert (tmp_path / "some where" / "x").read_bytes() == b"1"
    assert Results(str(tmp_path / "some where")).found("x") == b"1"


def test_a_place_in_memory_serves_one_process():
    Results("memory://results").keep("x", b"1")
    assert Results("memory://results").found("x") == b"1"


def test_what_is_too_large_to_be_a_report_is_not_read(tmp_path, monkeypatch):
    place = Results(str(tmp_path))
    place.keep("x", b"12345")
    monkeypatch.setattr("crmresearch.run.cluster.results.LARGEST", 4)
    assert place.found("x") is None


def test_a_kind_of_place_that_is_not_installed_is_told():
    with pytest.raises(
        RequestError, match=r"^nope://x cannot be read: Protocol not known: nope\.$"
    ):
        Results("nope://x").found("a")
    with pytest.raises(RequestError, match="^s3://bucket/in cannot be written to: .*s3fs"):
        Results("s3://bucket/in").keep("a", b"")


def test_a_place_that_cannot_be_written_to_is_told_without_its_password(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written to: "):
        Results(str(tmp_path / "file")).keep("a", b"")
    with pytest.raises(UserError) as refused:
        Results("nope://me:secret@host/x").found("a")
    assert "secret" not in str(refused.value)
    assert "nope://host/x" in str(refused.value)


def test_no_bucket_is_made_and_what_takes_no_files_is_told(monkeypatch):
    import fsspec

    made = []

    class Buckets(fsspec.AbstractFileSystem):
        protocol = "buckets"

        def makedirs(self, path, exist_ok=False):
            made.append(path)

        def pipe_file(self, path, value, **_):
            if path.startswith("mistyped/"):
                raise FileNotFoundError("The specified bucket does not exist")
            raise NotImplementedError

    monkeypatch.setattr(fsspec, "url_to_fs", lambda url: (Buckets(), url.split("://")[1]))
    for url, reason in {
        "buckets://mistyped/in": "The specified bucket does not exist",
        "buckets://other/in": "places of this kind take no files",
        "buckets://": "it names no bucket or folder",
    }.items():
        with pytest.raises(UserError) as refused:
            Results(url).keep("a", b"")
        assert str(refused.value) == f"{url} cannot be written to: {reason}."
    assert not made
