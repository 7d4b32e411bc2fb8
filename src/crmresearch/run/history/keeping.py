"""What published reports were made from, kept so that a build can be made again.

For each of the last builds of a report the folder ``.build/history/`` holds its notebook,
parameters, data, the sources of this package, the names and versions of the libraries, and its
results. It therefore holds the answers of the survey themselves: the folder is for its owner
alone, git ignores it, ``--no-history`` or ``history = false`` in reports.toml leaves it empty and
``crmresearch why --forget`` removes it.

Each file is kept once, however many reports it was read for. `why` reads what is kept here.
"""

import gzip
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import crmresearch
from crmresearch.errors import UserError
from crmresearch.run.disk import remove
from crmresearch.run.history.blobs import Blobs, Damaged
from crmresearch.run.history.builds import Build, read_build
from crmresearch.run.history.libraries import libraries
from crmresearch.run.history.workspaces import laid_out
from crmresearch.run.manifest import known_hash, package_hashes
from crmresearch.run.project import CONFIGURATION
from crmresearch.run.request.plans import Plan

FOLDER = Path(".build", "history")
KEPT = 3  # builds of a report
LARGEST = 500_000_000  # bytes of data a build; of more only the hashes are kept
IN_ALL = 10_000_000_000  # bytes of everything; the oldest builds give way
RESULTS = ("estimates.csv", "findings.json", "report.json")
_README = """\
crmresearch keeps here what the last builds of each report were made from, so that
`crmresearch why KEY` can tell why a number has changed. THE DATA THEMSELVES ARE AMONG IT.
To remove it:    crmresearch why --forget
To keep nothing: history = false   as the first line of reports.toml, or build with --no-history
"""
_NOTICE = (
    f"history: what reports are made from, the data included, is kept in {FOLDER.as_posix()}/ for "
    "`crmresearch why`; `history = false` at the top of reports.toml keeps nothing."
)


