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


def rank_intervals(
    values: ArrayLike, errors: ArrayLike, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Joint confidence intervals of the ranks of k independent quantities; 1 is the largest.

    Parameters
    ----------
    values, errors : (k,) of float, the quantities on a scale on which they are about normal and
        their standard errors, above 0
    level : the chance, at the least, that every true rank lies in its interval. Where true values
        tie, each may have any rank of the tie, and the interval holds all of those.

    Returns
    -------
    low, high : (k,) of int; 1 to k for all where no two can be told apart
    """
    y, e = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    apart = (y[:, None] - y[None, :]) / np.hypot(e[:, None], e[None, :])
    return from_pairs(apart > tukey(level, len(y)) if len(y) > 1 else apart > np.inf)


def from_pairs(above: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same from which quantity (row) is certainly above which (column): (k, k) of bool."""
    return 1 + above.sum(axis=0), len(above) - above.sum(axis=1)
