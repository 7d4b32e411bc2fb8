"""What a report was made from, so that an unchanged one is not made again.

``manifest.json`` beside a report holds the hash of everything it was made from and the hash of
each file it consists of: a report is fresh while both still hold.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import file_digest, sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import crmresearch
from crmresearch.run.disk import write_whole

NAME = "manifest.json"
_LIBRARIES = (
    "crmresearch", "ipykernel", "matplotlib", "numpy", "pandas", "papermill", "pingouin", "scipy",
    "seaborn", "statsmodels",
)  # fmt: skip


def digest(parts: Mapping | Sequence) -> str:
    """One hash of named parts: of the same parts always the same."""
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return file_digest(handle, "sha256").hexdigest()


def known_hash(path: Path) -> str:
    """The same, of a file that is read again only where it has changed."""
    about = path.stat()
    return _known_hash(path, about.st_ino, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=10_000)
def _known_hash(path: Path, *_identity: int) -> str:
    return file_hash(path)


def files_digest(paths: Iterable[Path]) -> str:
    """One hash of files: of their names and bytes, not of the folder they lie in."""
    return digest(sorted([path.name, file_hash(path)] for path in paths))


@cache
def package_digest() -> str:
    """One hash of the package as it is installed: sources, claims, templates and tables."""
    return digest(package_hashes())


@cache
def package_hashes() -> dict[str, str]:
    """The hash of each file of the package, by its place in it."""
    folder = Path(crmresearch.__file__).parent
    return {
        path.relative_to(folder).as_posix(): file_hash(path)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name[0] != "."
    }


@cache
def versions() -> dict[str, str]:
    """The versions of Python and of the libraries that numbers and figures come from."""
    found = {"Python": ".".join(map(str, sys.version_info[:3]))}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def write(folder: Path, parts: Mapping, files: Iterable[Path] | None = None) -> None:
    """Write the manifest of `folder`, made from `parts`, for its `files`: all unless given."""
    if files is None:
        files = [path for path in folder.rglob("*") if path.is_file() and path.name != NAME]
    content = {
        "made_from": parts,
        "files": {path.relative_to(folder).as_posix(): file_hash(path) for path in sorted(files)},
    }
    write_whole(folder / NAME, json.dumps(content, indent=1) + "\n")


def is_fresh(folder: Path, parts: Mapping) -> bool:
    """Whether `folder` still holds, unaltered, what was made from the same `parts`."""
    content = _read(folder)
    if content is None or content["made_from"] != parts:
        return False
    try:
        return all(file_hash(folder / name) == known for name, known in content["files"].items())
    except OSError:
        return False


def made_from(folder: Path) -> Mapping | None:
    """What the files in `folder` were made from; None where they are not ours."""
    content = _read(folder)
    found = content["made_from"] if content else None
    return found if isinstance(found, Mapping) else None


def listed(folder: Path) -> set[str]:
    """The names of the files that the manifest in `folder` lists; none where there is none."""
    content = _read(folder)
    return set(content["files"]) if content else set()


def stands_in(folder: Path) -> bool:
    """Whether `folder` holds a manifest, and so was written by us."""
    return _read(folder) is not None


def _read(folder: Path) -> dict | None:
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        return None
    return content if "made_from" in content else None
