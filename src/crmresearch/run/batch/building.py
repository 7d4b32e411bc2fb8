"""One build: what is not fresh is made, each report published as it gets done, all of it told."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run import manifest
from crmresearch.run.batch import events, failures
from crmresearch.run.batch.failures import Failure
from crmresearch.run.batch.interruption import Interrupted, Stopped, shielded
from crmresearch.run.batch.kept_parts import KeptParts
from crmresearch.run.batch.log import Log
from crmresearch.run.batch.loop import Batch, Made, happened
from crmresearch.run.batch.making import make
from crmresearch.run.batch.progress import Reporter
from crmresearch.run.cluster.session import Cluster
from crmresearch.run.history.keeping import keeping
from crmresearch.run.kernels import guards
from crmresearch.run.kernels.limits import Limits
from crmresearch.run.kernels.running import environment
from crmresearch.run.publishing.publish import check_place, locked, publish, staging
from crmresearch.run.request import inputs
from crmresearch.run.request.planning import Planned
from crmresearch.run.request.plans import Plan
from crmresearch.run.request.refusals import refused_first
from crmresearch.run.request.shelf import Shelf
from crmresearch.run.warm.owner import Warm, warmed

_INDEX = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a build is made.

    Parameters
    ----------
    force : also what is fresh
    limits : what each report may take
    slots : how many reports are made at the same time
    retries : how often one is tried again after what may not happen twice
    history : keep what reports are made from, see `history`
    warm : fork kernels from a process that has imported their libraries, where that can be
    cluster : who makes the reports, None for this machine
    """

    force: bool
    limits: Limits
    slots: int = 1
    retries: int = 0
    history: bool = True
    warm: bool = False
    cluster: Cluster | None = None


def make_all(
    root: Path,
    reports: Path,
    planned: Planned,
    shelf: Shelf,
    manner: Manner,
    *,
    update_site: Callable[[], None],
) -> None:
    """Make what is not fresh in the folder `reports`, then update its site.

    What could not be planned has failed before it began.

    Raises
    ------
    UserError
        When all have been tried, with every report that failed and why.
    Stopped
        When a signal asked for an end, with how far the build got.
    """
    for item in planned.plans:
        inputs.refuse_within(reports, item.job.key, item.beside.values())
    keys = planned.keys
    with locked(reports):
        log = Log(reports)
        build = _Build(root, reports, Reporter(total=len(keys), log=log), manner)
        log.began(reports=len(keys), slots=manner.slots, retries=manner.retries)
        for key, error in planned.failed.items():
            event = events.Event(name=events.FAILED, key=key, reason=failures.short(error))
            build.fail(event, Failure(str(error)))
        stopped = build.make(planned.plans, shelf)
        stopped = build.update(update_site) or stopped
        build.tell_end(stopped)
    if stopped:
        raise Stopped(stopped, build.how_far(keys))
    if build.failed or build.index:
        raise build.failure(keys)


