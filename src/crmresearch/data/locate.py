"""Find a dataset's files: by name under the project's ``data/``, or by path."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crmresearch.data.problems import listed, meant, quoted
from crmresearch.errors import DataError, RequestError

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".sav", ".zsav", ".dta", ".parquet")
PROJECT_FILE = "reports.toml"


@dataclass(frozen=True, slots=True)
class Files:
    """Where a dataset stands: `data` is its file, or the folder it is looked for in.

    `folder` is where it is described; `codebook_named` says that the request names a codebook
    file itself and not the folder it lies in.
    """

    data: Path
    codebook: Path | None
    about: Path | None
    folder: Path
    codebook_named: bool = False

    @property
    def described_by(self) -> Path:
        """What to name as the codebook so that the same dataset is found again."""
        return self.codebook if self.codebook_named and self.codebook else self.folder

    @property
    def title(self) -> str:
        """A title for a dataset that does not say its own."""
        return self.data.name if self.data.is_dir() else self.data.stem


def project_root() -> Path:
    """The nearest folder at or above the working directory with a ``reports.toml``.

    Without one it is the checkout that this package lies in, so that a notebook finds the same
    data from whatever folder its kernel was started in.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    return Path(__file__).resolve().parents[3]


def locate(data: str | Path, codebook: str | Path = "") -> Files:
    """The files of dataset `data`; raises `RequestError` where the request names nothing."""
    place = _find(data, "data", "dataset")
    if str(codebook):
        beside = _find(codebook, "data/codebooks", "codebook")
    elif place.is_dir():
        beside = place
    else:
        beside = place.parent
    if beside.is_dir():
        book = beside / "codebook.csv"
        folder = beside
    else:
        book, folder = beside, beside.parent
    about = folder / "about.toml"
    return Files(
        data=place,
        codebook=book if book.is_file() else None,
        about=about if about.is_file() else None,
        folder=folder,
        codebook_named=not beside.is_dir(),
    )


def responses(files: Files, declared: Mapping[str, str]) -> Path:
    """The data file: the one given, the one that about.toml names, or ``responses.*``."""
    if files.data.is_file():
        return files.data
    if name := declared.get("name"):
        if not (files.data / name).is_file():
            there = data_files(files.data)
            raise DataError(
                f"about.toml names the file {quoted(name)} but the folder {files.data.name} "
                f"holds {listed(there) or 'no data file'}.{meant(name, there)}"
            )
        return files.data / name
    found = sorted(
        path
        for path in files.data.glob("responses.*")
        if path.suffix.casefold() in SUFFIXES and path.is_file()
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise DataError(
            f"the folder {files.data.name} holds no responses.csv (or "
            f"{', '.join(SUFFIXES[1:])}). Rename the data file, or name it in about.toml: "
            '[file] name = "…".'
        )
    names = listed(path.name for path in found)
    raise DataError(
        f"the folder {files.data.name} holds {names}. Keep one, or name it in about.toml: "
        '[file] name = "…".'
    )


def datasets(root: Path | None = None) -> list[str]:
    """The names of the dataset folders under the project's ``data/``."""
    folder = (root or project_root()) / "data"
    return _described(folder)


def named_path(given: str | Path, what: str) -> Path:
    """A file or folder that a parameter names, seen from the working folder, then the project.

    `crmresearch run` hands notebooks whole paths; a notebook that is opened by hand may write a
    path as it stands in the project.
    """
    text = str(given)
    path = Path(text).expanduser()
    for candidate in [path] if path.is_absolute() else [Path.cwd() / path, project_root() / path]:
        try:
            if candidate.exists():
                return candidate
        except (OSError, ValueError):  # a name too long for the file system, or a NUL
            break
    raise RequestError(f"there is no {what} {quoted(text, length=120)}. Correct the path.")


def _find(given: str | Path, shelf: str, what: str) -> Path:
    text = str(given)
    if not text.strip() or "\0" in text:
        raise RequestError(f"no {what} is named. There are: {listed(datasets())}.")
    root = project_root()
    is_name = not {"/", "\\"} & set(text) and text not in (".", "..")
    path = Path(text).expanduser()
    candidates = [path] if path.is_absolute() else [Path.cwd() / path, root / path]
    try:
        if is_name and (root / shelf / text).is_dir():
            return root / shelf / text
        for candidate in candidates:
            if candidate.exists():
                return candidate
    except OSError:  # a name too long for the file system
        pass
    known = datasets(root) if what == "dataset" else _codebooks(root)
    raise RequestError(
        f"there is no {what} {quoted(text, length=120)}.{meant(text, known)} Give a path, "
        f"or one of: {listed(known, most=20) or '(none yet)'}."
    )


def _codebooks(root: Path) -> list[str]:
    return _described(root / "data" / "codebooks")


def _described(folder: Path) -> list[str]:
    """The names of the folders in `folder` that hold a codebook, or codebooks of waves."""
    names = {path.parent.name for path in folder.glob("*/codebook.csv")}
    return sorted(names | {path.parent.name for path in folder.glob("*/about.toml")})


def data_files(folder: Path) -> list[str]:
    """The names of the data files in `folder`."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.suffix.casefold() in SUFFIXES)
