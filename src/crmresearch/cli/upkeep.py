"""Commands that keep the kit right: `validate` and `approve`."""

from typing import Annotated

import typer

from crmresearch.cli.app import app


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
