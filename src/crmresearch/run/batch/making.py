"""Making one report from a plan, wherever the plan is: in this process, or on another machine."""

from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run import manifest
from crmresearch.run.kernels.judging import NotebookFailed
from crmresearch.run.kernels.limits import Limits, Used
from crmresearch.run.kernels.running import OnCell, execute
from crmresearch.run.request.plans import Plan
from crmresearch.run.warm.owner import Warm


def make(
    item: Plan, folder: Path, *, limits: Limits, on_cell: OnCell, warm: Warm | None = None
) -> Used:
    """Run the notebook of `item` and write its report, with a manifest, into the empty `folder`.

    Returns what the kernel took.

    Raises
    ------
    NotebookFailed
        When a cell failed, or what it recorded may not be published; its class says whether
        trying again can help.
    """
    from crmresearch.report.page import write_report

    job = item.job
    notebook, used = execute(
        item.notebook,
        item.values,
        shown=item.published,
        folder=item.workplace,
        limits=limits,
        warm=warm,
        on_cell=on_cell,
    )
    if job.title:
        notebook.metadata["title"] = job.title
    try:
        write_report(notebook, folder, study=job.study, key=job.key, provenance=item.provenance)
    except UserError as error:
        failed = NotebookFailed(str(error), notebook, kind=type(error).__name__)
        failed.used = used
        raise failed from error
    manifest.write(folder, item.parts)
    return used
