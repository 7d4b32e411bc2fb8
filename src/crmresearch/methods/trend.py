"""The course of a mean over three or more waves: a straight line, and whether it is straight."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods.domains import Domains
from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True)
class Trend:
    """A linear contrast over waves and the test of departure from it; made by `trend`.

    Parameters
    ----------
    slope, error, freedom : change per unit of time, its standard error and degrees of freedom
    wald, terms : chi-squared of all departures from the line together, and how many there are
    f, f_freedom, p : the adjusted Wald F test of them
    """

    slope: float
    error: float
    freedom: float
    wald: float
    terms: int
    f: float
    f_freedom: float
    p: float


def trend(waves: Domains, times: np.ndarray) -> Trend:
    """The straight line through the waves' means, each wave counted alike.

    A contrast of means: least squares on the waves, not on the rows, so that a large wave does not
    pull the line towards itself.

    Parameters
    ----------
    waves : three or more means with their covariance
    times : (k,) when each wave was, all different

    Returns
    -------
    `Trend`; NaN where an error cannot be told.

    Source
    ------
    Korn & Graubard (1990), Simultaneous testing of regression coefficients with complex survey
    data, The American Statistician 44, 270-276, for F = W (d - q + 1) / (d q).
    """
    times = np.asarray(times, dtype=float)
    centred = times - times.mean()
    weights = centred / (centred @ centred)
    slope, error, freedom = waves.contrast(weights)
    line = np.column_stack([np.ones(len(times)), centred])
    bends = np.linalg.svd(line.T)[2][2:]  # the contrasts that no straight line moves
    terms = len(bends)
    spread = bends @ waves.covariance @ bends.T
    wald = f = p = rest = NAN
    if error == error and terms and np.linalg.matrix_rank(np.nan_to_num(spread)) == terms:
        off = bends @ waves.means
        wald = float(off @ np.linalg.solve(spread, off))
        depth = waves.freedom(np.arange(len(times)), np.ones(len(times)))
        rest = depth - terms + 1
        if rest > 0:
            f = wald * rest / (depth * terms)
            p = float(stats.f.sf(f, terms, rest))
    return Trend(slope, error, freedom, wald, terms, f, rest, p)
