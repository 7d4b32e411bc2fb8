"""The parts of datasets that a build makes reports of, each read and checked once for all.

A kernel that wants one brand of a large file would have to read and check the whole of it. The
build has done so, and keeps the part in a folder that the kernel reads instead, with the same
result. The folders lie outside the site, only their owner can open them, and they end with the
build; what a killed build left is removed by the next one.
"""

from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock

from crmresearch.data import only
from crmresearch.data.kept_part import keep
from crmresearch.data.locate import Files, locate
from crmresearch.data.survey import Survey
from crmresearch.run.disk import own_folder, remove
from crmresearch.run.request.grids import ONLY
from crmresearch.run.request.plans import Plan
from crmresearch.run.request.shelf import Shelf

FOLDER = Path(".build", "parts")


class KeptParts:
    """A context: the parts that one build keeps under `FOLDER`, of datasets on the `shelf`."""

    def __init__(self, root: Path, shelf: Shelf):
        self._place, self._shelf = root / FOLDER, shelf
        self._known: dict[tuple[Files, str], Path] = {}
        self._keeping = Lock()
        self._ends = ExitStack()

    def __enter__(self) -> "KeptParts":
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def plan(self, item: Plan) -> Plan:
        """`item` with the kept part as its data; as it is where that cannot be kept.

        Its ingredients and what readers see of them stay those of the dataset.
        """
        text = str(item.values.get(ONLY, ""))
        survey = self._shelf.at_hand(item.files) if text and item.files else None
        if survey is None:
            return item
        with self._keeping:
            try:
                place = self._known.get((item.files, text)) or kept_part(self._folder, survey, text)
            except OSError:  # no room: the kernel reads the dataset itself
                return item
            self._known[item.files, text] = place
        values = dict(item.values) | {"data": str(place)}
        values.pop("codebook", "")
        return replace(item, values=values, files=locate(place))

    @cached_property
    def _folder(self) -> Path:
        """The folder of this build, made when the first part is kept."""
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._ends.enter_context(own_folder(self._place))


def kept_part(folder: Path, survey: Survey, text: str) -> Path:
    """The place inside `folder` that keeps the part of a whole `survey` that `text` names."""
    mapping = only.parse(text)
    part = only.choose(survey, mapping)
    # what is kept is the part under the name that the notebook will ask for it by
    name = sha256(f"{part.source['sha256']} {text}".encode()).hexdigest()
    target, new = folder / name, folder / "new"
    if not target.exists():
        remove(new)
        keep(part, mapping, new)
        new.rename(target)
    return target
