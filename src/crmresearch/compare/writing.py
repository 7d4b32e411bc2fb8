"""Writing a comparison: the folder of the site that its page and its files are."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crmresearch.compare import headlines, independence, trends, verdicts
from crmresearch.compare.analysis import compare, overall
from crmresearch.compare.caveats import caveats
from crmresearch.compare.contents import COLUMNS, Comparison, cells
from crmresearch.compare.matching import main, match
from crmresearch.compare.naming import Lineup, line_up
from crmresearch.compare.reports import read
from crmresearch.compare.standings import stand
from crmresearch.errors import RequestError
from crmresearch.report.entries import COMPARISON
from crmresearch.report.findings import VERDICTS
from crmresearch.report.page import write_page
from crmresearch.report.summary import DESIGNS, claim_anchor, exhibit_anchor

_NAMED = 5  # reports that a message names
SEVERAL_TIMES = (
    "Cross-sections of several waves: associations and changes, not effects",
    "Nothing was assigned by chance, so this comparison cannot say what causes what",
)  # what `DESIGNS` says of one


def found_in(site: Path, keys: Sequence[str], *, by: str = "") -> Comparison:
    """The comparison of the reports `keys` of the folder `site`.

    Raises
    ------
    RequestError
        Where the reports are not of one study, share people or have nothing in common.
    DataError
        Where a report is damaged.
    """
    reports = read(site, keys)
    independence.refuse_overlap(reports)
    lineup = line_up(reports, by=by)
    quantities = match(lineup)
    if not quantities:
        named = [item.key for item in lineup.reports]
        more = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
        raise RequestError(
            f"the reports {', '.join(named[:_NAMED])}{more} share no estimate with an interval. "
            "Compare reports of one notebook on data with the same questions."
        )
    chosen = main(quantities, lineup)
    drawn = {id(item) for item in chosen}
    others = [item for item in quantities if id(item) not in drawn]
    main_found = [compare(item, lineup.labels) for item in chosen]
    rows = verdicts.matrix(lineup, main_found, others)
    known = trends.series(lineup)
    return Comparison(
        lineup=lineup,
        main=main_found,
        main_tests=overall(chosen),
        others=others,
        other_tests=overall(others),
        standings=stand(others, lineup.labels, known),
        rows=rows,
        bounds=verdicts.bounds(lineup),
        caveats=[*independence.caveats(lineup), *caveats(lineup, chosen)],
        changes=trends.changes(chosen, known) if known else [],
    )


def write(found: Comparison, folder: Path, *, key: str, provenance: Mapping[str, str]) -> dict:
    """Write the page of a comparison and its files into the empty `folder`; returns its summary."""
    study = found.lineup.reports[0].study
    notebook = {"cells": cells(found), "metadata": {}}
    summary = _summary(found, key)
    write_page(notebook, folder, lambda _: summary, study=study, key=key, provenance=provenance)
    return summary


def _summary(found: Comparison, key: str) -> dict:
    """What ``report.json`` says, in the form of `report.summary.summarise` and more."""
    lineup = found.lineup
    design = _of_all(item.design for item in lineup.reports)
    line, cannot_say = DESIGNS.get(design, ("", ""))
    if design == "cross-section" and any(found.changes):
        line, cannot_say = SEVERAL_TIMES
    changes = [x for some in found.changes for x in some]
    told = headlines.brief(found.main, found.main_tests, found.other_tests, found.rows, changes)
    return _about(lineup, key) | {
        "design": design,
        "design_line": line,
        "brief": [
            {"sentence": text, "verdict": "", "statement": "", "anchor": exhibit_anchor(place)}
            for text, place in told
        ],
        "cannot_say": f"{cannot_say}." if cannot_say else "",
        "findings": [],
        "headline": [],
        "leading": [],
        "by": lineup.by,
        "reports": [
            {"key": item.key, "label": label, "n": item.n, "unit": item.unit}
            for item, label in zip(lineup.reports, lineup.labels, strict=True)
        ],
        "matrix": _matrix(lineup, found.rows),
    }


def _about(lineup: Lineup, key: str) -> dict:
    """What the comparison is of."""
    study = lineup.reports[0].study
    alike = "".join(f", {label}" for label in lineup.common.values())
    title = (
        f"{study.replace('_', ' ').capitalize()}{alike}: {len(lineup.reports):,} {lineup.what} "
        "compared"
    )
    datasets = {item.dataset for item in lineup.reports}
    data = _of_all(datasets) or f"{len(datasets):,} datasets"
    return {
        "key": key,
        "kind": COMPARISON,
        "study": study,
        "title": title,
        "question": title,
        "data": data,
        "dataset": data,
        "data_sha256": "",
        "part": lineup.common,
        "min_cell": lineup.min_cell,
        "period": "",
        "n": lineup.n,
        "unit": lineup.reports[0].unit,
    }


def _of_all(texts: Iterable[str]) -> str:
    """The text that all have in common; empty where they differ."""
    found = set(texts)
    return found.pop() if len(found) == 1 else ""


def _matrix(lineup: Lineup, rows: Sequence[verdicts.Row]) -> dict | None:
    """The verdicts as a table: a column a report, or a column a verdict with its number."""
    if not rows:
        return None
    wide = len(lineup.reports) <= COLUMNS
    return {
        "columns": list(lineup.labels) if wide else [item.capitalize() for item in VERDICTS],
        "rows": [
            {
                "statement": row.claim.statement,
                "anchor": claim_anchor(row.claim.id),
                "cells": _cells(lineup, row) if wide else _numbers(row),
                "together": row.together,
                "why_not": row.why_not,
                "flip": headlines.flip_words(row),
            }
            for row in rows
        ],
    }


def _cells(lineup: Lineup, row: verdicts.Row) -> list[dict]:
    return [
        {"verdict": verdict, "key": item.key, "number": 0}
        for verdict, item in zip(row.verdicts, lineup.reports, strict=True)
    ]


def _numbers(row: verdicts.Row) -> list[dict]:
    numbers = [row.verdicts.count(verdict) for verdict in VERDICTS]
    return [
        {"verdict": verdict if number else "", "key": "", "number": number}
        for verdict, number in zip(VERDICTS, numbers, strict=True)
    ]
