"""Where a project keeps its notebooks, data and reports; `notebooks/` is the list of studies."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from crmresearch.data.locate import PROJECT_FILE, project_root
from crmresearch.errors import RequestError

CONFIGURATION = PROJECT_FILE


def find_root() -> Path:
    """The project's folder: the nearest one with a reports.toml, or else this checkout."""
    root = project_root()
    if not (root / "notebooks").is_dir():
        raise RequestError(
            f"no project found in {Path.cwd()} or above it: a project is a folder with "
            f"{PROJECT_FILE} and notebooks/. Change to its folder first."
        )
    return root


def studies(root: Path) -> list[str]:
    """The stems in ``notebooks/``, in alphabetical order."""
    return sorted(path.stem for path in (root / "notebooks").glob("*.ipynb"))


def notebook_path(root: Path, study: str) -> Path:
    """The notebook of a study; an unknown one is refused with the list of those there are."""
    known = studies(root)
    if study not in known:
        raise RequestError(
            f"there is no study {shown(study)}.{did_you_mean(study, known)} "
            f"notebooks/ has: {', '.join(known) or 'none'}."
        )
    return root / "notebooks" / f"{study}.ipynb"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the nearest known word, or nothing."""
    nearest = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean '{nearest[0]}'?" if nearest else ""


def listed(names: Sequence[str], most: int, rest: str = " and {:,} more") -> str:
    """The first names as a message lists them, and what it says of the `rest` by their number."""
    more = rest.format(len(names) - most) if len(names) > most else ""
    return ", ".join(names[:most]) + more


def shown(value: object, length: int = 60) -> str:
    """A value as it stands in a message: quoted, on one line, cut when long."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def relative(path: Path, folder: Path) -> str:
    """A path as a message shows it: from `folder` where it lies inside, otherwise as it is."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
