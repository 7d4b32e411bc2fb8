"""Crossed experiments: what each factor does, averaged over the others."""

from itertools import product

import numpy as np
from scipy import stats

from crmresearch.methods.domains import Domains, domain_means
from crmresearch.methods.groups import slug
from crmresearch.methods.student import t_quantile
from crmresearch.methods.weighting import method_words
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
    levels = factors(cases)
    if not levels:
        return []
    arms = arms.astype("category").cat.remove_unused_categories()
    cells = [_cell(str(name)) for name in arms.cat.categories]
    if set(cells) != set(product(*levels)):
        return []
    means = domain_means(values.to_numpy(), arms.cat.codes.to_numpy(), len(cells), cases.sampling)
    if not means.n.all():
        return []
    return [
        _effect(cases, outcome, means, cells, position, pair, len(levels), level)
        for position, pair in enumerate(levels)
    ]


def _effect(
    cases: Cases,
    outcome: Outcome,
    means: Domains,
    cells: list[Cell],
    position: int,
    pair: tuple[str, str],
    family: int,
    level: float,
) -> Estimate:
    first, second = pair
    share = 2 / len(cells)
    signs = np.array([share if cell[position] == second else -share for cell in cells])
    value, error, freedom = means.contrast(signs)
    half, p, words = NAN, NAN, "Satterthwaite t"
    if error > 0 and freedom > 0:
        half = t_quantile(1 - (1 - level) / 2 / family, freedom) * error
        p = min(1.0, family * 2 * float(stats.t.sf(abs(value) / error, freedom)))
    if not cases.sampling.plain:
        words = method_words(cases.sampling, int(freedom))
    return Estimate(
        key=f"arms_effect.{outcome.key}.{slug(second)}-{slug(first)}",
        name=f"{outcome.name}: {second} − {first}",
        value=value,
        low=value - half,
        high=value + half,
        level=level,
        unit=outcome.difference,
        n=int(means.n.sum()),
        method=f"main effect, arms equally weighted, {words}; Bonferroni for all factors",
        p=p,
        randomised=cases.randomised,
    )


def _cell(arm: str) -> Cell:
    return tuple(part.strip().lower() for part in arm.split(","))
