"""Data files on their way to workers: each is handed to the cluster once, however many need it."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run.cluster.losses import WorkerLost

KEPT = 1_000_000_000  # bytes kept in the cluster's memory for workers that will need them


class Sending:
    """The files of one session.

    A worker that lacks a file takes it from the cluster's memory, mostly from another worker, and
    keeps it on its disk; so it passes from here to the scheduler once. What is released here the
    cluster forgets when no report waits for it.
    """

    def __init__(self, client):
        self._client = client
        self._lock = threading.Lock()
        self._futures: OrderedDict[str, object] = OrderedDict()
        self._sizes: dict[str, int] = {}

    def futures(self, wanted: Iterable[str], files: Mapping[str, Path]) -> dict[str, object]:
        """Hash to Dask's future of the bytes, sent where they have not been or were lost.

        Raises
        ------
        UserError, OSError
            If a file of `files` is not there any more, or not what it was when it was hashed.
        WorkerLost
            If there is nobody who could take them.
        """
        with self._lock:
            return {known: self._future(known, files[known]) for known in wanted}

    def release(self) -> None:
        """Let the cluster forget everything."""
        with self._lock:
            self._futures.clear()

    def _future(self, known: str, path: Path) -> object:
        future = self._futures.get(known)
        if future is None or future.status != "finished":
            content = path.read_bytes()
            if sha256(content).hexdigest() != known:
                raise UserError(f"{path.name} changed while the reports were made. Build again.")
            name = f"crmresearch-{known}"
            try:
                future = self._client.scatter({name: content}, hash=False)[name]
            except Exception as error:  # no worker is there, or no scheduler
                raise WorkerLost(f"{path.name} could not be sent ({error}).") from error
            self._futures[known], self._sizes[known] = future, len(content)
        self._futures.move_to_end(known)
        while len(self._futures) > 1 and sum(self._sizes[k] for k in self._futures) > KEPT:
            self._futures.popitem(last=False)
        return future
