"""Scores and observed information of a latent class solution.

Parameters are those in which the log-likelihood of a respondent whose class is known is linear but
for a constant: logits of the class shares, and for each indicator the logits of its answers in each
class (nominal), thresholds common to the classes and a slope a class (ordinal), or mean over
variance a class and the precision (continuous). The observed information is then exactly that of
Louis's identity (1982, JRSS B 44(2):226-233), complete information less what is lost because
classes are not seen. Probabilities at 0 or 1 are held fixed: they have no slope.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.measurement import TINY, columns_of, statistics
from crmresearch.methods.weighting import Design

BLOCK = 8192  # patterns whose scores are held at once
_SINGULAR = 1e-4  # eigenvalue of the scaled information: errors a hundredfold, or no optimum
_LINE, _CURVE = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])  # of a standardised quantity
_STILL = 1e-7  # share of the respondents' information below which a slope or threshold is infinite


@dataclass(frozen=True, slots=True)
class Layout:
    """Which parameters are free, and how they move the natural parameters of each class.

    Parameters
    ----------
    shares : classes whose share has a logit
    places : for each class, where the parameters of its answers stand among all
    slopes : for each class (M, its parameters) slopes of the natural parameters of its answers
    item : (P,) indicator that each parameter belongs to, -1 for shares
    """

    shares: np.ndarray
    places: tuple[np.ndarray, ...]
    slopes: tuple[np.ndarray, ...]
    item: np.ndarray

    @classmethod
    def of(cls, model: LatentClasses) -> "Layout":
        columns = _parameters(model)
        own = np.array([item for item, _ in columns], dtype=int)
        shares = np.arange(1, model.classes)
        places, slopes = [], []
        for k in range(model.classes):
            used = [at for at, (_, by_class) in enumerate(columns) if k in by_class]
            places.append(np.array(used, dtype=int) + len(shares))
            parts = [columns[at][1][k] for at in used]
            slopes.append(np.column_stack(parts) if parts else np.zeros((model.probs.shape[1], 0)))
        return cls(shares, tuple(places), tuple(slopes), np.r_[np.full(len(shares), -1), own])

    @property
    def size(self) -> int:
        return len(self.item)

    def of_class(self, k: int) -> np.ndarray:
        """Where the parameters that a respondent of class `k` tells of stand among all."""
        return np.concatenate([np.arange(len(self.shares)), self.places[k]])

    def share_jacobian(self, model: LatentClasses) -> np.ndarray:
        jacobian = np.zeros((model.classes, self.size))
        spread = np.diag(model.shares) - np.outer(model.shares, model.shares)
        jacobian[:, : len(self.shares)] = spread[:, self.shares]
        return jacobian

    def prob_jacobian(self, model: LatentClasses, k: int) -> np.ndarray:
        """(M, P) slope of the probabilities, means and variances of class `k`."""
        jacobian = np.zeros((model.probs.shape[1], self.size))
        jacobian[:, self.places[k]] = _response(model, k) @ self.slopes[k]
        return jacobian


def _parameters(model: LatentClasses) -> list[tuple[int, dict[int, np.ndarray]]]:
    """Each free parameter of the answers: its indicator, and for its classes its slopes (M,)."""
    patterns, found = model.patterns, []
    size = model.probs.shape[1]
    for k in range(model.classes):  # each class its own first, so that these stand together
        for j, first in enumerate(patterns.starts):
            last = first + patterns.counts[j]
            found += [
                (j, {k: _placed(size, first, part)}) for part in _own(model, j, k, first, last)
            ]
    for j, first in enumerate(patterns.starts):
        for part in _common(model, j, first, first + patterns.counts[j]):
            slopes = _placed(size, first, part)
            found.append((j, dict.fromkeys(range(model.classes), slopes)))
    return found


def _own(model: LatentClasses, j: int, k: int, first: int, last: int) -> list[np.ndarray]:
    """Slopes of the parameters that indicator `j` has for class `k` alone."""
    edge = model.at_edge[:, first:last]
    kind = model.patterns.kinds[j]
    if kind == "continuous":
        own = model.patterns.spread == "own" and not edge[k].any()
        return [_LINE, _CURVE] if own else [_LINE]
    if kind == "ordinal":
        moving = ~edge.any(axis=1)
        return [np.arange(last - first, dtype=float)] if moving[k] and k != moving.argmax() else []
    row = model.probs[k, first:last]
    free = ~(edge[k] & (row < 0.5))
    free[row.argmax()] = False
    return list(np.eye(last - first)[free])


def _common(model: LatentClasses, j: int, first: int, last: int) -> list[np.ndarray]:
    """Slopes of the parameters of indicator `j` that all classes have in common."""
    patterns, edge = model.patterns, model.at_edge[:, first:last]
    if patterns.kinds[j] == "continuous":
        return [_CURVE] if patterns.spread == "equal" and not edge.any() else []
    if patterns.kinds[j] != "ordinal":
        return []
    above = np.triu(np.ones((last - first, last - first)))[1:]
    reach = model.probs[:, first:last] @ above.T
    spread = model.shares @ (reach * (1 - reach))
    return [part for part, size in zip(above, spread, strict=True) if size > _STILL]


def _placed(size: int, first: int, part: np.ndarray) -> np.ndarray:
    slopes = np.zeros(size)
    slopes[first : first + len(part)] = part
    return slopes


def _standard(model: LatentClasses) -> np.ndarray:
    """(K, M) the model's `probs`, means and variances of quantities standardised."""
    patterns, where = model.patterns, columns_of(model.patterns)
    centre, scale = patterns.centre[where.item], patterns.scale[where.item]
    probs = model.probs.copy()
    probs[:, where.answered + 1] = (probs[:, where.answered + 1] - centre) / scale
    probs[:, where.answered + 2] /= scale**2
    return probs


def _means(model: LatentClasses) -> np.ndarray:
    """(K, M) what the statistics of an answer are on average in each class."""
    means, first = _standard(model), columns_of(model.patterns).answered
    means[:, first + 2] += means[:, first + 1] ** 2
    return means


def _spread(model: LatentClasses, k: int) -> np.ndarray:
    """(M, M) covariance of the statistics of one answer of class `k`, zero between indicators."""
    item, row = model.patterns.item, _standard(model)[k]
    spread = np.diag(row) - np.outer(row, row) * (item[:, None] == item[None, :])
    for first in columns_of(model.patterns).answered:
        mean, variance = row[first + 1 : first + 3]
        cross = 2 * mean * variance
        spread[first : first + 3, first : first + 3] = (
            (0.0, 0.0, 0.0),
            (0.0, variance, cross),
            (0.0, cross, 4 * mean**2 * variance + 2 * variance**2),
        )
    return spread


def _response(model: LatentClasses, k: int) -> np.ndarray:
    """(M, M) slope of the class's probabilities, means and variances in natural parameters."""
    slope, where = _spread(model, k), columns_of(model.patterns)
    scales = model.patterns.scale[where.item]
    for first, scale in zip(where.answered, scales, strict=True):
        variance = model.probs[k, first + 2]
        slope[first + 1] *= scale
        slope[first + 2, first : first + 3] = (0.0, 0.0, 2 * variance**2 / scale**2)
    return slope


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
        block = layout.slopes[k].T @ (_spread(model, k) * answering) @ layout.slopes[k]
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
    residual = (statistics(patterns, rows.start, rows.stop).T - _means(model)[k]) * answered
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
