"""Running studies and publishing their reports: the commands `run` and `build`."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from crmresearch.run import freshness, manifest
from crmresearch.run.building import Manner, make_all
from crmresearch.run.interruption import interruptible
from crmresearch.run.jobs import Job, checked_key, default_key
from crmresearch.run.limits import USUAL, Limits
from crmresearch.run.listing import read_listing
from crmresearch.run.parameters import split
from crmresearch.run.planning import planned
from crmresearch.run.plans import plan
from crmresearch.run.progress import Reporter
from crmresearch.run.project import CONFIGURATION, find_root
from crmresearch.run.shelf import Shelf

_NOTHING_DONE = "interrupted before any report was begun."


def run(
    study: str,
    *,
    data: str = "",
    codebook: str = "",
    reports: Path | None = None,
    key: str = "",
    settings: Sequence[str] = (),
    force: bool = False,
    limits: Limits = USUAL,
    history: bool = True,
) -> Path:
    """Run one study on a dataset, publish its report and return the page's path.

    Without a `key` the report is named for the study and the dataset. Paths are seen from the
    working folder. An unchanged report is not run again unless `force`.
    """
    root = find_root()
    job = Job(
        key=checked_key(key or default_key(study, data)),
        study=study,
        data=data,
        codebook=codebook,
        parameters=split(settings),
    )
    folder, shelf = _folder(root, reports), Shelf()
    with interruptible(_NOTHING_DONE):
        item = plan(root, job, base=Path.cwd(), shelf=shelf)
        manner = Manner(force=force, limits=limits, history=history)
        make_all(
            root, folder, [item], shelf, manner, update_site=partial(_update_site, root, folder)
        )
    return folder / job.key / "index.html"


def build(
    listing: Path | None = None,
    *,
    only: Sequence[str] = (),
    reports: Path | None = None,
    force: bool = False,
    limits: Limits = USUAL,
    jobs: int = 0,
    retries: int = 1,
    history: bool = True,
    warm: bool = True,
) -> Path:
    """Publish every report of `listing`, or those in `only`, and return the site's page.

    A report that fails leaves the others, and its own last good version, as they are; the error
    is raised when all have been tried. Nothing is ever removed: reports that no listing asks for
    any more stay on the site until their folder is deleted.

    Parameters
    ----------
    listing : a file of the form of ``reports.toml``, which it is unless given
    jobs : how many reports are made at the same time; 0 for one a processor
    retries : how often a report is tried again whose kernel died or that took too long
    history : whether to keep what the reports are made from, see `run.history`
    warm : whether to fork kernels from a process that has imported their libraries
    """
    root, shelf = find_root(), Shelf()
    path = _listing(root, listing)
    folder, told = _folder(root, reports), Reporter()
    manner = Manner(
        force=force, limits=limits, slots=jobs or cores(), retries=retries, history=history,
        warm=warm,
    )  # fmt: skip
    with interruptible(_NOTHING_DONE):
        found = planned(root, path, only, shelf)
        for line in found.left_out:
            told.say(line)
        make_all(
            root, folder, found.plans, shelf, manner,
            update_site=partial(_update_site, root, folder), unplanned=found.failed,
        )  # fmt: skip
    _, others = _on_site(root, folder)
    if others and path.name == CONFIGURATION:
        told.say(f"also on the site, not in {CONFIGURATION}: {', '.join(others)}")
    return folder / "index.html"


def dry_run(
    listing: Path | None = None,
    *,
    only: Sequence[str] = (),
    reports: Path | None = None,
    force: bool = False,
) -> Iterator[str]:
    """What `build` would do, a line each, and why; nothing is run or written."""
    root, shelf = find_root(), Shelf()
    found = planned(root, _listing(root, listing), only, shelf)
    folder, runs = _folder(root, reports), 0
    for item in found.plans:
        why = freshness.reasons(folder / item.job.key, item.parts) or (["forced"] if force else [])
        runs += bool(why)
        yield f"{item.job.key}: would run, {'; '.join(why)}" if why else f"{item.job.key}: fresh"
    yield from found.left_out
    for key, error in found.failed.items():
        yield f"{key}: cannot run, {error}"
    yield f"{runs:,} of {len(found.plans) + len(found.failed):,} reports would run."


def _listing(root: Path, given: Path | None) -> Path:
    return given.expanduser().resolve() if given else root / CONFIGURATION


def _update_site(root: Path, reports: Path) -> None:
    """Write the site's index where a report or what makes the index has changed."""
    keys, others = _on_site(root, reports)
    keys += others
    summaries = {key: manifest.files_digest([reports / key / "report.json"]) for key in keys}
    parts = {"package": manifest.package_digest(), "reports": summaries}
    if not keys or manifest.is_fresh(reports, parts):
        return
    from crmresearch.report.site import write_site

    write_site(reports, keys)
    manifest.write(reports, parts, [reports / "index.html"])


def _on_site(root: Path, reports: Path) -> tuple[list[str], list[str]]:
    """The reports that stand in the folder: those of ``reports.toml`` in its order, then others."""
    path = root / CONFIGURATION
    entries = read_listing(path) if path.is_file() else []
    found = sorted(path.parent.name for path in reports.glob("*/report.json"))
    listed = dict.fromkeys(key for entry in entries for key in found if entry.holds(key))
    return list(listed), [key for key in found if key not in listed]


def cores() -> int:
    """How many processors this process may use: those of the machine, its share and its group."""
    from joblib import cpu_count

    return cpu_count()


def _folder(root: Path, reports: Path | None) -> Path:
    return (reports or root / "reports").resolve()
