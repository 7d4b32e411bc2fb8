"""Private folders for kernels: their sockets, which no other user can reach, and their files."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from crmresearch.run.disk import own_folder
from crmresearch.run.leftovers import end_users_of

_PREFIX = "crmresearch-"
_LONGEST = 80  # a socket's whole path may have about 104 characters


def socket_folder() -> AbstractContextManager[Path | None]:
    """A new folder that only this user can enter, gone at the end; None where there cannot be one.

    What processes that were killed have left behind is removed, too.
    """
    place = Path(tempfile.gettempdir())
    if sys.platform == "win32" or len(str(place)) + len(_PREFIX) + 9 > _LONGEST:
        return nullcontext()
    return own_folder(place, _PREFIX)


@contextmanager
def temporary_folder(place: Path | None) -> Iterator[Path | None]:
    """A new folder in `place` for the temporary files of one kernel.

    At the end it is gone, with all that the kernel started and left running; None without a place.
    """
    if place is None:
        yield None
        return
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as name:
        try:
            yield Path(name)
        finally:
            end_users_of(Path(name))
