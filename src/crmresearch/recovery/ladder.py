"""The ladder of adjustment: one contrast by methods that assume less and less, side by side.

Raw, adjusted by regression, by overlap weights, by weights that make the comparison like the
group, doubly robust, by the changes of the same people, and randomised where chance assigned
customers. Each rung speaks for somebody else and says for whom. What none but the last reaches is
what was not asked.
"""

import dataclasses
from typing import NamedTuple

import numpy as np
import pandas as pd

from crmresearch.methods import sums
from crmresearch.methods.doubly_robust import augmented_difference
from crmresearch.methods.influence import Difference, estimate
from crmresearch.methods.propensity import weighted_difference
from crmresearch.methods.regression import Fit
from crmresearch.methods.regression import contrast as coefficient
from crmresearch.recovery import balance, contrasts, panel
from crmresearch.recovery.alike import Compared, compared, in_unit, named
from crmresearch.recovery.arms_ladder import randomised
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import Caveat

RUNGS = {  # rung: (in words, whom it speaks for)
    "raw": ("raw", "both groups as they are"),
    "ancova": ("regression", "both groups, most for those who overlap"),
    "overlap": ("overlap weights", "customers who could be in either group"),
    "att": ("weighted to the group", "the group itself"),
    "aipw": ("doubly robust", "the group itself"),
    "panel": ("change of the same people", "people asked twice, without a problem at first"),
    "randomised": ("randomised", "participants of the experiment"),
    "randomised_ancova": ("randomised, regression", "participants of the experiment"),
}


class Ladder(NamedTuple):
    """Rungs of every contrast, balance of covariates, overlap of groups, changes of people."""

    rungs: list[Estimate]
    balance: list[Estimate]
    overlap: pd.DataFrame
    changes: list[Estimate]


def climb(
    cases: Cases,
    outcome: Outcome,
    *,
    contrast: str = "",
    level: float = 0.95,
    min_cell: int = 10,
) -> Ladder:
    """Every rung of every contrast (or of one) on one outcome, in pooled SD; shares as they are.

    Parameters
    ----------
    contrast : ``failures``, ``complainers``, ``resolved`` or ``delighted``; all when empty

    Returns
    -------
    In `Ladder.rungs` ``ladder.<outcome>.<contrast>.<rung>`` for each rung of `RUNGS` that the data
    allow, in order: without covariates those between raw and panel are missing, without people
    asked twice the panel. Then, with covariates, ``ladder.<outcome>.<contrast>.shift``: raw less
    doubly robust, with an error that knows that both rest on the same customers. All rungs but
    the panel rest on the same customers, who answered the outcome and every covariate. In an
    experiment ``ladder.<outcome>.<arm>.randomised`` for each arm against the first. For the rest
    see `balance` and `panel.changes`. All empty where there is neither contrast nor experiment.
    """
    found, alike, shared = [], [], []
    asked_twice = panel.twice(cases, outcome, min_cell=min_cell)
    lines = {x.name: x for x in contrasts.fitted(cases, [outcome], only=["adjusted"])}
    for one in compared(cases, outcome, min_cell=min_cell):
        if contrast not in ("", one.contrast):
            continue
        found += _raw(cases, outcome, one, level)
        if one.contrast in lines:
            line = _line(cases, outcome, one, lines[one.contrast].fit, level)
            found += [line, *_adjusted(cases, outcome, one, level)]
        found += panel.rung(cases, outcome, one, asked_twice, level=level)
        if one.columns.shape[1]:
            alike += balance.differences(cases, one, min_cell=min_cell)
            shared.append(balance.overlap(cases, one))
    if not contrast:
        found += randomised(cases, outcome, level=level, min_cell=min_cell)
    changes = panel.changes(cases, outcome, asked_twice, level=level)
    return Ladder(_in_order(found), alike, pd.DataFrame(shared), changes)


def caveats(climbed: Ladder) -> list[Caveat]:
    """What changes how the ladder should be read."""
    found = balance.caveats(climbed.overlap)
    if climbed.changes:
        text = (
            "The change of the same people supposes that those with a problem would have changed "
            "like the others without it, and knows only those who answered again: whoever left "
            "after a problem is missing from it."
        )
        found.append(Caveat(key="recovery.panel", text=text))
    return found


def rungs(cases: Cases, outcome: Outcome, **settings) -> list[Estimate]:
    """The rungs of `climb` alone."""
    return climb(cases, outcome, **settings).rungs


