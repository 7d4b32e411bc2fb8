"""The recovery paradox, tested: three contrasts against customers without a problem, and a fourth.

Selecting complainers by how well they liked the handling selects on something that came after it,
so the narrower a contrast, the more it flatters recovery. They are therefore reported together,
each with the share of customers it speaks for and the smallest difference it could have shown.
"""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmresearch.methods.effects import pooled_sd, small_sample_factor
from crmresearch.methods.groups import sample
from crmresearch.methods.power import detectable_g
from crmresearch.methods.proportions import share
from crmresearch.methods.regression import Fit, contrast, ordinary_least_squares
from crmresearch.methods.sensitivity import e_values
from crmresearch.recovery.cases import Cases, Outcome, known, withheld
from crmresearch.recovery.paths import large_paths
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.suppression import reveals

GROUPS: Mapping[str, tuple[str, str]] = {  # contrast: (name, the column that selects it)
    "failures": ("all with a problem", "problem"),
    "complainers": ("all complainers", "complained"),
    "resolved": ("complainers whose complaint was resolved", "resolved"),
    "delighted": ("complainers delighted with the handling", "delighted"),
}
TARGET = "contrast_group"
VERDICTS = ("paradox", "restored", "still worse", "inconclusive")


def family(cases: Cases) -> str:
    """Start of the keys: a paradox needs customers who are known to have had no problem."""
    return "paradox" if cases.has("problem") else "complaint"


def available(cases: Cases) -> list[str]:
    """The contrasts that the data allow, widest first."""
    return [name for name, (_, column) in GROUPS.items() if cases.has(column)]


