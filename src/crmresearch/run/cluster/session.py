"""The client's side: one connection to a Dask cluster for the time of a batch."""

import uuid
from collections.abc import Callable
from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path
from typing import Self

from crmresearch.run import manifest
from crmresearch.run.cluster import agreement, archives, connection, held, worker
from crmresearch.run.cluster.asking import Asking
from crmresearch.run.cluster.losses import WorkerLost
from crmresearch.run.cluster.parcels import parcel
from crmresearch.run.cluster.results import Results
from crmresearch.run.cluster.sending import Sending
from crmresearch.run.disk import remove
from crmresearch.run.kernels.limits import USUAL, Limits, Used
from crmresearch.run.kernels.running import OnCell
from crmresearch.run.request.plans import Plan

_ROUNDS = 20  # answers for one try; each but the last finds a worker that lacks files, or differs


class Cluster:
    """An existing Dask cluster that makes reports, in a ``with`` statement.

    A try that began on a worker which is then lost has failed, and is tried again as often as
    the batch's `retries` say. Dask itself moves only what has not begun, so that its own setting
    ``allowed-failures`` multiplies nothing.

    Parameters
    ----------
    address : of the scheduler, such as ``tcp://10.0.0.1:8786``, or the path of its file
    results : URL that workers leave finished reports at; they come through the scheduler otherwise
    limits : what each report may take
    force : whether reports that already lie at `results` are made again
    warm : whether workers fork kernels from a process that has imported their libraries
    say : told what a person should know

    Attributes
    ----------
    slots : how many reports the workers make at a time, one a thread, when it was entered

    Raises
    ------
    UserError
        When it is entered: the scheduler does not answer, has no worker, or something differs
        between the machines that must not.
    """

    def __init__(
        self,
        address: str,
        *,
        results: str = "",
        limits: Limits = USUAL,
        force: bool = False,
        warm: bool = True,
        say: Callable[[str], None] = lambda text: None,
    ):
        self._address, self._limits, self._say = address, limits, say
        self._force, self._warm = force, warm
        self._results = Results(results) if results else None

    def __enter__(self) -> Self:
        with ExitStack() as ends:
            self._client = ends.enter_context(connection.opened(self._address))
            self._ours = agreement.here()
            self._session = f"{connection.SESSION}{self._client.id}"
            self.slots = connection.checked(self._client, self._ours, self._results, self._say)
            connection.forget_others(self._client)
            self._sending = Sending(self._client)
            self._asking = Asking(self._client, self._session, self._say)
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._ends:
            self.end()
            self._sending.release()
            with suppress(Exception):  # a cluster that is gone holds nothing
                self._client.run(held.forget, self._session, on_error="ignore")

    def make(self, item: Plan, folder: Path, *, on_cell: OnCell) -> Used:
        """Let a worker make the report of `item` and write it into the empty `folder`.

        Raises
        ------
        NotebookFailed
            As it was raised on the worker, or `WorkerLost`.
        UserError, OSError
            If files that the report reads cannot be sent, or the report cannot be fetched.
        """
        name = f"{item.job.key}-{manifest.digest(item.parts)}.zip"
        if self._results and not self._force and self._is_there(item, name, folder):
            return Used()
        made = self._made(item, name, on_cell)
        content = made.archive
        if content is None:
            content = self._results.found(name) or b""
        try:
            if sha256(content).hexdigest() != made.sha256:
                raise archives.Unfit("it is not what the worker sent")
            archives.unpack(content, folder, item.parts)
        except archives.Unfit as error:
            raise WorkerLost(f"the report that came back was not taken: {error}.") from None
        return made.used

    def end(self) -> None:
        """End what is running: what waits at once, what has begun when its cell ends."""
        self._asking.end()

    def _is_there(self, item: Plan, name: str, folder: Path) -> bool:
        """Whether this very report was left at the results before; it is then in `folder`."""
        content = self._results.found(name)
        if content is None:
            return False
        try:
            archives.unpack(content, folder, item.parts)
        except archives.Unfit:  # its writer was killed, or somebody altered it
            for path in folder.iterdir():
                remove(path)
            return False
        return True

    def _made(self, item: Plan, name: str, on_cell: OnCell) -> worker.Made:
        """The report as a worker made it, once one was found that has all that it needs."""
        sent, files = parcel(item)
        order = worker.Order(
            session=self._session,
            run=f"crmresearch-{uuid.uuid4().hex}",
            agreed=manifest.digest(self._ours),
            results=self._results,
            name=name,
            limits=self._limits,
            warm=self._warm,
            parcel=sent,
        )
        given, at = {}, ""
        try:
            for number in range(_ROUNDS):
                found = self._asking.outcome(
                    order, name=f"{order.run}-{number}", files=given, at=at, on_cell=on_cell
                )
                if isinstance(found, worker.Made):
                    return found
                if isinstance(found, worker.Failed):
                    raise found.error
                if isinstance(found, worker.Begun):
                    break
                if isinstance(found, worker.Missing):
                    given, at = self._sending.futures(found.hashes, files), found.worker
                if isinstance(found, worker.Refused):
                    differs = agreement.differences(found.has, self._ours)
                    self._asking.leave_out(found.worker, differs)
        finally:
            connection.clear(self._client, order.run)
        raise WorkerLost("the worker that made the report was lost; often it was out of memory.")
