"""Running studies and publishing their reports: the commands `run` and `build`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from crmresearch.errors import RequestError, UserError
from crmresearch.run.batch.building import Manner, make_all
from crmresearch.run.batch.interruption import interruptible
from crmresearch.run.batch.progress import Reporter
from crmresearch.run.cluster.session import Cluster
from crmresearch.run.history.keeping import switched_off
from crmresearch.run.kernels.limits import USUAL, Limits
from crmresearch.run.project import CONFIGURATION, find_root
from crmresearch.run.publishing import comparing, freshness, site_index
from crmresearch.run.request.jobs import Job, checked_key, default_key
from crmresearch.run.request.parameters import split
from crmresearch.run.request.planning import Planned, planned
from crmresearch.run.request.plans import plan
from crmresearch.run.request.refusals import refused_first
from crmresearch.run.request.shelf import Shelf

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
            root, folder, Planned(plans=[item]), shelf, manner,
            update_site=partial(_finish, root, folder, root / CONFIGURATION, Reporter().say),
        )  # fmt: skip
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
    cluster: str = "",
    results: str = "",
) -> Path:
    """Publish every report of `listing`, or those in `only`, and return the site's page.

    A report that fails leaves the others, and its own last good version, as they are; the error
    is raised when all have been tried. Nothing is ever removed: reports that no listing asks for
    any more stay on the site until their folder is deleted.

    Parameters
    ----------
    listing : a file of the form of ``reports.toml``, which it is unless given
    jobs : how many reports are made at the same time; 0 for one a processor, or one a thread of
        the cluster's workers
    retries : how often a report is tried again whose kernel died or that took too long
    history : whether to keep what the reports are made from, see `run.history`
    warm : whether to fork kernels from a process that has imported their libraries
    cluster : the address of a Dask scheduler whose workers make the reports, see `run.cluster`
    results : a URL that they come back through, empty for the scheduler
    """
    if results and not cluster:
        raise RequestError("--results is where a cluster leaves reports: name one with --cluster.")
    root, shelf = find_root(), Shelf()
    path = _listing(root, listing)
    folder, told = _folder(root, reports), Reporter()
    machines = Cluster(
        cluster, results=results, limits=limits, force=force, warm=warm, say=told.say
    )
    with interruptible(_NOTHING_DONE), machines if cluster else nullcontext() as there:
        manner = Manner(
            force=force, limits=limits, slots=jobs or (there.slots if there else cores()),
            retries=retries, history=history and not switched_off(path), warm=warm, cluster=there,
        )  # fmt: skip
        found = planned(root, path, only, shelf)
        for line in found.left_out:
            told.say(line)
        make_all(
            root, folder, found, shelf, manner,
            update_site=partial(_finish, root, folder, path, told.say),
        )  # fmt: skip
    if path.name == CONFIGURATION:
        for line in site_index.unlisted(root, folder):
            told.say(line)
    return folder / "index.html"


def dry_run(
    listing: Path | None = None,
    *,
    only: Sequence[str] = (),
    reports: Path | None = None,
    force: bool = False,
) -> Iterator[str]:
    """What `build` would do, a line each, and why; nothing is run or written.

    Raises
    ------
    UserError
        When all is told, if some reports cannot be made.
    """
    root, shelf = find_root(), Shelf()
    found = planned(root, _listing(root, listing), only, shelf)
    folder = _folder(root, reports)
    whys = {
        item.job.key: freshness.reasons(folder / item.job.key, item.parts)
        or (["forced"] if force else [])
        for item in found.plans
    }
    stale = [item for item in found.plans if whys[item.job.key]]
    wrong = refused_first(folder, stale, shelf)
    for key, why in whys.items():
        if key not in wrong:
            yield f"{key}: would run, {'; '.join(why)}" if why else f"{key}: fresh"
    yield from found.left_out
    cannot = found.failed | wrong
    yield from _cannot_run(cannot)
    total = len(found.keys)
    yield f"{len(stale) - len(wrong):,} of {total:,} reports would run."
    if cannot:
        raise UserError(f"{len(cannot):,} of {total:,} reports cannot run.")


def _cannot_run(wrong: Mapping[str, UserError]) -> Iterator[str]:
    """What is wrong, told once for all reports that it befalls."""
    alike: dict[str, list[str]] = {}
    for key, error in wrong.items():
        alike.setdefault(str(error), []).append(key)
    for text, (first, *others) in alike.items():
        more = f" and {len(others):,} more" if others else ""
        yield f"{first}{more}: cannot run, {text}"


def _finish(root: Path, reports: Path, listing: Path, tell: Callable[[str], None]) -> None:
    """What rests on the reports of a site: its comparisons, and then its index."""
    comparing.refresh(reports, listing, tell)
    site_index.update(root, reports, tell)


def _listing(root: Path, given: Path | None) -> Path:
    return given.expanduser().resolve() if given else root / CONFIGURATION


def cores() -> int:
    """How many processors this process may use: those of the machine, its share and its group."""
    from joblib import cpu_count

    return cpu_count()


def _folder(root: Path, reports: Path | None) -> Path:
    return (reports or root / "reports").resolve()
