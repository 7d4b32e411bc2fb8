"""The summary of a report: what its masthead, its brief and the site's index say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crmresearch.report import cells
from crmresearch.report.collect import Results, file_name
from crmresearch.report.estimates import Estimate, as_records, from_records
from crmresearch.report.numbers import count

if TYPE_CHECKING:
    from nbformat import NotebookNode

BRIEF = 6  # sentences at most
DIGESTS = ("SHA-256 of the data", "SHA-256 of the part")  # the data sheet's facts, either of them
HEADLINES = 3  # of them at most exhibits' titles, before the claims
DESIGNS = {
    "cross-section": (
        "Cross-section: associations, not effects",
        "The answers were given at one time and nothing was assigned by chance, so this report "
        "cannot say what causes what",
    ),
    "panel": (
        "Panel: changes over time, not effects",
        "The same respondents answered more than once but nothing was assigned by chance, so this "
        "report describes change and cannot say what causes it",
    ),
    "experiment": (
        "Experiment: contrasts between randomised arms are effects, all else is association",
        "Only the contrasts between randomised arms say what raises or lowers an answer; about "
        "everything else this report cannot say what causes what",
    ),
}


def summarise(notebook: NotebookNode, results: Results, *, study: str, key: str) -> dict:
    """The report in brief, as plain data for ``report.json``.

    ``part`` says which part of the data the report is of, by the names that a reader sees:
    ``{"Brand": "Northwind", "Wave": "2025"}``; empty where it is of all of them. ``wave`` says of a
    part of one wave which of the names is the wave's, in which order the waves came, and up to
    which share of the people had answered in an earlier one. ``leading`` names the estimates that a
    comparison of reports starts with.
    """
    data = results.data
    facts = data.get("facts", {})
    title = cells.title_of(notebook, study.replace("_", " ").capitalize())
    design, _ = DESIGNS.get(data.get("design", ""), ("", ""))
    return {
        "key": key,
        "study": study,
        "title": title,
        "question": cells.question_of(notebook, title),
        "data": data.get("title", ""),
        "dataset": data.get("dataset", data.get("title", "")),
        "data_sha256": next((facts[name] for name in DIGESTS if name in facts), ""),
        "part": dict(data.get("part", {})),
        "wave": dict(data.get("wave", {})),
        "min_cell": data.get("min_cell"),
        "period": data.get("period", ""),
        "n": data.get("n"),
        "unit": data.get("unit", ""),
        "design": data.get("design", ""),
        "design_line": design,
        "brief": _brief(results),
        "cannot_say": _cannot_say(results),
        "findings": [
            {
                "claim": item["claim"]["id"],
                "statement": item["claim"]["statement"],
                "verdict": item["verdict"],
                "sentence": item["sentence"],
                "anchor": claim_anchor(item["claim"]["id"]),
            }
            for item in results.findings
        ],
        "headline": as_records(_headline(results)),
        "leading": _leading(results),
    }


def exhibit_anchor(key: str) -> str:
    """The id of an exhibit in the page."""
    return f"exhibit-{file_name(key)}"


def claim_anchor(identity: str) -> str:
    """The id of a claim's verdict in the page."""
    return f"claim-{file_name(identity)}"


def _brief(results: Results) -> list[dict]:
    """The headline exhibits' titles, then the first testable claims.

    The order of the claims is that of ``claims.toml``, the weightiest first, and not that of the
    verdicts: to lead with what came out clearly would be to choose by result.
    """
    told = [item for item in results.exhibits if item["table"]["rows"]]
    headlines = [item for item in told if item.get("headline")][:HEADLINES]
    testable = [item for item in results.findings if item["verdict"] != "not testable here"]
    claims = testable[: BRIEF - len(headlines)]
    if not headlines and len(claims) < HEADLINES:
        headlines = told[: HEADLINES - len(claims)]
    return [
        {
            "sentence": exhibit["title"].rstrip(".") + ".",
            "verdict": "",
            "statement": "",
            "anchor": exhibit_anchor(exhibit["key"]),
        }
        for exhibit in headlines
    ] + [
        {
            "sentence": item["sentence"],
            "verdict": item["verdict"],
            "statement": item["claim"]["statement"],
            "anchor": _deciding_exhibit(item, results),
        }
        for item in claims
    ]


def _deciding_exhibit(finding: Mapping, results: Results) -> str:
    """The anchor of the exhibit that shows the deciding estimate, else of the claim itself."""
    wanted = finding["claim"]["decided_by"]
    for exhibit in results.exhibits:
        if any((item["key"], item["group"]) == (wanted, "") for item in exhibit["estimates"]):
            return exhibit_anchor(exhibit["key"])
    return claim_anchor(finding["claim"]["id"])


def _cannot_say(results: Results) -> str:
    _, sentence = DESIGNS.get(results.data.get("design", ""), ("", ""))
    verdicts = [item["verdict"] for item in results.findings]
    parts = [
        f"{count(verdicts.count(verdict), 'claim')} {words}"
        for verdict, words in (
            ("inconclusive", "could not be decided"),
            ("not testable here", "could not be tested on these data"),
        )
        if verdict in verdicts
    ]
    open_claims = f"{' and '.join(parts)}." if parts else ""
    return " ".join(part for part in (f"{sentence}." if sentence else "", open_claims) if part)


def _headline(results: Results) -> list[Estimate]:
    """The estimates that decide claims, else the first of each exhibit; all of the sample."""
    deciding = [item["estimate"] for item in results.findings if item["estimate"]]
    leading = [
        next((x for x in exhibit["estimates"] if not x["group"]), None)
        for exhibit in results.exhibits
    ]
    return from_records((deciding or [item for item in leading if item])[:BRIEF])


def _leading(results: Results) -> list[str]:
    """Keys of the first estimate of each headline exhibit, then of those that decide claims."""
    first = [
        next((x["key"] for x in exhibit["estimates"] if not x["group"]), "")
        for exhibit in results.exhibits
        if exhibit.get("headline")
    ]
    deciding = [item["claim"]["decided_by"] for item in results.findings if item["estimate"]]
    return [key for key in dict.fromkeys(first + deciding) if key]
