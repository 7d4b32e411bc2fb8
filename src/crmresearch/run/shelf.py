"""What many reports of one build are made from, read once: notebooks, files' hashes, datasets."""

from collections import OrderedDict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from crmresearch.data.load import load
from crmresearch.data.locate import Files
from crmresearch.data.survey import Survey
from crmresearch.errors import UserError
from crmresearch.run import manifest
from crmresearch.run.notebooks import read_notebook

_KEPT = 2  # datasets in memory; requests name them one after the other


class Shelf:
    """The ingredients of one build. A file that changes while it runs is not seen."""

    def __init__(self) -> None:
        self.notebook = cache(read_notebook)
        self.hash = cache(manifest.file_hash)
        self._surveys: OrderedDict[tuple[Path, Path], Survey | UserError] = OrderedDict()

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
        place = (files.data, files.described_by)
        if place not in self._surveys:
            try:
                self._surveys[place] = load(files.data, codebook=files.described_by)
            except UserError as error:
                self._surveys[place] = error
            while len(self._surveys) > _KEPT:
                self._surveys.popitem(last=False)
        found = self._surveys[place]
        if isinstance(found, UserError):
            raise found
        return found
