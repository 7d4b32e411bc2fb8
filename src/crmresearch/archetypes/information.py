"""Scores and observed information of a latent class solution, in logits.

Parameters are logits: of the class shares, and in each class of the answers to each indicator. The
observed information is computed exactly by Louis's identity (1982, JRSS B 44(2):226-233), complete
information less what is lost because classes are not seen. Probabilities at 0 or 1 are held fixed:
they have no slope.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crmresearch.archetypes.em import TINY
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.methods.weighting import Design

BLOCK = 8192  # patterns whose scores are held at once
_SINGULAR = 1e-4  # eigenvalue of the scaled information: errors a hundredfold, or no optimum


@dataclass(frozen=True, slots=True)
class Layout:
    """Which parameters are free: a share a class and an answer a category, less references."""

    shares: np.ndarray  # classes whose share has a logit
    columns: tuple[np.ndarray, ...]  # for each class, categories whose probability has a logit

    @classmethod
    def of(cls, model: LatentClasses) -> "Layout":
        columns = []
        for row, edge in zip(model.probs, model.at_edge, strict=True):
            free = ~(edge & (row < 0.5))
            for first, count in zip(model.patterns.starts, model.patterns.counts, strict=True):
                free[first + row[first : first + count].argmax()] = False
            columns.append(np.flatnonzero(free))
        return cls(np.arange(1, model.classes), tuple(columns))

    @property
    def size(self) -> int:
        return len(self.shares) + sum(map(len, self.columns))

    def of_class(self, k: int) -> slice:
        """Where the parameters of class `k` stand among all."""
        first = len(self.shares) + sum(len(columns) for columns in self.columns[:k])
        return slice(first, first + len(self.columns[k]))

    def share_jacobian(self, model: LatentClasses) -> np.ndarray:
        jacobian = np.zeros((model.classes, self.size))
        spread = np.diag(model.shares) - np.outer(model.shares, model.shares)
        jacobian[:, : len(self.shares)] = spread[:, self.shares]
        return jacobian

    def prob_jacobian(self, model: LatentClasses, k: int) -> np.ndarray:
        jacobian = np.zeros((model.probs.shape[1], self.size))
        jacobian[:, self.of_class(k)] = spread_within(model, k)[:, self.columns[k]]
        return jacobian


def spread_within(model: LatentClasses, k: int) -> np.ndarray:
    """(M, M) covariance of the categories of one answer of class `k`, zero between indicators."""
    item = model.patterns.item
    row = model.probs[k]
    return np.diag(row) - np.outer(row, row) * (item[:, None] == item[None, :])


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
        block = (spread_within(model, k) * answering)[np.ix_(layout.columns[k], layout.columns[k])]
        information[layout.of_class(k), layout.of_class(k)] += block
    spread = _RowSums(model, design)
    for first in range(0, len(model.posterior), BLOCK):
        rows = slice(first, first + BLOCK)
        weight = model.patterns.weight[rows]
        score = np.zeros((len(weight), size))
        for k in range(model.classes):
            own = complete_score(model, layout, k, rows)
            where = np.r_[: len(layout.shares), layout.of_class(k)]
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
    columns = layout.columns[k]
    answered = patterns.answered[rows][:, patterns.item[columns]]
    residual = patterns.onehot[columns, rows].T - model.probs[k, columns]
    return np.hstack([np.broadcast_to(shares, (len(residual), len(shares))), residual * answered])


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
            where = np.r_[: len(layout.shares), layout.of_class(k)]
            own = complete_score(model, layout, k, rows)
            gradient[where] += (weight * centred[rows, k]) @ own
    direction = inverse @ gradient
    influence = np.zeros(len(slope))
    for rows in rows_of:
        for k in range(model.classes):
            where = np.r_[: len(layout.shares), layout.of_class(k)]
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
