"""Orders on their way through Dask: where they may go, how far they are, what becomes of them."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress

from crmresearch.run.cluster import held, worker
from crmresearch.run.cluster.losses import ClusterLost, WorkerLost, connection_lost
from crmresearch.run.kernels.running import OnCell

GLANCE = 20  # seconds between two looks at whether there still are workers
PATIENCE = 120  # seconds without a worker that may make reports, after which none is waited for


class Asking:
    """The orders of one session; its methods are called from several threads."""

    def __init__(self, client, session: str, say: Callable[[str], None]):
        self._client, self._session, self._say = client, session, say
        self._lock = threading.Lock()
        self._running: dict[str, tuple[object, OnCell]] = {}  # run to future and who is told
        self._left_out: set[str] = set()  # workers that differ from this process
        self._told: set[str] = set()
        self._seen = time.monotonic()  # when there last was a worker
        self._ended = False
        self._lost = ""  # why nobody can be asked any more
        client.subscribe_topic(session, self._hear)

    def outcome(
        self,
        order: worker.Order,
        *,
        name: str,
        files: Mapping[str, object],
        at: str,
        on_cell: OnCell,
    ) -> object:
        """What a worker answers to `order`; at the worker `at`, if one is named and still there.

        Parameters
        ----------
        name : of this answer alone, by which Dask knows it
        files : hash to future of the files that the worker is known to lack

        Raises
        ------
        WorkerLost
            If no answer can come any more.
        ClusterLost
            If none could come to another order, either.
        """
        where = self._where(at)
        future = self._asked(order, name, files, where, on_cell)
        try:
            return self._awaited(future, where)
        except CancelledError:
            if self._ended:
                raise worker.Stopped("the build has ended.") from None
            if self._client.status != "running":
                raise WorkerLost("the connection to the cluster was lost.") from None
            if any(sent.status != "finished" for sent in files.values()):
                return worker.Missing(at, tuple(files))  # who held them was lost: send them again
            raise WorkerLost("the cluster gave the report up.") from None
        except ClusterLost:
            raise
        except Exception as error:  # Dask's own: those of the report are answers
            raise WorkerLost(f"the cluster gave the report up ({type(error).__name__}).") from error
        finally:
            with self._lock:
                self._running.pop(order.run, None)
            future.release()

    def leave_out(self, address: str, differences: str) -> None:
        """Ask that worker no more: it joined later, and differs."""
        with self._lock:
            new = address not in self._left_out
            self._left_out.add(address)
        if new:
            self._say(f"the worker {address} is left out: it has {differences}.")

    def end(self) -> None:
        """End what is running: what waits at once, what has begun when its cell ends."""
        with self._lock:
            first, self._ended = not self._ended, True
            running = [future for future, _ in self._running.values()]
        with suppress(Exception):  # the scheduler may be what was lost
            self._client.cancel(running, force=True)
            if first and running:
                self._client.run(held.stop, self._session, on_error="ignore")

    def _asked(
        self,
        order: worker.Order,
        name: str,
        files: Mapping[str, object],
        where: Sequence[str] | None,
        on_cell: OnCell,
    ):
        """Dask's future of the answer, once it is listed among what runs."""
        with self._lock:
            if self._ended:
                raise worker.Stopped("the build has ended.")
            if self._lost:
                raise ClusterLost(self._lost)
            try:
                future = self._client.submit(
                    worker.made,
                    order,
                    dict(files),
                    key=name,
                    pure=False,
                    workers=where,
                    allow_other_workers=bool(where) and not self._left_out,
                )
            except Exception as error:  # the client has closed itself
                raise connection_lost() from error
            self._running[order.run] = (future, on_cell)
            return future

    def _awaited(self, future, where: Sequence[str] | None) -> object:
        from distributed import TimeoutError, wait

        while True:
            try:
                with self._client.as_current():
                    wait(future, timeout=GLANCE)
            except TimeoutError:
                self._look(where)
            else:
                self._seen = time.monotonic()
                return future.result()

    def _look(self, where: Sequence[str] | None) -> None:
        """Give up where there has been no worker to ask for too long."""
        with suppress(OSError):  # the scheduler is not there now
            there = set(self._client.nthreads()) - self._left_out
            if there if where is None or not self._left_out else there & set(where):
                self._seen = time.monotonic()
        if time.monotonic() - self._seen > PATIENCE:
            self._lost = f"the cluster has had no worker for {PATIENCE} seconds."
            raise ClusterLost(self._lost)

    def _where(self, at: str) -> list[str] | None:
        """The workers to ask, None for any."""
        if not self._left_out:
            return [at] if at else None
        try:
            there = set(self._client.nthreads())
        except OSError as error:
            raise connection_lost() from error
        if there <= self._left_out:
            raise ClusterLost("no worker is left that could make the same reports.")
        return sorted(there - self._left_out)

    def _hear(self, event: tuple[float, object]) -> None:
        """What a worker tells: how far a run is, or a text, of which many may tell the same."""
        said = event[1]
        if isinstance(said, str):
            if said not in self._told:
                self._told.add(said)
                self._say(f"on the cluster, {said}")
            return
        run, done, total = said
        with self._lock:
            on_cell = self._running.get(run, (None, None))[1]
        if on_cell:
            on_cell(done, total)
