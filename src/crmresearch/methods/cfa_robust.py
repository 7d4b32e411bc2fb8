"""Errors and scaled tests of a factor model that ask neither for normal nor unrelated answers.

The rows' contributions to the likelihood's slope are summed within clusters, and the spread of
these sums takes the place of what normal independent answers would give (Huber-White). The test is
divided by the mean of its eigenvalues (Yuan & Bentler 2000, Sociological Methodology 30, 165-200;
Asparouhov & Muthén 2005 for weights and clusters), as R's lavaan has it with estimator MLR.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crmresearch.methods.cfa import Solution
from crmresearch.methods.cfa_algebra import Parts, Slots
from crmresearch.methods.cfa_rows import Rows
from crmresearch.methods.cfa_saturated import Saturated
from crmresearch.methods.cfa_sums import Contribution, variance_of_sum


@dataclass(frozen=True, slots=True, eq=False)
class Robust:
    """What the rows add to a solution.

    Parameters
    ----------
    meat : (G s, G s), variance of the summed slopes of all slots of all groups, free or fixed
    covariance : (free, free), robust covariance matrix of the free parameters
    trace : sum of the eigenvalues of the test; its scaling factor times its degrees of freedom
    """

    meat: np.ndarray
    covariance: np.ndarray
    trace: float


def robust(solution: Solution, rows: Rows, saturated: Saturated) -> Robust:
    """Sandwich covariances and the trace that scales the test."""
    meat, covariance, spent = sandwich(solution, rows)
    return Robust(meat, covariance, saturated.moments - spent)


def sandwich(solution: Solution, rows: Rows) -> tuple[np.ndarray, np.ndarray, float]:
    """Meat of all slots, covariances of the free parameters, and the trace that these take."""
    meat = summed_slopes(solution, rows)
    pick = solution.model.selection()
    middle = pick.T @ meat @ pick
    inverse = np.linalg.inv(solution.information())
    return meat, inverse @ middle @ inverse, float((middle * inverse).sum())


def summed_slopes(solution: Solution, rows: Rows) -> np.ndarray:
    """Variance (G s, G s) of the sum of all rows' slopes, within clusters and strata."""
    slots, count = solution.model.slots, solution.model.groups
    parts = [solution.group(g) for g in range(count)]
    inverses = [np.linalg.inv(part.covariance) for part in parts]

    def slopes(chunk: slice) -> Iterator[Contribution]:
        values = rows.values[chunk]
        for g, places in rows.within(chunk):
            columns = slice(g * slots.size, (g + 1) * slots.size)
            yield places, columns, _slopes(values[places], parts[g], inverses[g], slots)

    return variance_of_sum(rows, slopes, count * slots.size)


def _slopes(values: np.ndarray, part: Parts, inverse: np.ndarray, slots: Slots) -> np.ndarray:
    """Derivative (n, s) of each row's log-likelihood by every slot."""
    pulled = (values - part.mean) @ inverse
    by_factor = pulled @ part.loadings
    found = np.empty((len(values), slots.size))
    rows, columns = slots.pairs
    own = by_factor @ part.spread + part.means
    loadings = found[:, slots.loadings]
    np.multiply(pulled, own[:, slots.factor], out=loadings)
    across = inverse @ part.loadings @ part.spread
    loadings -= across[np.arange(slots.items), slots.factor]
    half = np.where(rows == columns, 0.5, 1.0)
    inner = (part.loadings.T @ inverse @ part.loadings)[rows, columns]
    found[:, slots.spreads] = half * (by_factor[:, rows] * by_factor[:, columns] - inner)
    found[:, slots.uniques] = 0.5 * (pulled**2 - np.diag(inverse))
    found[:, slots.intercepts] = pulled
    found[:, slots.means] = by_factor
    return found
