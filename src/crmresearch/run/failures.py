"""Reports that failed: what is kept for the researcher, and the one error that tells of all."""

import json
import traceback
from collections.abc import Mapping
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run.kernels import NotebookFailed
from crmresearch.run.project import relative

FOLDER = Path(".build", "failed")  # outside the site, so that nothing in it is ever published


def kept(root: Path, key: str, error: Exception) -> UserError:
    """`error` as one message, with what there is to look for its cause kept under `FOLDER`.

    A fault of ours must not sink the other reports either: its calls are kept as text.
    """
    if isinstance(error, NotebookFailed) and error.notebook is not None:
        path = _write(root, f"{key}.ipynb", json.dumps(error.notebook, indent=1) + "\n")
        return UserError(f"{error}\nThe notebook as far as it ran: {path}")
    if isinstance(error, UserError):
        return UserError(str(error))
    if isinstance(error, OSError):
        return UserError(f"the report cannot be written: {error.strerror or error}.")
    path = _write(root, f"{key}.txt", "".join(traceback.format_exception(error)))
    name = f"{type(error).__name__}: {error}"[:200]
    return UserError(f"a fault of crmresearch, not of yours: {name}\nWhere it happened: {path}")


def forget(root: Path, key: str) -> None:
    """Drop what an earlier failure of the report `key` left."""
    for suffix in (".ipynb", ".txt"):
        (root / FOLDER / f"{key}{suffix}").unlink(missing_ok=True)


def together(failed: Mapping[str, UserError], total: int) -> UserError:
    """One error for all that failed of `total`; a text is told once for all that it befell."""
    if total == 1:
        return next(iter(failed.values()))
    told: dict[str, list[str]] = {}
    for key, error in failed.items():
        told.setdefault(str(error), []).append(key)
    lines = [f"{', '.join(keys)}: {text}" for text, keys in told.items()]
    return UserError("\n\n".join([f"{len(failed)} of {total} reports failed.", *lines]))


def _write(root: Path, name: str, text: str) -> str:
    path = root / FOLDER / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        return f"could not be kept ({error.strerror})"
    return relative(path, Path.cwd())
