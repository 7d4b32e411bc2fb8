"""Scores and observed information of a latent class solution.

In the parameters of `natural` the observed information is exactly that of Louis's identity (1982,
JRSS B 44(2):226-233), complete information less what is lost because classes are not seen.
"""

import numpy as np
from scipy import sparse

from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.measurement import TINY, statistics
from crmresearch.archetypes.natural import Layout, spread_within, statistic_means
from crmresearch.methods.weighting import Design

BLOCK = 8192  # patterns whose scores are held at once
_SINGULAR = 1e-4  # eigenvalue of the scaled information: errors a hundredfold, or no optimum


def moments(
    model: LatentClasses, layout: Layout, design: Design | None
) -> tuple[np.ndarray, np.ndarray]:
    """Observed information and the middle of the sandwich."""
    size = layout.size
    information, meat = np.zeros((size, size)), np.zeros((size, size))
    information[: len(layout.shares), : len(layout.shares)] = (
        model.patterns.total
        * (np.diag(model.shares) - np.outer(model.shares, model.shares))[
            np.ix_(layout.shares, layout.shares)
        ]
    )
    for k in range(model.classes):
        mass = model.posterior[:, k] * model.patterns.weight
        answering = (mass @ model.patterns.answered)[model.patterns.item]
        block = layout.slopes[k].T @ (spread_within(model, k) * answering) @ layout.slopes[k]
        information[np.ix_(layout.places[k], layout.places[k])] += block
    spread = _RowSums(model, design)
    for first in range(0, len(model.posterior), BLOCK):
        rows = slice(first, first + BLOCK)
        weight = model.patterns.weight[rows]
        score = np.zeros((len(weight), size))
        for k in range(model.classes):
            own = complete_score(model, layout, k, rows)
            where = layout.of_class(k)
            likely = model.posterior[rows, k]
            score[:, where] += likely[:, None] * own
            information[np.ix_(where, where)] -= (own * (likely * weight)[:, None]).T @ own
        information += (score * weight[:, None]).T @ score
        meat += spread.add(rows, score)
    return information, spread.meat(meat)


def complete_score(model: LatentClasses, layout: Layout, k: int, rows: slice) -> np.ndarray:
    """Slope of the log-likelihood of each pattern if its class were known to be `k`."""
    patterns = model.patterns
    shares = (layout.shares == k) - model.shares[layout.shares]
    answered = patterns.answered[rows][:, patterns.item]
    residual = (statistics(patterns, rows).T - statistic_means(model)[k]) * answered
    known = np.broadcast_to(shares, (len(residual), len(shares)))
    return np.hstack([known, residual @ layout.slopes[k]])


def observed_scores(model: LatentClasses, layout: Layout) -> np.ndarray:
    """(G, P) slope of the log-likelihood of each pattern."""
    found = np.zeros((len(model.posterior), layout.size))
    for first in range(0, len(found), BLOCK):
        rows = slice(first, first + BLOCK)
        for k in range(model.classes):
            own = complete_score(model, layout, k, rows)
            found[rows, layout.of_class(k)] += model.posterior[rows, k, None] * own
    return found


def through_parameters(
    model: LatentClasses, layout: Layout, inverse: np.ndarray, slope: np.ndarray
) -> np.ndarray:
    """What one respondent of each pattern adds to a function of the posteriors by way of the fit.

    Parameters
    ----------
    inverse : inverse of the observed information
    slope : (G, K) slope of the function, a weighted sum over patterns, in the logarithm of each
        posterior

    Returns
    -------
    (G,) influence, per unit of weight.
    """
    gradient = np.zeros(layout.size)
    rows_of = [slice(first, first + BLOCK) for first in range(0, len(slope), BLOCK)]
    joint = model.posterior * slope
    centred = joint - model.posterior * joint.sum(axis=1, keepdims=True)
    for rows in rows_of:
        weight = model.patterns.weight[rows]
        for k in range(model.classes):
            where = layout.of_class(k)
            own = complete_score(model, layout, k, rows)
            gradient[where] += (weight * centred[rows, k]) @ own
    direction = inverse @ gradient
    influence = np.zeros(len(slope))
    for rows in rows_of:
        for k in range(model.classes):
            where = layout.of_class(k)
            own = complete_score(model, layout, k, rows) @ direction[where]
            influence[rows] += model.posterior[rows, k] * own
    return influence


class _RowSums:
    """Sums of weighted scores over the clusters of the rows, gathered block by block."""

    def __init__(self, model: LatentClasses, design: Design | None) -> None:
        self.square = model.patterns.square
        self.members = None
        if design is not None and design.clusters is not None:
            patterns = model.patterns
            used = patterns.row >= 0
            clusters = np.unique(design.clusters[used], return_inverse=True)[1]
            entries = (patterns.row_weight[used], (clusters, patterns.row[used]))
            shape = (clusters.max() + 1, len(patterns.codes))
            self.members = sparse.csc_matrix(entries, shape=shape)
            self.sums: np.ndarray | float = 0.0

    def add(self, rows: slice, score: np.ndarray) -> np.ndarray:
        """This block's part of the sum over rows; with clusters it is kept for later."""
        if self.members is None:
            return (score * self.square[rows, None]).T @ score
        self.sums = self.sums + self.members[:, rows] @ score
        return np.zeros((score.shape[1], score.shape[1]))

    def meat(self, so_far: np.ndarray) -> np.ndarray:
        """The middle of the sandwich."""
        if self.members is None:
            return so_far
        count = self.members.shape[0]
        return self.sums.T @ self.sums * (count / max(count - 1, 1))


def inverse_of(information: np.ndarray) -> np.ndarray | None:
    """Inverse of the information; None where some direction of it tells nothing."""
    if not information.size:
        return information
    scale = np.sqrt(np.diag(information).clip(min=TINY))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] < _SINGULAR:
        return None
    return (vectors / values) @ vectors.T / np.outer(scale, scale)
