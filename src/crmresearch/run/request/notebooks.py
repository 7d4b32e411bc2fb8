"""Reading a notebook before a kernel starts: what papermill would fail on with a traceback."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run.request.parameters import Parameter, declared

_LFS = b"version https://git-lfs.github.com"
_MARKER = re.compile(r"^(<{7} |>{7} )", re.MULTILINE)
_KINDS = ("markdown", "code", "raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook that can run: `name` for messages, its bytes' hash, content and parameters."""

    name: str
    sha256: str
    content: Mapping
    parameters: Mapping[str, Parameter]


def read_notebook(path: Path) -> Notebook:
    """The notebook at `path`, refused with one message where it cannot be run."""
    name = f"notebooks/{path.name}"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}.") from None
    content = _content(raw, name)
    problem = _form(content) or _cells(content["cells"])
    if problem:
        raise UserError(f"{name} {problem}")
    cell = next(cell for cell in content["cells"] if "parameters" in _tags(cell))
    return Notebook(
        name=name,
        sha256=sha256(raw).hexdigest(),
        content=content,
        parameters=declared(_source(cell), name),
    )


def _content(raw: bytes, name: str) -> object:
    if not raw.strip():
        raise UserError(f"{name} is empty.")
    if raw.startswith(_LFS):
        raise UserError(f"{name} is a Git LFS pointer, not the notebook. Run: git lfs pull")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8 text (byte {error.start}).") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        marker = _MARKER.search(text)
        if marker:
            line = text.count("\n", 0, marker.start()) + 1
            raise UserError(
                f"{name} holds the marks of an unfinished merge (line {line}). Finish the merge."
            ) from None
        raise UserError(f"{name} is not a notebook: it is not JSON ({error}).") from None


def _form(content: object) -> str:
    """What is wrong with the notebook as a whole, or nothing."""
    if not isinstance(content, dict) or "nbformat" not in content:
        return "is not a notebook: it is JSON without 'nbformat'."
    version = (content.get("nbformat"), content.get("nbformat_minor", 0))
    if not all(isinstance(part, int) for part in version) or version < (4, 5):
        return (
            f"has notebook format {version[0]}.{version[1]}; 4.5 or a later 4 is needed. "
            "Open it in JupyterLab and save it."
        )
    if version[0] > 4:
        return f"has notebook format {version[0]}.{version[1]}, which is newer than this version."
    if not isinstance(content.get("cells"), list) or not content["cells"]:
        return "has no cells."
    metadata = content.get("metadata")
    if not isinstance(metadata, dict):
        return "has no metadata."
    kernel = metadata.get("kernelspec", {})
    language = kernel.get("language", "python") if isinstance(kernel, dict) else None
    return "" if language == "python" else f"is written for {language}, not Python."


def _cells(cells: list) -> str:
    """What is wrong with the cells, or nothing."""
    ids = set()
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") not in _KINDS:
            return f"has a cell of an unknown type (cell {number})."
        if not isinstance(cell.get("id"), str) or cell["id"] in ids:
            return f"has a missing or repeated cell id (cell {number})."
        ids.add(cell["id"])
        if not isinstance(cell.get("metadata"), dict) or not _is_source(cell.get("source")):
            return f"has a damaged cell (cell {number}, '{cell['id']}')."
        if _MARKER.search(_source(cell)):
            return (
                f"holds the marks of an unfinished merge (cell {number}, '{cell['id']}'). "
                "Finish the merge."
            )
        if "injected-parameters" in _tags(cell):
            return (
                f"holds parameters of an earlier run (cell {number}, '{cell['id']}'). "
                "Delete that cell: it would overrule the parameters cell."
            )
    tagged = [cell for cell in cells if "parameters" in _tags(cell)]
    if len(tagged) != 1 or tagged[0]["cell_type"] != "code":
        return (
            f"needs exactly one code cell with the tag 'parameters'; it has {len(tagged)}. "
            "Add the tag in JupyterLab under Property Inspector > Common Tools."
        )
    return ""


def _is_source(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(line, str) for line in value)
    )


def _source(cell: Mapping) -> str:
    return "".join(cell["source"])


def _tags(cell: Mapping) -> list:
    tags = cell["metadata"].get("tags", [])
    return tags if isinstance(tags, list) else []
