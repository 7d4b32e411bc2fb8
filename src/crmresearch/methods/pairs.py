"""Pairs of customers alike in a score, and how much hidden bias their comparison withstands."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.report.estimates import NAN

ROUNDS = 100  # of proposals, after which whoever is left stays without a counterpart


def nearest_pairs(
    scores: np.ndarray, others: np.ndarray, *, caliper: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pair each of a group with another customer of nearly the same score, each used once.

    Both sides are sorted; everyone takes the nearest free customer, or the next one up where that
    one is taken, and pairs further apart than the caliper are given up. Those left over try again
    downwards and so on, until nobody has anyone near who is free, or for a hundred rounds: these
    leave pairs unmade only where the others are outnumbered and many must go without anyway. Who is
    left is compared with nobody.

    Parameters
    ----------
    scores, others : (m,) and (n,) float without gaps; customers of one score are taken in the
        order given, so shuffle them first where that order means something
    caliper : the furthest apart that two of a pair may be, in units of the score

    Returns
    -------
    Positions of the pairs in `scores` and in `others`, in the order of `scores`.
    """
    waiting, free = np.argsort(scores, kind="stable"), np.argsort(others, kind="stable")
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for turn in range(ROUNDS):
        if not (len(waiting) and len(free)):
            break
        nearest = _nearest(scores[waiting], others[free])
        near = np.abs(scores[waiting] - others[free[nearest]]) <= caliper
        waiting, nearest = waiting[near], nearest[near]
        if not len(waiting):
            break
        at = _in_turn(nearest, turn % 2 == 0)
        inside = (at >= 0) & (at < len(free))
        apart = np.abs(scores[waiting] - others[free[np.clip(at, 0, len(free) - 1)]])
        taken = inside & (apart <= caliper)  # at least by the first in line
        found.append((waiting[taken], free[at[taken]]))
        left = np.ones(len(free), dtype=bool)
        left[at[taken]] = False
        waiting, free = waiting[~taken], free[left]
    if not found:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    ones, twos = (np.concatenate(side) for side in zip(*found, strict=True))
    order = np.argsort(ones)
    return ones[order], twos[order]


def _nearest(wanted: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """The place in `offered` nearest to each number wanted; both are sorted."""
    above = np.clip(np.searchsorted(offered, wanted), 0, len(offered) - 1)
    below = np.maximum(above - 1, 0)
    return np.where(wanted - offered[below] < offered[above] - wanted, below, above)


def _in_turn(places: np.ndarray, upwards: bool) -> np.ndarray:
    """The same places, each moved on just as far as needed for no two to be the same."""
    turn = np.arange(len(places))
    if upwards:
        return np.maximum.accumulate(places - turn) + turn
    return np.minimum.accumulate((places - turn)[::-1])[::-1] + turn


@dataclass(frozen=True, slots=True)
class SignedRank:
    """Wilcoxon's signed-rank statistic of pair differences; made by `signed_rank`."""

    statistic: float  # sum of the ranks of positive differences
    ranks: float  # sum of all ranks of pairs that differ
    squares: float  # sum of their squares
    n: int  # pairs that differ

    def mirrored(self) -> "SignedRank":
        """The same of the differences with their signs turned."""
        return SignedRank(self.ranks - self.statistic, self.ranks, self.squares, self.n)


def signed_rank(differences: np.ndarray) -> SignedRank:
    """Ranks of the absolute differences, ties sharing theirs.

    Pairs without a difference take the lowest ranks and then count no more, as in Rosenbaum's own
    computations (and Pratt's test). Of differences of one size, yes less no, it is the sign test.
    """
    known = np.asarray(differences, dtype=float)
    known = known[np.isfinite(known)]
    moved, ranks = known[known != 0], stats.rankdata(np.abs(known))[known != 0]
    return SignedRank(
        statistic=float(ranks[moved > 0].sum()),
        ranks=float(ranks.sum()),
        squares=float(ranks @ ranks),
        n=len(moved),
    )


def upper_p(found: SignedRank, gamma: float) -> float:
    """The largest one-sided p of a positive effect that a hidden bias of `gamma` could give.

    Parameters
    ----------
    gamma : 1 or more: of two customers alike in what was measured, how many times the odds of one
        to be in the group may be those of the other, because of something not measured

    Returns
    -------
    By the large-sample distribution, without correction for continuity; NaN without a pair that
    differs.

    Source
    ------
    Rosenbaum, P. R. (2002). Observational Studies, 2nd edition, section 4.3. Springer.
    """
    if found.n == 0:
        return NAN
    most = gamma / (1 + gamma)
    spread = math.sqrt(most * (1 - most) * found.squares)
    return float(stats.norm.sf((found.statistic - most * found.ranks) / spread))


def sensitivity_value(found: SignedRank, *, alpha: float = 0.025) -> float:
    """The hidden bias at which `upper_p` reaches `alpha`: Rosenbaum's gamma.

    Solved in closed form. 1 where the comparison is not significant even without hidden bias; NaN
    without a pair that differs, infinite where no bias undoes it.
    """
    if found.n == 0:
        return NAN
    if upper_p(found, 1.0) >= alpha:
        return 1.0
    z2 = stats.norm.isf(alpha) ** 2
    a = found.ranks**2 + z2 * found.squares
    b = 2 * found.statistic * found.ranks + z2 * found.squares
    root = math.sqrt(max(b**2 - 4 * a * found.statistic**2, 0.0))
    most = (b - root) / (2 * a)
    return most / (1 - most) if most < 1 else math.inf
