"""Processes that outlive the kernel which started them, in a session or group of their own.

Each kernel has a folder of its own for temporary files, and what it starts inherits the variable
that names it. So the folder tells whose a process is, even when nobody is left to ask: whoever
removes the folder ends the processes first.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LOOKS = 20  # a process may start another while it is being ended
_PAUSE = 0.01  # seconds between two


def end_users_of(folder: Path) -> None:
    """End the processes of this user, but for this one, that have temporary files in `folder`.

    On Linux alone: elsewhere a process does not tell what it was started with.
    """
    if sys.platform != "linux":
        return
    for _ in range(_LOOKS):
        found = list(_users_of(folder))
        if not found:
            return
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_PAUSE)


def _users_of(folder: Path) -> Iterator[int]:
    named = b"\0TMPDIR=" + os.fsencode(folder)
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid != os.getuid():  # the system's own user could read all
                continue
            known = b"\0" + (path / "environ").read_bytes()
        except OSError:  # it may not be read, or has just ended
            continue
        if (named + b"\0" in known or named + b"/" in known) and path.name != str(os.getpid()):
            yield int(path.name)
