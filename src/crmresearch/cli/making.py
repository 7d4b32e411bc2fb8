"""Commands that make reports: `run` and `build`."""

from pathlib import Path
from typing import Annotated

import typer

from crmresearch.cli.app import app
from crmresearch.cli.options import (
    Cluster,
    Codebook,
    Data,
    DryRun,
    Force,
    History,
    Jobs,
    Memory,
    Only,
    Reports,
    ReportSeconds,
    Results,
    Retries,
    Seconds,
    Warm,
    seen_from_here,
)
from crmresearch.errors import printable

_EXITS = (
    "Exit codes: 0 every report stands; 1 some failed; 2 the request is wrong; 75 another build "
    "holds the folder; 130 or 143 interrupted, and the same command goes on where it stopped."
)


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
    from crmresearch.run.kernels.limits import Limits
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
    print(seen_from_here(page))


@app.command(epilog=_EXITS)
def build(
    listing: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="What to report on; reports.toml unless given."),
    ] = None,
    only: Only = None,
    reports: Reports = None,
    force: Force = False,
    dry_run: DryRun = False,
    jobs: Jobs = 0,
    retries: Retries = 1,
    timeout: Seconds = 600,
    report_timeout: ReportSeconds = 0,
    memory: Memory = "",
    history: History = True,
    warm: Warm = True,
    cluster: Cluster = "",
    results: Results = "",
) -> None:
    """Publish every report of reports.toml; what has not changed is not run again."""
    from crmresearch.run import runner
    from crmresearch.run.kernels.limits import Limits

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
    print(seen_from_here(page))
