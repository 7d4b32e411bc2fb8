"""Executing one notebook in a fresh kernel of this environment, its parameters by papermill."""

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING

from crmresearch.run.kernels.elsewhere import Elsewhere
from crmresearch.run.kernels.guards import Guard, memory_text
from crmresearch.run.kernels.judging import (
    KernelLost,
    NotebookFailed,
    OutOfMemory,
    TimedOut,
    cleaned,
    ended,
    refuse_errors,
)
from crmresearch.run.kernels.limits import USUAL, Limits, Used
from crmresearch.run.kernels.sockets import socket_folder, temporary_folder
from crmresearch.run.request.notebooks import Notebook
from crmresearch.run.request.parameters import Value
from crmresearch.run.warm.owner import Warm
from crmresearch.run.warm.preload import without

if TYPE_CHECKING:
    from crmresearch.run.kernels.client import Client

OnCell = Callable[[int, int], None]  # told the number of cells done, and of all
START_SECONDS = 60
# Sets are ordered alike in every run, and sums do not depend on how many cores add them up.
_SAME = {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# pyarrow's import starts no thread that would only tidy memory: a process with one cannot fork.
_SAME |= {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
# An ordinary kernel imports a debugger, which sets this; a forked one does without.
_SAME |= {"PYDEVD_USE_FRAME_EVAL": "NO"}
_NO_KERNEL = "has no kernel ({}). Renew the environment: its ipykernel does not start."


def execute(
    notebook: Notebook,
    values: Mapping[str, Value],
    *,
    shown: Mapping[str, Value],
    folder: Path,
    limits: Limits = USUAL,
    warm: Warm | None = None,
    elsewhere: Elsewhere | None = None,
    on_cell: OnCell = lambda done, total: None,
) -> tuple[Mapping, Used]:
    """Run `notebook` with parameter `values`: executed, the same for same inputs, and its cost.

    Parameters
    ----------
    values : the checked parameters that differ from the cell's defaults
    shown : the same as the reader sees them, without this machine's folders
    folder : the kernel's working folder
    limits : what the report may take
    warm : the parent to fork the kernel from, where there is one
    elsewhere : another installation to start an ordinary kernel of, in place of this one's
    on_cell : called with the number of cells done and in all

    Raises
    ------
    NotebookFailed
        When a cell raised, took too long or lost its kernel. A `UserError` raised in the notebook
        is told by its own text alone. It has what the kernel took as well.
    """
    with without("rfc3987_syntax"):  # its grammars take seconds; no notebook's schema uses them
        import nbformat
    watch = _Watch(
        notebook.name, limits=limits, folder=folder, warm=warm, elsewhere=elsewhere, on_cell=on_cell
    )
    with (
        nullcontext(warm.folder) if warm else socket_folder() as watch.sockets,
        temporary_folder(watch.sockets) as watch.temporary,
    ):
        stopped = _run(nbformat.from_dict(dict(notebook.content)), values, watch)
    try:
        return _judged(watch, shown, *stopped), watch.guard.used
    except NotebookFailed as error:
        error.used = watch.guard.used
        raise


@dataclass(slots=True)
class _Watch:
    """One run: what it may take, and what is known of it when it ends, however it ends."""

    name: str
    _: KW_ONLY
    limits: Limits
    folder: Path
    warm: Warm | None
    elsewhere: Elsewhere | None
    on_cell: OnCell
    sockets: Path | None = None  # a private folder for the kernel's sockets, where there can be one
    temporary: Path | None = None  # one inside it for its temporary files
    notebook: Mapping | None = None
    started: int = -1  # the last cell that was begun
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        self.guard = Guard(self.limits)


def _judged(
    watch: _Watch, shown: Mapping[str, Value], failure: type[NotebookFailed], reason: str
) -> Mapping:
    """The notebook that ran, or the failure that it ended with."""
    if watch.started < 0:
        raise failure(f"{watch.name}: no kernel could be started: it {reason}")
    executed = cleaned(watch.notebook, shown)
    if reason:
        raise ended(failure, watch.name, executed, watch.started, reason)
    refuse_errors(watch.name, executed, watch.limits)
    return executed


def _run(
    source: Mapping, values: Mapping[str, Value], watch: _Watch
) -> tuple[type[NotebookFailed], str]:
    """Run `source`; returns why it stopped, unless a cell's own error says so."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from zmq import ZMQBaseError

    try:
        watch.notebook = _parameterised(source, values)
        with watch.guard:
            _client(watch).run(env=environment(watch.temporary), stdout=DEVNULL, stderr=DEVNULL)
    except CellTimeoutError:
        return TimedOut, watch.guard.time_is_up()
    except DeadKernelError:
        if watch.guard.over:
            return OutOfMemory, memory_text(watch.limits)
        return KernelLost, "ended its kernel (often: out of memory)."
    except CellExecutionError:
        pass  # judged from the cells themselves
    except NoSuchKernel as error:
        return NotebookFailed, _NO_KERNEL.format(error)
    except (RuntimeError, OSError, ZMQBaseError) as error:
        lost = watch.started >= 0
        return KernelLost, f"lost its kernel ({error})." if lost else _NO_KERNEL.format(error)
    return NotebookFailed, ""


def environment(temporary: Path | None = None) -> dict[str, str]:
    """The environment variables of every kernel.

    Its temporary files lie in the private folder `temporary`, where there is one: what a killed
    kernel leaves goes with it, and so do the folders that IPython makes, and never removes, where
    it cannot write to the home folder.
    """
    return os.environ | _SAME | ({"TMPDIR": str(temporary)} if temporary else {})


def _parameterised(source: Mapping, values: Mapping[str, Value]) -> Mapping:
    """The notebook without old outputs, with the `values` in a cell of their own, by papermill."""
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = load_notebook_node(source)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    if not values:
        return notebook
    return parameterize_notebook(notebook, dict(values), kernel_name="python3", language="python")


def _client(watch: _Watch) -> "Client":
    """What runs the cells, which keeps the notebook in hand so that a failure leaves it.

    The kernel's own terminal output is dropped: what cells print is in the notebook, the rest is
    notices of Jupyter's. The client's log repeats what we report ourselves.
    """
    from crmresearch.run.kernels.client import Client

    def on_start(cell, cell_index):
        watch.started = cell_index
        watch.guard.attach(client.km.provisioner.pid)
        watch.on_cell(cell_index, len(watch.notebook.cells))

    log = logging.getLogger("crmresearch.cells")
    log.setLevel(logging.CRITICAL + 1)
    client = Client(
        watch.notebook,
        notebook=watch.name,
        warm=watch.warm,
        elsewhere=watch.elsewhere,
        sockets=watch.sockets,
        kernel_name="python3",
        timeout_func=lambda cell: watch.guard.cell_seconds(),
        startup_timeout=START_SECONDS,
        iopub_timeout=START_SECONDS,  # on a busy machine outputs may come late
        raise_on_iopub_timeout=True,
        record_timing=False,
        resources={"metadata": {"path": str(watch.folder)}},
        shutdown_kernel="immediate" if watch.warm else "graceful",
        log=log,
        on_cell_start=on_start,
        on_cell_executed=lambda **_: watch.guard.measure(),
    )
    return client
