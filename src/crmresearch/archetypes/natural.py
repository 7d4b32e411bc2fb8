"""The free parameters of latent classes, in which a known class's log-likelihood is linear.

For each indicator these are the logits of its answers in each class (nominal), thresholds common to
the classes and a slope a class (ordinal), or mean over variance a class and the precision
(continuous); and the logits of the class shares. Probabilities at 0 or 1 are held fixed: they have
no slope.
"""

from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.latent import EDGE, LatentClasses
from crmresearch.archetypes.measurement import columns_of

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
    for j in sorted({item for item, _ in found if patterns.kinds[item] == "ordinal"}):
        found = [item for item in found if item[0] != j] + _told(
            model, [item for item in found if item[0] == j]
        )
    return found


def _told(
    model: LatentClasses, found: list[tuple[int, dict[int, np.ndarray]]]
) -> list[tuple[int, dict[int, np.ndarray]]]:
    """Parameters of an ordinal indicator without directions in which no probability moves.

    Where classes give answers that are apart, thresholds and slopes run away together.
    """
    size, none = len(found), np.zeros(model.probs.shape[1])
    slopes = [
        np.column_stack([by_class.get(k, none) for _, by_class in found])
        for k in range(model.classes)
    ]
    told = sum(
        share * slope.T @ spread_within(model, k) @ slope
        for k, (share, slope) in enumerate(zip(model.shares, slopes, strict=True))
    )
    values, vectors = np.linalg.eigh(told)
    if values[0] > EDGE:
        return found
    kept = [vectors[:, at] for at in range(size) if values[at] > EDGE]
    j = found[0][0]
    return [(j, {k: slope @ vector for k, slope in enumerate(slopes)}) for vector in kept]


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


def statistic_means(model: LatentClasses) -> np.ndarray:
    """(K, M) what the statistics of an answer are on average in each class."""
    means, first = _standard(model), columns_of(model.patterns).answered
    means[:, first + 2] += means[:, first + 1] ** 2
    return means


def spread_within(model: LatentClasses, k: int) -> np.ndarray:
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
    slope, where = spread_within(model, k), columns_of(model.patterns)
    scales = model.patterns.scale[where.item]
    for first, scale in zip(where.answered, scales, strict=True):
        variance = model.probs[k, first + 2]
        slope[first + 1] *= scale
        slope[first + 2, first : first + 3] = (0.0, 0.0, 2 * variance**2 / scale**2)
    return slope
