"""Making a report's results again with some ingredients of the old build and some of the new."""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from crmresearch.errors import UserError
from crmresearch.report import gate
from crmresearch.report.collect import collect
from crmresearch.report.downloads import estimates_csv
from crmresearch.run.kernels import guards
from crmresearch.run.kernels.elsewhere import Elsewhere
from crmresearch.run.kernels.limits import Limits
from crmresearch.run.kernels.running import execute
from crmresearch.run.why.attribution import Swapped
from crmresearch.run.why.restored import Restored
from crmresearch.run.why.results import Outcome, outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Reruns:
    """Both builds, and how notebooks of theirs are run.

    Parameters
    ----------
    pythons : for the old and the new build, the interpreter that has its libraries; empty for
        the one that runs now
    jobs : how many run at the same time
    tell : called with a line for each run that ended
    """

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
        with ThreadPoolExecutor(self.jobs, thread_name_prefix="why") as pool, _ended(pool):
            running = [(chosen, pool.submit(self._outcome, chosen)) for chosen in wanted]
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

    def _outcome(self, chosen: Swapped) -> Outcome:
        notebook = self._of("notebook", chosen).notebook
        given = {**self._of("parameters", chosen).build.values, **self._of("data", chosen).places}
        # A parameter that this notebook does not know cannot have had an effect in it.
        values = {name: value for name, value in given.items() if name in notebook.parameters}
        sources = self._of("package", chosen).sources
        python = self.pythons["versions" in chosen]
        elsewhere = None
        if sources or python:
            elsewhere = Elsewhere(sources=sources, python=python or sys.executable)
        executed, _ = execute(
            notebook,
            values,
            shown=values,
            folder=self._of("data", chosen).folder / "notebooks",
            limits=self.limits,
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
