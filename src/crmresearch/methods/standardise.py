"""Chances of a yes or no, standardised: what each group's would be with everybody's covariates."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from crmresearch.methods.propensity import propensity
from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """Standardised chances of the groups (g,) and what each row adds to their error (n, g).

    `coefficients` are those of the logistic regression: a constant, the indicators of the groups
    after the first, the covariates. All NaN where a group has one answer alone, so that its
    coefficient has no bound.
    """

    values: np.ndarray
    influence: np.ndarray
    coefficients: np.ndarray


def standardised_chances(yes: np.ndarray, groups: np.ndarray, covariates: np.ndarray) -> Chances:
    """The chance of `yes` in each group, were everybody in it with the covariates they have.

    Parameters
    ----------
    yes : (n,) bool; groups : (n,) codes 0 … g - 1, each taken by somebody
    covariates : (n, q) float without gaps; columns that do not vary are left out

    Returns
    -------
    Means of the predictions of a logistic regression with every row put into each group in turn
    (marginal standardisation, g-computation); the influences count both the coefficients and the
    sampling of the covariates, so that summed within clusters their squares are a variance.
    """
    number, n = int(groups.max()) + 1, len(yes)
    varies = np.ptp(covariates, axis=0) > 0 if covariates.shape[1] else np.zeros(0, bool)
    shown = (groups[:, None] == np.arange(1, number)).astype(float)
    x = np.hstack([shown, covariates[:, varies]])
    nothing = Chances(np.full(number, NAN), np.full((n, number), NAN), np.full(x.shape[1] + 1, NAN))
    counts = np.bincount(groups, minlength=number)
    hits = np.bincount(groups, weights=yes, minlength=number)
    if number < 2 or ((hits == 0) | (hits == counts)).any():
        return nothing
    fit = propensity(yes, x)
    if fit.separated:
        return nothing
    slopes = fit.coefficients[1:number]
    rest = fit.coefficients[0] + x[:, number - 1 :] @ fit.coefficients[number:]
    member = np.arange(1, number)
    ends = np.column_stack([fit.matrix[:, member].min(axis=0), fit.matrix[:, member].max(axis=0)])
    values, influence = np.empty(number), np.empty((n, number))
    for group in range(number):
        chance = special.expit(rest + (slopes[group - 1] if group else 0.0))
        steep = chance * (1 - chance) / n
        slope = steep @ fit.matrix
        slope[member] = steep.sum() * np.where(member == group, ends[:, 1], ends[:, 0])
        values[group] = chance.mean()
        influence[:, group] = fit.coefficient_influence @ slope + (chance - values[group]) / n
    return Chances(values, influence, fit.coefficients)
