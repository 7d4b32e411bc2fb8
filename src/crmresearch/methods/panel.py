"""People asked more than once: whose answers follow each other, and differences in their changes.

The change of those to whom something happened between two waves, less the change of those to whom
it did not (difference in differences). Each person is compared with himself, so whatever about him
does not change cannot explain it; that the two groups would have changed alike otherwise (parallel
trends) is assumed. Source: Angrist & Pischke (2009), Mostly Harmless Econometrics, chapter 5.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmresearch.methods.influence import Difference
from crmresearch.methods.weighting import kish
from crmresearch.report.estimates import NAN


def consecutive(person: ArrayLike, wave: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the same person in two waves that follow each other.

    Parameters
    ----------
    person : (n,) labels; missing for nobody known
    wave : (n,) int, waves in their order from 0; below 0 where missing

    Returns
    -------
    Positions of the earlier and of the later rows. A person with two rows in one wave is left out
    of the pairs with that wave, since it is not known which of them goes with which.
    """
    people = pd.factorize(pd.Series(person))[0].astype(np.int64)
    waves = np.asarray(wave).astype(np.int64)
    rows = np.flatnonzero((people >= 0) & (waves >= 0))
    span = int(waves.max(initial=0)) + 2  # a gap, so that no person runs into the next
    place = people[rows] * span + waves[rows]
    order = np.argsort(place, kind="stable")
    rows, place = rows[order], place[order]
    single = np.ones(len(place), dtype=bool)
    twice = place[1:] == place[:-1]
    single[1:] &= ~twice
    single[:-1] &= ~twice
    rows, place = rows[single], place[single]
    follows = np.flatnonzero(np.diff(place) == 1)
    return rows[follows], rows[follows + 1]


def difference_in_changes(
    change: np.ndarray,
    happened: np.ndarray,
    *,
    period: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> Difference:
    """Mean change of those to whom it happened less that of the others, period by period.

    Parameters
    ----------
    change : (n,) float without gaps, later less earlier answer
    happened : (n,) bool
    period : (n,) int, the pair of waves, each of which has its own mean change; one when None
    weights : (n,) float, positive; ones when None

    Returns
    -------
    The coefficient of a weighted regression on `happened` and the periods. With two waves it is
    the two-way fixed-effects estimate of the same answers. NaN where no period has both.
    """
    member = np.asarray(happened, dtype=bool)
    change = np.asarray(change, dtype=float)
    heavy = np.ones(len(change)) if weights is None else np.asarray(weights, dtype=float)
    codes = np.zeros(len(change), dtype=int) if period is None else pd.factorize(period)[0]
    total = np.bincount(codes, heavy)

    def centred(x: np.ndarray) -> np.ndarray:
        return x - (np.bincount(codes, heavy * x) / total)[codes]

    apart = centred(member.astype(float))
    spread = float(heavy @ apart**2)
    if not spread > 1e-12 * heavy.sum():
        return Difference(NAN, np.zeros(len(change)), member, (NAN, NAN))
    left = centred(change - change[0])
    value = float(heavy @ (apart * left)) / spread
    influence = heavy * apart * (left - value * apart) / spread
    sizes = [kish(heavy[rows], int(rows.sum()))[0] for rows in (member, ~member)]
    return Difference(value, influence, member, (sizes[0], sizes[1]))
