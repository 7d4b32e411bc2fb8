"""The site: one index of all reports, and the verdicts of every claim across them.

Few reports are cards with what each found; many are lines in folded groups. Either page is whole
without a script. On the page of many one script searches and filters what already stands there;
the page's policy allows that script alone, by its hash. Reports have none.
"""

import base64
import os
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup

from crmresearch.report import differencing, entries, groups, page, verdicts
from crmresearch.report.findings import VERDICTS

CARDS = 12  # reports that have a card each; more are lines in groups
MARKS = dict(zip(VERDICTS, "sciu", strict=True))  # how a line and the script call a verdict
NO_VERDICT = "-"


def write_site(reports: Path, keys: Sequence[str]) -> list[str]:
    """Write ``index.html`` of the folder `reports` from the summaries of the reports `keys`.

    The file is replaced in one step, so that a reader never meets half of it.

    Returns
    -------
    What its maker should know, a sentence or two each: reports whose summary cannot be read, which
    the index leaves out, and reports that together give a few people away.
    """
    found, wrong = entries.read(reports, keys)
    html = render(found)
    reports.mkdir(parents=True, exist_ok=True)
    temporary = reports / f".index.{os.getpid()}.html"
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(html)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, reports / "index.html")
    finally:
        temporary.unlink(missing_ok=True)  # still there where the disk is full
    return wrong + differencing.given_away(found)


def render(found: Sequence[entries.Entry]) -> str:
    """The index of these reports and comparisons as HTML."""
    comparisons = [entry for entry in found if not entry.is_report]
    reports = [entry for entry in found if entry.is_report]
    many = len(reports) > CARDS
    code = script() if many else ""
    claims = verdicts.claims(reports)
    ruled = verdicts.verdicts(reports)
    return page.template("site.html").render(
        policy=policy(code) if many else page.POLICY,
        css=Markup(page.stylesheet("site.css") + _widths(ruled)),
        script=Markup(code),
        reports=reports,
        comparisons=comparisons,
        groups=groups.by_study(found) if many else {},
        claims=claims,
        verdicts=ruled,
        verdict_names=VERDICTS,
        marks=MARKS,
        part_of=groups.part_of,
        of_all=groups.OF_ALL,
        counted=verdicts.counted,
        rulings=lambda entry: _rulings(entry, claims.get(entry.study, {})),
    )


@cache
def script() -> str:
    """The script of the page of many reports."""
    source = (Path(__file__).parent / "template" / "site.js").read_text(encoding="utf-8")
    return source.strip()


def policy(code: str) -> str:
    """The policy of a page on which `code`, and nothing else, may run."""
    known = base64.b64encode(sha256(code.encode()).digest()).decode()
    return f"{page.POLICY}; script-src 'sha256-{known}'"


def _widths(ruled: verdicts.Verdicts) -> str:
    """Rules for the parts of the bars: a style in the page's body would be one more to trust."""
    rows = [row for tallies in ruled.tallies.values() for row in tallies]
    used = sorted({percent for row in rows for percent in row.percents if percent})
    return "".join(f"\n.w{percent} {{ flex-grow: {percent}; }}" for percent in used)


def _rulings(entry: entries.Entry, claims: dict[str, str]) -> str:
    """A report's verdict on each claim of its study: one mark a claim, in the study's order."""
    own = {item.claim: MARKS[item.verdict] for item in entry.findings}
    return "".join(own.get(claim, NO_VERDICT) for claim in claims)
