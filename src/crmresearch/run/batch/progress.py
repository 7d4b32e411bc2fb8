"""Progress of a build: one display for all reports in the making, or plain lines where piped."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from crmresearch.errors import printable
from crmresearch.run.batch import events
from crmresearch.run.batch.events import Event
from crmresearch.run.batch.log import Log
from crmresearch.run.batch.tally import Tally, lasting

_HEARTBEAT = 30  # seconds of silence after which a piped build says how far it is
_REFRESHED = 2  # times a second
_BAR = 30  # signs
_SHOWN = 12  # reports in the making that a terminal shows
_NAMED = 3  # reports in the making that a piped line names
_UNCHANGED = 20  # more unchanged reports than these are told by their number


@dataclass(slots=True)
class _Running:
    """A report in the making, and how far it is."""

    study: str
    attempt: int
    since: float
    cell: int = 0
    cells: int = 0

    def place(self) -> str:
        """Its cell in words, and its time."""
        cell = (
            f"cell {min(self.cell + 1, self.cells)} of {self.cells}" if self.cells else "starting"
        )
        again = f", try {self.attempt}" if self.attempt > 1 else ""
        return f"{cell}{again}, {lasting(time.monotonic() - self.since)}"


class Reporter:
    """Tells on stderr what happens; stdout is left to what the commands print.

    Every thread of a build tells it; it passes what befalls reports on to the run log.
    """

    def __init__(self, console: Console | None = None, *, total: int = 1, log: Log | None = None):
        self.console = console or _Stderr(
            stderr=True, soft_wrap=True, force_terminal=sys.stderr.isatty()
        )
        self.tally = Tally(total)
        self.log = log
        self._running: dict[str, _Running] = {}
        self._guard = threading.Lock()
        self._said = time.monotonic()

    def say(self, text: str) -> None:
        """One message, exactly as it is: no markup in it is read, and none steers the terminal."""
        self._said = time.monotonic()
        self.console.print(Text(printable(text)), soft_wrap=True)

    def tell(self, event: Event) -> None:
        """Count, log and show what befell a report."""
        if self.log:
            self.log.tell(event)
        with self._guard:
            self.tally.count(event)
            if event.name == events.STARTED:
                self._running[event.key] = _Running(event.study, event.attempt, time.monotonic())
            else:
                self._running.pop(event.key, None)
        if text := self._worded(event):
            self.say(f"{event.key}: {text}")

    def cell(self, key: str, done: int, total: int) -> None:
        """Show that `done` of `total` cells of the report `key` have run."""
        with self._guard:
            if key in self._running:
                self._running[key].cell, self._running[key].cells = done, total

    @contextmanager
    def showing(self, slots: int) -> Iterator[None]:
        """Keep the display up while reports are made, `slots` at a time."""
        self.tally.slots = slots
        if self.console.is_interactive:
            with Live(
                get_renderable=self._display,
                console=self.console,
                refresh_per_second=_REFRESHED,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            ):
                yield
            return
        over = threading.Event()
        heart = threading.Thread(target=self._beat, args=(over,), name="heartbeat", daemon=True)
        heart.start()
        try:
            yield
        finally:
            over.set()
            heart.join()

    def _worded(self, event: Event) -> str:
        if event.name == events.PUBLISHED:
            return f"published in {event.seconds:.1f} s{self._count()}"
        if event.name == events.FAILED:
            return f"failed{self._count()}"
        if event.name == events.RETRIED:
            return f"tried again after: {event.reason}"
        if event.name == events.UNCHANGED and self.tally.total <= _UNCHANGED:
            return "unchanged"
        return ""

    def _count(self) -> str:
        """How many are done, for lines that a display does not stand below."""
        if self.tally.total == 1 or self.console.is_interactive:
            return ""
        return f" ({self._done()})"

    def _done(self) -> str:
        return f"{self.tally.done:,} of {self.tally.total:,}"

    def _beat(self, over: threading.Event) -> None:
        while not over.wait(max(_HEARTBEAT + self._said - time.monotonic(), 1)):
            if time.monotonic() - self._said >= _HEARTBEAT:
                self.say(self._heartbeat())

    def _heartbeat(self) -> str:
        with self._guard:
            named = [f"{key} ({run.place()})" for key, run in self._running.items()]
            said = [f"{self._done()} done"] if self.tally.total > 1 else []
            more = [f"and {len(named) - _NAMED:,} more"] if len(named) > _NAMED else []
            said.append(f"running: {', '.join([*named[:_NAMED], *more])}")
            return "; ".join(said + self._left())

    def _left(self) -> list[str]:
        taken: dict[str, list[float]] = {}
        for run in self._running.values():
            taken.setdefault(run.study, []).append(time.monotonic() - run.since)
        left = self.tally.left(taken)
        return [] if left is None else [f"about {lasting(left)} left"]

    def _display(self) -> Group:
        with self._guard:
            lines = [f"  {key}  {run.place()}" for key, run in self._running.items()]
            if self.tally.total > 1:
                lines.insert(0, self._overview())
        if len(lines) > _SHOWN:
            lines[_SHOWN:] = [f"  and {len(lines) - _SHOWN:,} more"]
        return Group(*(Text(line, no_wrap=True, overflow="ellipsis") for line in lines))

    def _overview(self) -> str:
        full = _BAR * self.tally.done // self.tally.total
        bar = "#" * full + "." * (_BAR - full)
        said = [self.tally.so_far(), f"{len(self._running):,} running", *self._left()]
        return f"[{bar}] {self._done()}: {', '.join(filter(None, said))}"


class _Stderr(Console):
    """A console that a reader may leave: the build goes on without being heard."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
