"""Executing one notebook with papermill in a fresh kernel of this environment."""

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import KW_ONLY, dataclass
from functools import cache
from pathlib import Path
from subprocess import DEVNULL

from crmresearch.errors import UserError
from crmresearch.run.limits import USUAL, Limits
from crmresearch.run.notebooks import Notebook
from crmresearch.run.parameters import Value
from crmresearch.run.sockets import socket_folder
from crmresearch.run.warm.owner import Warm

START_SECONDS = 60
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# Sets are ordered alike in every run, and sums do not depend on how many cores add them up.
_SAME = {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# pyarrow's import starts no thread that would only tidy memory: a process with one cannot fork.
_SAME |= {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
_ENGINE = "crmresearch"
_INJECTED = "injected-parameters"


class NotebookFailed(UserError):
    """A cell failed; `notebook` holds what had run, for the researcher who looks for the cause."""

    again = False  # whether trying once more can help

    def __init__(self, message: str, notebook: Mapping | None = None):
        super().__init__(message)
        self.notebook = notebook


class KernelLost(NotebookFailed):
    """The kernel died or never started; on a busy machine that may not happen twice."""

    again = True


class TimedOut(NotebookFailed):
    """A cell, or the whole notebook, took longer than it may."""

    again = True


class OutOfMemory(NotebookFailed):
    """The kernel asked for more memory than a report may hold; it would do so again."""


def execute(
    notebook: Notebook,
    values: Mapping[str, Value],
    *,
    shown: Mapping[str, Value],
    folder: Path,
    limits: Limits = USUAL,
    warm: Warm | None = None,
    on_cell: Callable[[int, int], None] = lambda done, total: None,
) -> Mapping:
    """Run `notebook` with parameter `values` and return it executed, the same for same inputs.

    Parameters
    ----------
    values : the checked parameters that differ from the cell's defaults
    shown : the same as the reader sees them, without this machine's folders
    folder : the kernel's working folder
    limits : what the report may take
    warm : the parent to fork the kernel from, where there is one
    on_cell : called with the number of cells done and in all

    Raises
    ------
    NotebookFailed
        When a cell raised, took too long or lost its kernel. A `UserError` raised in the notebook
        is told by its own text alone.
    """
    with _imports_without_grammars():
        import nbformat
    watch = _Watch(notebook.name, limits=limits, folder=folder, warm=warm, on_cell=on_cell)
    with nullcontext(warm.folder) if warm else socket_folder() as watch.sockets:
        reason = _run(nbformat.from_dict(dict(notebook.content)), values, watch)
    if watch.started < 0:
        raise NotebookFailed(f"{notebook.name}: no kernel could be started: it {reason}")
    executed = _cleaned(watch.notebook, shown)
    if reason:
        message = _cell_text(notebook.name, executed, watch.started, reason)
        raise NotebookFailed(message, executed)
    _refuse_errors(notebook.name, executed)
    return executed


@dataclass(slots=True)
class _Watch:
    """One run: what it may take, and what is known of it when it ends, however it ends."""

    name: str
    _: KW_ONLY
    limits: Limits
    folder: Path
    warm: Warm | None
    on_cell: Callable[[int, int], None]
    sockets: Path | None = None  # a private folder for the kernel's sockets, where there can be one
    notebook: Mapping | None = None
    started: int = -1  # the last cell that was begun


def _run(source: Mapping, values: Mapping[str, Value], watch: _Watch) -> str:
    """Let papermill run `source`; returns why it stopped, unless a cell's own error says so."""
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    _register_engine()
    try:
        papermill.execute_notebook(
            source,
            None,
            parameters=dict(values),
            engine_name=_ENGINE,
            kernel_name="python3",
            language="python",
            request_save_on_cell_execute=False,
            progress_bar=False,
            watch=watch,
        )
    except CellTimeoutError:
        return f"took longer than {watch.limits.cell} seconds. Raise the limit with --timeout."
    except DeadKernelError:
        return "ended its kernel (often: out of memory)."
    except papermill.PapermillExecutionError:
        return ""  # judged from the cells themselves
    except (RuntimeError, NoSuchKernel) as error:
        return f"has no kernel ({error}). Renew the environment: its ipykernel does not start."
    return ""


def environment() -> dict[str, str]:
    """The environment variables of every kernel."""
    return os.environ | _SAME


@cache
def _register_engine() -> None:
    """papermill's way to run cells, which keeps the notebook in hand so that a failure leaves it.

    The kernel's own terminal output is dropped: what cells print is in the notebook, the rest is
    notices of Jupyter's. papermill's own log repeats what we report ourselves.
    """
    from papermill.engines import Engine, papermill_engines
    from papermill.log import logger

    from crmresearch.run.client import Client

    class Keeping(Engine):
        @classmethod
        def execute_managed_notebook(cls, nb_man, kernel_name, *, watch, **_options):
            watch.notebook = nb_man.nb

            def on_start(cell, cell_index):
                watch.started = cell_index
                watch.on_cell(cell_index, len(nb_man.nb.cells))

            client = Client(
                nb_man,
                notebook=watch.name,
                warm=watch.warm,
                sockets=watch.sockets,
                kernel_name=kernel_name,
                timeout=watch.limits.cell,
                startup_timeout=START_SECONDS,
                record_timing=False,
                resources={"metadata": {"path": str(watch.folder)}},
                shutdown_kernel="immediate" if watch.warm else "graceful",
                log=logger,
                on_cell_start=on_start,
            )
            client.execute(env=environment(), stdout=DEVNULL, stderr=DEVNULL)

    logger.setLevel(logging.CRITICAL + 1)
    papermill_engines.register(_ENGINE, Keeping)


def _cleaned(notebook: Mapping, shown: Mapping[str, Value]) -> Mapping:
    """Without times, random ids and this machine's paths: same inputs, same bytes."""
    from papermill.execute import remove_error_markers
    from papermill.translators import translate_parameters

    notebook = remove_error_markers(notebook)
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if _INJECTED in cell.metadata.get("tags", []):
            cell["id"] = _INJECTED
            cell["source"] = translate_parameters("python3", "python", dict(shown), "Parameters")
    return notebook


def _refuse_errors(name: str, notebook: Mapping) -> None:
    """Success is judged by the cells: none has an error and none is left out."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                raise NotebookFailed(_error_text(name, notebook, number, output), notebook)
        if cell.execution_count is None:
            raise NotebookFailed(_cell_text(name, notebook, number, "did not run."), notebook)


def _error_text(name: str, notebook: Mapping, number: int, output: Mapping) -> str:
    traceback = _COLOUR.sub("", "\n".join(output.traceback))
    if traceback == output.evalue:  # a UserError shows its text alone
        return output.evalue
    message = _cut(_COLOUR.sub("", f"{output.ename}: {output.evalue}"), lines=8)
    place = re.findall(r"^File (?:.*[/\\])?(crmresearch[/\\][^ :]+:\d+)", traceback, re.MULTILINE)
    raised = f" (raised in {place[-1]})" if place else ""
    return _cell_text(name, notebook, number, f"failed{raised}:\n  {message}")


def _cell_text(name: str, notebook: Mapping, number: int, reason: str) -> str:
    cell = notebook.cells[number]
    code = "\n".join(f"    {line}" for line in _cut(cell.source, lines=15).splitlines())
    where = f"{name}, cell {number + 1} of {len(notebook.cells)} ('{cell.id}')"
    return f"{where} {reason}\n{code}"


def _cut(text: str, *, lines: int, width: int = 200) -> str:
    kept = text.splitlines()[:lines]
    more = ["…"] if len(text.splitlines()) > lines else []
    return "\n".join([line if len(line) <= width else f"{line[:width]}…" for line in kept] + more)


@contextmanager
def _imports_without_grammars() -> Iterator[None]:
    """Import nbformat without the grammar of international web addresses.

    jsonschema takes it where it is installed, and building it costs several times as much as
    the rest of papermill's imports together; no notebook's schema uses it.
    """
    missing = "rfc3987_syntax" not in sys.modules
    if missing:
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if missing:
            del sys.modules["rfc3987_syntax"]
