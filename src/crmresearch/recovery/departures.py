"""Who leaves, customers alike in what was measured: hazards over time, or chances at one date.

Where the data say when customers left, Cox's model compares the paths day by day; where they say
only whether, a logistic regression compares the chances of having left by then. Customers were not
assigned to their path, so neither is the effect of it.
"""

import numpy as np
import pandas as pd

from crmresearch.methods.cox import Cox, cox
from crmresearch.methods.groups import slug
from crmresearch.recovery import departure_risks
from crmresearch.recovery.cases import Cases
from crmresearch.recovery.departure_sample import (
    PATHS,
    RECOVERY,
    Sample,
    adjusted,
    errors,
    pairs_of,
    ratio,
    sample_of,
)
from crmresearch.recovery.following import Following
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import reveals


def ratios(
    cases: Cases, following: Following | None, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """How much more or less customers of each path leave than those of the reference path.

    Adjusted for prior satisfaction and every covariate, unweighted; errors hold under any
    dependence within accounts or persons. Paths of fewer than `min_cell` customers, or with fewer
    than five departures, are left out: their ratio has hardly a bound.

    Returns
    -------
    With dates, hazard ratios ``leaving_ratio.<path>-<reference>`` of Cox's model and
    ``leaving_hazards.<path>`` and ``leaving_hazards.all``, the tests that hazards are proportional.
    Without, risk ratios under the same keys, ``leaving_risk.<path>-<reference>`` (differences) and
    ``leaving.risk`` (the chance of each path), standardised to all customers compared. Where it
    is known which complaints were resolved, ``leaving_recovery.resolved-unresolved`` and
    ``leaving_recovery.resolved-<reference>`` compare them whether or not they delighted.
    """
    if not cases.has("stayed"):
        return []
    estimates = _compared(cases, following, cases.path, level, min_cell, PATHS)
    merged = by_resolution(cases) if cases.has("resolved") else cases.path
    told = [
        (path == name).to_numpy() for path in (cases.path, merged) for name in path.cat.categories
    ]
    if not estimates or not cases.has("resolved") or reveals(told, min_cell):
        return estimates
    merged = _compared(cases, following, merged, level, min_cell, RECOVERY)
    wanted = [item for item in merged if item.key.startswith(f"{RECOVERY}.resolved-")]
    ratios_first = sum(item.key.startswith(PATHS) for item in estimates)
    return [*estimates[:ratios_first], *wanted, *estimates[ratios_first:]]


def by_resolution(cases: Cases) -> pd.Series:
    """The paths with delighted complainers counted as resolved or unresolved, as they were."""
    names, resolved = list(cases.path.cat.categories), cases.frame["resolved"].to_numpy()
    codes = cases.path.cat.codes.to_numpy(dtype=int, copy=True)
    delighted = codes == _place(names, "delighted")
    for answer, name in ((1, "resolved"), (0, "unresolved")):
        codes[delighted & (resolved == answer)] = _place(names, name)
    codes[delighted & np.isnan(resolved)] = -1
    path = pd.Series(pd.Categorical.from_codes(codes, names, ordered=True), index=cases.path.index)
    return path.cat.remove_unused_categories()


def _place(names: list[str], name: str) -> int:
    """Where a path stands; it is added after the others where no customer took it."""
    if name not in names:
        names.append(name)
    return names.index(name)


def _compared(
    cases: Cases,
    following: Following | None,
    path: pd.Series,
    level: float,
    min_cell: int,
    start: str,
) -> list[Estimate]:
    sample = sample_of(cases, following, path, min_cell)
    if sample is None:
        return []
    if following is not None:
        return _hazards(cases, following, sample, level, start)
    return departure_risks.risks(cases, sample, level, start)


def _hazards(
    cases: Cases, following: Following, sample: Sample, level: float, start: str
) -> list[Estimate]:
    number = len(sample.names) - 1
    shown = (sample.groups[:, None] == np.arange(1, number + 1)).astype(float)
    entry = None if following.entry is None else following.entry[sample.rows]
    fit = cox(
        following.days[sample.rows],
        sample.left,
        np.hstack([shown, sample.covariates.to_numpy()]),
        entry=entry,
        clusters=sample.clusters,
    )
    late = ", delayed entry" if entry is not None else ""
    how = f"hazard ratio, Cox (Efron){late}{adjusted(cases)}, {errors(sample)}"
    found = [_hazard(fit, sample, pair, level, start, how) for pair in pairs_of(sample, start)]
    if start == RECOVERY:
        return found
    tests = [*zip(sample.names[1:], fit.proportional[:number], strict=True)]
    tests.append(("all", fit.proportional[-1]))
    return found + [
        Estimate(
            key=f"leaving_hazards.{slug(name)}",
            name=f"p of the test that hazards are proportional: {name}",
            value=float(p),
            unit="p",
            n=fit.n,
            method="score test on Kaplan-Meier time, customers independent",
        )
        for name, p in tests
    ]


def _hazard(
    fit: Cox, sample: Sample, pair: tuple[int, int], level: float, start: str, how: str
) -> Estimate:
    vector = np.zeros(len(fit.coefficients))
    for place, sign in zip(pair, (1.0, -1.0), strict=True):
        if place:
            vector[place - 1] = sign
    used = vector != 0
    log = float(vector[used] @ fit.coefficients[used])
    variance = float(vector[used] @ fit.robust[np.ix_(used, used)] @ vector[used])
    return ratio(sample, pair, log, variance**0.5, fit.df, level, start, how)
