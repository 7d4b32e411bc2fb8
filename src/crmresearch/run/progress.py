"""Progress of a build: a bar with the time of each report, or plain lines where output is piped."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Reporter:
    """Tells on stderr what happens; stdout is left to what the commands print."""

    def __init__(self, console: Console | None = None):
        self.console = console or Console(stderr=True, soft_wrap=True)

    def say(self, text: str) -> None:
        """One line, exactly as it is: no markup in it is read."""
        self.console.print(text, markup=False, highlight=False)

    @contextmanager
    def running(self, key: str) -> Iterator[Callable[[int, int], None]]:
        """Show a report in the making; yields what is called with cells done and cells in all."""
        started = time.monotonic()
        if not self.console.is_terminal:
            self.say(f"{key}: running")
            yield lambda done, total: None
        else:
            columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=30))
            columns += (MofNCompleteColumn(), TextColumn("cells"), TimeElapsedColumn())
            with Progress(
                *columns, console=self.console, transient=True, refresh_per_second=4
            ) as progress:
                task = progress.add_task(key, total=None)
                yield lambda done, total: progress.update(task, completed=done, total=total)
        self.say(f"{key}: published in {time.monotonic() - started:.1f} s")
