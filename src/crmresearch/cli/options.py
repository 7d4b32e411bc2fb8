"""Options that several commands share, and how a path is shown."""

from pathlib import Path
from typing import Annotated

import typer


def _named(given: str | None) -> str:
    """An empty name is a slip, as of an unset shell variable, and never asks for the demo data."""
    if given is not None and not given.strip():
        raise typer.BadParameter("it is empty; leave the option out for the notebook's own.")
    return given or ""


Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        callback=_named,
        metavar="PATH",
        help="Dataset folder, file, or name under data/; the notebook's own unless given.",
    ),
]
Codebook = Annotated[
    str | None,
    typer.Option(
        "--codebook",
        callback=_named,
        metavar="FILE",
        help="Codebook that is not beside the data.",
    ),
]
Seconds = Annotated[
    int, typer.Option("--timeout", metavar="SECONDS", min=1, help="The longest a cell may take.")
]
ReportSeconds = Annotated[
    int,
    typer.Option(
        "--report-timeout",
        metavar="SECONDS",
        min=0,
        help="The longest the cells of a report may take together, its page not counted; 0: any.",
    ),
]


def _size(given: str | None) -> int:
    from crmresearch.run.kernels.limits import memory_size

    try:
        return memory_size(given or "")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Memory = Annotated[
    str,
    typer.Option(
        "--memory",
        callback=_size,
        metavar="SIZE",
        help="The most memory a report's kernel may hold, such as 2G; its libraries take 0.2G.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Run even when nothing has changed.")]
History = Annotated[
    bool,
    typer.Option(
        "--history/--no-history",
        help="Keep what the reports are made from, the data included, for `why`.",
    ),
]
Reports = Annotated[
    Path | None,
    typer.Option("--reports", metavar="DIR", help="Folder of the site; reports/ unless given."),
]

Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="KEY",
        help="Build this report alone, or brands-* for many; may be repeated.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would run and why; run nothing.")]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        metavar="N",
        min=0,
        max=100_000,  # of a large cluster; a slip is refused before it is tried
        help="Reports made at the same time; 0: one a processor.",
    ),
]
Retries = Annotated[
    int,
    typer.Option(
        "--retries", metavar="N", min=0, help="Tries more after a time-out or a dead kernel."
    ),
]
Warm = Annotated[
    bool,
    typer.Option("--warm/--no-warm", help="Import libraries once for all reports, not in each."),
]
Cluster = Annotated[
    str,
    typer.Option(
        "--cluster", metavar="ADDRESS", help="Dask scheduler whose workers make the reports."
    ),
]
Results = Annotated[
    str,
    typer.Option(
        "--results", metavar="URL", help="Place that they come back through, as s3://bucket/in."
    ),
]


def seen_from_here(path: Path) -> str:
    """A path as it can be pasted: from the working folder where it lies inside."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
