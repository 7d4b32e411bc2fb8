"""Executing one notebook with papermill in a fresh kernel of this environment."""

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run.notebooks import Notebook
from crmresearch.run.parameters import Value

CELL_SECONDS = 600
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_INJECTED = "injected-parameters"


class NotebookFailed(UserError):
    """A cell failed; `notebook` holds what had run, for the researcher who looks for the cause."""

    def __init__(self, message: str, notebook: Mapping | None = None):
        super().__init__(message)
        self.notebook = notebook


def execute(
    notebook: Notebook,
    values: Mapping[str, Value],
    *,
    shown: Mapping[str, Value],
    folder: Path,
    seconds: int = CELL_SECONDS,
    on_cell: Callable[[int, int], None] = lambda done, total: None,
) -> Mapping:
    """Run `notebook` with parameter `values` and return it executed, the same for same inputs.

    Parameters
    ----------
    values : the checked parameters that differ from the cell's defaults
    shown : the same as the reader sees them, without this machine's folders
    folder : the kernel's working folder
    seconds : the longest that one cell may take
    on_cell : called with the number of cells done and in all

    Raises
    ------
    NotebookFailed
        When a cell raised, took too long or lost its kernel. A `UserError` raised in the notebook
        is told by its own text alone.
    """
    with _imports_without_grammars():
        import nbformat
        import papermill
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
        from traitlets.config import Config

    source = nbformat.from_dict(dict(notebook.content))
    kept = _keeping_engine(len(source.cells) + bool(values), on_cell)
    reason = ""
    try:
        with _quiet(), _environment(PYTHONHASHSEED="0", PYDEVD_DISABLE_FILE_VALIDATION="1"):
            papermill.execute_notebook(
                source,
                None,
                parameters=dict(values),
                engine_name="crmresearch",
                kernel_name="python3",
                request_save_on_cell_execute=False,
                progress_bar=False,
                execution_timeout=seconds,
                record_timing=False,
                resources={"metadata": {"path": str(folder)}},
                config=Config({"KernelManager": {"transport_encryption": "required"}}),
            )
    except CellTimeoutError:
        reason = f"took longer than {seconds} seconds. Raise the limit with --timeout."
    except DeadKernelError:
        reason = "ended its kernel (often: out of memory)."
    except papermill.PapermillExecutionError:
        pass  # judged below, from the cells themselves
    if kept.notebook is None:
        raise NotebookFailed(f"{notebook.name}: no kernel could be started.")
    executed = _cleaned(kept.notebook, shown)
    _refuse_errors(notebook.name, executed, reason)
    return executed


def _keeping_engine(total: int, on_cell: Callable[[int, int], None]) -> type:
    """papermill's engine, which keeps the notebook in hand so that a failure leaves it too."""
    from papermill.engines import NBClientEngine, papermill_engines

    class Keeping(NBClientEngine):
        notebook = None

        @classmethod
        def execute_managed_notebook(cls, nb_man, kernel_name, **options):
            cls.notebook = nb_man.nb
            options["on_cell_start"] = lambda cell, cell_index: on_cell(cell_index, total)
            return super().execute_managed_notebook(nb_man, kernel_name, **options)

    papermill_engines.register("crmresearch", Keeping)
    return Keeping


def _cleaned(notebook: Mapping, shown: Mapping[str, Value]) -> Mapping:
    """Without times, random ids and this machine's paths: same inputs, same bytes."""
    from papermill.translators import translate_parameters

    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if _INJECTED in cell.metadata.get("tags", []):
            cell["id"] = _INJECTED
            cell["source"] = translate_parameters("python3", "python", dict(shown), "Parameters")
    return notebook


def _refuse_errors(name: str, notebook: Mapping, reason: str) -> None:
    """Success is judged by the cells: none has an error and none is left out."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        where = f"{name}, cell {number} of {len(notebook.cells)} ('{cell.id}')"
        for output in cell.outputs:
            if output.output_type == "error":
                raise NotebookFailed(_error_text(where, cell.source, output), notebook)
        if cell.execution_count is None:
            raise NotebookFailed(_cell_text(where, cell.source, reason or "did not run."), notebook)
    if reason:
        raise NotebookFailed(f"{name}: the last cell {reason}", notebook)


def _error_text(where: str, source: str, output: Mapping) -> str:
    traceback = _COLOUR.sub("", "\n".join(output.traceback))
    if traceback == output.evalue:  # a UserError shows its text alone
        return output.evalue
    message = _cut(_COLOUR.sub("", f"{output.ename}: {output.evalue}"), lines=8)
    place = re.findall(r"^File (?:.*[/\\])?(crmresearch[/\\][^ :]+:\d+)", traceback, re.MULTILINE)
    raised = f" (raised in {place[-1]})" if place else ""
    return _cell_text(where, source, f"raised{raised}\n{message}")


def _cell_text(where: str, source: str, reason: str) -> str:
    code = "\n".join(f"    {line}" for line in _cut(source, lines=15).splitlines())
    first, _, rest = reason.partition("\n")
    return f"{where} {first}\n{code}" + (f"\n  {rest}" if rest else "")


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


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Variables for the kernel: sets are ordered alike in every run, and no debugger's notice."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _quiet() -> Iterator[None]:
    """papermill's log repeats what we report ourselves."""
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
