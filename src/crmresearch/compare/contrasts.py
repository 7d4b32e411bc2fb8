"""Contrasts of the reports on one quantity, as arrays: of every pair, and with the others' mean.

The intervals of one quantity hold for all its contrasts of a kind at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods import ranks
from crmresearch.methods.clearance import Ends, clearance
from crmresearch.methods.recovered import (
    Recovered,
    against_others,
    freedom_against_others,
    freedom_of_pairs,
    pairs,
    reaches,
)


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """Several contrasts of one quantity.

    Parameters
    ----------
    value, low, high : (m,) with simultaneous intervals
    freedom : (m,) degrees of freedom of their errors
    clearance : (m,) how many standard errors an interval reaches that touches zero
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    freedom: np.ndarray
    clearance: np.ndarray

    @property
    def alone(self) -> np.ndarray:
        """(m,) The p of each as if it were the only one."""
        return 2 * stats.t.sf(self.clearance, self.freedom)


def of_pairs(item: Recovered, level: float) -> Contrasts:
    """Every pair, in the order of ``numpy.triu_indices``: Games and Howell's intervals."""
    k = len(item.values)
    first, second = np.triu_indices(k, 1)
    df = freedom_of_pairs(item, first, second)
    reach = ranks.tukey(level, k, df)
    return _made(item, lambda q: pairs(item, first, second, q), reach, df)


def with_others(item: Recovered, level: float) -> Contrasts:
    """Each less the mean of the others, each of which counts once: Šidák's intervals."""
    df = freedom_against_others(item)
    reach = reaches(level ** (1 / len(item.values)), df)
    return _made(item, lambda q: against_others(item, q), reach, df)


def of_changes(
    item: Recovered, later: Sequence[int], earlier: Sequence[int], level: float
) -> Contrasts:
    """Later reports less earlier ones, each report in one of them: Šidák's intervals."""
    df = freedom_of_pairs(item, later, earlier)
    reach = reaches(level ** (1 / len(df)), df)
    return _made(item, lambda q: pairs(item, later, earlier, q), reach, df)


def _made(
    item: Recovered, contrast: Callable[[np.ndarray], Ends], reach: np.ndarray, df: np.ndarray
) -> Contrasts:
    value, *ends = contrast(reach)
    low, high = item.possible_difference(ends)
    return Contrasts(value, low, high, df, clearance(contrast, len(df)))


def above(item: Recovered, level: float) -> np.ndarray:
    """(k, k) which report certainly lies above which, all pairs at once."""
    k = len(item.values)
    first, second = np.triu_indices(k, 1)
    reach = ranks.tukey(level, k, freedom_of_pairs(item, first, second))
    _, low, high = pairs(item, first, second, reach)
    found = np.zeros((k, k), dtype=bool)
    found[first, second], found[second, first] = low > 0, high < 0
    return found
