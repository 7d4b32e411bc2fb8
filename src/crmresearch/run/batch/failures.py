"""Reports that failed: what is kept for the researcher, and the one error that tells of all."""

import json
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run.kernels.judging import NotebookFailed
from crmresearch.run.project import listed, relative

FOLDER = Path(".build", "failed")  # outside the site, so that nothing in it is ever published
_ALL = "_all.txt"  # no key begins with an underscore
_TOLD = 10  # different reasons that an error tells
_NAMED = 5  # reports that a reason names
_NAME = re.compile(r"[A-Za-z_][\w.]{0,59}")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a report failed, and a line on what is kept of it, if anything is."""

    text: str
    kept: str = ""


def kept(root: Path, key: str, error: Exception) -> Failure:
    """`error` in words, with what there is to look for its cause kept under `FOLDER`.

    A fault of ours must not sink the other reports either: its calls are kept as text.
    """
    if isinstance(error, NotebookFailed) and error.notebook is not None:
        path = _write(root, f"{key}.ipynb", json.dumps(error.notebook, indent=1) + "\n")
        return Failure(str(error), f"The notebook as far as it ran: {path}")
    if isinstance(error, UserError):
        return Failure(str(error))
    if isinstance(error, OSError):
        return Failure(f"the report cannot be written: {error.strerror or error}.")
    path = _write(root, f"{key}.txt", "".join(traceback.format_exception(error)))
    name = f"{type(error).__name__}: {error}"[:200]
    return Failure(f"a fault of crmresearch, not of yours: {name}", f"Where it happened: {path}")


def forget(root: Path, key: str) -> None:
    """Drop what an earlier failure of the report `key` left."""
    for suffix in (".ipynb", ".txt"):
        (root / FOLDER / f"{key}{suffix}").unlink(missing_ok=True)


def short(error: Exception) -> str:
    """The kind of error and its cell, without its text, which may quote answers."""
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    kind, cell = getattr(error, "kind", ""), getattr(error, "cell", "")
    name = kind if _NAME.fullmatch(kind) else type(error).__name__
    return f"{name} in {cell}" if cell else name


def together(root: Path, failed: Mapping[str, Failure], total: int) -> UserError:
    """One error for all that failed of `total`; a reason is told once for all that it befell.

    Of very many only the commonest reasons are told, and all of them written to a file.
    """
    if total == 1:
        return UserError("\n".join(_lines(next(iter(failed.values())))))
    reasons: dict[str, list[str]] = {}
    for key, failure in failed.items():
        reasons.setdefault(failure.text, []).append(key)
    commonest = sorted(reasons, key=lambda text: len(reasons[text]), reverse=True)
    told = [_told(reasons[text], failed) for text in commonest[:_TOLD]]
    if len(commonest) > _TOLD:
        others = sum(len(reasons[text]) for text in commonest[_TOLD:])
        told.append(f"{others:,} more for {len(commonest) - _TOLD:,} other reasons.")
    if len(commonest) > _TOLD or any(len(keys) > _NAMED for keys in reasons.values()):
        whole = [_told(keys, failed, named=len(failed)) for keys in reasons.values()]
        path = _write(root, _ALL, "\n\n".join(whole) + "\n")
        told.append(f"Every report that failed, and why: {path}")
    return UserError("\n\n".join([f"{len(failed):,} of {total:,} reports failed.", *told]))


def _told(keys: list[str], failed: Mapping[str, Failure], named: int = _NAMED) -> str:
    """A reason, under the reports that it befell."""
    first = failed[keys[0]]
    if len(keys) == 1:
        return f"{keys[0]}: " + "\n".join(_lines(first))
    kept = f"What is kept of them is in {FOLDER.as_posix()}" if first.kept else ""
    return f"{listed(keys, named)}: " + "\n".join(_lines(Failure(first.text, kept)))


def _lines(failure: Failure) -> list[str]:
    return [failure.text, failure.kept] if failure.kept else [failure.text]


def _write(root: Path, name: str, text: str) -> str:
    path = root / FOLDER / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        return f"could not be kept ({error.strerror})"
    return relative(path, Path.cwd())
