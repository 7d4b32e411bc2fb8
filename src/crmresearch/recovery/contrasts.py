"""The recovery paradox, tested: three contrasts against customers without a problem, and a fourth.

Selecting complainers by how well they liked the handling selects on something that came after it,
so the narrower a contrast, the more it flatters recovery. They are therefore reported together,
each with the share of customers it speaks for and the smallest difference it could have shown.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crmresearch.methods import sums
from crmresearch.methods.effects import small_sample_factor
from crmresearch.methods.regression import Fit, contrast
from crmresearch.recovery.cases import Cases, Outcome, known, withheld
from crmresearch.recovery.paths import large_paths, members_of
from crmresearch.report.estimates import NAN, Estimate, find
from crmresearch.report.suppression import reveals

GROUPS: Mapping[str, tuple[str, str]] = {  # contrast: (name, the column that selects it)
    "failures": ("all with a problem", "problem"),
    "complainers": ("all complainers", "complained"),
    "resolved": ("complainers whose complaint was resolved", "resolved"),
    "delighted": ("complainers delighted with the handling", "delighted"),
}
TARGET = "contrast_group"


def family(cases: Cases) -> str:
    """Start of the keys: a paradox needs customers who are known to have had no problem."""
    return "paradox" if cases.has("problem") else "complaint"


def restored_family(cases: Cases) -> str:
    """Start of the keys of the intervals for equivalence."""
    return "restored" if family(cases) == "paradox" else "complaint_restored"


def available(cases: Cases) -> list[str]:
    """The contrasts that the data allow, widest first."""
    return [name for name, (_, column) in GROUPS.items() if cases.has(column)]


def kinds(cases: Cases) -> list[str]:
    """How contrasts are made: raw and, where there is something to adjust for, adjusted."""
    return ["raw", "adjusted"] if cases.covariates.shape[1] else ["raw"]


def baseline(cases: Cases) -> np.ndarray:
    """True for the customers whom the groups are compared with."""
    column = "problem" if cases.has("problem") else "complained"
    return (cases.frame[column] == 0).to_numpy()


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A group's difference from the customers it is compared with, fitted.

    Parameters
    ----------
    outcome, name, kind : what is compared, one of `GROUPS`, and ``raw`` or ``adjusted``
    fit : the regression; membership is the term `TARGET`
    scale : the outcome's units that the contrast is judged in: a pooled SD, or 1 for shares
    members, others : customers of the group and of those it is compared with
    """

    outcome: Outcome
    name: str
    kind: str
    fit: Fit
    scale: float
    members: int
    others: int


def judged_unit(outcome: Outcome) -> str:
    """What a contrast is judged in: shares as they are, everything else in SD."""
    return "share difference" if outcome.unit == "share" else "SD"


def compare(
    cases: Cases,
    outcomes: Outcome | Sequence[Outcome],
    *,
    level: float = 0.95,
    min_cell: int = 10,
) -> list[Estimate]:
    """Each contrast with customers without a problem, raw and adjusted.

    Least squares of the outcome on membership, weighted to the population where the data have
    weights, adjusted for prior satisfaction and every covariate of the data; errors hold under
    unequal variances (HC3) or, where customers belong to accounts or answered twice, under any
    dependence within them. The adjusted difference is that of customers alike in what was
    measured; it is not an effect where they differ in what was not.

    Differences are judged in SD of the outcome, pooled over the two groups, because scales differ
    from survey to survey. The SD of a share says nothing but how common it is, and a tenth of it
    may be half of all who left; shares are therefore judged as they are, in percentage points.

    Returns
    -------
    For each outcome and contrast, and for ``raw`` and ``adjusted`` (left out without covariates):
    ``gap.<outcome>.<contrast>.<kind>`` in the outcome's unit; ``paradox…`` as it is judged, at
    `level`, for superiority; ``restored…`` the same at 1 - 2 (1 - `level`), 90% for 95%, for
    equivalence. Without a problem asked, ``complaint…`` and ``complaint_restored…`` instead, and
    the comparison is with customers who did not complain.
    """
    wanted = [outcomes] if isinstance(outcomes, Outcome) else list(outcomes)
    made = {(x.outcome.key, x.name, x.kind): x for x in fitted(cases, wanted)}
    estimates: list[Estimate] = []
    for outcome in wanted:
        shown = shown_groups(cases, outcome, min_cell)
        for name in available(cases):
            for kind in kinds(cases):
                found = made[outcome.key, name, kind]
                smallest = min(found.members, found.others) if name in shown else 0
                estimates += [
                    withheld(item, smallest, min_cell) for item in _in_units(cases, found, level)
                ]
    return estimates


def fitted(
    cases: Cases, outcomes: Sequence[Outcome], *, only: Sequence[str] = ("raw", "adjusted")
) -> list[Comparison]:
    """The regressions behind `compare`."""
    return [
        found for kind in kinds(cases) if kind in only for found in _fitted(cases, outcomes, kind)
    ]


def shown_groups(cases: Cases, outcome: Outcome, min_cell: int) -> set[str]:
    """The contrasts that give nobody away, widest first, beside the means of the paths.

    The groups are nested: where all but a few complainers had it resolved, the contrasts of both
    would give away the few.
    """
    answered = cases.frame[outcome.key].notna().to_numpy()
    told = [on & answered for on in members_of(large_paths(cases, outcome, min_cell))]
    groups = {name: known(cases.frame[GROUPS[name][1]]) & answered for name in available(cases)}
    if not reveals([*told, *groups.values()], min_cell):  # then no part of them does either
        return set(groups)
    shown = set()
    for name, members in groups.items():
        if not reveals([*told, members], min_cell):
            told.append(members)
            shown.add(name)
    return shown


