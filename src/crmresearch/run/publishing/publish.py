"""Putting a finished report in place in one step, and keeping a second build out.

A report is a plain folder, so any static web server can show it. It is written under
``.staging/`` in the folder of reports and then *exchanged* with the one in place: one call of the
system on Linux and macOS, so that at every moment either the old or the new report stands there
whole. Where the system or file system has no exchange (Windows, some network drives) it is two
renames, and `recover` puts the old report back if the process died between them.
"""

import ctypes
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from crmresearch.errors import RequestError, UserError
from crmresearch.run import manifest
from crmresearch.run.disk import remove, try_lock

STAGING = ".staging"
_LOCK = ".lock"
_OLD = ".old"
_SIGNED = re.compile(r"process \d+, since \d{4}-\d\d-\d\d \d\d:\d\d UTC")
_AT_WORKING_FOLDER = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2 on Linux, RENAME_SWAP of renamex_np on macOS


class Busy(UserError):
    """Another build holds the folder; the exit code is EX_TEMPFAIL, try again later."""

    exit_code = 75


@contextmanager
def locked(reports: Path) -> Iterator[None]:
    """Hold the folder of reports against a second build; a killed holder frees it."""
    if not _holds_reports(reports):
        raise RequestError(
            f"{reports} is not a folder of reports: it holds other files. "
            "Name a new or an empty folder with --reports."
        )
    try:
        reports.mkdir(parents=True, exist_ok=True)
        handle = (reports / _LOCK).open("a")
    except OSError as error:
        raise UserError(f"{reports} cannot hold reports: {error.strerror}.") from None
    with handle:
        if not try_lock(handle.fileno()):
            raise Busy(
                f"another run{_holder(reports)} is publishing to {reports}. Wait until it has "
                "ended."
            )
        recover(reports)
        try:
            _sign(handle.fileno())
            yield
        finally:
            remove(reports / STAGING)
            with suppress(OSError):
                os.ftruncate(handle.fileno(), 0)


def _sign(lock: int) -> None:
    """Say in the lock who holds it, for whoever meets it; a full disk is no reason to stop."""
    with suppress(OSError):
        os.ftruncate(lock, 0)
        said = f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        os.write(lock, said.encode("ascii"))


def _holder(reports: Path) -> str:
    """Who holds the lock and since when; nothing where that cannot be known (on Windows)."""
    with suppress(OSError, ValueError):
        said = (reports / _LOCK).read_text(encoding="ascii")
        if _SIGNED.fullmatch(said):
            return f" ({said})"
    return ""


def staging(reports: Path, key: str) -> Path:
    """An empty folder to write the report `key` to, on the file system of `reports`."""
    folder = reports / STAGING / f"{key}.new"
    remove(folder)
    folder.mkdir(parents=True)
    return folder


def check_place(reports: Path, key: str) -> None:
    """Refuse to put a report where something else than a report stands: that would be lost."""
    target = reports / key
    if target.is_symlink() or (target.exists() and not _is_report(target)):
        raise UserError(
            f"{target.name} in {reports} is in the way: it is not a report. Move it, or give the "
            "report another key."
        )


def publish(reports: Path, key: str) -> Path:
    """Put the staged report `key` in place of the last one and return its folder."""
    staged, target = reports / STAGING / f"{key}.new", reports / key
    _flush(staged)
    if not target.exists():
        staged.rename(target)
    elif not _exchange(staged, target):
        old = reports / STAGING / f"{key}{_OLD}"
        remove(old)
        target.rename(old)
        staged.rename(target)
        remove(old)
    remove(staged)
    return target


def recover(reports: Path) -> None:
    """Undo what a killed run left: put back a report taken out of place, drop what is unfinished.

    Call it only while holding the lock.
    """
    folder = reports / STAGING
    for old in folder.glob(f"*{_OLD}"):
        target = reports / old.name.removesuffix(_OLD)
        if not target.exists():
            old.rename(target)
    remove(folder)


def _is_report(folder: Path) -> bool:
    return folder.is_dir() and (
        manifest.stands_in(folder) or (folder / "report.json").exists() or _is_empty(folder)
    )


def _holds_reports(folder: Path) -> bool:
    """Whether we may write to `folder`: it is new, empty or was written by us."""
    if not folder.is_dir() or (folder / _LOCK).exists():
        return True
    return manifest.stands_in(folder) or _is_empty(folder)


def _is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; False where that cannot be done here."""
    name = {"linux": "renameat2", "darwin": "renamex_np"}.get(sys.platform)
    call = getattr(ctypes.CDLL(None), name, None) if name else None
    if call is None:
        return False
    paths = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux":
        here = _AT_WORKING_FOLDER
        return call(here, paths[0], here, paths[1], ctypes.c_uint(_EXCHANGE)) == 0
    return call(*paths, ctypes.c_uint(_EXCHANGE)) == 0


def _flush(folder: Path) -> None:
    """A folder to the disk, so that a power cut after the exchange finds all of it.

    On Linux one call for the file system: it waits for the disk once, not once a file.
    """
    if not _flush_file_system(folder):
        for path in [*folder.rglob("*"), folder]:
            if path.is_file() or sys.platform != "win32":  # which has no names of a folder to flush
                _flush_with(os.fsync, path)


def _flush_file_system(folder: Path) -> bool:
    """Flush all that the folder's file system holds; False where that cannot be done here."""
    call = getattr(ctypes.CDLL(None), "syncfs", None) if sys.platform == "linux" else None
    return call is not None and _flush_with(call, folder) == 0


def _flush_with(call: Callable[[int], int | None], path: Path) -> int | None:
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        return call(handle)
    finally:
        os.close(handle)
