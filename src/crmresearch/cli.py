"""The command line: every command is a few lines here and its work in the package's rooms.

Imports of the rooms stand inside the commands, because the help of a command should not wait
for the libraries of all of them.
"""

import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from crmresearch.errors import UserError, printable

app = typer.Typer(
    name="crmresearch",
    help="From a survey file to published reports, with a verdict on every claim.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
        "--report-timeout", metavar="SECONDS", min=0, help="The longest a report may take; 0: any."
    ),
]


def _size(given: str | None) -> int:
    from crmresearch.run.limits import memory_size

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
_EXITS = (
    "Exit codes: 0 every report stands; 1 some failed; 2 the request is wrong; 75 another build "
    "holds the folder; 130 or 143 interrupted, and the same command goes on where it stopped."
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a user's mistake is one message on stderr and its exit code."""
    try:
        app(args=arguments, prog_name="crmresearch")
    except UserError as error:
        print(f"crmresearch: {printable(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)


def _seen_from_here(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"crmresearch {version('crmresearch')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


@app.command()
def run(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="A notebook's name in notebooks/.")],
    data: Data = None,
    codebook: Codebook = None,
    reports: Reports = None,
    key: Annotated[
        str, typer.Option("--key", metavar="KEY", help="Name of the report's folder.")
    ] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Set a parameter."),
    ] = None,
    force: Force = False,
    timeout: Seconds = 600,
    report_timeout: ReportSeconds = 0,
    memory: Memory = "",
    history: History = True,
) -> None:
    """Run one study on a dataset and publish its report."""
    from crmresearch.run.limits import Limits
    from crmresearch.run.runner import run as run_study

    page = run_study(
        study,
        data=data,
        codebook=codebook,
        reports=reports,
        key=key,
        settings=parameter or [],
        force=force,
        limits=Limits(cell=timeout, report=report_timeout, memory=memory),
        history=history,
    )
    print(_seen_from_here(page))


@app.command(epilog=_EXITS)
def build(
    listing: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="What to report on; reports.toml unless given."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="KEY",
            help="Build this report alone, or brands-* for many; may be repeated.",
        ),
    ] = None,
    reports: Reports = None,
    force: Force = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run and why; run nothing.")
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", metavar="N", min=0, help="Reports made at the same time; 0: one a processor."
        ),
    ] = 0,
    retries: Annotated[
        int,
        typer.Option(
            "--retries", metavar="N", min=0, help="Tries more after a time-out or a dead kernel."
        ),
    ] = 1,
    timeout: Seconds = 600,
    report_timeout: ReportSeconds = 0,
    memory: Memory = "",
    history: History = True,
    warm: Annotated[
        bool,
        typer.Option(
            "--warm/--no-warm", help="Import libraries once for all reports, not in each."
        ),
    ] = True,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster", metavar="ADDRESS", help="Dask scheduler whose workers make the reports."
        ),
    ] = "",
    results: Annotated[
        str,
        typer.Option(
            "--results", metavar="URL", help="Place that they come back through, as s3://bucket/in."
        ),
    ] = "",
) -> None:
    """Publish every report of reports.toml; what has not changed is not run again."""
    from crmresearch.run import runner
    from crmresearch.run.limits import Limits

    if dry_run:
        for line in runner.dry_run(listing, only=only or [], reports=reports, force=force):
            print(printable(line))
        return
    page = runner.build(
        listing,
        only=only or [],
        reports=reports,
        force=force,
        limits=Limits(cell=timeout, report=report_timeout, memory=memory),
        jobs=jobs,
        retries=retries,
        history=history,
        warm=warm,
        cluster=cluster,
        results=results,
    )
    print(_seen_from_here(page))


@app.command()
def compare(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY...", help="Reports of one study.")
    ] = None,
    study: Annotated[
        str, typer.Option("--study", metavar="STUDY", help="All reports of this study.")
    ] = "",
    by: Annotated[
        str,
        typer.Option("--by", metavar="NAME", help="The part to list the reports by: Brand, Wave."),
    ] = "",
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="KEY", help="Its folder; compare-STUDY unless given."
        ),
    ] = "",
    reports: Reports = None,
) -> None:
    """Compare published reports of one study: what differs beyond chance, and by how much."""
    from crmresearch.run.comparing import compare as compare_reports

    page, said = compare_reports(keys or [], study=study, by=by, name=output, reports=reports)
    print("\n".join([_seen_from_here(page), *map(printable, said)]))


