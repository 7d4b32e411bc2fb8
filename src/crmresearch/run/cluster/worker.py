"""What runs on a worker: one report from a parcel, in a folder of its own."""

import pickle
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from crmresearch.errors import UserError
from crmresearch.run import manifest
from crmresearch.run.batch import making
from crmresearch.run.cluster import agreement, archives
from crmresearch.run.cluster.held import Held, held
from crmresearch.run.cluster.parcels import Parcel, unpacked
from crmresearch.run.cluster.results import Results
from crmresearch.run.kernels.judging import NotebookFailed
from crmresearch.run.kernels.limits import Limits, Used

_TELL_EVERY = 1.0  # seconds between two messages of how far a report is


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One report to make.

    Parameters
    ----------
    session : whose order it is; also the topic under which progress is told
    run : this one try's own name
    agreed : the hash of what the machines have to have alike
    results : where the archive is left, None where it is returned
    name : the archive's name there
    limits : what the report may take
    warm : fork the kernel from a process that has imported its libraries, where that can be
    """

    session: str
    run: str
    agreed: str
    results: Results | None
    name: str
    limits: Limits
    warm: bool
    parcel: Parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A report, as an archive of this hash: here, or under the results where it is None."""

    archive: bytes | None
    sha256: str
    used: Used


@dataclass(frozen=True, slots=True)
class Missing:
    """Files that this worker has not been sent yet; nothing was run."""

    worker: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """This worker makes reports with something else than the client; nothing was run."""

    worker: str
    has: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Begun:
    """The same try began before, on a worker that was lost; nothing was run a second time."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What kept the report from being made."""

    error: Exception


class Stopped(NotebookFailed):
    """The build that asked for the report has ended."""


def made(order: Order, files: Mapping[str, bytes]) -> Made | Missing | Refused | Begun | Failed:
    """Make the report of `order`; `files` are those that this worker lacked, by hash."""
    from distributed import Event, get_worker

    worker = get_worker()
    if manifest.digest(agreement.here()) != order.agreed:
        return Refused(worker.address, agreement.here())
    try:
        here = held(order.session, worker.local_directory)
        missing = here.missing(order.parcel.files.values(), files)
        if missing:
            return Missing(worker.address, missing)
        begun = Event(order.run)
        if begun.is_set():
            return Begun()
        begun.set()
        return _made(order, here, partial(worker.log_event, order.session))
    except Exception as error:
        return Failed(_portable(error))


def clients(dask_scheduler) -> list[str]:
    """On the scheduler: the names of the clients that are connected."""
    return list(dask_scheduler.clients)


def profiles() -> bool:
    """Whether Dask takes samples of what this worker does."""
    import dask

    return bool(dask.config.get("distributed.worker.profile.enabled"))


def _made(order: Order, here: Held, tell: Callable[[object], None]) -> Made:
    with here.new_folder() as folder:
        workspace, report = folder / "workspace", folder / "report"
        workspace.mkdir()
        report.mkdir()
        item = unpacked(order.parcel, workspace, here.blobs.copy)
        warm = here.warmed(item.notebook, tell) if order.warm else None
        on_cell = _Progress(order.run, here, tell)
        used = making.make(item, report, limits=order.limits, warm=warm, on_cell=on_cell)
        content = archives.packed(report)
    if order.results:
        order.results.keep(order.name, content)
    known = sha256(content).hexdigest()
    return Made(archive=None if order.results else content, sha256=known, used=used)


class _Progress:
    """Tells the client how far a run is, seldom enough to cost nothing."""

    def __init__(self, run: str, here: Held, tell: Callable[[object], None]):
        self._run, self._here, self._tell = run, here, tell
        self._last = -_TELL_EVERY

    def __call__(self, done: int, total: int) -> None:
        if self._here.stopped:
            raise Stopped("the build has ended.")
        if time.monotonic() - self._last >= _TELL_EVERY:
            self._last = time.monotonic()
            self._tell([self._run, done, total])


def _portable(error: Exception) -> Exception:
    """`error` as it can cross the wire; a fault of ours with its calls, which would not."""
    calls = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever it holds
        error = RuntimeError(f"{type(error).__name__}: {error}")
    if not isinstance(error, UserError):
        error.add_note(f"On the worker:\n{calls}")
    return error
