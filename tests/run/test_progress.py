"""Progress: a bar on a terminal, plain lines elsewhere, and no markup read from a name."""

import io

from rich.console import Console

from crmresearch.run.progress import Reporter


def told(*, terminal: bool) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=80, soft_wrap=True)
    reporter = Reporter(console)
    reporter.say("[red]not markup[/red]")
    with reporter.running("a-report") as on_cell:
        on_cell(3, 12)
    return stream.getvalue()


def test_piped_output_is_plain_lines():
    first, second, third = told(terminal=False).splitlines()
    assert (first, second) == ("[red]not markup[/red]", "a-report: running")
    assert third.startswith("a-report: published in ")
    assert third.endswith(" s")


def test_a_terminal_shows_how_many_cells_are_done():
    text = told(terminal=True)
    assert "3/12" in text
    assert "[red]not markup[/red]" in text
    assert "a-report: running" not in text