@app.command()
def check(
    data: Annotated[str, typer.Argument(metavar="PATH", help="Dataset folder, file, or name.")],
    codebook: Codebook = None,
    only: Annotated[
        str,
        typer.Option(
            "--only", metavar="PART", help='A part of it, such as "brand = Northwind; wave = 2025".'
        ),
    ] = "",
) -> None:
    """Print every problem of a dataset, then which studies it, or a part of it, can carry."""
    from crmresearch.data.checking import check as check_data

    text, fit = check_data(data, codebook=codebook, only=only)
    print(printable(text))
    if not fit:
        raise typer.Exit(1)


@app.command()
def codebook(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A survey file.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="PATH", help="File or folder to write it to."),
    ] = None,
) -> None:
    """Draft a codebook from a survey file's own labels and values."""
    from crmresearch.data.checking import draft_codebook

    print(draft_codebook(file, output=output), end="")


@app.command()
def why(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="A report; none to list what is kept of all.")
    ] = "",
    old: Annotated[
        str, typer.Option("--from", metavar="BUILD", help="The earlier build; see --list.")
    ] = "",
    new: Annotated[
        str, typer.Option("--to", metavar="BUILD", help="The later build; the last unless given.")
    ] = "",
    listed: Annotated[
        bool, typer.Option("--list", help="List the builds that are kept, and what differs.")
    ] = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="Run every combination of what differs.")
    ] = False,
    jobs: Annotated[
        int,
        typer.Option("--jobs", metavar="N", min=0, help="Runs at a time; 0: one a processor."),
    ] = 0,
    old_python: Annotated[
        str,
        typer.Option(
            "--old-python",
            metavar="PATH",
            help="The Python of an environment with the earlier build's versions.",
        ),
    ] = "",
    old_data: Annotated[
        list[Path] | None,
        typer.Option(
            "--old-data", metavar="PATH", help="Where data lie that were too large to be kept."
        ),
    ] = None,
    reports: Reports = None,
    timeout: Seconds = 600,
    json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Remove what is kept of the report, or of all.")
    ] = False,
) -> None:
    """Say why a report changed: which of its ingredients moved which of its numbers."""
    from crmresearch.run.why import command

    if forget:
        print(command.forget(key))
        return
    if listed or not key:
        command.builds(key)
        return
    said = command.why(
        key,
        old=old,
        new=new,
        means=command.means(
            jobs=jobs, exact=exact, old_python=old_python, old_data=old_data or [], timeout=timeout
        ),
        as_json=json,
        reports=reports,
    )
    print(printable(said), file=sys.stderr)


@app.command()
def score(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="The file model.json of an archetypes report.")
    ],
    data: Annotated[str, typer.Argument(metavar="DATA", help="Dataset folder, file, or name.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help="CSV file to write, one line a respondent."
        ),
    ],
    codebook: Codebook = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file if it is there.")
    ] = False,
) -> None:
    """Place the respondents of a dataset in the types of a saved model."""
    from crmresearch.run.scores import score as score_data

    said = score_data(model, data, output=output, codebook=codebook or "", force=force)
    print(printable(f"{_seen_from_here(output.resolve())}\n{said}"))


@app.command()
def validate(
    json: Annotated[bool, typer.Option("--json", help="Print the cases as JSON.")] = False,
) -> None:
    """Compare our numbers with published ones; exit 1 if any case fails."""
    from crmresearch.validation.console import report

    if not report(as_json=json):
        raise typer.Exit(1)


@app.command()
def approve(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="STUDY", help="Renew this one alone; may be repeated."),
    ] = None,
) -> None:
    """Renew tests/approved: what each notebook shows, as text, on the demo data."""
    from crmresearch.run.approve import approve as renew

    changed = renew(only or [])
    for path in changed:
        print(path)
    if not changed:
        print("nothing changed")
