"""Making many reports side by side: one path for one machine and for a cluster.

What makes a report is handed in as a function (`making.make` here, `Cluster.make` of a cluster),
so that order, retries and what is told of them are the same wherever the work is done.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

from crmresearch.run import manifest
from crmresearch.run.batch import events, failures
from crmresearch.run.batch.events import Event
from crmresearch.run.batch.progress import Reporter
from crmresearch.run.kernels.limits import Used
from crmresearch.run.request.grids import ONLY
from crmresearch.run.request.plans import Plan

Maker = Callable[..., Used | None]  # make(plan, folder, on_cell=...): a whole report in `folder`
Place = Callable[[str], Path]  # a report's key to an empty folder

_LOOKED = 1.0  # seconds; Windows tells of Ctrl-C only between two waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How the last try at a report ended: with a report in its folder, or with `error`."""

    plan: Plan
    attempt: int
    started: float  # on the monotonic clock
    used: Used
    error: Exception | None


@dataclass(slots=True, kw_only=True)
class Batch:
    """How plans are made.

    Parameters
    ----------
    make : makes one report; called from as many threads as there are slots
    place : gives the folder that a report is made in
    slots : how many reports are made at the same time
    retries : how often a report is tried again after what may not happen twice: a kernel that
        died, a time-out, a lost worker. Errors of the analysis are not tried again.
    end : ends whatever `make` has running, so that its threads come to their end
    """

    make: Maker
    place: Place
    slots: int
    retries: int
    end: Callable[[], None]
    told: Reporter
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self, plans: Iterable[Plan]) -> Iterator[Made]:
        """Make every plan and yield them as they get done; of those yielded nothing is kept.

        As many again as are running wait in the pool, so that no slot stands idle while the
        caller publishes. Closing the iterator, or an interruption, ends what is running.
        """
        waiting, running = iter(plans), []
        pool = ThreadPoolExecutor(self.slots, thread_name_prefix="report")
        try:
            while True:
                for item in islice(waiting, 2 * self.slots - len(running)):
                    running.append(pool.submit(self._try, item))
                if not running:
                    break
                done = wait(running, timeout=_LOOKED, return_when=FIRST_COMPLETED).done
                for future in [future for future in running if future in done]:
                    running.remove(future)
                    yield future.result()
        finally:
            self._stopped.set()
            self._end(running)
            pool.shutdown()

    def _end(self, running: list[Future]) -> None:
        """End what runs, until nothing does: a kernel may just have been starting."""
        running = [future for future in running if not future.cancel()]
        if running:
            self.told.say("stopping: what is being made is ended.")
        while running:
            self.end()
            running = list(wait(running, timeout=0.2).not_done)

    def _try(self, item: Plan) -> Made:
        for attempt in range(1, self.retries + 2):
            made = self._attempt(item, attempt)
            again = getattr(made.error, "again", False) and attempt <= self.retries
            if not again or self._stopped.is_set():
                break
            self.told.tell(
                happened(events.RETRIED, item, made=made, reason=failures.short(made.error))
            )
        return made

    def _attempt(self, item: Plan, attempt: int) -> Made:
        made = partial(Made, plan=item, attempt=attempt, started=time.monotonic())
        key = item.job.key
        self.told.tell(Event(name=events.STARTED, key=key, study=item.job.study, attempt=attempt))
        try:
            used = self.make(item, self.place(key), on_cell=partial(self.told.cell, key))
        except Exception as error:  # one report never sinks the others
            return made(used=getattr(error, "used", None) or Used(), error=error)
        return made(used=used or Used(), error=None)


def happened(name: str, plan: Plan, *, made: Made | None = None, reason: str = "") -> Event:
    """What befell the report of `plan`, at the end of a try at it or without any."""
    event = Event(
        name=name,
        key=plan.job.key,
        study=plan.job.study,
        part=str(plan.published.get(ONLY, "")),
        reason=reason,
        made_from=manifest.digest(plan.parts),
    )
    if made is None:
        return event
    seconds = time.monotonic() - made.started
    return replace(event, attempt=made.attempt, seconds=seconds, used=made.used)
