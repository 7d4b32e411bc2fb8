"""Running studies and publishing their reports: the commands `run` and `build`."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run import failures, freshness, inputs, manifest
from crmresearch.run.batch import run_all
from crmresearch.run.history import keeping
from crmresearch.run.jobs import Job, checked_key, default_key
from crmresearch.run.limits import USUAL, Limits
from crmresearch.run.listing import read_listing
from crmresearch.run.making import make
from crmresearch.run.parameters import split
from crmresearch.run.planning import planned
from crmresearch.run.plans import Plan, check_data, plan
from crmresearch.run.progress import Reporter
from crmresearch.run.project import CONFIGURATION, find_root
from crmresearch.run.publish import check_place, locked, publish, staging
from crmresearch.run.shelf import Shelf


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
    item = plan(root, job, base=Path.cwd(), shelf=shelf)
    _make(root, folder, [item], shelf, force=force, limits=limits, history=history)
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
) -> Path:
    """Publish every report of `listing`, or those in `only`, and return the site's page.

    A report that fails leaves the others, and its own last good version, as they are; the error
    is raised when all have been tried. Nothing is ever removed: reports that no listing asks for
    any more stay on the site until their folder is deleted.

    Parameters
    ----------
    listing : a file of the form of ``reports.toml``, which it is unless given
    history : whether to keep what the reports are made from, see `run.history`
    """
    root, shelf = find_root(), Shelf()
    path = _listing(root, listing)
    found = planned(root, path, only, shelf)
    folder = _folder(root, reports)
    told = Reporter()
    for line in found.left_out:
        told.say(line)
    _make(
        root, folder, found.plans, shelf,
        force=force, limits=limits, slots=jobs or cores(), retries=retries, failed=found.failed,
        history=history,
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


def _make(
    root: Path,
    reports: Path,
    plans: list[Plan],
    shelf: Shelf,
    *,
    force: bool,
    limits: Limits,
    slots: int = 1,
    retries: int = 0,
    history: bool = True,
    failed: dict[str, UserError] | None = None,
) -> None:
    """Make what is not fresh, update the site, then raise what failed."""
    told, failed = Reporter(), dict(failed or {})
    for item in plans:
        inputs.refuse_within(reports, item.job.key, item.beside.values())
    with locked(reports), keeping(root, told.say, wanted=history) as keep:
        stale = [item for item in plans if force or not _is_fresh(reports, item)]
        for item in plans:
            if item not in stale:
                told.say(f"{item.job.key}: unchanged")
        failed |= check_data(stale, shelf) | _places_taken(reports, stale)
        ready = [item for item in stale if item.job.key not in failed]
        maker, place = partial(make, limits=limits), partial(staging, reports)
        for item, found in run_all(ready, maker, place, slots=slots, retries=retries, told=told):
            try:
                _put_in_place(root, reports, item.job.key, found)
                keep(item, reports / item.job.key)
            except Exception as error:  # one report never sinks the others
                failed[item.job.key] = failures.kept(root, item.job.key, error)
        for key in failed:
            told.say(f"{key}: failed")
        try:
            _update_site(root, reports)
        except (UserError, OSError) as error:
            failed["index.html"] = UserError(f"the site's index stays as it was. {error}")
    if failed:
        raise failures.together(failed, len({*failed, *(item.job.key for item in plans)}))


def _places_taken(reports: Path, plans: list[Plan]) -> dict[str, UserError]:
    """The keys under which something else than a report stands, with what is wrong."""
    taken: dict[str, UserError] = {}
    for item in plans:
        try:
            check_place(reports, item.job.key)
        except UserError as error:
            taken[item.job.key] = error
    return taken


def _put_in_place(root: Path, reports: Path, key: str, found: Path | Exception) -> None:
    """Publish the report that was made, or raise what kept it from being made."""
    if isinstance(found, Exception):
        raise found
    publish(reports, key)
    failures.forget(root, key)


def _is_fresh(reports: Path, item: Plan) -> bool:
    return manifest.is_fresh(reports / item.job.key, item.parts)


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
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _folder(root: Path, reports: Path | None) -> Path:
    return (reports or root / "reports").resolve()
