"""Chances of having left by one date, path by path, where the data do not say when."""

import numpy as np

from crmresearch.methods.groups import slug
from crmresearch.methods.moments import summed
from crmresearch.methods.standardise import standardised_chances
from crmresearch.methods.student import two_sided_p
from crmresearch.methods.weighting import t_interval
from crmresearch.recovery.cases import Cases
from crmresearch.recovery.departure_sample import (
    RECOVERY,
    Sample,
    adjusted,
    errors,
    pairs_of,
    ratio,
)
from crmresearch.report.estimates import NAN, Estimate


def risks(cases: Cases, sample: Sample, level: float, start: str) -> list[Estimate]:
    found = standardised_chances(sample.left, sample.groups, sample.covariates.to_numpy())
    totals = found.influence
    if sample.clusters is not None:
        codes = np.unique(sample.clusters, return_inverse=True)[1]
        totals = summed(totals, codes)
    units = len(totals)
    covariance = totals.T @ totals * (units / max(units - 1, 1))
    how = f"logistic regression, standardised{adjusted(cases)}, {errors(sample)}"
    estimates = []
    for one, other in pairs_of(sample, start):
        step = np.zeros(len(sample.names))
        step[[one, other]] = 1 / found.values[one], -1 / found.values[other]
        log = float(np.log(found.values[one] / found.values[other]))
        error = float(step @ covariance @ step) ** 0.5
        estimates.append(
            ratio(sample, (one, other), log, error, units - 1, level, start, f"risk ratio, {how}")
        )
    if start == RECOVERY:
        return estimates
    return [
        *estimates,
        *_differences(sample, found.values, covariance, units, level, how),
        *_chances(sample, found.values, covariance, units, level, how),
    ]


def _differences(
    sample: Sample,
    values: np.ndarray,
    covariance: np.ndarray,
    units: int,
    level: float,
    how: str,
) -> list[Estimate]:
    """Chances of the paths less that of the reference."""
    found = []
    for place in range(1, len(sample.names)):
        value = float(values[place] - values[0])
        step = np.zeros(len(values))
        step[[place, 0]] = 1.0, -1.0
        error = float(step @ covariance @ step) ** 0.5
        low, high = t_interval(value, error, units - 1, level)
        one, other = sample.names[place], sample.names[0]
        found.append(
            Estimate(
                key=f"leaving_risk.{slug(one)}-{slug(other)}",
                name=f"chance of having left: {one} − {other}",
                value=value,
                low=low,
                high=high,
                level=level,
                unit="share difference",
                n=int(np.isin(sample.groups, (0, place)).sum()),
                n_dropped=sample.dropped,
                method=how,
                p=two_sided_p(value / error, units - 1) if error > 0 else NAN,
            )
        )
    return found


def _chances(
    sample: Sample,
    values: np.ndarray,
    covariance: np.ndarray,
    units: int,
    level: float,
    how: str,
) -> list[Estimate]:
    """The standardised chance of each path, its interval on the scale of the logit."""
    found = []
    for place, name in enumerate(sample.names):
        value = float(values[place])
        error = float(covariance[place, place]) ** 0.5 / (value * (1 - value))
        ends = t_interval(float(np.log(value / (1 - value))), error, units - 1, level)
        low, high = (1 / (1 + np.exp(-end)) for end in ends)
        found.append(
            Estimate(
                key="leaving.risk",
                name="chance of having left",
                group=f"path: {name}",
                value=value,
                low=float(low),
                high=float(high),
                level=level,
                unit="share",
                n=int((sample.groups == place).sum()),
                method=how,
            )
        )
    return found
