"""Progress: one display on a terminal, plain lines elsewhere, and nothing read from a name."""

import io
import re
import threading

import pytest
from rich.console import Console

from crmresearch.run.batch import events, progress
from crmresearch.run.batch.events import Event
from crmresearch.run.batch.progress import Reporter


def reporter(total: int, *, terminal: bool = False) -> tuple[Reporter, io.StringIO]:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100, height=40, soft_wrap=True)
    return Reporter(console, total=total), stream


def happens(told: Reporter, name: str, key: str, **known) -> None:
    told.tell(Event(name=name, key=key, study="tiny", **known))


def test_piped_output_is_a_plain_line_a_report():
    told, stream = reporter(4)
    told.tally.expect({"tiny": 3})
    happens(told, events.UNCHANGED, "old")
    with told.showing(2):
        for key in ("one", "two"):
            happens(told, events.STARTED, key, attempt=1)
            told.cell(key, 3, 12)
        happens(told, events.PUBLISHED, "one", attempt=1, seconds=2.04)
        happens(told, events.RETRIED, "two", attempt=1, reason="KernelLost in cell 4")
        happens(told, events.STARTED, "two", attempt=2)
        happens(told, events.FAILED, "two", attempt=2)
    assert stream.getvalue() == (
        "old: unchanged\n"
        "one: published in 2.0 s (2 of 4)\n"
        "two: tried again after: KernelLost in cell 4\n"
        "two: failed (3 of 4)\n"
    )


def test_silence_is_broken_by_a_line_that_says_how_far_it_is(monkeypatch):
    monkeypatch.setattr(progress, "_HEARTBEAT", 0.01)
    told, stream = reporter(9)
    told.tally.expect({"tiny": 9})
    for key in "abcd":
        happens(told, events.STARTED, key, attempt=1)
    told.cell("a", 3, 12)
    spoken = threading.Event()
    say = told.say
    monkeypatch.setattr(told, "say", lambda text: (say(text), spoken.set()))
    with told.showing(4):
        assert spoken.wait(20)
    line = stream.getvalue().splitlines()[0]
    assert re.sub(r"\d+ s\b", "N s", line) == (
        "0 of 9 done; running: a (cell 4 of 12, N s), b (starting, N s), c (starting, N s), "
        "and 1 more"
    )


def test_a_terminal_shows_every_report_in_the_making_at_once():
    told, stream = reporter(1000, terminal=True)
    told.tally.expect({"tiny": 40})
    with told.showing(20):
        for number in range(20):
            happens(told, events.STARTED, f"r{number}", attempt=1)
            told.cell(f"r{number}", number, 26)
        happens(told, events.PUBLISHED, "r0", attempt=1, seconds=100.0)
        happens(told, events.RETRIED, "r1", attempt=1, reason="TimedOut in cell 2")
        happens(told, events.STARTED, "r1", attempt=2)
        lines = [str(line) for line in told._display().renderables]
    assert re.sub(r"\d+ s\b", "N s", lines[0]) == (
        "[..............................] 1 of 1,000: 1 published, 1 tried again, 19 running, "
        "about 3 min left"
    )
    assert lines[1].startswith("  r2  cell 3 of 26, ")
    assert lines[-1] == "  and 8 more"
    assert len(lines) == 13
    assert "r0: published in 100.0 s" in stream.getvalue()


def test_many_unchanged_reports_are_told_by_their_number():
    told, stream = reporter(5000)
    for number in range(5000):
        happens(told, events.UNCHANGED, f"r{number}")
    assert stream.getvalue() == ""
    assert told.tally.summary() == "5,000 reports in 0 s: 5,000 unchanged."


@pytest.mark.parametrize("terminal", [True, False])
def test_text_never_steers_the_terminal(terminal):
    told, stream = reporter(1, terminal=terminal)
    told.say("[red]not markup[/red] \x1b[2J\x07\u202e\r")
    assert stream.getvalue() == "[red]not markup[/red] \\x1b[2J\\x07\\u202e\\r\n"


def test_a_reader_who_leaves_does_not_end_the_build(monkeypatch):
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    told = Reporter(progress._Stderr(file=Gone()), total=2)
    happens(told, events.STARTED, "one", attempt=1)
    happens(told, events.PUBLISHED, "one", attempt=1, seconds=1.0)
    assert told.tally.counts[events.PUBLISHED] == 1
