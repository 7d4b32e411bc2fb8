"""Private folders for the sockets of kernels, which no other user of the machine can reach."""

import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from crmresearch.run.disk import own_folder

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
