"""Placing respondents by a saved model, into a file of the user's own: the command `score`.

The file is about people, line by line. It never stands among published reports, and never takes
the place of another file unasked.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from crmresearch.errors import RequestError
from crmresearch.run import manifest
from crmresearch.run.project import find_root, shown


def score(model: Path, data: str, *, output: Path, codebook: str = "", force: bool = False) -> str:
    """Write a line for every respondent of `data` to `output`; returns what is to be said of it.

    Parameters
    ----------
    model : the file that a report of the archetypes study offers
    force : take the place of a file that is there

    Raises
    ------
    RequestError
        Where the output may not be written there.
    DataError
        With everything that is wrong with the model or the data.
    """
    from crmresearch.archetypes import model_file, scoring
    from crmresearch.data.load import load
    from crmresearch.data.locate import locate

    files = locate(data, codebook)
    read = [model, files.data, *(path for path in (files.codebook, files.about) if path)]
    target = _allowed(output, read, force)
    saved = model_file.read(str(model))
    if saved is None:
        raise RequestError("no saved model is named: give the file model.json of a report.")
    scores = scoring.score(load(data, codebook=codebook), saved)
    _write(target, scoring.lines(scores))
    return scoring.summary(scores)


def _allowed(output: Path, read: list[Path], force: bool) -> Path:
    """`output` as a whole path, refused where it would harm or publish something."""
    try:
        target = output.expanduser().resolve()
        there, is_file, folder = target.exists(), target.is_file(), target.parent.is_dir()
    except (OSError, RuntimeError, ValueError):
        raise RequestError(f"--output {shown(str(output))} is no path.") from None
    name = shown(str(output))
    if target.suffix.casefold() != ".csv":
        raise RequestError(f"--output {name}: name a file that ends in .csv.")
    if not folder:
        raise RequestError(f"--output {name}: there is no such folder. Make it first.")
    if any(target == path.resolve() for path in read):
        raise RequestError(f"--output {name} is a file that is read. Name another.")
    if _among_reports(target):
        raise RequestError(
            f"--output {name} lies among published reports, and the file is about people. Name a "
            "place outside."
        )
    if there and not (is_file and force):
        fix = "Add --force to replace it, or name another." if is_file else "Name another."
        raise RequestError(f"--output {name} is there already. {fix}")
    return target


def _among_reports(target: Path) -> bool:
    if any(manifest.stands_in(folder) for folder in target.parents):
        return True
    try:
        return target.is_relative_to((find_root() / "reports").resolve())
    except RequestError:  # scores can be made outside a project
        return False


def _write(target: Path, lines: Iterator[str]) -> None:
    """All of it or nothing; readable by the user alone."""
    unfinished = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=target.parent, prefix=".", suffix=".unfinished", delete=False,
            encoding="utf-8", newline="",
        ) as handle:  # fmt: skip
            unfinished = Path(handle.name)
            handle.writelines(lines)
        os.replace(unfinished, target)
    except OSError as error:
        raise RequestError(f"{target.name} cannot be written: {error.strerror}.") from None
    finally:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
