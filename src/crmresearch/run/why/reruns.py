"""Making a report's results again with some ingredients of the old build and some of the new."""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.report import gate
from crmresearch.report.collect import collect
from crmresearch.report.downloads import estimates_csv
from crmresearch.run.kernels import guards
from crmresearch.run.kernels.elsewhere import Elsewhere
from crmresearch.run.kernels.limits import Limits
from crmresearch.run.kernels.running import environment, execute
from crmresearch.run.warm.owner import Warm, warmed
from crmresearch.run.why.attribution import Swapped
from crmresearch.run.why.restored import Restored
from crmresearch.run.why.results import Outcome, outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Reruns:
    """Both builds, and how notebooks of theirs are run.

    Parameters
    ----------
    root : the project's folder
    pythons : for the old and the new build, the interpreter that has its libraries; empty for
        the one that runs now
    jobs : how many run at the same time
    tell : called with a line for each run that ended
    """

    root: Path
    old: Restored
    new: Restored
    limits: Limits
    jobs: int = 1
    pythons: tuple[str, str] = ("", "")
    tell: Callable[[str], None] = lambda line: None

    def made(self, combinations: Iterable[Swapped]) -> "Runs":
        """The outcome of each combination, or why it has none."""
        wanted = list(combinations)
        found = Runs()
        with (
            self._warmed(wanted) as warm,
            ThreadPoolExecutor(self.jobs, thread_name_prefix="why") as pool,
            _ended(pool),
        ):
            running = [(chosen, pool.submit(self._outcome, chosen, warm)) for chosen in wanted]
            for number, (chosen, future) in enumerate(running, 1):
                error = future.exception()
                if error is None:
                    found.outcomes[chosen] = future.result()
                elif isinstance(error, UserError):
                    found.failed[chosen] = str(error)
                else:
                    raise error
                did = "failed" if error else "done"
                self.tell(f"run {number} of {len(wanted)}, {named(chosen)}: {did}")
        return found

    def _warmed(self, wanted: Collection[Swapped]) -> AbstractContextManager[Warm | None]:
        """What runs with the package and libraries of this process are forked from, if several."""
        if sum(self._elsewhere(chosen) is None for chosen in wanted) < 2:
            return nullcontext()
        notebooks = {item.notebook.sha256: item.notebook for item in (self.old, self.new)}
        return warmed(self.root, list(notebooks.values()), environment(), say=self.tell)

    def _elsewhere(self, chosen: Swapped) -> Elsewhere | None:
        sources, python = self._of("package", chosen).sources, self.pythons["versions" in chosen]
        if not sources and not python:
            return None
        return Elsewhere(sources=sources, python=python or sys.executable)

    def _outcome(self, chosen: Swapped, warm: Warm | None) -> Outcome:
        notebook = self._of("notebook", chosen).notebook
        given = {**self._of("parameters", chosen).build.values, **self._of("data", chosen).places}
        # A parameter that this notebook does not know cannot have had an effect in it.
        values = {name: value for name, value in given.items() if name in notebook.parameters}
        elsewhere = self._elsewhere(chosen)
        executed, _ = execute(
            notebook,
            values,
            shown=values,
            folder=self._of("data", chosen).folder / "notebooks",
            limits=self.limits,
            warm=None if elsewhere else warm,
            elsewhere=elsewhere,
        )
        results = collect(executed, self.new.build.study)
        gate.check(results, (), name=f"a run with {named(chosen)}")
        return outcome(estimates_csv(results.estimates), results.findings)

    def _of(self, factor: str, chosen: Swapped) -> Restored:
        return self.new if factor in chosen else self.old


@contextmanager
def _ended(pool: ThreadPoolExecutor) -> Iterator[None]:
    """End what runs and drop what waits when the body is interrupted."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        guards.end_all()
        raise


@dataclass(slots=True, kw_only=True)
class Runs:
    """What runs came to, and the reasons of those that failed."""

    outcomes: dict[Swapped, Outcome] = field(default_factory=dict)
    failed: dict[Swapped, str] = field(default_factory=dict)


def named(chosen: Collection[str]) -> str:
    """A run by what was new in it."""
    return f"new {' and '.join(sorted(chosen))}" if chosen else "everything old"
