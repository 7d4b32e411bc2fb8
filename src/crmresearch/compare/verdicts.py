"""The verdicts of all reports on each claim, what they say together, and whether a flip is one.

That one report supports a claim and another leaves it open does not mean that the two differ: the
difference between "significant" and "not significant" is not itself significant (Gelman & Stern
2006, The American Statistician 60, 328-331). Of every flip it is told whether the estimates differ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crmresearch.compare.analysis import Compared, compare
from crmresearch.compare.matching import Quantity
from crmresearch.compare.naming import Lineup
from crmresearch.report.claims import Claim
from crmresearch.report.findings import verdict

UNTESTED = "not testable here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One claim across the reports.

    Parameters
    ----------
    verdicts : (k,) one a report of the lineup, empty where a report does not have the claim
    together : the verdict that the pooled mean gives by the same rule; empty where there is none
    flips : whether one report decides it and another does not, or decides it otherwise
    differs : of a flip whether the estimates of reports with unlike verdicts differ beyond chance;
        None where they cannot be compared
    why_not : why nothing is said of all together
    """

    claim: Claim
    verdicts: tuple[str, ...]
    together: str = ""
    flips: bool = False
    differs: bool | None = None
    why_not: str = ""


def matrix(lineup: Lineup, compared: Iterable[Compared], others: Iterable[Quantity]) -> list[Row]:
    """A row a claim that any report tests, in the order of the first report that has it.

    `compared` are the quantities that have been compared; of `others` those that decide a claim
    are now.
    """
    known = {item.quantity.key: item for item in compared if not item.quantity.group}
    waiting = {item.key: item for item in others if not item.group}
    claims: dict[str, list[Claim]] = {}
    for report in lineup.reports:
        for name, ruling in report.rulings.items():
            claims.setdefault(name, []).append(ruling.claim)
    for key in {found[0].decided_by for found in claims.values()} & set(waiting):
        known.setdefault(key, compare(waiting[key], lineup.labels))
    return [_row(lineup, found, known.get(found[0].decided_by)) for found in claims.values()]


def _row(lineup: Lineup, claims: Sequence[Claim], compared: Compared | None) -> Row:
    claim = claims[0]
    rulings = [report.rulings.get(claim.id) for report in lineup.reports]
    verdicts = tuple(item.verdict if item else "" for item in rulings)
    tested = {item for item in verdicts if item and item != UNTESTED}
    flips = len(tested) > 1
    one_rule = len({(item.decided_by, item.rule, item.bound) for item in claims}) == 1
    if not one_rule:
        why_not = "judged by different bounds"
    elif compared is None:
        why_not = "decided by no estimate that two reports have"
    elif compared.quantity.picked:
        why_not = "of what each report picked by its own answers, which no mean tells"
    elif compared.mean is None:
        why_not = "pooled from three reports on"
    else:
        why_not = ""
    mean = compared.mean if compared else None
    return Row(
        claim=claim,
        verdicts=verdicts,
        together=verdict(claim, mean.low, mean.high) if mean and one_rule else "",
        flips=flips,
        differs=_differs(verdicts, compared) if flips and compared else None,
        why_not=why_not,
    )


def _differs(verdicts: Sequence[str], compared: Compared) -> bool | None:
    """Whether any two reports whose verdicts are unlike are certainly different.

    None where no two of these have an estimate that can be compared.
    """
    rows = compared.quantity.rows
    unlike = [
        bool(compared.above[i, j])
        for i, one in enumerate(rows)
        for j, other in enumerate(rows)
        if UNTESTED not in (verdicts[one], verdicts[other])
        and verdicts[one] and verdicts[other]
        and verdicts[one] != verdicts[other]
    ]  # fmt: skip
    return any(unlike) if unlike else None


def bounds(lineup: Lineup) -> dict[str, float]:
    """The smallest effect of interest of each estimate that a claim names one for."""
    found: dict[str, set[float]] = {}
    for report in lineup.reports:
        for ruling in report.rulings.values():
            if (
                ruling.claim.rule in {"superior", "equivalent", "differs"}
                and ruling.claim.bound > 0
            ):
                found.setdefault(ruling.claim.decided_by, set()).add(ruling.claim.bound)
    return {key: min(sizes) for key, sizes in found.items()}
