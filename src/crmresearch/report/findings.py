"""Findings: each claim of a study with the verdict that its data allow."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from crmresearch.report.claims import RULES, Claim
from crmresearch.report.estimates import Estimate, as_records, find
from crmresearch.report.numbers import MINUS, UNITS, format_interval, format_number
from crmresearch.report.suppression import enough

Verdict = Literal["supported", "contradicted", "inconclusive", "not testable here"]
VERDICTS: tuple[Verdict, ...] = ("supported", "contradicted", "inconclusive", "not testable here")

MARK = "†"  # behind the name of an estimate whose scale fails


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim, the estimate that decides it, the verdict and the sentence that says so."""

    claim: Claim
    verdict: Verdict
    sentence: str
    rule: str
    estimate: Estimate | None

    def as_record(self) -> dict:
        """As plain data for JSON."""
        record = dataclasses.asdict(self)
        record["estimate"] = as_records([self.estimate])[0] if self.estimate else None
        return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Caveat:
    """A fact about these data that changes how the numbers should be read."""

    key: str  # stable, dotted: "scale.loyalty.unreliable"
    text: str  # one or two sentences, numbers computed


def conclude(
    claims: Iterable[Claim], *results: Iterable[Estimate], why_not: str = "", min_cell: int = 10
) -> list[Finding]:
    """Apply each claim's rule to the estimate it names.

    Parameters
    ----------
    claims : the claims of one study, from `claims`.
    results : any number of lists of estimates; a claim is decided by the estimate whose key is
        its `decided_by` and whose group is empty.
    why_not : what to say where a claim's estimate was not made; the default says that the data
        lack what it needs.
    min_cell : an estimate of fewer people decides nothing and is not told.

    Returns
    -------
    One finding a claim, in the same order. "Inconclusive" is the verdict wherever the interval
    allows both readings: a failure to find a difference is never reported as no difference.
    """
    estimates = enough((estimate for result in results for estimate in result), min_cell)
    return [_finding(claim, find(estimates, claim.decided_by), why_not) for claim in claims]


def verdict(claim: Claim, low: float, high: float) -> Verdict:
    """The verdict that an interval gives under the claim's rule (see `report.claims.RULES`)."""
    bound = claim.bound
    if not low <= high:  # also where there is no interval: NaN compares false
        return "not testable here"
    decided: dict[str, tuple[bool, bool]] = {
        "above": (low > bound, high < bound),
        "below": (high < bound, low > bound),
        "superior": (low > 0 and not high < bound, high < bound),
        "equivalent": (-bound < low and high < bound, low > bound or high < -bound),
        "differs": (
            (low > 0 or high < 0) and not (-bound < low and high < bound),
            -bound < low and high < bound,
        ),
    }
    supported, contradicted = decided[claim.rule]
    return "supported" if supported else "contradicted" if contradicted else "inconclusive"


def _finding(claim: Claim, estimate: Estimate | None, why_not: str) -> Finding:
    if estimate is None or estimate.value != estimate.value:
        unit_bound = f"{claim.bound:g}".replace("-", MINUS)
        decided: Verdict = "not testable here"
        sentence = why_not or "These data lack what this claim needs."
    else:
        kind = UNITS[estimate.unit]
        unit_bound = f"{claim.bound * kind.factor:g}{kind.suffix}".replace("-", MINUS)
        unit_bound += f" {kind.word}" if kind.word and claim.bound else ""
        decided = verdict(claim, estimate.low, estimate.high)
        sentence = _sentence(claim, estimate)
    rule = RULES[claim.rule].format(bound=unit_bound)
    return Finding(claim=claim, verdict=decided, sentence=sentence, rule=rule, estimate=estimate)


def _sentence(claim: Claim, estimate: Estimate) -> str:
    template = claim.says_causal if estimate.randomised and claim.says_causal else claim.says
    sign = -1 if estimate.value < 0 else 1
    if not format_number(abs(estimate.value), estimate.unit).strip("+0.%"):
        sign = 0  # it rounds to zero, so that neither direction may be claimed
    ends = sorted(((sign or 1) * estimate.low, (sign or 1) * estimate.high))
    size = format_interval(abs(estimate.value), *ends, estimate.level, estimate.unit)
    sentence = template.format(
        name=estimate.name.removesuffix(MARK),
        estimate=str(estimate),
        size=size.replace("+", ""),
        higher=("higher or lower", "higher", "lower")[sign],
        more=("more or less", "more", "less")[sign],
        n=f"{estimate.n:,}",
    )
    if estimate.name.endswith(MARK):
        sentence += f" {MARK} It rests on a scale that fails: see the caveats."
    return sentence
