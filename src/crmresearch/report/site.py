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
        matrices=_matrices(summaries),
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


def _matrices(summaries: list[dict]) -> list[dict]:
    """Tables with a row a claim, grouped by study, a column a survey, a cell a verdict or nothing.

    Studies that share a survey share a table; one with surveys of its own has its own.
    """
    testing = [report for report in summaries if report["findings"]]
    labels = dict(zip((report["key"] for report in testing), _labels(testing), strict=True))
    studies: dict[str, list[dict]] = {}
    for report in testing:
        studies.setdefault(report["study"], []).append(report)
    found: list[tuple[list[str], list[str]]] = []
    for study, reports in studies.items():
        columns, members = [labels[report["key"]] for report in reports], [study]
        for other in [x for x in found if set(x[0]) & set(columns)]:
            found.remove(other)
            columns, members = [*other[0], *columns], [*other[1], *members]
        found.append((list(dict.fromkeys(columns)), members))
    return [
        {"columns": columns, "groups": [(x, _rows(studies[x], labels, columns)) for x in members]}
        for columns, members in found
    ]


def _rows(
    reports: list[dict], labels: dict[str, str], columns: list[str]
) -> list[tuple[str, list[dict | None]]]:
    """The claims of one study: the statement, and what each survey made of it."""
    rows: dict[str, tuple[str, list[dict | None]]] = {}
    for report in reports:
        for item in report["findings"]:
            _, cells = rows.setdefault(item["claim"], (item["statement"], [None] * len(columns)))
            cells[columns.index(labels[report["key"]])] = item | {"key": report["key"]}
    return list(rows.values())


def _labels(reports: list[dict]) -> list[str]:
    """The survey of each report; with the report's key where a study has two of one survey."""
    pairs = [(report["study"], report["data"] or report["title"]) for report in reports]
    return [
        label if pairs.count((study, label)) == 1 else f"{label} ({report['key']})"
        for report, (study, label) in zip(reports, pairs, strict=True)
    ]
