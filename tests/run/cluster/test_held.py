"""What a worker holds for the builds that it works for, and lets go of."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from crmresearch.run.cluster import held


def run(coroutine):
    """Run it in a thread of its own: a browser of other tests may hold this thread's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


A, B = (sha256(text).hexdigest() for text in (b"a", b"b"))


@pytest.fixture
def here(tmp_path):
    """The worker's folder; nothing is held afterwards."""
    yield tmp_path
    run(held.keep_only([]))


def kept(folder):
    return sorted(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() if path.stat().st_size
    )


def test_a_file_is_kept_until_its_build_ends(here):
    one = held.held("one", str(here))
    assert held.held("one", str(here)) is one
    assert one.missing([A, B, A], {}) == tuple(sorted((A, B)))
    assert one.missing([A, B], {A: b"a"}) == (B,)
    assert one.missing([A, B], {B: b"b"}) == ()
    assert kept(here) == [b"a", b"b"]
    assert [path.stat().st_mode & 0o077 for path in here.iterdir()] == [0]
    with one.new_folder() as folder:
        one.blobs.copy(A, folder / "data" / "a.csv")
        assert (folder / "data" / "a.csv").read_bytes() == b"a"
    run(held.forget("one"))
    assert list(here.iterdir()) == []
    run(held.forget("one"))


def test_what_a_killed_client_left_goes_with_the_next_build(here):
    old, new = held.held("old", str(here)), held.held("new", str(here))
    old.missing([], {A: b"a"})
    new.missing([], {B: b"b"})
    run(held.keep_only(["new", "another"]))
    assert old.stopped
    assert not new.stopped
    assert kept(here) == [b"b"]


def test_a_build_that_ends_stops_its_own_reports_alone(here):
    mine, other = held.held("mine", str(here)), held.held("other", str(here))
    held.stop("mine")
    held.stop("unknown")
    assert (mine.stopped, other.stopped) == (True, False)
