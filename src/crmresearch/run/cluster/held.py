"""What a worker holds for a session, which is one build: its files, and its warm parent.

The files lie in a folder of the worker's own, which only its user can enter. It goes when the
session ends; when the client was killed, with the next session or the worker. A worker that is
killed leaves it to the next one that Dask starts in the same place, which removes it.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from crmresearch.run.history.blobs import Blobs
from crmresearch.run.kernels import guards
from crmresearch.run.kernels.running import environment
from crmresearch.run.request.notebooks import Notebook
from crmresearch.run.warm.owner import Warm, warmed


class Held:
    """What is held for one session; used by all threads of the worker.

    Attributes
    ----------
    blobs : the files that reports read
    stopped : whether no report may begin another cell
    """

    def __init__(self, parent: str):
        self._ends = ExitStack()
        self._folder = Path(self._ends.enter_context(_temporary(parent)))
        self._lock = threading.Lock()
        self._warm: list[Warm | None] = []
        self.blobs = Blobs(self._folder / "files")
        self.stopped = False

    def missing(self, wanted: Iterable[str], given: Mapping[str, bytes]) -> tuple[str, ...]:
        """Keep the files that are `given`; the hashes `wanted` that are still missing."""
        with self.blobs.held():
            for content in given.values():
                self.blobs.keep_bytes(content)
        return tuple(sorted({known for known in wanted if not self.blobs.has(known)}))

    @contextmanager
    def new_folder(self) -> Iterator[Path]:
        """An empty folder for one report."""
        with _temporary(str(self._folder)) as folder:
            yield Path(folder)

    def warmed(self, notebook: Notebook, say: Callable[[str], None]) -> Warm | None:
        """The parent that kernels are forked from: the first notebook says what it imports.

        Others find there most of what they import; the rest each kernel imports itself.
        """
        with self._lock:
            if not self._warm:
                parent = warmed(self._folder, [notebook], environment(), say=say)
                self._warm.append(self._ends.enter_context(parent))
            return self._warm[0]

    def end(self) -> None:
        """End the warm parent with its kernels, and remove the files."""
        self.stopped = True
        self._ends.close()


_all: dict[str, Held] = {}
_lock = threading.Lock()


def held(session: str, parent: str) -> Held:
    """What this worker, whose own folder is `parent`, holds for a session."""
    with _lock:
        if session not in _all:
            _all[session] = Held(parent)
        return _all[session]


def stop(session: str) -> None:
    """End what runs for a session: at once, or with its cell where others use the worker, too."""
    if session in _all:
        _all[session].stopped = True
        if len(_all) == 1:
            guards.end_all()


async def forget(session: str) -> None:
    """Remove what is held for a session; Dask's own work goes on meanwhile."""
    with _lock:
        gone = _all.pop(session, None)
    if gone:
        await asyncio.to_thread(gone.end)


async def keep_only(sessions: Collection[str]) -> None:
    """Remove what is held for all other sessions: those of clients that were killed."""
    for session in set(_all) - set(sessions):
        await forget(session)


def _temporary(parent: str) -> TemporaryDirectory:
    return TemporaryDirectory(prefix="crmresearch-", dir=parent, ignore_cleanup_errors=True)
