"""A kept build put back into a folder of its own, from which it can be run again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crmresearch.errors import RequestError, UserError
from crmresearch.run import manifest
from crmresearch.run.history.builds import Build
from crmresearch.run.history.keeping import History
from crmresearch.run.history.workspaces import is_place
from crmresearch.run.project import CONFIGURATION
from crmresearch.run.request.notebooks import Notebook, read_notebook

_MOST = 10_000  # files that are hashed in search of data that were not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The ingredients of a `build` as files under `folder`.

    Parameters
    ----------
    sources : the folder to import its package from; None where it is the one that runs now
    """

    build: Build
    folder: Path
    notebook: Notebook
    sources: Path | None

    @property
    def places(self) -> dict[str, str]:
        """Parameter to the path of the file or folder that it names."""
        return {name: str(self.folder / place) for name, place in self.build.places.items()}


def restore(history: History, build: Build, folder: Path, *, data: Sequence[Path] = ()) -> Restored:
    """Put `build` into the empty `folder`.

    Parameters
    ----------
    data : files, or folders of them, among which data are looked for that were too large to keep

    Raises
    ------
    UserError
        If something kept is damaged, or data that were not kept are not among `data`.
    """
    notebooks = folder / "notebooks"
    notebooks.mkdir(parents=True, mode=0o700)
    (folder / CONFIGURATION).touch()  # so that its kernels take it for the project
    try:
        path = notebooks / f"{build.study}.ipynb"
        history.blobs.copy(build.notebook, path)
        if build.kept:
            for place, known in build.files.items():
                history.blobs.copy(known, folder / place)
        else:
            _link_given(build, folder, data)
        same = build.package == manifest.package_digest()
        return Restored(
            build=build,
            folder=folder,
            notebook=read_notebook(path),
            sources=None if same else _sources(history, build, folder / "package"),
        )
    except (ValueError, TypeError) as error:
        raise UserError(f"build {build.id} cannot be made again: {error}") from None


def _sources(history: History, build: Build, folder: Path) -> Path:
    for name, known in json.loads(history.blobs.read(build.package)).items():
        if not is_place(name):
            raise ValueError("its list of sources names a file outside of them.")
        history.blobs.copy(known, folder / "crmresearch" / name)
    return folder


def _link_given(build: Build, folder: Path, data: Sequence[Path]) -> None:
    """Links to data that were too large to be kept, found by their hashes."""
    found = _hashed(data)
    lacking = {place for place, known in build.files.items() if known not in found}
    if lacking:
        names = ", ".join(sorted(Path(place).name for place in lacking))
        raise RequestError(
            f"build {build.id} read more data than are kept; to make it again these are needed as "
            f"they were: {names}. Name the folder that holds them with --old-data."
        )
    for place, known in build.files.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(found[known])


def _hashed(given: Sequence[Path]) -> Mapping[str, Path]:
    paths: list[Path] = []
    for path in given:
        if not path.exists():
            raise RequestError(f"--old-data: there is no {path}.")
        paths += [path] if path.is_file() else [x for x in path.rglob("*") if x.is_file()]
    if len(paths) > _MOST:
        raise RequestError(f"--old-data: more than {_MOST:,} files; name a smaller folder.")
    return {manifest.file_hash(path): path.resolve() for path in paths}
