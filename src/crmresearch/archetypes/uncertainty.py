"""Standard errors of a latent class solution, by linearisation.

Parameters are logits: of the class shares, and in each class of the answers to each indicator. The
observed information is computed exactly by Louis's identity (1982, JRSS B 44(2):226-233), complete
information less what is lost because classes are not seen. With weights or clusters the covariance
is the sandwich with cluster sums of the weighted scores in the middle. Probabilities at 0 or 1 are
held fixed: they have no slope.
"""

from dataclasses import dataclass, field
from math import log

import numpy as np
from scipy import sparse, stats

from crmresearch.archetypes.edges import profile_bounds
from crmresearch.archetypes.em import TINY
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.methods.weighting import Design

_BLOCK = 8192  # patterns whose scores are held at once
_SINGULAR = 1e-9  # smallest eigenvalue of the scaled information that still tells something


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """Standard errors beside a `LatentClasses`.

    Parameters
    ----------
    share_error : (K,) of the class shares
    prob_covariance : (K, M, M) of the category probabilities within each class
    entropy_error : of the relative entropy, the respondents' own spread included
    identified : False where the data do not determine the parameters; all errors are then NaN
    deff : mean design effect of the parameters, 1 for a simple random sample
    words : how they were made, for `Estimate.method`
    bounds : edges already computed, by level
    """

    model: LatentClasses
    share_error: np.ndarray
    prob_covariance: np.ndarray
    entropy_error: float
    identified: bool
    deff: float
    words: str
    bounds: dict[float, np.ndarray] = field(default_factory=dict, repr=False)

    def share_interval(self, k: int, level: float) -> tuple[float, float]:
        """Interval of a class share; see `arcsine_interval`."""
        return arcsine_interval(float(self.model.shares[k]), float(self.share_error[k]), level)

    def prob_interval(self, k: int, column: int, level: float) -> tuple[float, float]:
        """Interval of a category's probability in class `k`; see `arcsine_interval`.

        At 0 or 1, or nearer to them than its error allows, by the profile likelihood.
        """
        value = float(self.model.probs[k, column])
        first = int(self.model.patterns.starts[self.model.patterns.item[column]])
        if self.model.patterns.counts[self.model.patterns.item[column]] == 2 and column == first:
            low, high = self.prob_interval(k, column + 1, level)
            return 1 - high, 1 - low
        low, high = self._edges(level)[k, column]
        if low == low:
            return float(low), float(high)
        return arcsine_interval(value, float(self.prob_errors[k, column]), level)

    @property
    def prob_errors(self) -> np.ndarray:
        """(K, M) standard errors of the category probabilities."""
        return np.sqrt(np.diagonal(self.prob_covariance, axis1=1, axis2=2).clip(min=0))

    def near_edge(self, level: float) -> np.ndarray:
        """(K, M) True where a probability is no further from 0 or 1 than its error reaches."""
        reach = stats.norm.ppf(0.5 + level / 2) * self.prob_errors
        probs = self.model.probs
        return self.model.at_edge | (np.minimum(probs, 1 - probs) < reach)

    def _edges(self, level: float) -> np.ndarray:
        """(K, M, 2) bounds by profile likelihood near 0 and 1; computed once a level."""
        if level not in self.bounds:
            patterns = self.model.patterns
            wanted = self.near_edge(level)
            wanted[:, patterns.starts[patterns.counts == 2]] = False
            n = np.array([self.answering(k) for k in range(self.model.classes)])
            self.bounds[level] = profile_bounds(self.model, wanted, n, level=level, deff=self.deff)
        return self.bounds[level]

    def mean_error(self, k: int, columns: slice, values: np.ndarray) -> float:
        """Standard error in class `k` of the mean of an indicator whose answers are `values`."""
        return float(np.sqrt(values @ self.prob_covariance[k, columns, columns] @ values))

    def answering(self, k: int) -> np.ndarray:
        """(J,) effective number of respondents of class `k` who answered each indicator."""
        patterns = self.model.patterns
        mass = self.model.posterior[:, k] * patterns.weight
        kish = patterns.weight.sum() / patterns.square.sum()
        return (mass @ patterns.answered) * kish


def arcsine_interval(value: float, error: float, level: float) -> tuple[float, float]:
    """Interval of a probability, symmetric in the arcsine of its square root.

    On that scale the spread hardly depends on the value, so that near 0 or 1 the interval neither
    crosses the bound nor, as on the logit scale, grows to cover everything. NaN without an error.
    """
    if not (np.isfinite(error) and 0 < value < 1):
        return np.nan, np.nan
    angle = np.arcsin(np.sqrt(value))
    reach = stats.norm.ppf(0.5 + level / 2) * error / (2 * np.sqrt(value * (1 - value)))
    low, high = max(0.0, angle - reach), min(np.pi / 2, angle + reach)
    return float(np.sin(low) ** 2), float(np.sin(high) ** 2)


