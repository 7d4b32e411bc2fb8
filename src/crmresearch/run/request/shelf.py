"""What many reports of one build are made from, read once: notebooks, files' hashes, datasets."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crmresearch.data import only
from crmresearch.data.load import load
from crmresearch.data.locate import Files
from crmresearch.data.survey import Survey
from crmresearch.errors import UserError
from crmresearch.run import manifest
from crmresearch.run.request.notebooks import read_notebook

_KEPT = 2  # datasets in memory; requests name them one after the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is kept of a dataset, or of a part of it: `digest` is empty for the whole.

    `dataset`, `part`, `n` and `min_cell` are what its report will say of itself.
    """

    title: str
    roles: frozenset[str]
    digest: str
    dataset: str
    part: Mapping[str, str]
    n: int
    min_cell: int


class Shelf:
    """The ingredients of one build. A file that changes while it runs is not seen."""

    def __init__(self) -> None:
        self.notebook = cache(read_notebook)
        self.hash = cache(manifest.file_hash)
        self.known = cache(self._known)
        self._surveys: OrderedDict[Files, Survey | UserError] = OrderedDict()

    def hashes(self, paths: Iterable[Path]) -> dict[str, str]:
        """The name of each file to the hash of its bytes."""
        listed = list(paths)
        names = [path.name for path in listed]
        return {
            name if names.count(name) == 1 else f"{path.parent.name}/{name}": self.hash(path)
            for name, path in zip(names, listed, strict=True)
        }

    def survey(self, files: Files) -> Survey:
        """The whole dataset, checked; the same error each time where it is refused."""
        if files not in self._surveys:
            try:
                self._surveys[files] = load(files.data, codebook=files.described_by)
            except UserError as error:
                self._surveys[files] = error
            while len(self._surveys) > _KEPT:
                self._surveys.popitem(last=False)
        found = self._surveys[files]
        if isinstance(found, UserError):
            raise found
        return found

    def at_hand(self, files: Files) -> Survey | None:
        """The whole dataset where it is still in memory; it is not read for this."""
        found = self._surveys.get(files)
        return found if isinstance(found, Survey) else None

    def _known(self, files: Files, part: str) -> Known:
        """The dataset, or the part of it that a notebook's ``only`` names; refused as they are."""
        survey = only.choose(self.survey(files), only.parse(part))
        return Known(
            title=survey.about.title,
            roles=frozenset(survey.roles),
            digest=survey.source["sha256"] if part else "",  # of the part alone
            dataset=survey.source.get("whole") or survey.about.title,
            part=survey.part,
            n=len(survey.answers),
            min_cell=survey.about.min_cell,
        )
