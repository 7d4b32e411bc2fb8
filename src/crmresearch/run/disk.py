"""Files and folders that several processes use: written whole, locked, removed with their process.

A lock ends with the process that holds it, however that ends. So whoever meets a folder whose lock
nobody holds knows that its process was killed, and removes it.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from crmresearch.run.leftovers import end_users_of

_LOCK = "lock"


def write_whole(path: Path, text: str) -> None:
    """Write a file in one step, so that a reader never meets half of it."""
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def remove(path: Path) -> None:
    """Remove a folder, a file or a link (not what it points to), if it is there."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def try_lock(descriptor: int) -> bool:
    """Lock an open file against other processes; False where one of them holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 0, os.SEEK_SET)  # it locks a byte where the file stands: the first
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def own_folder(place: Path, prefix: str = "") -> Iterator[Path]:
    """A new folder in `place` that only this user can enter, gone at the end.

    Processes that keep their temporary files there are ended with it. What killed processes have
    left in `place` is removed before the first one.
    """
    _sweep(place, prefix)
    folder = Path(mkdtemp(prefix=prefix, dir=place))
    try:
        with (folder / _LOCK).open("wb") as lock:
            try_lock(lock.fileno())
            yield folder
    finally:
        clear(folder)


@cache
def _sweep(place: Path, prefix: str) -> None:
    for lock in place.glob(f"{prefix}*/{_LOCK}"):
        with suppress(OSError):
            with lock.open("r+b") as file:
                left = _is_ours(file.fileno()) and try_lock(file.fileno())
            if left:
                clear(lock.parent)


def clear(folder: Path) -> None:
    """Remove an `own_folder` with its users; whoever is killed at it leaves the rest to others."""
    end_users_of(folder)
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name != _LOCK:  # by which others know that all must go
                remove(path)
    shutil.rmtree(folder, ignore_errors=True)


def _is_ours(descriptor: int) -> bool:
    """Whether the open file belongs to this user; the folder of temporary files is everybody's."""
    return sys.platform == "win32" or os.fstat(descriptor).st_uid == os.getuid()
