"""The parts of datasets that a build makes reports of, each read and checked once for all.

A kernel that wants one brand of a large file would have to read and check the whole of it. The
build has done so, and keeps the part in a folder that the kernel reads instead, with the same
result. The folders lie outside the site, only their owner can open them, and they end with the
build; what a killed build left is removed by the next one.
"""

from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import IO
from uuid import uuid4

from crmresearch.data import only
from crmresearch.data.kept_part import keep
from crmresearch.data.locate import Files, locate
from crmresearch.data.survey import Survey
from crmresearch.run.batch.loop import Maker
from crmresearch.run.publishing.publish import remove, try_lock
from crmresearch.run.request.grids import ONLY
from crmresearch.run.request.plans import Plan
from crmresearch.run.request.shelf import Shelf

FOLDER = Path(".build", "parts")
_LOCK = ".lock"  # ends the name of the file that a running build holds, beside its folder


class KeptParts:
    """A context: the parts that one build keeps under `FOLDER`, of datasets on the `shelf`."""

    def __init__(self, root: Path, shelf: Shelf):
        self._place, self._shelf = root / FOLDER, shelf
        self._known: dict[tuple[Files, str], Path] = {}
        self._keeping = Lock()
        self._held: IO | None = None

    def __enter__(self) -> "KeptParts":
        return self

    def __exit__(self, *_: object) -> None:
        if self._held:
            with self._held:
                remove(self._folder())
            Path(self._held.name).unlink(missing_ok=True)

    def reading(self, make: Maker) -> Maker:
        """`make`, with plans of a part turned into plans that read it where it is kept."""
        return lambda item, folder, **told: make(self.plan(item), folder, **told)

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
                place = self._known.get((item.files, text)) or kept_part(
                    self._folder(), survey, text
                )
            except OSError:  # no room: the kernel reads the dataset itself
                return item
            self._known[item.files, text] = place
        values = dict(item.values) | {"data": str(place)}
        values.pop("codebook", "")
        return replace(item, values=values, files=locate(place))

    def _folder(self) -> Path:
        """The folder of this build, made when the first part is kept; a lock says whose it is."""
        if not self._held:
            self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_left(self._place)
            held = (self._place / f"{uuid4().hex}{_LOCK}").open("a")
            try_lock(held.fileno())
            Path(held.name).with_suffix("").mkdir(mode=0o700)
            self._held = held
        return Path(self._held.name).with_suffix("")


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


def _remove_left(place: Path) -> None:
    """Remove what builds left that were killed: those whose lock nobody holds any more."""
    for path in place.glob(f"*{_LOCK}"):
        with suppress(OSError), path.open("a") as held:
            if try_lock(held.fileno()):
                remove(path.with_suffix(""))
                path.unlink(missing_ok=True)
