"""The program that the commands belong to."""

from importlib.metadata import version
from typing import Annotated

import typer

app = typer.Typer(
    name="crmresearch",
    help="From a survey file to published reports, with a verdict on every claim.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
