"""The paths that customers took, compared on what the company may lose."""

import pandas as pd

from crmresearch.methods.effects import hedges_g
from crmresearch.methods.groups import games_howell, group_means, slug, split, welch_anova
from crmresearch.methods.proportions import share
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.report.estimates import Estimate


def sizes(cases: Cases, *, level: float = 0.95) -> list[Estimate]:
    """The share of customers on each path, among those whose path is known."""
    known = cases.path.notna().to_numpy()
    return [
        share(
            (cases.path == name).to_numpy().astype(float),
            key="paths.share",
            name="share of customers",
            design=cases.sampling,
            within=known,
            level=level,
            group=f"path: {name}",
        )
        for name in cases.path.cat.categories
    ]


def means(cases: Cases, outcome: Outcome, *, level: float = 0.95) -> list[Estimate]:
    """The mean of an outcome on each path; for staying, the share who stayed.

    Customers were not assigned to paths, so differences describe the groups; they are not effects
    of what happened on the path.
    """
    values, key = cases.frame[outcome.key], f"paths.{outcome.key}"
    if outcome.unit != "share":
        return group_means(values, cases.path, key=key, name=outcome.name, by="path", level=level)
    return [
        share(part, key=key, name=outcome.name, level=level, group=f"path: {name}")
        for name, part in split(values, cases.path)[0].items()
    ]


def differences(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Welch's test of all paths, then every pair of them.

    Paths of fewer than `min_cell` customers are not compared, since a mean difference would give
    their mean away.

    Returns
    -------
    ``paths.<outcome>.welch``; for each pair the Games-Howell difference in the outcome's unit,
    ``paths.<outcome>.<later>-<earlier>``, and Hedges' g, ``paths_g.<outcome>.<later>-<earlier>``.
    Empty where fewer than two paths are left.
    """
    kept = large_paths(cases, outcome, min_cell)
    values = cases.frame[outcome.key]
    parts, _ = split(values, kept)
    if len(parts) < 2:
        return []
    key = f"paths.{outcome.key}"
    pairs = games_howell(
        values, kept, key=key, name=outcome.name, level=level, unit=outcome.difference
    )
    return [
        welch_anova(values, kept, key=f"{key}.welch", name=f"{outcome.name}, all paths"),
        *pairs,
        *(
            hedges_g(
                parts[b],
                parts[a],
                key=f"paths_g.{outcome.key}.{slug(b)}-{slug(a)}",
                name=f"{outcome.name}: {b} − {a}",
                level=level,
            )
            for number, a in enumerate(parts)
            for b in list(parts)[number + 1 :]
        ),
    ]


def large_paths(cases: Cases, outcome: Outcome, min_cell: int) -> pd.Series:
    """The paths of at least `min_cell` customers who gave the outcome; missing for the rest."""
    answered = cases.path[cases.frame[outcome.key].notna()]
    counts = answered.value_counts()
    kept = [name for name in cases.path.cat.categories if counts.get(name, 0) >= min_cell]
    return cases.path.cat.set_categories(kept, ordered=True)