def _raw(cases: Cases, outcome: Outcome, one: Compared, level: float) -> list[Estimate]:
    alone = one.columns.iloc[:, :0]
    made = sums.rows(alone, clusters=one.design.clusters, weights=one.design.weights)
    everybody, at = np.ones(len(one.values), dtype=bool), made.order
    shared = sums.group(made, everybody, one.member[at], contrasts.TARGET)
    fit = sums.fit(made, shared, one.values[at], len(at))
    return [_coefficient(cases, outcome, one, "raw", fit, "difference of means", level)]


def _line(cases: Cases, outcome: Outcome, one: Compared, fit: Fit, level: float) -> Estimate:
    method = f"linear regression adjusted for {named(cases)}"
    return _coefficient(cases, outcome, one, "ancova", fit, method, level)


def _coefficient(
    cases: Cases,
    outcome: Outcome,
    one: Compared,
    rung: str,
    fit: Fit,
    method: str,
    level: float,
) -> Estimate:
    found = coefficient(
        fit,
        {contrasts.TARGET: 1.0},
        **_names(cases, outcome, one, rung),
        level=level,
        **in_unit(outcome, one.scale),
        method=f"{method}{_in_sd(outcome)}",
    )
    return dataclasses.replace(found, n_dropped=one.dropped)


def _adjusted(cases: Cases, outcome: Outcome, one: Compared, level: float) -> list[Estimate]:
    made = {
        "overlap": weighted_difference(one.values, one.member, one.score, target="ato"),
        "att": weighted_difference(one.values, one.member, one.score, target="att"),
        "aipw": augmented_difference(one.values, one.member, one.score, target="att"),
    }
    found = [_weighted(cases, outcome, one, rung, item, level) for rung, item in made.items()]
    raw = weighted_difference(one.values, one.member, one.score, target="raw")
    gone = Difference(
        raw.value - made["aipw"].value,
        raw.influence - made["aipw"].influence,
        one.member,
        made["aipw"].effective,
    )
    shift = _weighted(cases, outcome, one, "aipw", gone, level)
    return [
        *found,
        dataclasses.replace(
            shift,
            key=f"ladder.{outcome.key}.{one.contrast}.shift",
            name=f"{one.label}: raw less doubly robust",
            method=f"what adjustment takes away: {shift.method}",
        ),
    ]


def _weighted(
    cases: Cases, outcome: Outcome, one: Compared, rung: str, item: Difference, level: float
) -> Estimate:
    return estimate(
        item,
        one.design,
        **_names(cases, outcome, one, rung),
        level=level,
        **in_unit(outcome, one.scale),
        terms=one.score.terms,
        n_dropped=one.dropped,
        method=_method(cases, outcome, one, rung, item),
    )


def _names(cases: Cases, outcome: Outcome, one: Compared, rung: str) -> dict[str, str]:
    words, whom = RUNGS[rung]
    return {
        "key": f"ladder.{outcome.key}.{one.contrast}.{rung}",
        "name": f"{one.label} − {cases.reference}, {words} (for {whom})",
    }


def _method(cases: Cases, outcome: Outcome, one: Compared, rung: str, item: Difference) -> str:
    if one.score.separated:
        return f"not computed: {named(cases)} tell the groups apart, so that nobody is alike"
    weights = {
        "overlap": "overlap weights",
        "att": "weights p / (1 − p) of the comparison, untrimmed,",
        "aipw": "AIPW for the group, linear regression of the comparison's outcome and weights",
    }[rung]
    effective = " and ".join(f"{x:,.0f}" for x in item.effective if np.isfinite(x))
    clusters = ""
    if one.design.clusters is not None:
        clusters = f", cluster-robust ({one.design.cluster_count:,} clusters)"
    survey = "survey-weighted, " if one.design.weights is not None else ""
    return (
        f"{survey}{weights} from a logistic propensity on {named(cases)}{_in_sd(outcome)}, errors "
        f"of stacked estimating equations{clusters}; effective n {effective}"
    )


def _in_sd(outcome: Outcome) -> str:
    return "" if outcome.unit == "share" else ", in pooled SD"


def _in_order(found: list[Estimate]) -> list[Estimate]:
    """Contrasts together, and in each the rungs in their order, the shift last."""
    order = {rung: place for place, rung in enumerate([*RUNGS, "shift"])}
    contrasts = list(dict.fromkeys(item.key.split(".")[2] for item in found))
    return sorted(
        found,
        key=lambda item: (
            contrasts.index(item.key.split(".")[2]),
            order[item.key.split(".")[3]],
        ),
    )