class History:
    """The builds kept in one project."""

    def __init__(self, root: Path):
        self.root = root
        self.folder = root / FOLDER
        self.blobs = Blobs(self.folder)
        self._records = self.folder / "builds"
        self._package = ""  # the hash of its hashes, once it is kept

    def begin(self) -> None:
        """Keep the package's sources before the first report is made, and may be edited."""
        with self.blobs.held():
            self._package = self._keep_package()

    def add(self, item: Plan, folder: Path) -> None:
        """Keep what the report in `folder` was made from, and its results.

        Raises
        ------
        UserError, OSError
            If that cannot be done; what was kept before is still there.
        """
        with self.blobs.held():
            build = self._kept(item, folder)
            last = self.builds(item.job.key)[:1]
            if last and last[0].same(build):
                return
            place = self._records / build.key / f"{build.made}-{build.id}.json"
            for part in (self._records, place.parent):
                part.mkdir(mode=0o700, exist_ok=True)
            self.blobs.write(place, build.written().encode())
            self.blobs.write(self.folder / "README.txt", _README.encode())

    def builds(self, key: str) -> list[Build]:
        """The kept builds of the report `key` that can be read, the last one first."""
        found = sorted((self._records / key).glob("*.json"), reverse=True)
        return [build for path in found if (build := read_build(path))]

    def keys(self) -> list[str]:
        """The reports of which builds are kept."""
        return sorted({path.parent.name for path in self._records.glob("*/*.json")})

    def tidy(self) -> None:
        """Drop what is older than the last builds of a report, or more than is kept in all."""
        with self.blobs.held():
            records = {path: read_build(path) for path in self._records.glob("*/*.json")}
            for folder in {path.parent for path in records}:
                old = sorted((path for path in records if path.parent == folder), reverse=True)
                for path in old[KEPT:]:
                    path.unlink()
                    del records[path]
            wanted = self._fitting({path: build for path, build in records.items() if build})
            self.blobs.sweep(wanted)

    def forget(self, key: str = "") -> list[str]:
        """Remove what is kept of the report `key`, or of all; returns whose builds there were."""
        if not self.folder.is_dir():
            return []
        with self.blobs.held():
            found = [name for name in self.keys() if key in ("", name)]
            for name in found:
                remove(self._records / name)
            if not key:
                (self.folder / "README.txt").unlink(missing_ok=True)
        self.tidy()
        return found

    def _fitting(self, records: Mapping[Path, Build]) -> set[str]:
        """Every hash that the builds need; the oldest that are too much are removed."""
        wanted: set[str] = set()
        total = 0
        for number, path in enumerate(sorted(records, key=lambda path: path.name, reverse=True)):
            needed = records[path].hashes
            with suppress(Damaged, ValueError):
                needed |= set(json.loads(self.blobs.read(records[path].package)).values())
            total += sum(self.blobs.size(known) for known in needed - wanted)
            if number and total > IN_ALL:
                path.unlink()
            else:
                wanted |= needed
        return wanted

    def _kept(self, item: Plan, folder: Path) -> Build:
        laid = laid_out(item)
        whole = sum(path.stat().st_size for path in laid.files.values()) <= LARGEST
        files = {place: self._file(path, keep=whole) for place, path in laid.files.items()}
        read = dict(item.parts["data"]) | dict(item.parts["beside"])
        if len(read) == len(files) and set(read.values()) != set(files.values()):
            raise UserError("the data changed while the report was made.")
        results = {name: (folder / name).read_text(encoding="utf-8") for name in RESULTS}
        lock = self.root / "requirements.lock"
        put = self.blobs.keep_bytes
        return Build(
            key=item.job.key,
            study=item.job.study,
            made=f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}",
            notebook=put(json.dumps(item.notebook.content).encode()),
            values={k: value for k, value in item.values.items() if k not in laid.places},
            places=laid.places,
            files=files,
            data=read,
            kept=whole,
            package=self._package or self._keep_package(),
            libraries=put(json.dumps(libraries(), sort_keys=True).encode()),
            lock=put(lock.read_bytes()) if lock.is_file() else "",
            results=put(gzip.compress(json.dumps(results).encode(), compresslevel=6, mtime=0)),
        )

    def _file(self, path: Path, *, keep: bool) -> str:
        """The hash of a file that was read; it is copied only where it is not kept yet."""
        known = known_hash(path)
        return self.blobs.keep_file(path) if keep and not self.blobs.has(known) else known

    def _keep_package(self) -> str:
        """Keep the sources of this package as they were when they were first hashed."""
        folder = Path(crmresearch.__file__).parent
        hashes = package_hashes()
        for name, known in hashes.items():
            if not self.blobs.has(known) and self.blobs.keep_file(folder / name) != known:
                raise UserError("the package changed while the report was made.")
        return self.blobs.keep_bytes(json.dumps(hashes, sort_keys=True).encode())


@contextmanager
def keeping(
    root: Path, say: Callable[[str], None], *, wanted: bool = True
) -> Iterator[Callable[[Plan, Path], None]]:
    """Yield what keeps the ingredients of one published report.

    It never raises: a build does not fail for want of a history, and why there is none is said
    once. Where the history is not `wanted`, or reports.toml turns it off, it does nothing.
    """
    if not wanted or switched_off(root / CONFIGURATION):
        yield lambda item, folder: None
        return
    history = History(root)
    failed: list[str] = []
    added: list[str] = []
    is_new = not (history.folder / "README.txt").exists()

    def told(action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # whatever it is, the report stands
            if not failed:
                reason = (
                    error if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
                )
                say(f"history: this build cannot be explained later. {reason}")
            failed.append(str(error))

    def keep(item: Plan, folder: Path) -> None:
        told(lambda: history.add(item, folder))
        added.append(item.job.key)

    told(history.begin)
    yield keep
    if added:
        told(history.tidy)
        if is_new and not failed:
            say(_NOTICE)


def switched_off(listing: Path) -> bool:
    """Whether reports.toml, or a listing like it, says ``history = false``."""
    try:
        content = tomllib.loads(listing.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return False
    return content.get("history") is False
