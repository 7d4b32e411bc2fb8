"""People asked more than once: whose answers follow each other, and differences in their changes.

The change of those to whom something happened between two waves, less the change of those to whom
it did not (difference in differences). Each person is compared with himself, so whatever about him
does not change cannot explain it; that the two groups would have changed alike otherwise (parallel
trends) is assumed. Source: Angrist & Pischke (2009), Mostly Harmless Econometrics, chapter 5.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmresearch.methods.regression import Fit, ordinary_least_squares

HAPPENED = "happened"


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
    change: ArrayLike,
    happened: ArrayLike,
    *,
    period: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Fit:
    """Changes regressed on whether it happened, with a mean change for every period.

    Parameters
    ----------
    change : (n,) float, later less earlier answer, NaN where either is missing
    happened : (n,) 1 or 0
    period : (n,) labels of the pair of waves
    cluster, weights : see `regression.ordinary_least_squares`

    Returns
    -------
    A fit whose term `HAPPENED` is the difference in differences. With two waves it is the
    two-way fixed-effects estimate of the same answers.
    """
    predictors = pd.DataFrame({HAPPENED: np.asarray(happened, dtype=float)})
    if period is not None:
        predictors["period"] = pd.Categorical(np.asarray(period).astype(str))
    return ordinary_least_squares(change, predictors, cluster=cluster, weights=weights)
