"""Where the files that a report reads stand in a folder of their own, so that it can run anywhere.

    data/<folder>/…       the dataset, with its codebook and description where they lie beside it
    codebook/<folder>/…   codebook and description that lie elsewhere
    beside/<parameter>/…  what the study reads beside its dataset
    notebooks/<study>.ipynb

The last names of folders are kept, because reports show them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from crmresearch.data.locate import Files
from crmresearch.data.sources import files_read
from crmresearch.errors import UserError
from crmresearch.run.request.plans import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`files`: place in the workspace to the file itself; `places`: parameter to such a place."""

    files: Mapping[str, Path]
    places: Mapping[str, str]


def laid_out(item: Plan) -> Layout:
    """Where everything that the report of `item` reads stands in a workspace.

    Raises
    ------
    UserError
        If a file lies outside the folders that the request names, so that it has no place.
    """
    files: dict[str, Path] = {}
    places: dict[str, str] = {}
    if item.files is not None:
        tops = _tops(item.files)
        places |= _dataset_places(item.files, tops)
        files |= {_place(path, tops): path for path in files_read(item.files)}
    for name, path in item.beside.items():
        parameter = name.partition(": ")[0]
        named = Path(str(item.values[parameter]))
        places[parameter] = f"beside/{parameter}/{named.name}"
        inside = path.relative_to(named).as_posix() if path != named else ""
        files[f"{places[parameter]}/{inside}".rstrip("/")] = path
    return Layout(files=files, places=places)


def is_place(text: str) -> bool:
    """Whether `text` is a place inside a workspace, on whatever system it is read."""
    posix, windows = PurePosixPath(text), PureWindowsPath(text)
    inside = not (posix.is_absolute() or windows.drive or windows.root)
    return bool(posix.parts) and inside and ".." not in (*posix.parts, *windows.parts)


def _tops(files: Files) -> dict[Path, str]:
    """The folders that the dataset is read from, as they stand in a workspace."""
    shelf = files.data if files.data.is_dir() else files.data.parent
    tops = {shelf: f"data/{shelf.resolve().name}"}
    if files.folder.resolve() != shelf.resolve():
        tops[files.folder] = f"codebook/{files.folder.resolve().name}"
    return tops


def _dataset_places(files: Files, tops: Mapping[Path, str]) -> dict[str, str]:
    shelf, *elsewhere = tops
    places = {"data": tops[shelf] if files.data == shelf else f"{tops[shelf]}/{files.data.name}"}
    if files.codebook_named and files.codebook:
        described = tops[files.folder if elsewhere else shelf]
        places["codebook"] = f"{described}/{files.codebook.name}"
    elif elsewhere:
        places["codebook"] = tops[files.folder]
    return places


def _place(path: Path, tops: Mapping[Path, str]) -> str:
    """The place of a file that was read, whose links have been followed."""
    for folder, top in tops.items():
        if path.is_relative_to(folder.resolve()):
            return f"{top}/{path.relative_to(folder.resolve()).as_posix()}"
        for entry in folder.iterdir():
            if entry.is_symlink() and entry.resolve() == path:
                return f"{top}/{entry.name}"
    raise UserError(f"{path.name} lies outside the folder of its dataset.")
