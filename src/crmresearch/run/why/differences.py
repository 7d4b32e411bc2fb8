"""What differs between two builds, ingredient by ingredient, in words and without an answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crmresearch.errors import UserError
from crmresearch.report.numbers import count
from crmresearch.run.history.keeping import History
from crmresearch.run.project import listed, shown
from crmresearch.run.why.restored import Restored
from crmresearch.run.why.rows import Rows, compared

FACTORS = ("data", "parameters", "notebook", "package", "versions")
_NAMED = 12  # things of one kind that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What differs: ingredient to sentences about it, in the order of `FACTORS`.

    Parameters
    ----------
    rows : how the respondents of both builds compare, None where they are the same or there are
        none
    """

    found: Mapping[str, tuple[str, ...]]
    rows: Rows | None


def differences(history: History, old: Restored, new: Restored) -> Differences:
    """What differs between the builds `old` and `new`."""
    rows = None
    found: dict[str, tuple[str, ...]] = {}
    if old.build.data != new.build.data:
        rows, said = _rows(old, new)
        found["data"] = (*_files(old, new), *said)
    found["parameters"] = _parameters(old.build.values, new.build.values)
    if old.build.notebook != new.build.notebook:
        found["notebook"] = _cells(old, new)
    if old.build.package != new.build.package:
        found["package"] = _sources(history, old.build.package, new.build.package)
    if old.build.libraries != new.build.libraries:
        found["versions"] = _versions(history, old.build.libraries, new.build.libraries)
    return Differences(found={name: found[name] for name in FACTORS if found.get(name)}, rows=rows)


def _files(old: Restored, new: Restored) -> list[str]:
    names = _compared(old.build.files, new.build.files)
    return [
        f"{did}: {listed([name.rpartition('/')[2] for name in found], _NAMED)}"
        for did, found in names.items()
    ]


def _rows(old: Restored, new: Restored) -> tuple[Rows | None, list[str]]:
    if "data" not in old.places or "data" not in new.places:
        return None, []
    try:
        rows = compared(old, new)
    except UserError:  # whose text may quote answers
        return None, ["the respondents cannot be compared: this version does not take both data"]
    return rows, rows.sentences()


def _parameters(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[str, ...]:
    def value(values: Mapping[str, object], name: str) -> str:
        return shown(values[name]) if name in values else "the notebook's default"

    return tuple(
        f"{name}: {value(old, name)} to {value(new, name)}"
        for name in dict.fromkeys([*old, *new])
        if name not in old or name not in new or old[name] != new[name]
    )


def _cells(old: Restored, new: Restored) -> tuple[str, ...]:
    """The cells that differ, by their ids; a difference that no cell has is told as such."""
    before, after = (
        {cell["id"]: (cell["cell_type"], "".join(cell["source"])) for cell in cells}
        for cells in (old.notebook.content["cells"], new.notebook.content["cells"])
    )
    said = _told(_compared(before, after), "cell")
    return said or ("its cells stand in another order, or its metadata are others",)


def _sources(history: History, old: str, new: str) -> tuple[str, ...]:
    before, after = (json.loads(history.blobs.read(known)) for known in (old, new))
    return _told(_compared(before, after), "file")


def _versions(history: History, old: str, new: str) -> tuple[str, ...]:
    before, after = (json.loads(history.blobs.read(known)) for known in (old, new))
    names = [x for x in dict.fromkeys([*before, *after]) if before.get(x) != after.get(x)]
    told = [f"{x} {before.get(x, 'absent')} to {after.get(x, 'absent')}" for x in names[:_NAMED]]
    more = len(names) - len(told)
    return (*told, *([f"and {more:,} more"] if more else []))


def _compared(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[str]]:
    """The names under which something else stands, only now stands something, or no longer."""
    found = {
        "changed": [name for name in before if name in after and before[name] != after[name]],
        "added": [name for name in after if name not in before],
        "removed": [name for name in before if name not in after],
    }
    return {did: names for did, names in found.items() if names}


def _told(found: Mapping[str, Sequence[str]], what: str) -> tuple[str, ...]:
    return tuple(
        f"{count(len(names), what)} {did}: {listed(names, _NAMED)}" for did, names in found.items()
    )
