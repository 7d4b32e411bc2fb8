"""Confirmatory factor analysis by maximum likelihood: each item on one factor, factors correlated.

One group or several, with loadings, intercepts and unique variances alike across groups as far as
the model says. The fit needs only means and covariances; Fisher scoring finds it, with Newton's
steps at the end. Unique variances are not held above zero, so that an improper solution shows
itself instead of being hidden at a bound. Agrees with R's lavaan.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crmresearch.methods import cfa_algebra
from crmresearch.methods.cfa_algebra import Parts, Slots
from crmresearch.methods.cfa_starts import starts

STEPS = ("configural", "metric", "scalar", "strict")
MOST_STEPS = 500
NEAR, CLOSE = 1e-3, 1e-14  # of the discrepancy: what a further step could still gain


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What the answers of every group come down to.

    Parameters
    ----------
    sizes : (G,), respondents a group; sums of weights that have a mean of 1 over all groups
    means : (G, p)
    covariances : (G, p, p), with divisor n
    """

    sizes: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    @property
    def total(self) -> float:
        return float(self.sizes.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Which factor each item measures, and what is alike in all groups.

    Parameters
    ----------
    slots : the items' factors
    numbers : (G, s) int, the number of the free parameter in every slot, -1 where it is fixed
    fixed : (G, s) float, the value of a fixed slot
    step : one of `STEPS`
    marker : True where a loading of each factor is fixed at 1, in place of a variance
    """

    slots: Slots
    numbers: np.ndarray
    fixed: np.ndarray
    step: str
    marker: bool

    @property
    def groups(self) -> int:
        return len(self.numbers)

    @property
    def free(self) -> int:
        return int(self.numbers.max()) + 1

    @property
    def freedom(self) -> int:
        """Degrees of freedom: moments less free parameters."""
        p = self.slots.items
        return self.groups * p * (p + 3) // 2 - self.free

    def selection(self) -> np.ndarray:
        """(G s, free) of 0 and 1: which free parameter fills which slot."""
        flat = self.numbers.ravel()
        found = np.zeros((len(flat), self.free))
        found[np.flatnonzero(flat >= 0), flat[flat >= 0]] = 1.0
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A fitted model.

    Parameters
    ----------
    values : (G, s), every slot of every group
    discrepancy : the minimum, weighted by the groups' shares
    steps : that it took; 0 where no minimum was found
    """

    model: Model
    moments: Moments
    values: np.ndarray
    discrepancy: float
    steps: int

    def group(self, position: int) -> Parts:
        """The matrices of one group."""
        return cfa_algebra.parts(self.values[position], self.model.slots)

    def information(self, *, observed: bool = True) -> np.ndarray:
        """Information (free, free) of the whole sample about the free parameters."""
        return _folded(self.model, self.blocks(observed=observed))

    def slopes(self, position: int) -> np.ndarray:
        """Derivative (s,) of a group's log-likelihood by all its slots, free or fixed."""
        own = cfa_algebra.scores(
            self.group(position),
            self.model.slots,
            self.moments.covariances[position],
            self.moments.means[position],
        )
        return -self.moments.sizes[position] * own[0]

    def blocks(self, *, observed: bool = True) -> np.ndarray:
        """Information (G, s, s) of every group about all its slots, free or fixed."""
        slots, moments = self.model.slots, self.moments
        return np.array(
            [
                size
                * (
                    cfa_algebra.observed(self.group(g), slots, covariance, mean)
                    if observed
                    else cfa_algebra.scores(self.group(g), slots, covariance, mean)[1]
                )
                for g, (size, covariance, mean) in enumerate(
                    zip(moments.sizes, moments.covariances, moments.means, strict=True)
                )
            ]
        )


def model(
    factor: Sequence[int], *, groups: int = 1, step: str = "configural", marker: bool = False
) -> Model:
    """A model of simple structure.

    Parameters
    ----------
    factor : the factor of each item, numbered from 0
    step : what is alike in all groups: nothing but the pattern (``configural``), loadings
        (``metric``), intercepts too (``scalar``), unique variances too (``strict``)
    marker : fix the first loading of each factor at 1, in place of the factor's variance (of the
        first group, from ``metric`` on) at 1
    """
    slots = Slots(np.asarray(factor, dtype=int))
    level = STEPS.index(step)
    fixed = np.zeros((groups, slots.size))
    is_free = np.ones((groups, slots.size), dtype=bool)
    rows, columns = slots.pairs
    if marker:
        first = np.unique(slots.factor, return_index=True)[1]
        is_free[:, first], fixed[:, first] = False, 1.0
    else:
        variances = slots.bounds[0] + np.flatnonzero(rows == columns)
        last = groups if level == 0 else 1
        is_free[:last, variances], fixed[:last, variances] = False, 1.0
    is_free[: groups if level < 2 else 1, slots.means] = False
    alike = np.zeros(slots.size, dtype=bool)
    for needed, part in ((1, slots.loadings), (2, slots.intercepts), (3, slots.uniques)):
        alike[part] = level >= needed
    numbers = np.where(is_free, -2, -1)
    count = 0
    for g in range(groups):
        new = is_free[g] & ~(alike & (g > 0))
        numbers[g, new] = count + np.arange(new.sum())
        count += int(new.sum())
        shared = is_free[g] & alike
        numbers[g, shared] = numbers[0, shared]
    return Model(slots, numbers, fixed, step, marker)


def fit(model: Model, moments: Moments, *, start: np.ndarray | None = None) -> Solution:
    """The maximum-likelihood solution.

    Parameters
    ----------
    start : (G, s), values to start from, such as those of a model with fewer constraints; the
        answers' own main axes otherwise

    Returns
    -------
    The solution, with ``steps`` 0 where no minimum was found.

    Raises
    ------
    numpy.linalg.LinAlgError
        Where the model is not identified, so that the information cannot be inverted.
    """
    share = moments.sizes / moments.total
    if start is None:
        start = starts(model.slots, share, moments.means, moments.covariances, marker=model.marker)
    values = _spread(model, _gathered(model, start))
    now = _discrepancy(model, moments, values)
    for step in range(1, MOST_STEPS + 1):
        slope, information = _scored(model, moments, values, share)
        move = -_solved(information, slope)
        gain = -float(slope @ move)
        if gain < CLOSE:
            return Solution(model, moments, values, now, step)
        if gain < NEAR:
            move = _newton(model, moments, values, slope, move)
        values, now, moved = _stepped(model, moments, values, now, move, gain)
        if not moved:
            break
    return Solution(model, moments, values, now, 0)


def _newton(
    model: Model, moments: Moments, values: np.ndarray, slope: np.ndarray, move: np.ndarray
) -> np.ndarray:
    """Newton's step where the discrepancy is convex, else the step as it is."""
    found = Solution(model, moments, values, 0.0, 0).information() / moments.total
    try:
        np.linalg.cholesky(found)
    except np.linalg.LinAlgError:
        return move
    return -_solved(found, slope)


def _scored(
    model: Model, moments: Moments, values: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and expected information a respondent, for the free parameters."""
    slope = np.zeros(model.free)
    blocks = np.zeros((model.groups, model.slots.size, model.slots.size))
    for g, row in enumerate(values):
        part = cfa_algebra.parts(row, model.slots)
        own, information = cfa_algebra.scores(
            part, model.slots, moments.covariances[g], moments.means[g]
        )
        kept = model.numbers[g] >= 0
        np.add.at(slope, model.numbers[g][kept], share[g] * own[kept])
        blocks[g] = share[g] * information
    return slope, _folded(model, blocks)


def _folded(model: Model, blocks: np.ndarray) -> np.ndarray:
    """Blocks (G, s, s) added up over the slots that each free parameter fills."""
    found = np.zeros((model.free, model.free))
    for numbers, block in zip(model.numbers, blocks, strict=True):
        kept = np.flatnonzero(numbers >= 0)
        found[np.ix_(numbers[kept], numbers[kept])] += block[np.ix_(kept, kept)]
    return found


def _solved(information: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """The Fisher step, in units in which the information has a diagonal of 1."""
    scale = 1 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    scaled = information * np.outer(scale, scale)
    return scale * np.linalg.solve(scaled, scale * slope)


def _stepped(
    model: Model, moments: Moments, values: np.ndarray, now: float, move: np.ndarray, gain: float
) -> tuple[np.ndarray, float, bool]:
    """The values after a step, halved until the discrepancy falls."""
    origin = _gathered(model, values)
    size = 1.0
    while size > 1e-6:
        tried = _spread(model, origin + size * move)
        found = _discrepancy(model, moments, tried)
        if found <= now - 1e-4 * size * gain + 1e-14 * abs(now):  # but for rounding
            return tried, found, True
        size /= 2
    return values, now, False


def _discrepancy(model: Model, moments: Moments, values: np.ndarray) -> float:
    share = moments.sizes / moments.total
    return sum(
        part
        * cfa_algebra.discrepancy(
            cfa_algebra.parts(row, model.slots), moments.covariances[g], moments.means[g]
        )
        for g, (part, row) in enumerate(zip(share, values, strict=True))
    )


def _gathered(model: Model, values: np.ndarray) -> np.ndarray:
    """The free parameters (free,), the mean of the slots that each fills."""
    flat, numbers = values.ravel(), model.numbers.ravel()
    kept = numbers >= 0
    sums = np.bincount(numbers[kept], weights=flat[kept], minlength=model.free)
    return sums / np.bincount(numbers[kept], minlength=model.free)


def _spread(model: Model, free: np.ndarray) -> np.ndarray:
    """Every slot (G, s) from the free parameters."""
    return np.where(model.numbers >= 0, free[model.numbers], model.fixed)
