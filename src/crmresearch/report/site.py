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
        matrix=_matrix(summaries),
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


def _matrix(summaries: list[dict]) -> dict:
    """A row a claim, grouped by study; a column a survey; a cell a verdict or nothing."""
    testing = [report for report in summaries if report["findings"]]
    labels = _labels(testing)
    columns = list(dict.fromkeys(labels))
    groups: dict[str, dict[str, tuple[str, list]]] = {}
    for report, label in zip(testing, labels, strict=True):
        rows = groups.setdefault(report["study"], {})
        for item in report["findings"]:
            _, cells = rows.setdefault(item["claim"], (item["statement"], [None] * len(columns)))
            cells[columns.index(label)] = item | {"key": report["key"]}
    return {"columns": columns, "groups": [(x, list(rows.values())) for x, rows in groups.items()]}


def _labels(reports: list[dict]) -> list[str]:
    """The survey of each report; with the report's key where a study has two of one survey."""
    pairs = [(report["study"], report["data"] or report["title"]) for report in reports]
    return [
        label if pairs.count((study, label)) == 1 else f"{label} ({report['key']})"
        for report, (study, label) in zip(reports, pairs, strict=True)
    ]
