"""Crossed experiments: what each factor does, averaged over the others."""

from itertools import product

import numpy as np
from scipy import stats

from crmresearch.methods.groups import Sample, sample, slug, split
from crmresearch.recovery.arms import large_arms
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.report.estimates import NAN, Estimate

Cell = tuple[str, ...]


def factors(cases: Cases) -> list[tuple[str, str]]:
    """The factors of a crossed experiment as (first level, second level); empty otherwise.

    Arms are crossed where their labels are lists, such as ``Human-like agent, empathic reply``,
    whose parts take two values each and occur in every combination.
    """
    if cases.condition is None:
        return []
    names = cases.condition.astype("category").cat.remove_unused_categories().cat.categories
    parts = [_cell(str(name)) for name in names]
    if len(parts) < 4 or len({len(part) for part in parts}) > 1:
        return []
    levels = [tuple(dict.fromkeys(values)) for values in zip(*parts, strict=True)]
    crossed = all(len(pair) == 2 for pair in levels) and set(parts) == set(product(*levels))
    return levels if crossed else []


def effects(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """What each factor of a crossed experiment does, averaged over the others.

    Returns
    -------
    For each factor ``arms_effect.<outcome>.<second>-<first>``, the mean of its second level less
    that of its first, every arm counting alike, in the outcome's unit; errors hold under unequal
    variances, intervals and p for all factors at once. Empty where arms are not crossed.
    """
    values, arms = large_arms(cases, outcome, min_cell)
    found, levels = split(values, arms)[0], factors(cases)
    cells = {_cell(name): sample(answers) for name, answers in found.items()}
    if not levels or set(cells) != set(product(*levels)):
        return []
    return [
        _effect(outcome, cells, position, pair, len(levels), level, cases.randomised)
        for position, pair in enumerate(levels)
    ]


def _effect(
    outcome: Outcome,
    cells: dict[Cell, Sample],
    position: int,
    pair: tuple[str, str],
    family: int,
    level: float,
    randomised: bool,
) -> Estimate:
    first, second = pair
    share = 2 / len(cells)
    signs = np.array([share if cell[position] == second else -share for cell in cells])
    samples = list(cells.values())
    value = float(signs @ [one.mean for one in samples])
    errors = signs**2 * [one.error for one in samples]
    error = float(errors.sum()) ** 0.5 or NAN
    df = (
        errors.sum() ** 2 / (errors**2 / [one.n - 1 for one in samples]).sum() if error > 0 else NAN
    )
    half = float(stats.t.ppf(1 - (1 - level) / 2 / family, df)) * error
    return Estimate(
        key=f"arms_effect.{outcome.key}.{slug(second)}-{slug(first)}",
        name=f"{outcome.name}: {second} − {first}",
        value=value,
        low=value - half,
        high=value + half,
        level=level,
        unit=outcome.difference,
        n=sum(one.n for one in samples),
        method="main effect, arms equally weighted, Satterthwaite t; Bonferroni for all factors",
        p=min(1.0, family * 2 * float(stats.t.sf(abs(value) / error, df))),
        randomised=randomised,
    )


def _cell(arm: str) -> Cell:
    return tuple(part.strip().lower() for part in arm.split(","))
