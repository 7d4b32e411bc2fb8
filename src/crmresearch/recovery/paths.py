"""The paths that customers took, compared on what the company may lose."""

import numpy as np
import pandas as pd

from crmresearch.methods.comparisons import Named, compare
from crmresearch.methods.domains import domain_means
from crmresearch.methods.means import mean
from crmresearch.methods.proportions import share
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
    """The mean of an outcome on each path; for what was done or not, the share who did.

    Customers were not assigned to paths, so differences describe the groups; they are not effects
    of what happened on the path. Weighted to the population where the data have weights; intervals
    allow for weights and for answers of one account or person.
    """
    return group_means(cases, outcome, cases.path, f"paths.{outcome.key}", "path", level)


def group_means(
    cases: Cases, outcome: Outcome, groups: pd.Series, key: str, by: str, level: float
) -> list[Estimate]:
    """The mean, or share, of an outcome in each group of a categorical, under the design."""
    names, codes = groups.cat.categories, groups.cat.codes.to_numpy()
    values = cases.frame[outcome.key].to_numpy()
    found = domain_means(values, codes, len(names), cases.sampling)
    kind, extra = (share, {}) if outcome.unit == "share" else (mean, {"unit": outcome.unit})
    return [
        kind(
            values,
            key=key,
            name=outcome.name,
            design=cases.sampling,
            within=codes == at,
            level=level,
            group=f"{by}: {name}",
            moments=found.moments(at),
            **extra,
        )
        for at, name in enumerate(names)
    ]


def differences(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """A test of all paths, then every pair of them with simultaneous intervals.

    Welch's test and Games-Howell intervals; where answers are weighted or belong to accounts or
    persons, Wald's test and Tukey's intervals on linearised errors instead. Paths that may not be
    shown for being small are not compared, since a mean difference would give their mean away.

    Returns
    -------
    ``paths.<outcome>.test``; for each pair the difference in the outcome's unit,
    ``paths.<outcome>.<later>-<earlier>``, and Hedges' g, ``paths_g.<outcome>.<later>-<earlier>``.
    Empty where fewer than two paths are left.
    """
    named = Named(
        test=f"paths.{outcome.key}.test",
        pairs=f"paths.{outcome.key}",
        standardised=f"paths_g.{outcome.key}",
        name=outcome.name,
        all_groups="all paths",
        level=level,
        unit=outcome.difference,
    )
    kept = large_paths(cases, outcome, min_cell)
    found = compare(cases.frame[outcome.key], kept, cases.sampling, named=named)
    return [] if found is None else [found.test, *found.pairs, *found.standardised]


def members_of(groups: pd.Series) -> list[np.ndarray]:
    """Who belongs to each group of a categorical, (n,) bool, in the order of its categories."""
    codes = groups.cat.codes.to_numpy()
    return [codes == at for at in range(len(groups.cat.categories))]


def large_paths(cases: Cases, outcome: Outcome, min_cell: int) -> pd.Series:
    """The paths that may be shown by those who gave the outcome; missing for the rest."""
    names, codes = cases.path.cat.categories, cases.path.cat.codes.to_numpy()
    told = cases.frame[outcome.key].notna().to_numpy() & (codes >= 0)
    counts = dict(zip(names, np.bincount(codes[told], minlength=len(names)).tolist(), strict=True))
    hidden = hidden_groups(counts, min_cell)
    kept = [name for name, count in counts.items() if count and name not in hidden]
    return cases.path.cat.set_categories(kept, ordered=True)
