"""Results: what an executed notebook recorded, taken out of its outputs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmresearch.errors import UserError
from crmresearch.report.estimates import Estimate, from_records
from crmresearch.report.exhibits import FILE_NAME, MIME

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The records of one executed notebook, each in the order of the notebook.

    Parameters
    ----------
    data : the data sheet, as `exhibits.show_data` recorded it; empty where none was shown.
    exhibits : the records of `exhibits.show`.
    caveats, findings : the items of `exhibits.show_caveats` and `exhibits.show_findings`.
    estimates : every estimate of the exhibits and findings once, with its study.
    """

    data: dict = field(default_factory=dict)
    exhibits: list[dict] = field(default_factory=list)
    caveats: list[dict] = field(default_factory=list)
    findings: list[dict] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)


def collect(notebook: NotebookNode, study: str) -> Results:
    """What the executed `notebook` of `study` recorded.

    Raises
    ------
    UserError
        If two exhibits share a key or a file's name, or two places give one estimate different
        values: either would make a link, a file or a verdict ambiguous.
    """
    found: dict[str, list[dict]] = {"data": [], "exhibit": [], "caveats": [], "findings": []}
    for record in records(notebook):
        found.setdefault(record.get("kind", ""), []).append(record)
    findings = [item for record in found["findings"] for item in record["items"]]
    estimates, problems = _estimates(found["exhibit"], findings, study)
    problems = [*_repeated_keys(found["exhibit"]), *_files(found["exhibit"]), *problems]
    if problems:
        lines = "".join(f"\n  {number}. {text}" for number, text in enumerate(problems, start=1))
        raise UserError(f"notebooks/{study}.ipynb, {len(problems)} problem(s):{lines}")
    return Results(
        data=found["data"][0] if found["data"] else {},
        exhibits=found["exhibit"],
        caveats=[item for record in found["caveats"] for item in record["items"]],
        findings=findings,
        estimates=estimates,
    )


def records(notebook: NotebookNode) -> Iterator[dict]:
    """Every record in the notebook's outputs, in order."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            record = record_of(output)
            if record is not None:
                yield record


def record_of(output: Mapping) -> dict | None:
    """The record of one output; None for an output that is not one of ours."""
    record = output.get("data", {}).get(MIME)
    return record if isinstance(record, Mapping) else None


def file_name(key: str) -> str:
    """An exhibit's key as the name of a file: ``loyalty.gaps`` becomes ``loyalty-gaps``."""
    return re.sub(r"[^a-z0-9_]+", "-", key.lower()).strip("-")[:60] or "table"


def _repeated_keys(exhibits: list[dict]) -> list[str]:
    keys = [exhibit["key"] for exhibit in exhibits]
    names = [file_name(key) for key in keys]
    return [
        f"{names.count(name)} exhibits have the key {key!r}; give each show(...) its own."
        for key, name in dict(zip(keys, names, strict=True)).items()
        if names.count(name) > 1
    ]


def _files(exhibits: list[dict]) -> list[str]:
    """What is wrong with the files that exhibits carry: a notebook can be edited by hand."""
    names = [str(item["file"]["name"]) for item in exhibits if item.get("file")]
    return [
        f"an exhibit offers a file named {name!r}; a plain name ends in .json, .csv or .txt."
        for name in names
        if not FILE_NAME.fullmatch(name)
    ] + [
        f"{names.count(name)} exhibits offer a file named {name!r}; give each its own name."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]


def _estimates(
    exhibits: list[dict], findings: list[dict], study: str
) -> tuple[list[Estimate], list[str]]:
    places = [(f"exhibit {item['key']!r}", item["estimates"]) for item in exhibits]
    places += [
        (f"claim {item['claim']['id']!r}", [item["estimate"]])
        for item in findings
        if item["estimate"]
    ]
    first: dict[tuple[str, str], tuple[str, Estimate]] = {}
    problems = []
    for place, group in places:
        for estimate in from_records(group):
            known, other = first.setdefault((estimate.key, estimate.group), (place, estimate))
            if other != estimate:
                label = f"{estimate.key!r}" + (f", {estimate.group!r}" if estimate.group else "")
                problems.append(
                    f"estimate {label} is not the same in {known} and in {place}; two different "
                    "quantities need two keys, and a small group is hidden in both or in neither."
                )
    return [dataclasses.replace(estimate, study=study) for _, estimate in first.values()], problems
