"""What a notebook that was run comes to: executed and clean, or a failure that says where."""

import re
from collections.abc import Mapping

from crmresearch.errors import UserError
from crmresearch.run.kernels.guards import memory_text
from crmresearch.run.kernels.limits import Limits, Used
from crmresearch.run.request.parameters import Value

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_INJECTED = "injected-parameters"


class NotebookFailed(UserError):
    """A cell failed; `notebook` holds what had run, for the researcher who looks for the cause.

    `kind` and `cell` say it without the error's text: its class and where it rose; `used` is what
    the kernel took.
    """

    again = False  # whether trying once more can help

    def __init__(
        self, message: str, notebook: Mapping | None = None, *, kind: str = "", cell: str = ""
    ):
        super().__init__(message)
        self.notebook = notebook
        self.kind = kind or type(self).__name__
        self.cell = cell
        self.used = Used()


class KernelLost(NotebookFailed):
    """The kernel died or never started; on a busy machine that may not happen twice."""

    again = True


class TimedOut(NotebookFailed):
    """A cell, or the whole notebook, took longer than it may."""

    again = True


class OutOfMemory(NotebookFailed):
    """The kernel asked for more memory than a report may hold; it would do so again."""


def cleaned(notebook: Mapping, shown: Mapping[str, Value]) -> Mapping:
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


def refuse_errors(name: str, notebook: Mapping, limits: Limits) -> None:
    """Success is judged by the cells: none has an error and none is left out."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                raise _raised(name, notebook, number, output, limits)
        if cell.execution_count is None:
            raise ended(NotebookFailed, name, notebook, number, "did not run.")


def ended(
    kind: type[NotebookFailed], name: str, notebook: Mapping, number: int, reason: str
) -> NotebookFailed:
    """The failure of a notebook that came to its end in the cell `number`, counted from 0."""
    text = _cell_text(name, notebook, number, reason)
    return kind(text, notebook, cell=_place(notebook, number))


def _raised(
    name: str, notebook: Mapping, number: int, output: Mapping, limits: Limits
) -> NotebookFailed:
    """The failure of a cell that raised; a `UserError` is told by its own text alone."""
    if limits.memory and output.ename.endswith("MemoryError"):  # numpy and Arrow have their own
        return ended(OutOfMemory, name, notebook, number, memory_text(limits))
    known = {"kind": output.ename, "cell": _place(notebook, number)}
    traceback = _COLOUR.sub("", "\n".join(output.traceback))
    if traceback == output.evalue:
        return NotebookFailed(output.evalue, notebook, **known)
    message = _cut(_COLOUR.sub("", f"{output.ename}: {output.evalue}"), lines=8)
    place = re.findall(r"^File (?:.*[/\\])?(crmresearch[/\\][^ :]+:\d+)", traceback, re.MULTILINE)
    raised = f" (raised in {place[-1]})" if place else ""
    text = _cell_text(name, notebook, number, f"failed{raised}:\n  {message}")
    return NotebookFailed(text, notebook, **known)


def _cell_text(name: str, notebook: Mapping, number: int, reason: str) -> str:
    source = _cut(notebook.cells[number].source, lines=15)
    code = "\n".join(f"    {line}" for line in source.splitlines())
    return f"{name}, {_place(notebook, number)} {reason}\n{code}"


def _place(notebook: Mapping, number: int) -> str:
    return f"cell {number + 1} of {len(notebook.cells)} ('{notebook.cells[number].id}')"


def _cut(text: str, *, lines: int, width: int = 200) -> str:
    kept = text.splitlines()[:lines]
    more = ["…"] if len(text.splitlines()) > lines else []
    return "\n".join([line if len(line) <= width else f"{line[:width]}…" for line in kept] + more)
