"""Making many reports side by side: one path for one machine and for a cluster.

What makes a report is handed in as a function (`making.make` here, `cluster.Cluster.make` there),
so that order, retries and what is told of them are the same wherever the work is done.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from crmresearch.run.kernels import NotebookFailed
from crmresearch.run.plans import Plan
from crmresearch.run.progress import Reporter

Maker = Callable[..., None]  # make(plan, folder, on_cell=...): the report stands whole in `folder`
Place = Callable[[str], Path]  # a report's key to an empty folder


def run_all(
    plans: Sequence[Plan], make: Maker, place: Place, *, slots: int, retries: int, told: Reporter
) -> Iterator[tuple[Plan, Path | Exception]]:
    """Every plan with the folder of its report, or with what went wrong, as they get done.

    Parameters
    ----------
    slots : how many reports are made at the same time
    retries : how often a report is tried again after what may not happen twice: a kernel that
        died, a time-out, a lost worker. Errors of the analysis are not tried again.
    """
    waiting = list(reversed(plans))
    running: dict[Future, Plan] = {}
    with ThreadPoolExecutor(slots, thread_name_prefix="report") as pool:
        while waiting or running:
            while waiting and len(running) < slots:
                item = waiting.pop()
                running[pool.submit(_tried, item, make, place, retries, told)] = item
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                item = running.pop(done)
                yield item, done.exception() or done.result()


def _tried(item: Plan, make: Maker, place: Place, retries: int, told: Reporter) -> Path:
    key = item.job.key
    for left in range(retries, -1, -1):
        folder = place(key)
        try:
            with told.running(key) as on_cell:
                make(item, folder, on_cell=on_cell)
        except NotebookFailed as error:
            if not (error.again and left):
                raise
            told.say(f"{key}: tried again after: {str(error).splitlines()[0]}")
        else:
            return folder
    raise AssertionError("the last try returns or raises")
