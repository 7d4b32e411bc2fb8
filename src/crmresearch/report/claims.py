"""Claims: what the field asserts, and the rule by which a study's estimate decides."""

import dataclasses
import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Rule = Literal["above", "below", "superior", "equivalent", "differs"]
RULES: dict[str, str] = {
    "above": "supported when the whole interval lies above {bound}, contradicted when below it",
    "below": "supported when the whole interval lies below {bound}, contradicted when above it",
    "superior": (
        "supported when the whole interval lies above zero and does not end below the smallest "
        "effect of interest, {bound}; contradicted when it ends below that"
    ),
    "equivalent": (
        "supported when the whole interval lies within ±{bound}, contradicted when it lies wholly "
        "outside"
    ),
    "differs": (
        "supported when the whole interval lies on one side of zero and not within ±{bound}, the "
        "smallest effect of interest; contradicted when it lies within"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One entry of ``claims.toml``.

    `bound` is the threshold of ``above`` and ``below`` and the smallest effect of interest of the
    other rules, in the unit of the estimate named by `decided_by`. `says` is the sentence about
    this study's estimate; its fields are ``{name}``, ``{estimate}`` (value, interval), ``{size}``
    (the same without a sign), ``{higher}``, ``{more}`` and ``{n}``. `says_causal` replaces it
    where the estimate contrasts randomised arms. `bound_from` names the notebook parameter that
    overrides `bound`, so that a smallest effect of interest is declared in one place.
    """

    id: str
    study: str
    statement: str
    evidence: str
    references: tuple[str, ...]
    decided_by: str
    rule: Rule
    bound: float
    says: str
    says_causal: str = ""
    bound_from: str = ""

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"claim {self.id!r}: rule {self.rule!r} is not one of {list(RULES)}")
        if not math.isfinite(self.bound):
            raise ValueError(f"claim {self.id!r}: bound {self.bound!r} is not a finite number")


def claims(study: str, **bounds: float) -> tuple[Claim, ...]:
    """The claims of one study, in the order of its ``claims.toml``: the weightiest first.

    The report's brief leads with the first ones that can be tested.

    `bounds` are parameters of the run by name, ``sesoi=0.3``: each replaces the bound of the
    claims whose `bound_from` it is. A name that no claim takes its bound from is an error.
    """
    found = _read(study)
    unused = set(bounds) - {claim.bound_from for claim in found}
    if unused:
        raise ValueError(f"no claim of {study!r} takes its bound from {sorted(unused)}")
    return tuple(
        dataclasses.replace(claim, bound=bounds.get(claim.bound_from, claim.bound))
        for claim in found
    )


@cache
def _read(study: str) -> tuple[Claim, ...]:
    path = Path(__file__).parent.parent / study / "claims.toml"
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("claim", [])
    return tuple(
        Claim(**{**entry, "study": study, "references": tuple(entry["references"])})
        for entry in entries
    )
