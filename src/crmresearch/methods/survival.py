"""Time until something happens to customers who are not all watched to the end.

Kaplan-Meier curves with what is read from them. A customer counts among those at risk after his
entry and up to his exit: where customers are seen only from some later day on (delayed entry, left
truncation), those who left before it were never seen, and the risk sets say so.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A Kaplan-Meier curve at the times (t,) at which somebody left or was lost from view.

    Parameters
    ----------
    times, at_risk, events : rising times; customers at risk just before; departures at it
    survival : share not yet gone after it
    spread : cumulated variance of the logarithm of survival (Greenwood); infinite where all went
    n : customers behind the curve
    """

    times: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    survival: np.ndarray
    spread: np.ndarray
    n: int

    @property
    def error(self) -> np.ndarray:
        """Standard error of the survival (t,); NaN where nobody is left."""
        with np.errstate(invalid="ignore"):
            return self.survival * np.sqrt(self.spread)

    def at(self, when: np.ndarray) -> np.ndarray:
        """Position of the last time at or before each of `when`; -1 before the first."""
        return np.searchsorted(self.times, when, side="right") - 1


def kaplan_meier(exit_time: np.ndarray, left: np.ndarray, entry: np.ndarray | None = None) -> Curve:
    """The share of customers who have not left, over time.

    Parameters
    ----------
    exit_time : (n,) float, when each left or was last seen
    left : (n,) bool, whether that was a departure
    entry : (n,) float, from when each is watched; from the start when None. Whoever leaves at a
        time is still at risk then, and whoever enters at a time is not yet.
    """
    times, codes = np.unique(exit_time, return_inverse=True)
    events = np.bincount(codes, weights=left, minlength=len(times))
    gone = np.bincount(codes, minlength=len(times))
    at_risk = np.cumsum(gone[::-1])[::-1].astype(float)
    if entry is not None:
        at_risk -= len(entry) - np.searchsorted(np.sort(entry), times, side="left")
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(events > 0, events / at_risk, 0.0)
        spread = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
    return Curve(times, at_risk, events, np.cumprod(1 - share), np.cumsum(spread), len(exit_time))


def log_log(survival: np.ndarray, error: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of survival on the scale of log(-log), which keep within 0 and 1.

    Parameters
    ----------
    survival, error : (t,) shares and their standard errors

    Returns
    -------
    low, high; where nobody has left yet both are 1, and NaN where everybody has.
    """
    reach = stats.norm.ppf(0.5 + level / 2)
    inside = (survival > 0) & (survival < 1) & np.isfinite(error)
    with np.errstate(divide="ignore", invalid="ignore"):
        logged = np.log(survival)
        half = reach * error / (survival * np.abs(logged))
        low, high = (np.exp(logged * np.exp(sign * half)) for sign in (1, -1))
    whole = survival >= 1
    low, high = (np.where(inside, end, np.where(whole, 1.0, NAN)) for end in (low, high))
    return low, high


def median(curve: Curve, *, level: float = 0.95) -> tuple[float, float, float]:
    """The time by which half have left, with the interval of Brookmeyer and Crowley (1982).

    Returns
    -------
    median, low, high: the first times at which the curve and the ends of its log-log interval are
    at or below one half, NaN where they never are. A curve that lies exactly at one half for a
    while has its median in the middle of it.
    """
    low, high = log_log(curve.survival, curve.error, level)
    return tuple(_half_gone(curve.times, line) for line in (curve.survival, low, high))


def _half_gone(times: np.ndarray, line: np.ndarray) -> float:
    line = np.where(np.isnan(line), -np.inf, line)
    below = np.flatnonzero(line <= 0.5 + 1e-12)
    if not len(below) or not np.isfinite(line[below[0]]):
        return NAN
    first = below[0]
    under = np.flatnonzero(line < 0.5 - 1e-12)
    if abs(line[first] - 0.5) <= 1e-12 and len(under):
        return float((times[first] + times[under[0]]) / 2)
    return float(times[first])


def restricted_mean(curve: Curve, until: float) -> tuple[float, float]:
    """The mean time stayed within the first `until`: the area under the curve.

    Returns
    -------
    mean and Greenwood's standard error, as R's ``survfit`` has them; NaN where the curve ends
    before `until` with customers still at risk at its end.
    """
    inside = curve.times < until
    times = np.r_[0.0, curve.times[inside], until]
    heights = np.r_[1.0, curve.survival[inside]]
    areas = np.diff(times) * heights
    after = np.cumsum(areas[::-1])[::-1]  # area from each time on
    at_risk, events = curve.at_risk[inside], curve.events[inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
        terms = after[1:] ** 2 * part
    terms = np.where(after[1:] > 0, terms, 0.0)
    return float(after[0]), float(np.sqrt(terms.sum()))


def influence(
    curve: Curve,
    exit_time: np.ndarray,
    left: np.ndarray,
    when: np.ndarray,
    entry: np.ndarray | None = None,
) -> np.ndarray:
    """What each customer adds to the error of the survival at the times `when`: (n, len(when)).

    The infinitesimal jackknife: summed within accounts, its squares are a variance that holds
    where their customers leave together.
    """
    stay = curve.at_risk - curve.events
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(stay > 0, 1 / stay, 0.0)
        step = np.where(stay > 0, curve.events / (curve.at_risk * stay), 0.0)
    grown = np.r_[0.0, np.cumsum(step)]
    own = np.searchsorted(curve.times, exit_time, side="right") - 1
    start = np.zeros(len(own), dtype=int)
    if entry is not None:
        start = np.searchsorted(curve.times, entry, side="right")
    found = np.empty((len(own), len(when)), order="F")  # columns are written one by one
    for column, place in enumerate(curve.at(np.asarray(when, dtype=float))):
        last = np.minimum(own, place)
        hazard = np.where(last + 1 > start, grown[last + 1] - grown[start], 0.0)
        jump = np.where(left & (own <= place), inverse[own], 0.0)
        survival = curve.survival[place] if place >= 0 else 1.0
        found[:, column] = -survival * (jump - hazard)
    return found


def mean_influence(
    curve: Curve,
    exit_time: np.ndarray,
    left: np.ndarray,
    until: float,
    entry: np.ndarray | None = None,
) -> np.ndarray:
    """What each customer adds to the error of `restricted_mean` (n,), as `influence` does."""
    inside = curve.times < until
    times = np.r_[0.0, curve.times[inside], until]
    areas = np.diff(times) * np.r_[1.0, curve.survival[inside]]
    after = np.zeros(len(curve.times))
    after[inside] = np.cumsum(areas[::-1])[::-1][1:]
    stay = curve.at_risk - curve.events
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(stay > 0, after / stay, 0.0)
        step = np.where(stay > 0, curve.events * after / (curve.at_risk * stay), 0.0)
    grown = np.r_[0.0, np.cumsum(step)]
    own = np.searchsorted(curve.times, exit_time, side="right") - 1
    start = np.zeros(len(own), dtype=int)
    if entry is not None:
        start = np.minimum(np.searchsorted(curve.times, entry, side="right"), own + 1)
    return -(np.where(left, inverse[own], 0.0) - (grown[own + 1] - grown[start]))
