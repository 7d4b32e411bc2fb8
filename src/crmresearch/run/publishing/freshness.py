"""Why a report would be made again: what it was made from against what it would be made from."""

from collections.abc import Mapping
from pathlib import Path

from crmresearch.run import manifest
from crmresearch.run.project import shown

NEW = "new"
OLDER = "made by another version of the builder"
ALTERED = "its files were altered or are gone"
_NAMES = {
    "study": "study",
    "key": "key",
    "title": "title",
    "notebook": "notebook",
    "package": "package (crmresearch itself)",
    "lock": "requirements.lock",
}
_KINDS = {"data": "data", "beside": "file", "parameters": "parameter", "versions": "version"}


def reasons(folder: Path, parts: Mapping[str, object]) -> list[str]:
    """Why the report in `folder` is not fresh; empty where it is.

    Parameters
    ----------
    parts : what the report would be made from now, as ``Plan.parts`` holds it
    """
    before = manifest.made_from(folder)
    if before is None:
        return [OLDER if manifest.stands_in(folder) else NEW]
    changed = [text for name in parts for text in _changed(name, before, parts)]
    if changed:
        return changed
    return [] if manifest.is_fresh(folder, parts) else [ALTERED]


def _changed(name: str, before: Mapping, now: Mapping) -> list[str]:
    old, new = before.get(name), now[name]
    if old == new:
        return []
    if name not in _KINDS:
        return [_NAMES[name]]
    old = old if isinstance(old, Mapping) else {}
    differing = [item for item in dict.fromkeys([*old, *new]) if old.get(item) != new.get(item)]
    if name in ("data", "beside"):  # hashes tell a reader nothing
        return [f"{_KINDS[name]} ({item})" for item in differing]
    return [
        f"{_KINDS[name]} {item} ({_value(old, item)} to {_value(new, item)})" for item in differing
    ]


def _value(values: Mapping, name: str) -> str:
    return shown(values[name], length=30) if name in values else "its default"
