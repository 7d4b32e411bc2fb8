"""The site: one index of all reports, and the verdicts of every claim across them."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from crmresearch.errors import UserError
from crmresearch.report import page


def write_site(reports: Path, keys: Sequence[str]) -> None:
    """Write ``index.html`` of the folder `reports` from the summaries of the reports `keys`.

    The file is replaced in one step, so that a reader never meets half of it.

    Raises
    ------
    UserError
        If a report has no readable summary.
    """
    summaries = [_read(reports, key) for key in keys]
    html = page.template("site.html").render(
        policy=page.POLICY,
        css=Markup(page.stylesheet()),
        reports=summaries,
        studies=_studies(summaries),
    )
    reports.mkdir(parents=True, exist_ok=True)
    temporary = reports / f".index.{os.getpid()}.html"
    with temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(html)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, reports / "index.html")


def _read(reports: Path, key: str) -> dict:
    path = reports / key / "report.json"
    try:
        return json.loads(path.read_text(encoding="utf-8")) | {"key": key}
    except (OSError, ValueError) as error:
        raise UserError(
            f"report {key!r} has no readable report.json ({error.__class__.__name__}); "
            "make the report again."
        ) from error


def _studies(summaries: list[dict]) -> list[dict]:
    """One claims matrix a study: a row a claim, a column a report, a cell a verdict or nothing."""
    studies: dict[str, list[dict]] = {}
    for report in summaries:
        if report["findings"]:
            studies.setdefault(report["study"], []).append(report)
    matrices = []
    for study, columns in studies.items():
        statements = {
            item["claim"]: item["statement"] for report in columns for item in report["findings"]
        }
        rows = [
            (
                statement,
                [
                    next((x for x in report["findings"] if x["claim"] == claim), None)
                    for report in columns
                ],
            )
            for claim, statement in statements.items()
        ]
        matrices.append({"study": study, "reports": _labelled(columns), "rows": rows})
    return matrices


def _labelled(columns: list[dict]) -> list[dict]:
    """The reports of one study with a label each: the data, and the key where that is shared."""
    titles = [report["data"] or report["title"] for report in columns]
    return [
        report | {"label": title if titles.count(title) == 1 else f"{title} ({report['key']})"}
        for report, title in zip(columns, titles, strict=True)
    ]
