"""The comparisons that were chosen before the data were seen, on every outcome."""

import dataclasses

import numpy as np

from crmresearch.methods.comparisons import difference_in_sd
from crmresearch.methods.domains import Domains, domains_of_each
from crmresearch.methods.means import mean_difference
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.shares import share_difference
from crmresearch.recovery.cases import NO_PROBLEM, Cases, Outcome, known
from crmresearch.recovery.contrasts import GROUPS, shown_groups
from crmresearch.recovery.events import NO_COMPLAINT
from crmresearch.recovery.paths import large_paths, members_of
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count
from crmresearch.report.suppression import reveals

PLANNED = {
    "problem-none": "any problem − none",
    "complained-silent": "complained − silent",
    "complained-no_complaint": "complained − no complaint",
    "resolved-unresolved": "resolved − unresolved",
    "delighted-resolved": "delighted − resolved, not delighted",
}
Sides = tuple[np.ndarray, np.ndarray]  # (n,) bool: compared with, and compared


def sides(cases: Cases) -> dict[str, Sides]:
    """The customers on either side of each contrast that the data allow.

    Resolution goes before delight here: who was delighted although nothing was resolved is among
    the unresolved.
    """
    frame, path = cases.frame, cases.path
    found: dict[str, Sides] = {}
    if cases.has("problem"):
        found["problem-none"] = (path == NO_PROBLEM).to_numpy(), known(frame["problem"])
    if cases.has("complained"):
        voiced = known(frame["complained"])
        other, key = ("silent", "complained-silent")
        if not cases.has("problem"):
            other, key = (NO_COMPLAINT, "complained-no_complaint")
        found[key] = (path == other).to_numpy(), voiced
        if cases.has("resolved"):
            resolved = known(frame["resolved"])
            undone = voiced & (frame["resolved"] == 0).to_numpy()
            found["resolved-unresolved"] = undone, resolved
            if cases.has("delighted"):
                plain = resolved & (frame["delighted"] == 0).to_numpy()
                found["delighted-resolved"] = plain, known(frame["delighted"])
    return found


def planned(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """The planned contrasts on every outcome, in its unit and as Hedges' g.

    The contrasts of one outcome are a family: intervals are Bonferroni's and hold for all of them
    at once, p is Holm's. Weighted where the data are, and allowing for accounts or persons. The
    groups were not assigned, so a contrast describes who they are as well as what happened to them.

    Returns
    -------
    ``planned.<outcome>.<contrast>`` with p, and ``planned_g.<outcome>.<contrast>`` in SD. Contrasts
    of groups below `min_cell`, or that would give one away, are left out.
    """
    return [
        item for outcome in cases.outcomes for item in _of_outcome(cases, outcome, level, min_cell)
    ]


def _of_outcome(cases: Cases, outcome: Outcome, level: float, min_cell: int) -> list[Estimate]:
    pairs = allowed(cases, outcome, min_cell)
    values, each = cases.frame[outcome.key].to_numpy(), 1 - (1 - level) / max(len(pairs), 1)
    compare, extra = mean_difference, {"unit": outcome.difference}
    if outcome.unit == "share":
        compare, extra = share_difference, {}
    raw, standardised = [], []
    means = _means(cases, values, list(pairs.values()))
    for (key, pair), both in zip(pairs.items(), means, strict=True):
        told = {
            "name": f"{outcome.name}: {PLANNED[key]}",
            "design": cases.sampling,
            "level": each,
        }
        moments = None
        if both is not None:
            value, error, freedom = both.contrast([-1.0, 1.0])
            moments = (value, error, int(freedom), int(both.n.sum()))
        end = f"{outcome.key}.{key}"
        raw.append(compare(values, *pair, key=f"planned.{end}", moments=moments, **told, **extra))
        standardised.append(
            difference_in_sd(values, *pair, key=f"planned_g.{end}", means=both, **told)
        )
    adjusted = adjust(np.array([item.p for item in raw])) if raw else []
    words = f"; Bonferroni interval for {count(len(pairs), 'planned contrast')}"
    return [
        dataclasses.replace(item, level=level, p=float(p), method=f"{item.method}{words}, Holm p")
        for item, p in zip(raw, adjusted, strict=True)
    ] + [
        dataclasses.replace(item, level=level, method=f"{item.method}{words}")
        for item in standardised
    ]


def _means(cases: Cases, values: np.ndarray, pairs: list[Sides]) -> list[Domains | None]:
    """The means of both sides of each contrast, in one pass; none for a simple random sample."""
    if cases.sampling.plain:
        return [None] * len(pairs)
    codes = [np.where(first, 0, np.where(second, 1, -1)) for first, second in pairs]
    return domains_of_each(values, [(side, 2) for side in codes], cases.sampling)


def allowed(cases: Cases, outcome: Outcome, min_cell: int) -> dict[str, Sides]:
    """The contrasts whose sides give nobody away beside the paths and the other contrasts."""
    answered = cases.frame[outcome.key].notna().to_numpy()
    told = [on & answered for on in members_of(large_paths(cases, outcome, min_cell))]
    shown = shown_groups(cases, outcome, min_cell)
    told += [known(cases.frame[GROUPS[name][1]]) & answered for name in GROUPS if name in shown]
    pairs = {key: tuple(side & answered for side in pair) for key, pair in sides(cases).items()}
    pairs = {key: pair for key, pair in pairs.items() if all(side.any() for side in pair)}
    if not reveals([*told, *(side for pair in pairs.values() for side in pair)], min_cell):
        return pairs  # then no part of them does either
    found = {}
    for key, pair in pairs.items():
        if not reveals([*told, *pair], min_cell):
            told += pair
            found[key] = pair
    return found


def told(cases: Cases, outcome: Outcome, min_cell: int) -> list[np.ndarray]:
    """Everybody of whom the paths and contrasts, planned or not, tell the mean of an outcome."""
    answered = cases.frame[outcome.key].notna().to_numpy()
    groups = members_of(large_paths(cases, outcome, min_cell))
    shown = shown_groups(cases, outcome, min_cell)
    groups += [known(cases.frame[GROUPS[name][1]]) for name in GROUPS if name in shown]
    pairs = allowed(cases, outcome, min_cell).values()
    return [group & answered for group in groups] + [side for pair in pairs for side in pair]