def uncertainty(model: LatentClasses, *, design: Design | None = None) -> Uncertainty:
    """Standard errors of `model`.

    Parameters
    ----------
    design : weights and clusters of the rows that the patterns were made from; a simple random
        sample when None. Strata are not used, which leaves the errors on the large side.
    """
    layout = _Layout.of(model)
    information, meat, slope = _moments(model, layout, design)
    inverse = _inverse(information)
    identified = inverse is not None
    if inverse is None:
        inverse = np.full_like(information, np.nan)
    robust = design is not None and not design.plain
    covariance = inverse @ meat @ inverse if robust else inverse
    share_jacobian = layout.share_jacobian(model)
    per_class = [layout.prob_jacobian(model, k) for k in range(model.classes)]
    return Uncertainty(
        model=model,
        share_error=np.sqrt(
            np.einsum("ij,jk,ik->i", share_jacobian, covariance, share_jacobian).clip(min=0)
        ),
        prob_covariance=np.stack([jacobian @ covariance @ jacobian.T for jacobian in per_class]),
        entropy_error=_entropy_error(model, layout, inverse, slope, design),
        identified=identified,
        deff=_design_effect(covariance, inverse) if robust and identified else 1.0,
        words=f"{design.words}, sandwich" if robust else "observed information",
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which parameters are free: a share a class and an answer a category, less references."""

    shares: np.ndarray  # classes whose share has a logit
    columns: tuple[np.ndarray, ...]  # for each class, categories whose probability has a logit

    @classmethod
    def of(cls, model: LatentClasses) -> "_Layout":
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
        jacobian[:, self.of_class(k)] = _spread(model, k)[:, self.columns[k]]
        return jacobian


def _spread(model: LatentClasses, k: int) -> np.ndarray:
    """(M, M) covariance of the categories of one answer of class `k`, zero between indicators."""
    item = model.patterns.item
    row = model.probs[k]
    return np.diag(row) - np.outer(row, row) * (item[:, None] == item[None, :])


def _moments(
    model: LatentClasses, layout: _Layout, design: Design | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Observed information, middle of the sandwich, and slope of the sum of all doubts."""
    size = layout.size
    information, meat, slope = np.zeros((size, size)), np.zeros((size, size)), np.zeros(size)
    information[: len(layout.shares), : len(layout.shares)] = (
        model.patterns.total
        * (np.diag(model.shares) - np.outer(model.shares, model.shares))[
            np.ix_(layout.shares, layout.shares)
        ]
    )
    for k in range(model.classes):
        mass = model.posterior[:, k] * model.patterns.weight
        answering = (mass @ model.patterns.answered)[model.patterns.item]
        block = (_spread(model, k) * answering)[np.ix_(layout.columns[k], layout.columns[k])]
        information[layout.of_class(k), layout.of_class(k)] += block
    spread = _RowSums(model, design)
    doubt = np.log(np.maximum(model.posterior, TINY))
    for first in range(0, len(model.posterior), _BLOCK):
        rows = slice(first, first + _BLOCK)
        weight = model.patterns.weight[rows]
        score = np.zeros((len(weight), size))
        for k in range(model.classes):
            own = _complete_score(model, layout, k, rows)
            where = np.r_[: len(layout.shares), layout.of_class(k)]
            likely = model.posterior[rows, k]
            score[:, where] += likely[:, None] * own
            information[np.ix_(where, where)] -= (own * (likely * weight)[:, None]).T @ own
            slope[where] += (weight * likely * doubt[rows, k]) @ own
        information += (score * weight[:, None]).T @ score
        slope -= (weight * (model.posterior[rows] * doubt[rows]).sum(axis=1)) @ score
        meat += spread.add(rows, score)
    return information, spread.meat(meat), slope


def _complete_score(model: LatentClasses, layout: _Layout, k: int, rows: slice) -> np.ndarray:
    """Slope of the log-likelihood of each pattern if its class were known to be `k`."""
    patterns = model.patterns
    shares = (layout.shares == k) - model.shares[layout.shares]
    columns = layout.columns[k]
    answered = patterns.answered[rows][:, patterns.item[columns]]
    residual = patterns.onehot[columns, rows].T - model.probs[k, columns]
    return np.hstack([np.broadcast_to(shares, (len(residual), len(shares))), residual * answered])


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


def _inverse(information: np.ndarray) -> np.ndarray | None:
    """Inverse of the information; None where some direction of it tells nothing."""
    if not information.size:
        return information
    scale = np.sqrt(np.diag(information).clip(min=TINY))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] < _SINGULAR:
        return None
    return (vectors / values) @ vectors.T / np.outer(scale, scale)


def _design_effect(covariance: np.ndarray, inverse: np.ndarray) -> float:
    """Mean ratio of the variances under the design to those of a simple random sample."""
    if not inverse.size:
        return 1.0
    return float(np.mean(np.diag(covariance) / np.diag(inverse)))


def _entropy_error(
    model: LatentClasses,
    layout: _Layout,
    inverse: np.ndarray,
    slope: np.ndarray,
    design: Design | None,
) -> float:
    """Linearised: what each respondent adds directly, and through the parameters."""
    if model.classes == 1:
        return np.nan
    patterns = model.patterns
    unit = patterns.total * log(model.classes)
    doubt = -(model.posterior * np.log(np.maximum(model.posterior, TINY))).sum(axis=1)
    influence = -(doubt - patterns.weight @ doubt / patterns.total)
    direction = inverse @ slope
    for first in range(0, len(doubt), _BLOCK):
        rows = slice(first, first + _BLOCK)
        for k in range(model.classes):
            where = np.r_[: len(layout.shares), layout.of_class(k)]
            own = _complete_score(model, layout, k, rows) @ direction[where]
            influence[rows] += model.posterior[rows, k] * own
    influence = influence / unit
    if design is None or design.clusters is None:
        return float(np.sqrt((patterns.square * influence**2).sum()))
    used = patterns.row >= 0
    totals = np.bincount(
        design.clusters[used], influence[patterns.row[used]] * patterns.row_weight[used]
    )
    return float(np.sqrt((totals**2).sum()))
