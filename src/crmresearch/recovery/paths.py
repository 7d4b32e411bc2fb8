"""The paths that customers took, compared on what the company may lose."""

from itertools import combinations

import pandas as pd

from crmresearch.methods import means as one_mean
from crmresearch.methods.effects import hedges_g
from crmresearch.methods.groups import games_howell, slug, split, welch_anova
from crmresearch.methods.proportions import share
from crmresearch.methods.regression import (
    INTERCEPT,
    contrast,
    joint_test,
    ordinary_least_squares,
    simultaneous,
)
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import hidden_groups


def sizes(cases: Cases, *, level: float = 0.95) -> list[Estimate]:
    """The share of customers on each path, among those whose path is known."""
    return [
        share(
            (cases.path == name).to_numpy().astype(float),
            key="paths.share",
            name="share of customers",
            design=cases.sampling,
            within=cases.path.notna().to_numpy(),
            level=level,
            group=f"path: {name}",
        )
        for name in cases.path.cat.categories
    ]


def means(cases: Cases, outcome: Outcome, *, level: float = 0.95) -> list[Estimate]:
    """The mean of an outcome on each path; for staying, the share who stayed.

    Customers were not assigned to paths, so differences describe the groups; they are not effects
    of what happened on the path. Unweighted; intervals allow for answers of one account or person.
    """
    is_share = outcome.unit == "share"
    extra = {} if is_share else {"unit": outcome.unit}
    return [
        (share if is_share else one_mean.mean)(
            cases.frame[outcome.key].to_numpy(),
            key=f"paths.{outcome.key}",
            name=outcome.name,
            design=cases.sampling.unweighted(),
            within=(cases.path == name).to_numpy(),
            level=level,
            group=f"path: {name}",
            **extra,
        )
        for name in cases.path.cat.categories
    ]


def differences(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """A test of all paths, then every pair of them with simultaneous intervals.

    Welch's test and Games-Howell intervals; where answers belong to accounts or persons, Wald's
    test and Tukey's intervals on cluster-robust errors instead. Paths that may not be
    shown for being small are not compared, since a mean difference would give their mean away.

    Returns
    -------
    ``paths.<outcome>.test``; for each pair the difference in the outcome's unit,
    ``paths.<outcome>.<later>-<earlier>``, and Hedges' g, ``paths_g.<outcome>.<later>-<earlier>``,
    whose interval takes answers for independent. Empty where fewer than two paths are left.
    """
    kept = large_paths(cases, outcome, min_cell)
    parts, _ = split(cases.frame[outcome.key], kept)
    if len(parts) < 2:
        return []
    effects = [
        hedges_g(
            parts[b],
            parts[a],
            key=f"paths_g.{outcome.key}.{slug(b)}-{slug(a)}",
            name=f"{outcome.name}: {b} − {a}",
            level=level,
        )
        for a, b in combinations(parts, 2)
    ]
    compared = _plain(cases, outcome, kept, level)
    if cases.cluster is not None:
        compared = _clustered(cases, outcome, kept, parts, level)
    return [*compared, *effects]


def large_paths(cases: Cases, outcome: Outcome, min_cell: int) -> pd.Series:
    """The paths that may be shown by those who gave the outcome; missing for the rest."""
    counts = cases.path[cases.frame[outcome.key].notna()].value_counts()
    hidden = hidden_groups(counts.to_dict(), min_cell)
    kept = [x for x in cases.path.cat.categories if counts.get(x, 0) and x not in hidden]
    return cases.path.cat.set_categories(kept, ordered=True)


def _plain(cases: Cases, outcome: Outcome, kept: pd.Series, level: float) -> list[Estimate]:
    values, key = cases.frame[outcome.key], f"paths.{outcome.key}"
    shown = {"key": key, "name": outcome.name, "level": level, "unit": outcome.difference}
    name = f"{outcome.name}, all paths"
    return [
        welch_anova(values, kept, key=f"{key}.test", name=name, level=level),
        *games_howell(values, kept, **shown),
    ]


def _clustered(
    cases: Cases, outcome: Outcome, kept: pd.Series, parts: dict, level: float
) -> list[Estimate]:
    """The same on cluster-robust errors, from a regression on one indicator a path."""
    key, (first, *rest) = f"paths.{outcome.key}", parts
    on_path = pd.DataFrame({name: (kept == name).where(kept.notna()) for name in rest})
    fit = ordinary_least_squares(
        cases.frame[outcome.key], on_path.astype(float), cluster=cases.cluster
    )
    sizes = {name: len(part) for name, part in parts.items()}
    pairs = [
        contrast(
            fit,
            {b: 1.0} if a == first else {b: 1.0, a: -1.0},
            key=f"{key}.{slug(b)}-{slug(a)}",
            name=f"{outcome.name}: {b} − {a}",
            level=level,
            unit=outcome.difference,
            method="difference of means",
            n=sizes[a] + sizes[b],
        )
        for a, b in combinations(parts, 2)
    ]
    terms = [term for term in fit.terms if term != INTERCEPT]
    test = joint_test(fit, terms, key=f"{key}.test", name=f"{outcome.name}, all paths", level=level)
    return [test, *simultaneous(fit, pairs, groups=len(parts))]
