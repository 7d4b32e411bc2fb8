"""`Build`: what one published report was made from, by the hashes of what is kept of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from crmresearch.run.history.workspaces import is_place

_FORM = 1  # of the records; others are left alone and not read


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One build of a report: its ingredients, by their hashes, and its results.

    Parameters
    ----------
    made : when it was published, in UTC
    values : the parameters that the request set, without those that name a file
    places : parameter to the place in a workspace of the file or folder that it names
    files : place in a workspace to the hash of every data file read
    data : what of the data it was made from, as the manifest tells it
    kept : whether the data files are kept, or were too large
    package, libraries : hashes of lists: file to hash, library to version
    results : hash of the results
    """

    key: str
    study: str
    made: str
    notebook: str
    values: Mapping[str, object]
    places: Mapping[str, str]
    files: Mapping[str, str]
    data: Mapping[str, str]
    kept: bool
    package: str
    libraries: str
    lock: str
    results: str

    @property
    def id(self) -> str:
        """What the build is called by: a letter and the beginning of a hash of all of it."""
        return "b" + sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:7]

    @property
    def hashes(self) -> set[str]:
        """Every file that is kept for it, except what its lists name."""
        own = {self.notebook, self.package, self.libraries, self.lock, self.results} - {""}
        return own | set(self.files.values())

    def written(self) -> str:
        """The build as the text of its record."""
        return json.dumps({"form": _FORM, **asdict(self)}, indent=1) + "\n"

    def same(self, other: "Build") -> bool:
        """Whether both have the same ingredients and results."""
        return asdict(self) | {"made": ""} == asdict(other) | {"made": ""}


def read_build(path: Path) -> Build | None:
    """The record at `path`; None where it is damaged or of a form of another version."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("form") != _FORM:
            return None
        build = Build(**content)
        fits = all(map(is_place, [*build.files, *build.places.values()]))
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None
    return build if fits and build.key == path.parent.name else None
