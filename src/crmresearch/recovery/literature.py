"""This study beside the published findings, as far as their numbers are known.

Most sources state a direction and no interval; then directions are compared and no more. A
published "not significant" leaves the direction open, and so does an interval of ours that holds
zero: neither agrees with anything.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from crmresearch.methods.association import correlation
from crmresearch.recovery.cases import Cases
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.suppression import enough

JUSTICES = {
    "justice_distributive": "fairness of the outcome",
    "justice_interactional": "fairness in person",
    "justice_procedural": "fairness of procedures",
}
COLUMNS = ("Published finding", "Source", "Design", "Printed", "This study", "Comparison")
DIRECTIONS = ("above", "below", "unclear")
READ = {
    "source": "read in the source",
    "abstract": "read in its abstract",
    "secondary": "read in a secondary source",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One entry of ``literature.toml``, which says what its fields hold."""

    finding: str
    source: str
    design: str
    read: str
    doi: str = ""
    direction: str = ""
    printed: str = ""
    low: float = NAN
    high: float = NAN
    compares: tuple[str, ...] = ()
    why_not: str = ""

    def __post_init__(self) -> None:
        if self.read not in READ or self.direction not in ("", *DIRECTIONS):
            raise ValueError(f"{self.source}: {self.read!r}, {self.direction!r}")
        if bool(self.compares) == bool(self.why_not):
            raise ValueError(f"{self.source}: either what it compares with or why it does not")


@cache
def findings() -> tuple[Published, ...]:
    """The published findings, in the order of the file."""
    path = Path(__file__).parent / "literature.toml"
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["finding"]
    return tuple(
        Published(**{**entry, "compares": tuple(entry.get("compares", ()))}) for entry in entries
    )


def fairness(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """How each kind of fairness goes with satisfaction with the handling: ``literature.<role>``.

    Correlations among complainers, as the published ones are; allowing for clusters and weights.
    Empty for a kind that was not asked.
    """
    if not cases.has("handling"):
        return []
    found = [
        correlation(
            cases.answers.score(role),
            cases.frame["handling"],
            key=f"literature.{role}",
            name=f"{name} and satisfaction with the handling",
            design=cases.sampling,
            level=level,
        )
        for role, name in JUSTICES.items()
        if role in cases.answers.roles
    ]
    return enough(found, min_cell)


def beside(*results: Iterable[Estimate], min_cell: int = 10) -> pd.DataFrame:
    """Each published finding with the estimate of this study that it can be compared with.

    Parameters
    ----------
    results : any number of lists of estimates; of each finding's keys the first that is there, has
        an interval and no group is compared
    """
    known = {
        item.key: item
        for item in enough((item for result in results for item in result), min_cell)
        if not item.group and item.low <= item.high
    }
    rows = [_row(finding, known) for finding in findings()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def comparison(finding: Published, ours: Estimate) -> str:
    """In words: what comes before the colon is the verdict."""
    if finding.low == finding.low:
        return _place(finding, ours)
    side = "above" if ours.low > 0 else "below" if ours.high < 0 else "unclear"
    if "unclear" in (side, finding.direction):
        if side == finding.direction:
            return "Undecided in both: neither tells a direction, which is no agreement"
        if side == "unclear":
            return "Undecided here: the interval holds zero"
        return f"Undecided there: not significant as published, {side} zero here"
    if side == finding.direction:
        return f"Same direction: {side} zero; of its size the source tells too little"
    return f"Opposite direction: {finding.direction} zero as published, {side} zero here"


def _place(finding: Published, ours: Estimate) -> str:
    what = "range" if finding.low < finding.high else "number"
    if ours.low > finding.high:
        return f"Above what was printed: the whole interval lies above that {what}"
    if ours.high < finding.low:
        return f"Below what was printed: the whole interval lies below that {what}"
    return f"Compatible: the interval reaches the printed {what}, which has none of its own"


def _row(finding: Published, known: Mapping[str, Estimate]) -> tuple[str, ...]:
    ours = next((known[key] for key in finding.compares if key in known), None)
    source = f"{finding.source}, doi:{finding.doi}" if finding.doi else finding.source
    words = f"Not compared: {finding.why_not or 'not in these data'}"
    if ours is not None:
        words = comparison(finding, ours)
    return (
        finding.finding,
        source,
        f"{finding.design} ({READ[finding.read]})",
        finding.printed or "direction only",
        "–" if ours is None else f"{_named(ours)}: {ours}",
        words,
    )


def _named(ours: Estimate) -> str:
    """Its name, with the outcome where it is a contrast, which several have."""
    family, _, rest = ours.key.partition(".")
    if family not in ("paradox", "complaint"):
        return ours.name
    return f"{rest.partition('.')[0].replace('_', ' ')}, {ours.name}"
