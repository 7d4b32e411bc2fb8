"""Customers who answered more than once: how much more those changed to whom it happened."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from crmresearch.methods.means import mean
from crmresearch.methods.panel import HAPPENED, consecutive, difference_in_changes
from crmresearch.methods.regression import contrast as coefficient
from crmresearch.recovery.alike import Compared, baseline, in_unit, unclustered_if_few
from crmresearch.recovery.cases import Cases, Outcome, known
from crmresearch.recovery.contrasts import GROUPS, available, shown_groups
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import reveals


@dataclass(frozen=True, slots=True, eq=False)
class Twice:
    """Pairs of answers of one person in two consecutive waves, without a problem in the first.

    Parameters
    ----------
    earlier, later : (pairs,) positions of the rows
    change : (pairs,) later less earlier outcome
    calm : (pairs,) bool, without a problem in the later wave too
    period : (pairs,) int, the later wave
    """

    earlier: np.ndarray
    later: np.ndarray
    change: np.ndarray
    calm: np.ndarray
    period: np.ndarray


def twice(cases: Cases, outcome: Outcome) -> Twice | None:
    """The pairs that tell a change; None where people or waves are not known, or nobody is."""
    roles = cases.answers.roles
    if not {"person", "wave"} <= roles or not (cases.has("problem") or cases.has("complained")):
        return None
    person = cases.answers.items("person").iloc[:, 0]
    wave = cases.answers.items("wave").iloc[:, 0].astype("category").cat.codes.to_numpy()
    person = person.where(person.astype(str) != "")
    earlier, later = consecutive(person, wave)
    values, calm = cases.frame[outcome.key].to_numpy(), baseline(cases)
    used = calm[earlier] & np.isfinite(values[later] - values[earlier])
    used &= cases.sampling.row_weights()[later] > 0
    earlier, later = earlier[used], later[used]
    if not len(later):
        return None
    change = values[later] - values[earlier]
    return Twice(earlier, later, change, calm[later], wave[later])


def rung(
    cases: Cases, outcome: Outcome, one: Compared, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Difference in differences of one contrast, in the SD of the ladder's other rungs.

    Returns
    -------
    ``ladder.<outcome>.<contrast>.panel``; empty where either group has fewer than `min_cell`
    pairs of answers.
    """
    pairs = twice(cases, outcome)
    if pairs is None or one.contrast not in _large(cases, outcome, pairs, min_cell):
        return []
    found = _difference(cases, outcome, pairs, one.contrast, level, in_unit(outcome, one.scale))
    return [dataclasses.replace(found, key=f"ladder.{outcome.key}.{one.contrast}.panel")]


def changes(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """The change of those to whom it happened between two waves, beside that of the others.

    Nobody had a problem in the earlier wave; the others had none in the later one either. That
    both would have changed alike without it (parallel trends) is assumed, not tested: with two
    answers a person it cannot be.

    Returns
    -------
    ``panel.<outcome>.none`` and for each contrast ``panel.<outcome>.<contrast>.change``, means in
    the outcome's unit, and ``panel.<outcome>.<contrast>.difference``. Empty without people asked
    in two waves.
    """
    pairs = twice(cases, outcome)
    names = [] if pairs is None else _large(cases, outcome, pairs, min_cell)
    if not names:
        return []
    plain = {"unit": outcome.difference, "scale": 1.0}
    found = [_mean(cases, outcome, pairs, pairs.calm, "none", cases.reference, level)]
    for name in names:
        happened = known(cases.frame[GROUPS[name][1]])[pairs.later]
        key = f"{name}.change"
        found.append(_mean(cases, outcome, pairs, happened, key, GROUPS[name][0], level))
        found.append(_difference(cases, outcome, pairs, name, level, plain))
    return found


def _large(cases: Cases, outcome: Outcome, pairs: Twice, min_cell: int) -> list[str]:
    """The contrasts with enough pairs, none of which gives fewer away."""
    least, told, found = max(min_cell, 2), [], []
    if pairs.calm.sum() < least:
        return []
    safe = shown_groups(cases, outcome, min_cell)
    for name in available(cases):
        happened = known(cases.frame[GROUPS[name][1]])[pairs.later]
        enough = happened.sum() >= least and not reveals([*told, happened], min_cell)
        if name in safe and enough:
            told.append(happened)
            found.append(name)
    return found


def _difference(
    cases: Cases, outcome: Outcome, pairs: Twice, name: str, level: float, unit: dict[str, object]
) -> Estimate:
    happened = known(cases.frame[GROUPS[name][1]])[pairs.later]
    rows = happened | pairs.calm
    later = pairs.later[rows]
    design = cases.sampling
    fit = difference_in_changes(
        pairs.change[rows],
        happened[rows],
        period=pairs.period[rows],
        cluster=_cluster(cases, later),
        weights=None if design.weights is None else design.weights[later],
    )
    words = "change of the same people (for people asked twice, without a problem at first)"
    return coefficient(
        fit,
        {HAPPENED: 1.0},
        key=f"panel.{outcome.key}.{name}.difference",
        name=f"{GROUPS[name][0]} − {cases.reference}, {words}",
        level=level,
        **unit,
        method=(
            f"difference in differences, {int(happened.sum()):,} people to whom it happened"
            f"{', in pooled SD' if unit['unit'] == 'SD' else ''}"
        ),
    )


def _cluster(cases: Cases, later: np.ndarray) -> np.ndarray:
    """Accounts where there are some, otherwise persons, who may be in several pairs."""
    if cases.cluster is not None:
        return cases.cluster.to_numpy()[later]
    return cases.answers.items("person").iloc[:, 0].to_numpy()[later]


def _mean(
    cases: Cases,
    outcome: Outcome,
    pairs: Twice,
    within: np.ndarray,
    key: str,
    label: str,
    level: float,
) -> Estimate:
    return mean(
        pairs.change,
        design=unclustered_if_few(cases.sampling.take(pairs.later)),
        within=within,
        key=f"panel.{outcome.key}.{key}",
        name=f"{label}: change in {outcome.name}",
        level=level,
        unit=outcome.difference,
    )
