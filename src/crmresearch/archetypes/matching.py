"""Which class of one model is which of another: the order of classes means nothing by itself.

Classes are paired so that the pairs lie as near as they can altogether (the assignment problem,
Kuhn 1955, Naval Research Logistics Quarterly 2:83-97), by what the classes say or by whom they
hold.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from crmresearch.archetypes.em import posterior
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.patterns import Patterns

SAME_TYPE = 0.2  # Hellinger distance: 20 (rare signs) to 28 percentage points apart in each sign


@dataclass(frozen=True, slots=True)
class Match:
    """The classes of a first model with their partners in a second.

    Parameters
    ----------
    partner : (K,) class of the second model, -1 where there is none left
    distance : (K,) how far the two lie apart, 0 for the same profile to 1; NaN without a partner
    placed : (K, L) share of the respondents put into the row's class by the first model and into
        the column's by the second
    """

    partner: np.ndarray
    distance: np.ndarray
    placed: np.ndarray = field(repr=False)

    @property
    def alone(self) -> np.ndarray:
        """Classes of the second model that are nobody's partner."""
        return np.setdiff1d(np.arange(self.placed.shape[1]), self.partner)

    @property
    def alike(self) -> float:
        """Share of the respondents whom both models put into partners."""
        paired = self.partner >= 0
        return float(self.placed[np.flatnonzero(paired), self.partner[paired]].sum())


def match(first: LatentClasses, second: LatentClasses) -> Match:
    """Pair the classes of two models of the same indicators by what they say.

    Both must have the same columns; `alike` places the respondents of the second.

    Raises
    ------
    ValueError
        Where the two have other indicators or other answers.
    """
    patterns = second.patterns
    if not same_columns(first.patterns, patterns):
        raise ValueError("the two models have other indicators, or other answers to them")
    distance = profile_distance(first.probs, second.probs, patterns)
    partner = align(distance)
    here = np.where(partner >= 0, distance[np.arange(len(partner)), partner], np.nan)
    own = posterior(patterns, first.shares, first.probs)[1]
    return Match(partner, here, shared(own, second.posterior, patterns.weight))


def same_columns(first: Patterns, second: Patterns) -> bool:
    """Whether the columns of two patterns are of the same answers to the same indicators."""
    return (
        first.names == second.names
        and first.kinds == second.kinds
        and all(
            kind == "continuous" or list(mine) == list(theirs)
            for kind, mine, theirs in zip(
                first.kinds, first.categories, second.categories, strict=True
            )
        )
    )


def align(cost: np.ndarray) -> np.ndarray:
    """(K,) column for each row such that the costs (K, L) add up to the least; -1 for none."""
    partner = np.full(len(cost), -1)
    rows, columns = linear_sum_assignment(cost)
    partner[rows] = columns
    return partner


def profile_distance(first: np.ndarray, second: np.ndarray, patterns: Patterns) -> np.ndarray:
    """(..., K, L) distance of every class of `first` (..., K, M) from every one of `second` (L, M).

    The root mean square over the indicators of the Hellinger distance between the two
    distributions of its answers: 0 for the same profile, 1 where no answer is common.
    """
    ours, theirs = first[..., :, None, :], second[None, :, :]
    overlap = np.sqrt(np.maximum(ours, 0) * np.maximum(theirs, 0))
    alike = np.add.reduceat(overlap, patterns.starts, axis=-1)
    for j in np.flatnonzero(patterns.of_kind("continuous")):
        at = int(patterns.starts[j])
        gap = ours[..., at + 1] - theirs[..., at + 1]
        both = ours[..., at + 2] + theirs[..., at + 2]
        scale = np.sqrt(2 * np.sqrt(ours[..., at + 2] * theirs[..., at + 2]) / both)
        alike[..., j] = scale * np.exp(-(gap**2) / (4 * both))
    return np.sqrt(np.clip(1 - alike, 0, 1).mean(axis=-1))


def shared(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(K, L) share of the weight of respondents likeliest in each pair of classes.

    `first` (G, K) and `second` (G, L) are the posteriors of the same patterns. ``-shared(...)`` is
    a cost for `align` that pairs classes by whom they hold.
    """
    table = np.zeros((first.shape[1], second.shape[1]))
    np.add.at(table, (first.argmax(axis=1), second.argmax(axis=1)), weight)
    return table / weight.sum()
