"""A change of a mean divided into a change of who answered and a change within the groups.

Kitagawa's decomposition with both sides held at the average of the two waves, so that the two
parts add up to the change exactly and no interaction is left over.
"""

from dataclasses import dataclass

import numpy as np

from crmresearch.methods.domains import centres, joint_covariance, strata_of_units
from crmresearch.methods.weighting import Design


@dataclass(frozen=True, slots=True, eq=False)
class Decomposition:
    """The parts of a change; made by `decompose`.

    Parameters
    ----------
    composition, within : (g,) what each group adds to the change through its share and through its
        mean; they sum to `total`
    composition_errors, within_errors : (g,) their standard errors
    composition_error, within_error, total_error : standard errors of the two sums and of the change
    shares, means : (2, g) weighted share and mean of each group in the earlier and later wave
    n : (g,) rows used, both waves together
    freedom : degrees of freedom
    """

    composition: np.ndarray
    within: np.ndarray
    composition_errors: np.ndarray
    within_errors: np.ndarray
    composition_error: float
    within_error: float
    total: float
    total_error: float
    shares: np.ndarray
    means: np.ndarray
    n: np.ndarray
    freedom: int


def decompose(
    values: np.ndarray, groups: np.ndarray, later: np.ndarray, design: Design
) -> Decomposition | None:
    """Change of the mean of `values` divided over groups.

    A group's composition part is the change of its share times how far its mean, averaged over the
    waves, lies from the average of both waves: more customers above the average raise it. Its
    within part is the change of its mean times its average share. The parts describe; they do not
    say what would have happened had the same customers answered.

    Parameters
    ----------
    values : (n,) float, NaN where not answered
    groups : (n,) int from 0, -1 where the row is in no group: it is left out
    later : (n,) int, 0 in the earlier wave, 1 in the later, -1 in neither
    design : the rows' design; in a simple random sample each wave is a sample of its own

    Returns
    -------
    `Decomposition`, or None where a group has no answer in one of the waves. Standard errors by
    linearisation of all shares and means jointly, clusters in both waves counted once.

    Source
    ------
    Kitagawa (1955), Components of a difference between two rates, Journal of the American
    Statistical Association 50, 1168-1194; the errors follow Lumley (2010), Complex Surveys, ch. 2.
    """
    values = np.asarray(values, dtype=float)
    used = np.isfinite(values) & (design.row_weights() > 0) & (groups >= 0) & (later >= 0)
    if design.plain:  # each wave is a simple random sample of its own
        values, groups, later = values[used], groups[used], later[used]
        design, used = Design(len(later), strata=later), np.ones(len(later), dtype=bool)
    size = int(groups[used].max(initial=-1)) + 1
    cell = np.where(used, later * size + groups, 0)  # the rows not used weigh nothing
    counts = np.bincount(cell[used], minlength=2 * size)
    if not size or not counts.all():
        return None
    weights, known = np.where(used, design.row_weights(), 0.0), np.where(used, values, 0.0)
    total = np.bincount(cell, weights=weights, minlength=2 * size)
    waves = total.reshape(2, size).sum(axis=1)
    shares = (total / np.repeat(waves, size)).reshape(2, size)
    means = centres(known[used], cell[used], weights[used], 2 * size).reshape(2, size)
    middle = means.mean(axis=0) - (shares * means).sum(axis=1).mean()
    blocks = [(weights, cell), (weights * (known - means.ravel()[cell]), cell + 2 * size)]
    covariance = joint_covariance(blocks, 4 * size, design)
    loadings = _loadings(shares, means, middle, waves)
    composition, within = (shares[1] - shares[0]) * middle, (means[1] - means[0]) * shares.mean(0)
    every = _errors(loadings, covariance)
    both = np.kron(np.array([[1, 0], [0, 1], [1, 1]]), np.ones(size))  # sums over the groups
    sums = _errors(both @ loadings, covariance)
    return Decomposition(
        composition=composition,
        within=within,
        composition_errors=every[:size],
        within_errors=every[size:],
        composition_error=float(sums[0]),
        within_error=float(sums[1]),
        total=float(composition.sum() + within.sum()),
        total_error=float(sums[2]),
        shares=shares,
        means=means,
        n=counts.reshape(2, size).sum(axis=0),
        freedom=_freedom(used, design),
    )


def _freedom(used: np.ndarray, design: Design) -> int:
    """Clusters (else rows) less strata among the rows used."""
    units = np.flatnonzero(used)
    if design.clusters is not None:
        units = np.flatnonzero(np.bincount(design.clusters[used]))
    return len(units) - np.count_nonzero(np.bincount(strata_of_units(design)[units]))


def _loadings(
    shares: np.ndarray, means: np.ndarray, middle: np.ndarray, waves: np.ndarray
) -> np.ndarray:
    """What a unit of each cell sum adds to each part, (2g, 4g), by the chain rule.

    The parts depend on shares and means; those on the cells' sums of weights and of residuals.
    """
    size = len(middle)
    diagonal, sign = np.eye(size), np.array([-1.0, 1.0])
    moved = shares[1] - shares[0]
    by_share = np.empty((2, size, 2, size))  # part, group of the part, wave, group of the share
    by_mean = np.empty((2, size, 2, size))
    for wave in (0, 1):
        by_share[0, :, wave] = sign[wave] * np.diag(middle) - np.outer(moved, means[wave]) / 2
        by_mean[0, :, wave] = np.diag(moved) / 2 - np.outer(moved, shares[wave]) / 2
        by_share[1, :, wave] = np.diag(means[1] - means[0]) / 2
        by_mean[1, :, wave] = sign[wave] * diagonal * shares.mean(axis=0)
    average = (by_share * shares).sum(axis=-1, keepdims=True)
    by_weight = (by_share - average) / waves[:, None]
    by_residual = by_mean / (shares * waves[:, None])
    return np.hstack([part.reshape(2 * size, 2 * size) for part in (by_weight, by_residual)])


def _errors(loadings: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    variances = np.einsum("ij,jk,ik->i", loadings, covariance, loadings)
    return np.sqrt(np.maximum(variances, 0.0))
