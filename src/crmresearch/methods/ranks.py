"""Ranks with their uncertainty: which places each of several quantities may truly have.

A league table of estimates invites the reading that the first is the best. Here every rank has an
interval, and all of them hold at once: two quantities are told apart where the simultaneous
interval of their difference leaves zero out, and a quantity's true rank lies between one more than
the number of those certainly above it and k less the number of those certainly below it.

Sources: Klein, Wright & Wieczorek (2020), J. R. Stat. Soc. A 183, 589-606; Al Mohamad, Goeman & van
Zwet (2022), Biometrics 78, 1119-1130 (by Tukey's procedure); Mogstad, Romano, Shaikh & Wilhelm
(2024), Review of Economic Studies 91, 476-518. Hayter (1984), Annals of Statistics 12, 61-75, has
the proof that Tukey's quantile errs towards caution where the standard errors differ.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


def tukey(level: float, k: int) -> float:
    """How many standard errors of a difference the simultaneous intervals of all pairs reach."""
    return float(stats.studentized_range.ppf(level, k, np.inf) / np.sqrt(2))


def tukey_p(clearance: ArrayLike, k: int) -> np.ndarray:
    """Adjusted p of the pairs of k quantities, from differences in their standard errors."""
    return np.asarray(
        stats.studentized_range.sf(np.sqrt(2) * np.abs(np.asarray(clearance)), k, np.inf)
    )


def from_pairs(above: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Joint confidence intervals of the ranks of k quantities; 1 is the largest.

    Parameters
    ----------
    above : (k, k) of bool, which quantity (row) is told apart from which (column), and above it,
        by simultaneous intervals of all differences, as of `tukey`. With their confidence every
        true rank lies in its interval. Where true values tie, each may have any rank of the tie,
        and the interval holds all of those.

    Returns
    -------
    low, high : (k,) of int; 1 to k for all where no two can be told apart
    """
    return 1 + above.sum(axis=0), len(above) - above.sum(axis=1)
