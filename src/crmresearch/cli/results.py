"""Commands that ask what published reports say: `compare` and `why`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crmresearch.cli.app import app
from crmresearch.cli.options import Reports, Seconds, seen_from_here
from crmresearch.errors import printable

From = Annotated[
    str, typer.Option("--from", metavar="BUILD", help="The earlier build; see --list.")
]
To = Annotated[
    str, typer.Option("--to", metavar="BUILD", help="The later build; the last unless given.")
]
Listed = Annotated[
    bool, typer.Option("--list", help="List the builds that are kept, and what differs.")
]
Exact = Annotated[bool, typer.Option("--exact", help="Run every combination of what differs.")]
Runs = Annotated[
    int,
    typer.Option("--jobs", metavar="N", min=0, help="Runs at a time; 0: one a processor."),
]
OldPython = Annotated[
    str,
    typer.Option(
        "--old-python",
        metavar="PATH",
        help="The Python of an environment with the earlier build's versions.",
    ),
]
OldData = Annotated[
    list[Path] | None,
    typer.Option(
        "--old-data", metavar="PATH", help="Where data lie that were too large to be kept."
    ),
]
Forget = Annotated[
    bool, typer.Option("--forget", help="Remove what is kept of the report, or of all.")
]


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
    from crmresearch.run.publishing.comparing import compare as compare_reports

    page, said = compare_reports(
        keys or [], study=study, by=by, name=output, reports=reports, tell=_say
    )
    print("\n".join([seen_from_here(page), *map(printable, said)]))


@app.command()
def why(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="A report; none to list what is kept of all.")
    ] = "",
    old: From = "",
    new: To = "",
    listed: Listed = False,
    exact: Exact = False,
    jobs: Runs = 0,
    old_python: OldPython = "",
    old_data: OldData = None,
    reports: Reports = None,
    timeout: Seconds = 600,
    json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    forget: Forget = False,
) -> None:
    """Say why a report changed: which of its ingredients moved which of its numbers."""
    from crmresearch.run.kernels.limits import Limits
    from crmresearch.run.runner import cores
    from crmresearch.run.why import command
    from crmresearch.run.why.asking import Means

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
        means=Means(
            jobs=jobs or cores(), exact=exact, old_python=old_python, old_data=old_data or [],
            limits=Limits(cell=timeout), tell=_say,
        ),
        as_json=json,
        reports=reports,
    )  # fmt: skip
    _say(said)


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr)
