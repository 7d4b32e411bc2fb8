"""Commands on data: `check`, `codebook` and `score`."""

from pathlib import Path
from typing import Annotated

import typer

from crmresearch.cli.app import app
from crmresearch.cli.options import Codebook, seen_from_here
from crmresearch.errors import printable


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
    print(printable(f"{seen_from_here(output.resolve())}\n{said}"))