class _Build:
    """What has failed so far, reports and then the site's index, and who is told."""

    def __init__(self, root: Path, reports: Path, told: Reporter, manner: Manner):
        self.failed: dict[str, Failure] = {}
        self.index = ""
        self._root, self._reports, self._told, self._manner = root, reports, told, manner

    def make(self, plans: list[Plan], shelf: Shelf) -> Interrupted | None:
        """Make and publish what is not fresh; returns what interrupted it, if anything did."""
        try:
            stale = self._stale(plans)
            wrong = refused_first(self._reports, stale, shelf) | self._places_taken(stale)
            for item in stale:
                if error := wrong.get(item.job.key):
                    self._refuse(item, error)
            self._publish([item for item in stale if item.job.key not in wrong], shelf)
        except Interrupted as interrupted:
            return interrupted
        return None

    def update(self, update_site: Callable[[], None]) -> Interrupted | None:
        """Update the site's index, which lists what stands in the folder; returns as `make`."""
        try:
            update_site()
        except Interrupted as interrupted:
            return interrupted
        except (UserError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            self.index = f"{_INDEX}: the site's index stays as it was: {reason}"
        return None

    def tell_end(self, stopped: Interrupted | None) -> None:
        """The summary, for the person who waits and for the log."""
        told, tally = self._told, self._told.tally
        if tally.total > 1:
            told.say(tally.summary())
        told.log.ended(
            "interrupted" if stopped else "complete",
            seconds=tally.elapsed(), cpu_seconds=tally.cpu_seconds(), **tally.counts,
        )  # fmt: skip
        if told.log.broken:
            told.say(f"the run log is not whole: {told.log.broken}")

    def failure(self, keys: Sequence[str]) -> UserError:
        """What failed, in the order of the `keys` of all reports: not that in which it did."""
        ordered = {key: self.failed[key] for key in keys if key in self.failed}
        told = [str(failures.together(self._root, ordered, len(keys)))] if ordered else []
        return UserError("\n\n".join([*told, *filter(None, [self.index])]))

    def how_far(self, keys: Sequence[str]) -> str:
        """What a build that was interrupted says."""
        tally = self._told.tally
        text = (
            f"interrupted: {tally.so_far() or 'nothing published'}, "
            f"{tally.total - tally.done:,} not made. What is published stays; run the same command "
            "again for the rest."
        )
        if not (self.failed or self.index):
            return text
        return f"{text}\n\n{self.failure(keys)}"

    def fail(self, event: events.Event, failure: Failure) -> None:
        """Note that a report failed."""
        self.failed[event.key] = failure
        self._told.tell(event)

    def _stale(self, plans: list[Plan]) -> list[Plan]:
        """The plans whose reports are not fresh: new ones, then those that took longest first."""
        stale = []
        for item in plans:
            folder = self._reports / item.job.key
            if self._manner.force or not manifest.is_fresh(folder, item.parts):
                stale.append(item)
            else:
                self._told.tell(happened(events.UNCHANGED, item))
        usual = self._told.log.seconds
        return sorted(stale, key=lambda item: usual.get(item.job.key, math.inf), reverse=True)

    def _places_taken(self, plans: list[Plan]) -> dict[str, UserError]:
        """The keys under which something else than a report stands, with what is wrong."""
        taken: dict[str, UserError] = {}
        for item in plans:
            try:
                check_place(self._reports, item.job.key)
            except UserError as error:
                taken[item.job.key] = error
        return taken

    def _refuse(self, item: Plan, error: UserError) -> None:
        event = happened(events.FAILED, item, reason=failures.short(error))
        self.fail(event, failures.kept(self._root, item.job.key, error))

    def _publish(self, plans: list[Plan], shelf: Shelf) -> None:
        manner, told = self._manner, self._told
        told.tally.expect(Counter(item.job.study for item in plans))
        told.tally.elsewhere = manner.cluster is not None
        with (
            KeptParts(self._root, shelf) as parts,
            self._warmed(plans) as warm,
            keeping(self._root, told.say, wanted=manner.history) as keep,
            told.showing(manner.slots),
            closing(self._batch(warm, parts).run(plans)) as finished,
        ):
            for made in finished:
                with shielded():
                    self._settle(made, keep)

    def _warmed(self, plans: list[Plan]) -> AbstractContextManager[Warm | None]:
        """What kernels here are forked from; a single report would gain nothing from it."""
        if not self._manner.warm or self._manner.cluster or len(plans) < 2:
            return nullcontext()
        notebooks = {item.notebook.name: item.notebook for item in plans}
        return warmed(self._root, list(notebooks.values()), environment(), say=self._told.say)

    def _batch(self, warm: Warm | None, parts: KeptParts) -> Batch:
        cluster = self._manner.cluster
        maker = cluster.make if cluster else partial(make, limits=self._manner.limits, warm=warm)
        return Batch(
            make=lambda item, folder, **told: maker(parts.plan(item), folder, **told),
            place=partial(staging, self._reports),
            slots=self._manner.slots,
            retries=self._manner.retries,
            end=cluster.end if cluster else guards.end_all,
            told=self._told,
        )

    def _settle(self, made: Made, keep: Callable[[Plan, Path], None]) -> None:
        """Publish the report that was made, or note what kept it from being made."""
        item, key = made.plan, made.plan.job.key
        try:
            if made.error:
                raise made.error
            publish(self._reports, key)
            failures.forget(self._root, key)
            keep(item, self._reports / key)
        except Exception as error:  # one report never sinks the others
            reason = failures.short(error)
            event = happened(events.FAILED, item, made=made, reason=reason)
            self.fail(event, failures.kept(self._root, key, error))
        else:
            self._told.tell(happened(events.PUBLISHED, item, made=made))
