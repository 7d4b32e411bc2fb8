"""Customers who answered more than once: how much more those changed to whom it happened."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.influence import estimate
from crmresearch.methods.means import mean
from crmresearch.methods.panel import consecutive, difference_in_changes
from crmresearch.methods.weighting import design
from crmresearch.recovery.alike import Compared, in_unit, unclustered_if_few
from crmresearch.recovery.cases import Cases, Outcome, known
from crmresearch.recovery.contrasts import GROUPS, available, baseline, shown_groups
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import reveals


@dataclass(frozen=True, slots=True, eq=False)
class Twice:
    """Pairs of answers of one person in two consecutive waves, without a problem in the first.

    Parameters
    ----------
    later : (pairs,) positions of the later rows
    change : (pairs,) later less earlier outcome
    calm : (pairs,) bool, without a problem in the later wave too
    period : (pairs,) int, the later wave
    cluster : (pairs,) int, accounts where there are some, otherwise persons
    happened : contrast to (pairs,) bool, those large enough to be shown and safe beside the others
    """

    later: np.ndarray
    change: np.ndarray
    calm: np.ndarray
    period: np.ndarray
    cluster: np.ndarray
    happened: dict[str, np.ndarray]


def twice(cases: Cases, outcome: Outcome, *, min_cell: int = 10) -> Twice | None:
    """The pairs that tell a change.

    None where people or waves are not known, or fewer than `min_cell` pairs had no problem.
    """
    if not {"person", "wave"} <= cases.answers.roles:
        return None
    if not (cases.has("problem") or cases.has("complained")):
        return None
    person = cases.answers.items("person").iloc[:, 0]
    people = pd.factorize(person.where(person.astype(str) != ""))[0]
    wave = cases.answers.items("wave").iloc[:, 0].astype("category").cat.codes.to_numpy()
    earlier, later = consecutive(people, wave)
    values, calm = cases.frame[outcome.key].to_numpy(), baseline(cases)
    used = calm[earlier] & np.isfinite(values[later] - values[earlier])
    used &= cases.sampling.row_weights()[later] > 0
    earlier, later = earlier[used], later[used]
    least = max(min_cell, 2)
    if calm[later].sum() < least:
        return None
    safe = shown_groups(cases, outcome, min_cell)
    happened: dict[str, np.ndarray] = {}
    for name in available(cases):
        rows = known(cases.frame[GROUPS[name][1]])[later]
        enough = rows.sum() >= least and not reveals([*happened.values(), rows], min_cell)
        if name in safe and enough:
            happened[name] = rows
    accounts = cases.sampling.clusters
    return Twice(
        later=later,
        change=values[later] - values[earlier],
        calm=calm[later],
        period=wave[later],
        cluster=(people if accounts is None else accounts)[later],
        happened=happened,
    )


def rung(
    cases: Cases, outcome: Outcome, one: Compared, pairs: Twice | None, *, level: float = 0.95
) -> list[Estimate]:
    """Difference in differences of one contrast, in the SD of the ladder's other rungs.

    Returns
    -------
    ``ladder.<outcome>.<contrast>.panel``; empty where too few were asked twice.
    """
    if pairs is None or one.contrast not in pairs.happened:
        return []
    found = _difference(cases, outcome, pairs, one.contrast, level, in_unit(outcome, one.scale))
    return [dataclasses.replace(found, key=f"ladder.{outcome.key}.{one.contrast}.panel")]


def changes(
    cases: Cases, outcome: Outcome, pairs: Twice | None, *, level: float = 0.95
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
    if pairs is None or not pairs.happened:
        return []
    plain = {"unit": outcome.difference, "scale": 1.0}
    found = [_mean(cases, outcome, pairs, pairs.calm, "none", cases.reference, level)]
    for name, rows in pairs.happened.items():
        found.append(_mean(cases, outcome, pairs, rows, f"{name}.change", GROUPS[name][0], level))
        found.append(_difference(cases, outcome, pairs, name, level, plain))
    return found


def _difference(
    cases: Cases, outcome: Outcome, pairs: Twice, name: str, level: float, unit: dict[str, object]
) -> Estimate:
    happened = pairs.happened[name]
    rows = happened | pairs.calm
    heavy = cases.sampling.weights
    found = difference_in_changes(
        pairs.change[rows],
        happened[rows],
        period=pairs.period[rows],
        weights=None if heavy is None else heavy[pairs.later[rows]],
    )
    basis = design(int(rows.sum()), clusters=pairs.cluster[rows])
    basis = unclustered_if_few(basis)
    words = "change of the same people (for people asked twice, without a problem at first)"
    clusters = "" if basis.clusters is None else f", {basis.cluster_count:,} clusters"
    return estimate(
        found,
        basis,
        key=f"panel.{outcome.key}.{name}.difference",
        name=f"{GROUPS[name][0]} − {cases.reference}, {words}",
        level=level,
        **unit,
        terms=1 + len(np.unique(pairs.period[rows])),
        method=(
            f"{'' if heavy is None else 'survey-weighted '}difference in differences, "
            f"{int(happened.sum()):,} people to whom it happened"
            f"{', in pooled SD' if unit['unit'] == 'SD' else ''}, linearised errors{clusters}"
        ),
    )


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