def of(outcome: Outcome, estimates: list[Estimate]) -> list[Estimate]:
    """The contrasts of one outcome."""
    return [item for item in estimates if item.key.split(".")[1] == outcome.key]


def for_claims(estimates: list[Estimate]) -> list[Estimate]:
    """The same with ``_share`` after the first word of the key where shares are judged.

    A claim whose bound is in SD must not be decided by percentage points, as where loyalty was
    asked as yes or no, nor the other way round.
    """
    return [
        dataclasses.replace(item, key=item.key.replace(".", "_share.", 1))
        if item.unit == "share difference" and not item.key.startswith("gap.")
        else item
        for item in estimates
    ]


def loss(outcome: Outcome, estimates: list[Estimate]) -> list[Estimate]:
    """The contrast of all with a problem on the main outcome, as ``loss.failures``.

    The adjusted one of `compare` where there is something to adjust for, otherwise the raw one.
    """
    keys = [f"paradox.{outcome.key}.failures.{kind}" for kind in ("adjusted", "raw")]
    found = [item for item in (find(estimates, key) for key in keys) if item is not None]
    return [
        dataclasses.replace(
            item, key="loss.failures", name=f"{outcome.name}, {item.name.rpartition(', ')[2]}"
        )
        for item in found[:1]
    ]


def title_of(cases: Cases, name: str, kind: str) -> str:
    """A contrast in words: ``all complainers − no problem, adjusted``."""
    return f"{GROUPS[name][0]} − {cases.reference}, {kind}"


def pooled_scale(first: tuple[int, float], second: tuple[int, float]) -> float:
    """What one corrected standardised unit is worth, so that dividing by it gives Hedges' g.

    Parameters
    ----------
    first, second : number of customers and weighted variance of each group, from `spread`
    """
    df = first[0] + second[0] - 2
    if min(first[0], second[0]) < 1 or df < 1:
        return NAN
    squares = first[0] * first[1] + second[0] * second[1]
    return (squares / df) ** 0.5 / small_sample_factor(df)


def spread(values: np.ndarray, weights: np.ndarray, side: np.ndarray) -> tuple[int, float]:
    """Number of customers of a group and the weighted variance of what they said.

    Parameters
    ----------
    values, weights : (n,) float; side : (n,) bool, without missing values or weights of 0
    """
    n = int(np.count_nonzero(side))
    if n == 0:
        return 0, NAN
    if n < len(side) / 2:  # few are cheaper to copy than to pass over all
        values, weights, side = values[side], weights[side], side[side]
    heavy = weights * side
    heavy /= heavy.sum()
    apart = np.where(side, values, 0.0)
    apart -= heavy @ apart
    return n, float(heavy @ apart**2)


def _fitted(cases: Cases, outcomes: Sequence[Outcome], kind: str) -> list[Comparison]:
    """All groups and outcomes, from one table of covariates."""
    if not available(cases):
        return []
    adjusted = kind == "adjusted"
    made = sums.rows(
        cases.covariates if adjusted else cases.covariates.iloc[:, :0],
        clusters=cases.sampling.clusters,
        weights=cases.sampling.weights,
    )
    weights, base = cases.sampling.row_weights()[made.order], baseline(cases)[made.order]
    answers = [cases.frame[outcome.key].to_numpy()[made.order] for outcome in outcomes]
    told = [np.isfinite(values) & made.complete for values in answers]
    others = [spread(values, weights, base & x) for values, x in zip(answers, told, strict=True)]
    found = {}
    for name in available(cases):
        member = known(cases.frame[GROUPS[name][1]])[made.order]
        within, shared = base | member, None
        for outcome, values, rest, here in zip(outcomes, answers, others, told, strict=True):
            used = within & here
            if shared is None or not np.array_equal(used, shared.used):
                shared = sums.group(made, used, member, TARGET)
            fit = sums.fit(made, shared, values, int(np.count_nonzero(within)))
            own = spread(values, weights, member & here)
            scale = 1.0 if outcome.unit == "share" else pooled_scale(own, rest)
            found[outcome.key, name] = Comparison(outcome, name, kind, fit, scale, own[0], rest[0])
    return [found[outcome.key, name] for outcome in outcomes for name in available(cases)]


def _in_units(cases: Cases, found: Comparison, level: float) -> list[Estimate]:
    """Membership's coefficient in the outcome's unit, as judged, and for equivalence."""
    outcome, ends = found.outcome, f"{found.outcome.key}.{found.name}.{found.kind}"
    shown = {"fit": found.fit, "weights": {TARGET: 1.0}}
    name, method = title_of(cases, found.name, found.kind), _method(cases, found.kind)
    unit = judged_unit(outcome)
    judged = {"unit": unit, "scale": found.scale}
    words = method if unit == "share difference" else f"{method}, in pooled SD"
    return [
        contrast(
            **shown,
            key=f"gap.{ends}",
            name=name,
            level=level,
            unit=outcome.difference,
            method=method,
        ),
        contrast(
            **shown, **judged, key=f"{family(cases)}.{ends}", name=name, level=level, method=words
        ),
        contrast(
            **shown,
            **judged,
            key=f"{restored_family(cases)}.{ends}",
            name=f"{name}, for equivalence",
            level=2 * level - 1,
            method=f"{words}, interval of two one-sided tests",
        ),
    ]


def _method(cases: Cases, kind: str) -> str:
    weighted = "weighted " if cases.weighted else ""
    if kind == "raw":
        return f"difference of {weighted}means"
    named = ", ".join(map(str, cases.covariates))
    return f"{weighted}linear regression adjusted for {named}"