def reach(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Whom each contrast speaks for, and the difference it could have shown: read before results.

    Returns
    -------
    For each contrast ``speaks_for.<contrast>``, the share of all customers in the group, and
    ``detectable.<contrast>``, the standardised difference found with 80% power at these sizes
    (for independent answers; more is needed where they cluster).
    """
    names = available(cases)
    if not names:
        return []
    answered = cases.frame[outcome.key].notna().to_numpy()
    baseline = int((_baseline(cases) & answered).sum())
    estimates: list[Estimate] = []
    for name in names:
        column = cases.frame[GROUPS[name][1]].to_numpy()
        n = int(((column == 1) & answered).sum())
        speaks = share(
            column,
            key=f"speaks_for.{name}",
            name=f"{GROUPS[name][0]}, share of all customers",
            design=cases.sampling,
            level=level,
        )
        detectable = detectable_g(
            n,
            baseline,
            key=f"detectable.{name}",
            name=f"{GROUPS[name][0]}, detectable difference",
            alpha=1 - level,
        )
        estimates += [speaks, withheld(detectable, min(n, baseline), min_cell)]
    return estimates


def compare(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Each contrast with customers without a problem, raw and adjusted.

    Ordinary least squares of the outcome on membership, adjusted for prior satisfaction and every
    covariate of the data; errors hold under unequal variances (HC3) or, where customers belong to
    accounts or answered twice, under any dependence within them. The adjusted difference is that
    of customers alike in what was measured; it is not an effect where they differ in what was not.

    Returns
    -------
    For each contrast and for ``raw`` and ``adjusted`` (left out without covariates):
    ``gap.<outcome>.<contrast>.<kind>`` in the outcome's unit; ``paradox…`` in pooled SD at
    `level`, for superiority; ``restored…`` the same at 1 - 2 (1 - `level`), 90% for 95%, for
    equivalence. Without a problem asked, ``complaint…`` and ``complaint_restored…`` instead, and
    the comparison is with customers who did not complain.
    """
    shown = shown_groups(cases, outcome, min_cell)
    return [
        estimate if name in shown else withheld(estimate, 0, min_cell)
        for name in available(cases)
        for adjusted in ([False, True] if cases.covariates.shape[1] else [False])
        for estimate in _contrast(cases, outcome, name, adjusted, level, min_cell)
    ]


def shown_groups(cases: Cases, outcome: Outcome, min_cell: int) -> set[str]:
    """The contrasts that give nobody away, widest first, beside the means of the paths.

    The groups are nested: where all but a few complainers had it resolved, the contrasts of both
    would give away the few.
    """
    answered = cases.frame[outcome.key].notna().to_numpy()
    paths = large_paths(cases, outcome, min_cell)
    told = [(paths == name).to_numpy() & answered for name in paths.cat.categories]
    shown = set()
    for name in available(cases):
        members = known(cases.frame[GROUPS[name][1]]) & answered
        if not reveals([*told, members], min_cell):
            told.append(members)
            shown.add(name)
    return shown


def verdict(superiority: Estimate, equivalence: Estimate, sesoi: float) -> str:
    """One of `VERDICTS`, from the interval of each kind and the smallest effect of interest.

    "Paradox" where the interval is above zero and reaches an effect of interest; "still worse"
    the same below; "restored" where the interval for equivalence is within the bounds; otherwise
    the data allow several readings: "inconclusive". "" where there is no interval.
    """
    if not (superiority.low <= superiority.high and equivalence.low <= equivalence.high):
        return ""
    if superiority.low > 0 and superiority.high >= sesoi:
        return "paradox"
    if superiority.high < 0 and superiority.low <= -sesoi:
        return "still worse"
    if -sesoi < equivalence.low and equivalence.high < sesoi:
        return "restored"
    return "inconclusive"


def verdicts(
    cases: Cases, outcomes: list[Outcome], estimates: list[Estimate], *, sesoi: float = 0.2
) -> pd.DataFrame:
    """The verdict on each contrast, outcome by outcome, raw beside adjusted.

    Parameters
    ----------
    estimates : of `compare`, for all the outcomes
    sesoi : smallest effect of interest in SD, decided before the data were seen
    """
    start, other = family(cases), restored_family(cases)
    rows = []
    for outcome in outcomes:
        for name in available(cases):
            words = {}
            for kind in ("raw", "adjusted"):
                superiority = find(estimates, f"{start}.{outcome.key}.{name}.{kind}")
                equivalence = find(estimates, f"{other}.{outcome.key}.{name}.{kind}")
                known_both = superiority is not None and equivalence is not None
                words[kind] = verdict(superiority, equivalence, sesoi) if known_both else ""
            if any(words.values()):
                group = f"{GROUPS[name][0]} ({outcome.name})"
                rows.append((group, words["raw"] or "–", words["adjusted"] or "–"))
    return pd.DataFrame(rows, columns=[f"Compared with {cases.reference}", "Raw", "Adjusted"])


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


def unmeasured(cases: Cases, outcome: Outcome, estimates: list[Estimate]) -> list[Estimate]:
    """How strong an unmeasured cause of each adjusted contrast would have to be: its E-values.

    Raw contrasts have none: what was measured already explains part of them. Empty without
    anything to adjust for, and for staying, a share, to which the conversion from SD is not meant.
    """
    if outcome.unit == "share":
        return []
    keys = [f"{family(cases)}.{outcome.key}.{name}.adjusted" for name in available(cases)]
    found = [item for item in (find(estimates, key) for key in keys) if item is not None]
    return [strength for item in found for strength in e_values(item)]


def restored_family(cases: Cases) -> str:
    """Start of the keys of the intervals for equivalence."""
    return "restored" if family(cases) == "paradox" else "complaint_restored"


def _baseline(cases: Cases) -> np.ndarray:
    """True for the customers whom the groups are compared with."""
    column = "problem" if cases.has("problem") else "complained"
    return (cases.frame[column] == 0).to_numpy()


def _contrast(
    cases: Cases, outcome: Outcome, name: str, adjusted: bool, level: float, min_cell: int
) -> list[Estimate]:
    label, column = GROUPS[name]
    member, base = known(cases.frame[column]), _baseline(cases)
    rows = member | base
    values = cases.frame[outcome.key].to_numpy()
    predictors = pd.DataFrame({TARGET: member[rows].astype(float)}, index=cases.frame.index[rows])
    used = rows & np.isfinite(values)
    if adjusted:
        predictors = predictors.join(cases.covariates[rows])
        used = used & cases.covariates.notna().all(axis=1).to_numpy()
    cluster = cases.cluster[rows].to_numpy() if cases.cluster is not None else None
    fit = ordinary_least_squares(values[rows], predictors, cluster=cluster)
    kind = "adjusted" if adjusted else "raw"
    estimates = _in_units(
        cases,
        outcome,
        fit,
        name=f"{label} − {cases.reference}, {kind}",
        ends=f"{outcome.key}.{name}.{kind}",
        scale=_scale(values[used & member], values[used & base]),
        method=_method(cases, adjusted),
        level=level,
    )
    smallest = min(int((used & member).sum()), int((used & base).sum()))
    return [withheld(item, smallest, min_cell) for item in estimates]


def _in_units(
    cases: Cases,
    outcome: Outcome,
    fit: Fit,
    *,
    name: str,
    ends: str,
    scale: float,
    method: str,
    level: float,
) -> list[Estimate]:
    """Membership's coefficient in the outcome's unit, in SD, and in SD for equivalence."""
    shown = {"fit": fit, "weights": {TARGET: 1.0}}
    sd = {"unit": "SD", "scale": scale}
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
            **shown,
            **sd,
            key=f"{family(cases)}.{ends}",
            name=name,
            level=level,
            method=f"{method}, in pooled SD",
        ),
        contrast(
            **shown,
            **sd,
            key=f"{restored_family(cases)}.{ends}",
            name=f"{name}, for equivalence",
            level=2 * level - 1,
            method=f"{method}, in pooled SD, interval of two one-sided tests",
        ),
    ]


def _scale(first: np.ndarray, second: np.ndarray) -> float:
    """What one corrected standardised unit is worth, so that dividing by it gives Hedges' g."""
    one, two = sample(first), sample(second)
    return pooled_sd(one, two) / small_sample_factor(one.n + two.n - 2)


def _method(cases: Cases, adjusted: bool) -> str:
    if not adjusted:
        return "difference of means"
    return f"linear regression adjusted for {', '.join(map(str, cases.covariates))}"
