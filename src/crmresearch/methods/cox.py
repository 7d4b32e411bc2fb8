"""Cox's proportional hazards, with Efron's treatment of ties and errors that allow for clusters."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods.risk_sets import (
    RiskSets,
    Sums,
    information,
    residuals,
    risk_sets,
    score,
    sums,
    without,
)
from crmresearch.methods.survival import kaplan_meier
from crmresearch.report.estimates import NAN

STEPS = 40
SAMPLE = 20_000  # rows that the first steps are taken on, where there are many more
CLOSE = 1e-11  # relative change of the log-likelihood at which it has converged
FAR = 12.0  # log hazard ratio over a column's range, and its error, that stand for no bound


@dataclass(frozen=True, slots=True, eq=False)
class Cox:
    """A fit of the log hazard on the columns of x.

    Parameters
    ----------
    coefficients : (p,) log hazard ratios; NaN where they have no bound or cannot be told apart
    model : (p, p) covariance if hazards are proportional and customers independent
    robust : (p, p) covariance between clusters (or customers), which needs neither
    loglik : without the coefficients and with them
    df : clusters (or customers) less one
    proportional : (p + 1,) p values of the tests that each coefficient and, last, that none of
        them changes with time
    n, events : customers and departures
    """

    coefficients: np.ndarray
    model: np.ndarray
    robust: np.ndarray
    loglik: tuple[float, float]
    df: int
    proportional: np.ndarray
    n: int
    events: int


def cox(
    exit_time: np.ndarray,
    left: np.ndarray,
    x: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
) -> Cox:
    """Fit Cox's model by Newton's method on Efron's partial likelihood.

    Parameters
    ----------
    exit_time : (n,) float; left : (n,) bool; x : (n, p) float, without missing values
    entry : (n,) float below `exit_time`, from when each is watched; from the start when None
    clusters : (n,) labels; robust errors then hold under any dependence within them

    Returns
    -------
    Coefficients, model errors and log-likelihood of R's ``coxph(ties = "efron")``; robust errors
    from its score residuals as ``survey::svycoxph`` has them, which is ``coxph(cluster =)`` times
    sqrt(m / (m - 1)) for m clusters; the tests of ``cox.zph(transform = "km")``. All NaN with no
    more departures than columns.
    """
    left, x = np.asarray(left, dtype=bool), np.asarray(x, dtype=float)
    size, number = x.shape[1], int(left.sum())
    if number <= size or not size:
        empty = np.full((size, size), NAN)
        flat = np.full(size, NAN)
        return Cox(flat, empty, empty, (NAN, NAN), 0, np.full(size + 1, NAN), len(x), number)
    scale = x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    sets = risk_sets(np.asarray(exit_time, float), left, (x - x.mean(axis=0)) / scale, entry)
    rule, found, first = _maximise(sets, _start(sets, exit_time, entry))
    curvature = information(found)
    inverse, unknown = _inverse(curvature.sum(axis=0), rule, np.ptp(sets.x, axis=0))
    influence = residuals(sets, found) @ inverse
    units = len(x)
    if clusters is not None:
        members = np.unique(clusters, return_inverse=True)[1]
        influence = np.column_stack([np.bincount(members, column) for column in influence.T])
        units = len(influence)
    robust = influence.T @ influence * (units / max(units - 1, 1))
    before = 1 - _before(sets, kaplan_meier(exit_time, left, entry))
    known = np.where(unknown, NAN, 1 / scale)
    return Cox(
        coefficients=rule * known,
        model=inverse * np.outer(known, known),
        robust=robust * np.outer(known, known),
        loglik=(first, found.loglik),
        df=units - 1,
        proportional=_proportional(score(sets, found), curvature, before, sets.ties),
        n=len(x),
        events=number,
    )


def _start(sets: RiskSets, exit_time: np.ndarray, entry: np.ndarray | None) -> np.ndarray:
    """Where Newton's method starts: at zero or, with very many rows, at what some of them say."""
    nothing, step = np.zeros(sets.x.shape[1]), len(sets.left) // SAMPLE
    some = slice(None, None, max(step, 1))
    if step < 2 or sets.left[some].sum() < 10 * len(nothing):
        return nothing
    late = None if entry is None else entry[some]
    part = risk_sets(np.asarray(exit_time, float)[some], sets.left[some], sets.x[some], late)
    rule = _maximise(part, nothing)[0]
    return rule if np.abs(rule).max() < 3 else nothing


def _maximise(sets: RiskSets, rule: np.ndarray) -> tuple[np.ndarray, Sums, float]:
    """The coefficients, the sums at them, and the log-likelihood without any."""
    first, found = without(sets), sums(sets, rule)
    for _ in range(STEPS):
        curvature = information(found).sum(axis=0)
        step = np.linalg.pinv(curvature, rcond=1e-10, hermitian=True) @ score(sets, found).sum(0)
        tried = sums(sets, rule + step)
        while not tried.loglik >= found.loglik - 1e-9 * abs(found.loglik):
            step = step / 2
            if np.abs(step).max() < 1e-12:
                return rule, found, first
            tried = sums(sets, rule + step)
        gain, rule, found = tried.loglik - found.loglik, rule + step, tried
        if abs(gain) <= CLOSE * max(abs(found.loglik), 1.0):
            break
    return rule, found, first


def _inverse(
    curvature: np.ndarray, rule: np.ndarray, width: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The model's covariance, and which coefficients have no bound or repeat others."""
    inverse = np.linalg.pinv(curvature, rcond=1e-10, hermitian=True)
    repeated = np.abs(np.diag(inverse @ curvature) - 1) > 1e-6
    error = np.sqrt(np.diag(inverse).clip(0))
    return inverse, repeated | ((np.abs(rule) * width > FAR) & (error * width > FAR))


def _before(sets: RiskSets, curve) -> np.ndarray:
    """Share not yet gone just before each time of departure."""
    place = np.searchsorted(curve.times, sets.times, side="left") - 1
    return np.where(place >= 0, curve.survival[np.maximum(place, 0)], 1.0)


def _proportional(
    gradient: np.ndarray, curvature: np.ndarray, clock: np.ndarray, ties: np.ndarray
) -> np.ndarray:
    """Score tests (Grambsch & Therneau 1994) that coefficients do not change with `clock` (d,)."""
    clock = clock - np.average(clock, weights=ties)
    size = gradient.shape[1]
    u = clock @ gradient
    plain, crossed, squared = (np.tensordot(clock**power, curvature, axes=1) for power in range(3))
    rest = squared - crossed @ np.linalg.pinv(plain, hermitian=True) @ crossed
    found = []
    for places in [*([place] for place in range(size)), list(range(size))]:
        part = rest[np.ix_(places, places)]
        told = np.linalg.matrix_rank(part, hermitian=True)
        value = float(u[places] @ np.linalg.pinv(part, hermitian=True) @ u[places])
        found.append(float(stats.chi2.sf(value, told)) if told else NAN)
    return np.array(found)
