"""What a worker needs to make one report: its plan, and the hashes of the files that it reads.

A worker has none of the client's folders. The files stand there in a workspace (see
`history.workspaces`) under the same last names, and the plan's values name them there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from crmresearch.run.history.workspaces import laid_out
from crmresearch.run.manifest import known_hash
from crmresearch.run.project import CONFIGURATION
from crmresearch.run.request.plans import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One plan, without any path of the client's.

    Parameters
    ----------
    plan : its values that are paths are left out, and `files`, `beside` and `workplace` are empty
    files : place in the workspace to the hash of the file that stands there
    places : parameter to the place that it names
    studies : the names of the project's notebooks, which messages list
    """

    plan: Plan
    files: Mapping[str, str]
    places: Mapping[str, str]
    studies: tuple[str, ...]


def parcel(item: Plan) -> tuple[Parcel, dict[str, Path]]:
    """What is sent of `item`, and hash to file of all that it reads.

    Raises
    ------
    UserError
        If a file that the report reads has no place in a workspace.
    """
    laid = laid_out(item)
    places = {name: place for name, place in laid.places.items() if not _finds(item, name, place)}
    files = {place: known_hash(path) for place, path in laid.files.items()}
    sent = replace(
        item,
        values={name: value for name, value in item.values.items() if name not in places},
        files=None,
        beside={},
        workplace=PurePosixPath(),
    )
    studies = tuple(sorted(path.stem for path in item.workplace.glob("*.ipynb")))
    found = Parcel(plan=sent, files=files, places=places, studies=studies)
    return found, {files[place]: path for place, path in laid.files.items()}


def unpacked(sent: Parcel, folder: Path, copy: Callable[[str, Path], None]) -> Plan:
    """The plan as it can be made here, its files copied by hash into a workspace in `folder`."""
    for place, known in sent.files.items():
        copy(known, folder / place)
    (folder / CONFIGURATION).touch()
    workplace = folder / "notebooks"
    workplace.mkdir()
    for study in sent.studies:
        (workplace / f"{study}.ipynb").touch()
    # The order of values is that of the parameters' cell, as it was in the plan.
    places = {name: str(folder / place) for name, place in sent.places.items()}
    values = dict(sent.plan.values) | places
    ordered = {name: values[name] for name in sent.plan.notebook.parameters if name in values}
    return replace(sent.plan, values=ordered, workplace=workplace)


def _finds(item: Plan, name: str, place: str) -> bool:
    """Whether the value of `name`, as it is, finds what stands at `place` in a workspace.

    So it is with the name of a dataset in the project's ``data/``. It is left as it is: a default
    that is set would show as a parameter that the request sets.
    """
    default = item.notebook.parameters[name].default
    return place == f"data/{item.values.get(name, default)}"
