"""Running studies and publishing their reports: the commands `run` and `build`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from crmresearch.errors import RequestError, UserError
from crmresearch.run import failures, inputs, manifest
from crmresearch.run.jobs import Job, checked_key, default_key, read_jobs, select
from crmresearch.run.kernels import CELL_SECONDS, NotebookFailed, execute
from crmresearch.run.parameters import split
from crmresearch.run.plans import Plan, check_data, plan
from crmresearch.run.progress import Reporter
from crmresearch.run.project import CONFIGURATION, find_root
from crmresearch.run.publish import check_place, locked, publish, staging


def run(
    study: str,
    *,
    data: str = "",
    codebook: str = "",
    reports: Path | None = None,
    key: str = "",
    settings: Sequence[str] = (),
    force: bool = False,
    seconds: int = CELL_SECONDS,
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
    folder = _folder(root, reports)
    _make(root, folder, [plan(root, job, base=Path.cwd())], force=force, seconds=seconds)
    return folder / job.key / "index.html"


def build(
    *,
    only: Sequence[str] = (),
    reports: Path | None = None,
    force: bool = False,
    seconds: int = CELL_SECONDS,
) -> Path:
    """Publish every report of ``reports.toml``, or those in `only`, and return the site's page.

    A report that fails leaves the others, and its own last good version, as they are; the error
    is raised when all have been tried. Nothing is ever removed: reports that ``reports.toml`` no
    longer lists stay on the site until their folder is deleted.
    """
    root = find_root()
    jobs = select(read_jobs(root / CONFIGURATION), list(only), CONFIGURATION)
    plans, wrong, failed = [], [], {}
    for job in jobs:
        try:
            plans.append(plan(root, job, base=root))
        except RequestError as error:
            wrong.append(f"{CONFIGURATION}, report '{job.key}': {error}")
        except UserError as error:
            failed[job.key] = error
    if wrong:
        raise RequestError("\n".join(wrong))
    folder = _folder(root, reports)
    _make(root, folder, plans, force=force, seconds=seconds, failed=failed)
    _, others = _on_site(root, folder)
    if others:
        Reporter().say(f"also on the site, not in {CONFIGURATION}: {', '.join(others)}")
    return folder / "index.html"


def _make(
    root: Path,
    reports: Path,
    plans: list[Plan],
    *,
    force: bool,
    seconds: int,
    failed: dict[str, UserError] | None = None,
) -> None:
    """Make what is not fresh, update the site, then raise what failed."""
    told, failed = Reporter(), dict(failed or {})
    for item in plans:
        inputs.refuse_within(reports, item.job.key, item.beside.values())
    with locked(reports):
        stale = [item for item in plans if force or not _is_fresh(reports, item)]
        for item in plans:
            if item not in stale:
                told.say(f"{item.job.key}: unchanged")
        failed |= check_data(stale)
        for item in stale:
            key = item.job.key
            if key not in failed:
                try:
                    check_place(reports, key)
                    with told.running(key) as on_cell:
                        _publish(root, reports, item, seconds, on_cell)
                except Exception as error:  # one report never sinks the others
                    failed[key] = failures.kept(root, key, error)
            if key in failed:
                told.say(f"{key}: failed")
        try:
            _update_site(root, reports)
        except (UserError, OSError) as error:
            failed["index.html"] = UserError(f"the site's index stays as it was. {error}")
    if failed:
        raise failures.together(failed, len({*failed, *(item.job.key for item in plans)}))


def _is_fresh(reports: Path, item: Plan) -> bool:
    return manifest.is_fresh(reports / item.job.key, item.made_from)


def _publish(
    root: Path, reports: Path, item: Plan, seconds: int, on_cell: Callable[[int, int], None]
) -> None:
    """Run the notebook, write its report aside and put it in place."""
    from crmresearch.report.page import write_report

    job = item.job
    notebook = execute(
        item.notebook,
        item.values,
        shown=item.published,
        folder=root / "notebooks",
        seconds=seconds,
        on_cell=on_cell,
    )
    if job.title:
        notebook.metadata["title"] = job.title
    folder = staging(reports, job.key)
    try:
        write_report(notebook, folder, study=job.study, key=job.key, provenance=item.provenance)
    except UserError as error:
        raise NotebookFailed(str(error), notebook) from error
    manifest.write(folder, item.made_from)
    publish(reports, job.key)
    failures.forget(root, job.key)


def _update_site(root: Path, reports: Path) -> None:
    """Write the site's index where a report or what makes the index has changed."""
    keys, others = _on_site(root, reports)
    keys += others
    summaries = {key: manifest.files_digest([reports / key / "report.json"]) for key in keys}
    made_from = manifest.digest({"package": manifest.package_digest(), "keys": keys, **summaries})
    if not keys or manifest.is_fresh(reports, made_from):
        return
    from crmresearch.report.site import write_site

    write_site(reports, keys)
    manifest.write(reports, made_from, [reports / "index.html"])


def _on_site(root: Path, reports: Path) -> tuple[list[str], list[str]]:
    """The reports that stand in the folder: those of ``reports.toml`` in its order, then others."""
    path = root / CONFIGURATION
    listed = [job.key for job in read_jobs(path)] if path.is_file() else []
    found = sorted(path.parent.name for path in reports.glob("*/report.json"))
    return [key for key in listed if key in found], [key for key in found if key not in listed]


def _folder(root: Path, reports: Path | None) -> Path:
    return (reports or root / "reports").resolve()
