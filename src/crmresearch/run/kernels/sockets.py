"""Private folders for the sockets of kernels, which no other user of the machine can reach."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

_PREFIX = "crmresearch-"
_LOCK = "lock"  # held while the folder's process lives, so that others see who is gone
_LONGEST = 80  # a socket's whole path may have about 104 characters


@contextmanager
def socket_folder() -> Iterator[Path | None]:
    """A new folder that only this user can enter, gone at the end; None where there cannot be one.

    What processes that were killed have left behind is removed, too.
    """
    if sys.platform == "win32" or len(tempfile.gettempdir()) + len(_PREFIX) + 9 > _LONGEST:
        yield None
        return
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with open(folder / _LOCK, "wb") as lock:
            _hold(lock.fileno())
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _sweep() -> None:
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError), open(lock, "r+b") as file:
            if file and os.fstat(file.fileno()).st_uid == os.getuid() and _hold(file.fileno()):
                shutil.rmtree(lock.parent, ignore_errors=True)


def _hold(descriptor: int) -> bool:
    """Take a lock that ends with this process, or say that another has it."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
