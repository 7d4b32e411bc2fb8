"""The arms of an experiment compared: where chance assigned them, differences are effects."""

import dataclasses
from itertools import combinations

import numpy as np
import pandas as pd

from crmresearch.methods.effects import hedges_g, pooled_sd
from crmresearch.methods.groups import (
    games_howell,
    group_means,
    sample,
    slug,
    split,
    welch_anova,
)
from crmresearch.methods.multiplicity import adjust, widest
from crmresearch.methods.proportions import share
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import hidden_groups


def means(cases: Cases, outcome: Outcome, *, level: float = 0.95) -> list[Estimate]:
    """The mean of an outcome in each arm; empty without a condition."""
    if cases.condition is None:
        return []
    values, key = cases.frame[outcome.key], f"arms_mean.{outcome.key}"
    if outcome.unit != "share":
        return group_means(
            values, cases.condition, key=key, name=outcome.name, by="arm", level=level
        )
    return [
        share(part, key=key, name=outcome.name, level=level, group=f"arm: {name}")
        for name, part in split(values, cases.condition)[0].items()
    ]


def omnibus(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Welch's test that all arms have one mean, for every outcome, p by Holm across outcomes.

    Returns
    -------
    ``arms_test.<outcome>`` for each outcome; empty without a condition or with one arm.
    """
    found = []
    for outcome in cases.outcomes:
        values, arms = large_arms(cases, outcome, min_cell)
        if len(split(values, arms)[0]) > 1:
            name = f"{outcome.name}, all arms"
            found.append(welch_anova(values, arms, key=f"arms_test.{outcome.key}", name=name))
    adjusted = adjust(np.array([item.p for item in found])) if found else []
    return [
        dataclasses.replace(
            item,
            level=level,
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
    ``arms_pair.<outcome>.<later>-<earlier>`` in the outcome's unit (Games-Howell), and
    ``arms_g…``, Hedges' g of the same pairs. Empty without a condition or with one arm.
    """
    values, arms = large_arms(cases, outcome, min_cell)
    parts, _ = split(values, arms)
    if len(parts) < 2:
        return []
    pairs = games_howell(
        values,
        arms,
        key=f"arms_pair.{outcome.key}",
        name=outcome.name,
        level=level,
        unit=outcome.difference,
        randomised=cases.randomised,
    )
    names = list(combinations(parts, 2))
    standardised = [
        hedges_g(
            parts[b],
            parts[a],
            key=f"arms_g.{outcome.key}.{slug(b)}-{slug(a)}",
            name=f"{outcome.name}: {b} − {a}",
            level=level,
            randomised=cases.randomised,
        )
        for a, b in names
    ]
    scales = [pooled_sd(sample(parts[a]), sample(parts[b])) for a, b in names]
    return [*_most(outcome, pairs, scales), *pairs, *standardised]


def _most(outcome: Outcome, pairs: list[Estimate], scales: list[float]) -> list[Estimate]:
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
