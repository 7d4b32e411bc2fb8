"""Who is at risk when somebody leaves: Efron's sums over risk sets, for Cox's model.

Rows carry the numbers of the first and last time of departure at which they are at risk, so that
a sum over every risk set is a count by number and one cumulative sum.
"""

from dataclasses import dataclass

import numpy as np

Triple = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Rows (n,) against the d different times of departure.

    Parameters
    ----------
    x : (n, p); left : (n,) bool
    last, first : the last and first time at which a row is at risk (-1 and above for none);
        `first` is None where all are from the start
    ties : (d,) departures at each time
    times : (d,) rising
    fractions : 0, 1/m, … (m - 1)/m for the m departures of each time, one time after the other
    """

    x: np.ndarray
    left: np.ndarray
    last: np.ndarray
    first: np.ndarray | None
    ties: np.ndarray
    times: np.ndarray
    fractions: np.ndarray


def risk_sets(
    exit_time: np.ndarray, left: np.ndarray, x: np.ndarray, entry: np.ndarray | None = None
) -> RiskSets:
    """The risk sets of rows that leave or are lost at `exit_time` and enter after `entry`."""
    times, ties = np.unique(exit_time[left], return_counts=True)
    starts = np.r_[0, np.cumsum(ties)[:-1]]
    order = np.arange(int(ties.sum())) - np.repeat(starts, ties)
    return RiskSets(
        x=np.asfortranarray(x),  # sums go column by column
        left=left,
        last=np.searchsorted(times, exit_time, side="right") - 1,
        first=None if entry is None else np.searchsorted(times, entry, side="right"),
        ties=ties,
        times=times,
        fractions=order / np.repeat(ties, ties),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Efron's sums at some coefficients.

    Parameters
    ----------
    hazard : (n,) relative hazard of each row
    risk, tied : over each risk set and over its departures: the hazard (d,), hazard times x
        (d, p), hazard times x x' (d, p, p)
    one : Σ f^k / denominator over the ties of a time, k = 0, 1
    two : Σ f^k / denominator², k = 0, 1, 2
    loglik : the partial log-likelihood
    """

    hazard: np.ndarray
    risk: Triple
    tied: Triple
    one: tuple[np.ndarray, np.ndarray]
    two: Triple
    loglik: float


def sums(sets: RiskSets, rule: np.ndarray) -> Sums:
    """The sums at the coefficients `rule` (p,)."""
    fitted = sets.x @ rule
    top = float(fitted.max())
    hazard = np.exp(fitted - top)
    number = len(sets.times)
    stayed = _moments(hazard, sets.x, 2 * (sets.last + 1) + sets.left, 2 * number + 2)
    tied = tuple(part[1::2][1:] for part in stayed)
    risk = tuple(_after(part[::2] + part[1::2]) for part in stayed)
    if sets.first is not None:
        later = _moments(hazard, sets.x, sets.first, number + 1)
        risk = tuple(have - _after(part) for have, part in zip(risk, later, strict=True))
    below, starts = _denominators(sets, risk[0], tied[0])
    f = sets.fractions
    one = tuple(np.add.reduceat(f**k * below, starts) for k in range(2))
    two = tuple(np.add.reduceat(f**k * below**2, starts) for k in range(3))
    loglik = float((fitted[sets.left] - top).sum() + np.log(below).sum())
    return Sums(hazard, risk, tied, one, two, loglik)


def without(sets: RiskSets) -> float:
    """The log-likelihood with every coefficient at zero."""
    number = len(sets.times) + 1
    at_risk = _after(np.bincount(sets.last + 1, minlength=number))
    if sets.first is not None:
        at_risk = at_risk - _after(np.bincount(sets.first, minlength=number))
    return float(np.log(_denominators(sets, at_risk, sets.ties)[0]).sum())


def _denominators(
    sets: RiskSets, risk: np.ndarray, tied: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One over Efron's denominator of every departure, and where those of each time start."""
    apart = np.repeat(risk, sets.ties) - sets.fractions * np.repeat(tied, sets.ties)
    return 1 / apart, np.r_[0, np.cumsum(sets.ties)[:-1]]


def _after(counted: np.ndarray) -> np.ndarray:
    """Sums over each time and all later ones, without those before the first."""
    return np.cumsum(counted[::-1], axis=0)[::-1][1:]


def _moments(hazard: np.ndarray, x: np.ndarray, at: np.ndarray, number: int) -> Triple:
    """Sums by `at` of the hazard, hazard times x, and hazard times x x'."""
    size = x.shape[1]
    second = np.empty((number, size, size))
    first = np.empty((number, size))
    product = np.empty(len(x))
    for one in range(size):
        heavy = hazard * x[:, one]
        first[:, one] = np.bincount(at, heavy, minlength=number)
        for other in range(one, size):
            np.multiply(heavy, x[:, other], out=product)
            found = np.bincount(at, product, minlength=number)
            second[:, one, other] = second[:, other, one] = found
    return np.bincount(at, hazard, minlength=number), first, second


def score(sets: RiskSets, found: Sums) -> np.ndarray:
    """Gradient (d, p) of the log-likelihood, time by time."""
    own = np.column_stack(
        [
            np.bincount(sets.last[sets.left], column, minlength=len(sets.times))
            for column in sets.x[sets.left].T
        ]
    )
    return own - _col(found.one[0]) * found.risk[1] + _col(found.one[1]) * found.tied[1]


def information(found: Sums) -> np.ndarray:
    """Minus the second derivatives (d, p, p) of the log-likelihood, time by time."""
    all_x, tied_x = found.risk[1], found.tied[1]
    squares = (
        _cube(found.two[0]) * _outer(all_x, all_x)
        - _cube(found.two[1]) * (_outer(all_x, tied_x) + _outer(tied_x, all_x))
        + _cube(found.two[2]) * _outer(tied_x, tied_x)
    )
    return _cube(found.one[0]) * found.risk[2] - _cube(found.one[1]) * found.tied[2] - squares


def residuals(sets: RiskSets, found: Sums) -> np.ndarray:
    """Score residuals (n, p): what each row adds to the gradient, seen over its time at risk."""
    all_x, tied_x = found.risk[1], found.tied[1]
    hazard = np.r_[0.0, np.cumsum(found.one[0])]
    step = _col(found.two[0]) * all_x - _col(found.two[1]) * tied_x
    moved = np.vstack([np.zeros(all_x.shape[1]), np.cumsum(step, axis=0)])
    start = np.zeros(len(sets.last), dtype=int) if sets.first is None else sets.first
    end = np.maximum(sets.last + 1, start)
    rows = sets.x * _col(hazard[end] - hazard[start]) - (moved[end] - moved[start])
    rows *= -_col(found.hazard)
    at, x = sets.last[sets.left], sets.x[sets.left]
    centre = _col(found.one[0]) * all_x - _col(found.one[1]) * tied_x
    shared = _col(found.two[1]) * all_x - _col(found.two[2]) * tied_x
    back = x * _col(found.one[1][at]) - shared[at]
    rows[sets.left] += x - (centre / _col(sets.ties))[at] + _col(found.hazard[sets.left]) * back
    return rows


def _col(values: np.ndarray) -> np.ndarray:
    return values[:, None]


def _cube(values: np.ndarray) -> np.ndarray:
    return values[:, None, None]


def _outer(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return one[:, :, None] * two[:, None, :]
