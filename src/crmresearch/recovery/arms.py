"""The arms of an experiment compared: where chance assigned them, differences are effects.

Chance assigned a customer, not an account: where several customers of one account or several
answers of one person are in the data, intervals allow for their likeness; where the data have
weights, effects are those in the population that the weights stand for.
"""

import dataclasses

import numpy as np
import pandas as pd

from crmresearch.methods.comparisons import Compared, Named, compare
from crmresearch.methods.multiplicity import adjust, widest
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.recovery.paths import group_means
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import hidden_groups


def means(cases: Cases, outcome: Outcome, *, level: float = 0.95) -> list[Estimate]:
    """The mean, or share, of an outcome in each arm; empty without a condition."""
    if cases.condition is None:
        return []
    arms = cases.condition.astype("category").cat.remove_unused_categories()
    found = group_means(cases, outcome, arms, f"arms_mean.{outcome.key}", "arm", level)
    return [item for item in found if item.n]


def omnibus(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """A test that all arms have one mean, for every outcome, p by Holm across outcomes.

    Welch's, or Wald's where answers are weighted or belong to accounts or persons.

    Returns
    -------
    ``arms_test.<outcome>`` for each outcome; empty without a condition or with one arm.
    """
    compared = [_compared(cases, outcome, level, min_cell) for outcome in cases.outcomes]
    found = [item.test for item in compared if item is not None]
    adjusted = adjust(np.array([item.p for item in found])) if found else []
    return [
        dataclasses.replace(
            item,
            p=float(p),
            method=f"{item.method}, p by Holm for {len(found)} outcomes",
            randomised=cases.randomised,
        )
        for item, p in zip(found, adjusted, strict=True)
    ]


def differences(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Every pair of arms, and the widest difference between any two.

    Returns
    -------
    ``arms.<outcome>.most``, in pooled SD and without a sign: the widest of all true differences,
    bounded by the simultaneous intervals of all pairs, whichever pair it belongs to. Then
    ``arms_pair.<outcome>.<later>-<earlier>`` in the outcome's unit (Games-Howell, or Tukey on
    linearised errors), and ``arms_g…``, Hedges' g of the same pairs. Empty without a condition or
    with one arm.
    """
    found = _compared(cases, outcome, level, min_cell)
    if found is None:
        return []
    return [*_most(outcome, found.pairs, found.scales), *found.pairs, *found.standardised]


def _compared(cases: Cases, outcome: Outcome, level: float, min_cell: int) -> Compared | None:
    if cases.condition is None:
        return None
    values, arms = large_arms(cases, outcome, min_cell)
    named = Named(
        test=f"arms_test.{outcome.key}",
        pairs=f"arms_pair.{outcome.key}",
        standardised=f"arms_g.{outcome.key}",
        name=outcome.name,
        all_groups="all arms",
        level=level,
        unit=outcome.difference,
        randomised=cases.randomised,
    )
    return compare(values, arms, cases.sampling, named=named)


def _most(
    outcome: Outcome, pairs: tuple[Estimate, ...], scales: tuple[float, ...]
) -> list[Estimate]:
    scaled = [
        dataclasses.replace(
            item, value=item.value / sd, low=item.low / sd, high=item.high / sd, unit="SD"
        )
        for item, sd in zip(pairs, scales, strict=True)
        if item.low < item.high and sd > 0
    ]
    if not scaled:
        return []
    most = max(scaled, key=lambda item: abs(item.value))
    low, high = widest((item.low, item.high) for item in scaled)
    return [
        dataclasses.replace(
            most,
            key=f"arms.{outcome.key}.most",
            name=f"arms furthest apart, {most.name}, without its sign",
            value=abs(most.value),
            low=low,
            high=high,
            p=min(item.p for item in scaled),
            method=f"{most.method}; bounds of the widest of them, in pooled SD",
        )
    ]


def large_arms(cases: Cases, outcome: Outcome, min_cell: int) -> tuple[pd.Series, pd.Series]:
    """The outcome and the arms that may be shown by the customers who gave it."""
    values = cases.frame[outcome.key]
    if cases.condition is None:
        return values, pd.Series(None, index=values.index, dtype=object)
    counts = cases.condition[values.notna()].value_counts()
    large = set(counts[counts >= min_cell].index) - hidden_groups(counts.to_dict(), min_cell)
    return values, cases.condition.where(cases.condition.isin(large))
