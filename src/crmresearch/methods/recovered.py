"""Standard errors recovered from published intervals, on the scale on which these are symmetric.

What other reports publish is a value and its interval, not a standard error; and many intervals are
not symmetric about the value: Wilson's of a share is so on the logit scale, Fisher's of a
correlation on that of z, one of a ratio on that of its logarithm. Here the scale is found on which
a set of intervals is the most symmetric, and every interval is kept as what it is: a distance below
and a distance above its value, in units of the normal quantile of its level.

An interval was made with the quantile of Student's t where it says so, otherwise with the normal
one, and its error has degrees of freedom of its own, few where people come in few clusters. A
contrast of several has those of Welch and Satterthwaite. Of an interval that holds simultaneously
with others, whose quantile was larger, the error comes out too large: differences then err towards
caution, and the variance between reports comes out too small, not too large.

Sources: Newcombe (2001), The American Statistician 55, 200-202 (Wilson's interval is symmetric on
the logit scale); Zou & Donner (2008), Statistics in Medicine 27, 1693-1702 (differences);
Satterthwaite (1946), Biometrics Bulletin 2, 110-114 (degrees of freedom).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

EVEN = 0.1  # difference of an interval's sides over its width, up to which it counts as symmetric
ROUNDING = 1e-9  # of its width, by which an interval may miss its value at the edge of a scale


@dataclass(frozen=True, slots=True)
class Scale:
    """A monotone transformation `to` a scale and `back`; `name` says it in words."""

    name: str
    to: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]


def _from_sine(angles: np.ndarray) -> np.ndarray:
    return np.sin(np.clip(angles, 0.0, np.pi / 2)) ** 2


PLAIN = Scale("its own scale", lambda x: x, lambda x: x)
LOGIT = Scale("the logit scale", special.logit, special.expit)
ARCSINE = Scale("the arcsine scale", lambda x: np.arcsin(np.sqrt(x)), _from_sine)
LOG = Scale("the log scale", np.log, np.exp)
FISHER = Scale("the scale of Fisher's z", np.arctanh, np.tanh)
COMPLEMENT = Scale("the log scale of 1 less it", lambda x: -np.log1p(-x), lambda x: -np.expm1(-x))

# The scales that an interval of a unit may have been made on; the first is taken where several
# are about as symmetric.
SCALES: dict[str, tuple[Scale, ...]] = {
    "share": (LOGIT, ARCSINE, PLAIN),
    "probability": (LOGIT, ARCSINE, PLAIN),
    "correlation": (FISHER, PLAIN),
    "coefficient": (PLAIN, FISHER, COMPLEMENT, LOG),
    "R2": (LOGIT, PLAIN, COMPLEMENT),
    "ratio": (LOG, PLAIN),
    "amount": (PLAIN, LOG),
    "days": (PLAIN, LOG),
    "years": (PLAIN, LOG),
    "seconds": (PLAIN, LOG),
}

RANGES = {
    "share": (0.0, 1.0),
    "probability": (0.0, 1.0),
    "points": (-100.0, 100.0),
    "index": (0.0, 100.0),
    "correlation": (-1.0, 1.0),
    "R2": (-np.inf, 1.0),
    "ratio": (0.0, np.inf),
}  # beyond which no value of a unit lies, whatever an interval on its own scale would reach


@dataclass(frozen=True, slots=True, eq=False)
class Recovered:
    """What `recover` found of k independent quantities.

    Parameters
    ----------
    values : (k,) as published
    scale : on which the intervals are the most symmetric
    below, above : (k,) standard errors on that scale to the lower and to the upper side
    freedom : (k,) their degrees of freedom; infinite where they are known
    span : the smallest and the largest value that the unit has
    """

    values: np.ndarray
    scale: Scale
    below: np.ndarray
    above: np.ndarray
    freedom: np.ndarray
    span: tuple[float, float] = (-np.inf, np.inf)

    @property
    def transformed(self) -> np.ndarray:
        """(k,) The values on the scale."""
        return self.scale.to(self.values)

    @property
    def even(self) -> np.ndarray:
        """(k,) of bool, whether the interval is symmetric on the scale."""
        return np.abs(self.above - self.below) <= EVEN * (self.above + self.below)

    @property
    def errors(self) -> np.ndarray:
        """(k,) Standard errors on the scale; of an interval that is not even its longer side."""
        longer = np.maximum(self.below, self.above)
        return np.where(self.even, (self.below + self.above) / 2, longer)

    def limits(self, reach: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(…, k) The intervals that reach this many standard errors, in the published unit."""
        places, reach = self.transformed, np.asarray(reach, dtype=float)
        low = self.scale.back(places - reach * self.below)
        return low, self.scale.back(places + reach * self.above)

    def take(self, rows: np.ndarray) -> "Recovered":
        """The quantities at `rows`."""
        columns = (self.below, self.above, self.freedom)
        return Recovered(
            self.values[rows], self.scale, *(column[rows] for column in columns), self.span
        )

    def possible(self, ends: ArrayLike) -> np.ndarray:
        """Ends of intervals, in the published unit, no farther than values of the unit go.

        `limits` and what is made of it are not cut: errors are taken from them.
        """
        return np.clip(ends, *self.span)

    def possible_difference(self, ends: ArrayLike) -> np.ndarray:
        """The same of differences between values, or between means of them."""
        width = self.span[1] - self.span[0]
        return np.clip(ends, -width, width)

    @property
    def squares(self) -> np.ndarray:
        """(k,) Squared standard errors in the published unit, the mean of both sides."""
        low, high = self.limits(1.0)
        return ((high - low) / 2) ** 2


def recover(
    values: ArrayLike,
    lows: ArrayLike,
    highs: ArrayLike,
    levels: ArrayLike,
    *,
    unit: str,
    freedom: ArrayLike = np.inf,
    student: ArrayLike = True,
) -> Recovered:
    """The scale and the standard errors behind intervals of one quantity in several samples.

    Parameters
    ----------
    values, lows, highs, levels : (k,) of float, finite; low <= value <= high and low < high
    unit : of `report.numbers`, which says on what scales such intervals are made
    freedom : degrees of freedom of the standard errors, one number or (k,), at least 1
    student : whether an interval was made with the t quantile of these, one or (k,) of bool;
        otherwise with the normal one

    Raises
    ------
    ValueError
        Where an interval does not hold its value or has no width.
    """
    y, low, high, level = (
        np.atleast_1d(np.asarray(x, dtype=float)) for x in (values, lows, highs, levels)
    )
    slack = ROUNDING * (high - low)
    if not ((low <= y + slack) & (y <= high + slack) & (low < high)).all():
        raise ValueError("an interval holds its value and has a width")
    low, high = np.minimum(low, y), np.maximum(high, y)
    df = np.broadcast_to(np.asarray(freedom, dtype=float), y.shape)
    reach = reaches(level, np.where(student, df, np.inf))
    found = [_on(scale, y, low, high, reach, df) for scale in SCALES.get(unit, (PLAIN,))]
    made = [item for item in found if item is not None] or [_on(PLAIN, y, low, high, reach, df)]
    first, last = RANGES.get(unit, (-np.inf, np.inf))
    span = min(first, float(y.min())), max(last, float(y.max()))  # published is published
    return replace(min(made, key=_unevenness), span=span)


def reaches(level: float | np.ndarray, freedom: float | np.ndarray) -> np.ndarray:
    """How many standard errors a two-sided interval reaches; the normal's at infinite freedom."""
    return np.asarray(stats.t.ppf((1 + np.asarray(level)) / 2, freedom))


def _on(
    scale: Scale,
    y: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    reach: np.ndarray,
    freedom: np.ndarray,
) -> Recovered | None:
    """The intervals on one scale; None where a value or an end has no place on it."""
    with np.errstate(all="ignore"):
        places = [scale.to(x) for x in (y, low, high)]
    if not all(np.isfinite(place).all() for place in places):
        return None
    at, from_, to = places
    return Recovered(y, scale, (at - from_) / reach, (to - at) / reach, freedom)


def _unevenness(item: Recovered) -> float:
    """How far the intervals are from symmetric, in steps that leave small differences out."""
    sides = np.abs(item.above - item.below) / (item.above + item.below)
    return round(float(sides.mean()), 2)


def difference(
    a: np.ndarray,
    a_ends: tuple[np.ndarray, np.ndarray],
    b: np.ndarray,
    b_ends: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`a` less `b` with the interval that two intervals of independent quantities give (MOVER).

    The lower end of the difference is as far from it as the lower end of `a` and the upper end of
    `b` are from theirs, squared and added; of two Wilson intervals it is Newcombe's interval of a
    difference of shares. Nothing is supposed of their symmetry.
    """
    value = a - b
    return (
        value,
        value - np.hypot(a - a_ends[0], b_ends[1] - b),
        value + np.hypot(a_ends[1] - a, b - b_ends[0]),
    )


def pairs(
    item: Recovered, first: ArrayLike, second: ArrayLike, reach: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Differences of the quantities at `first` and `second` (m,), with their intervals."""
    one, two = item.take(np.asarray(first)), item.take(np.asarray(second))
    return difference(one.values, one.limits(reach), two.values, two.limits(reach))


def freedom_of_pairs(item: Recovered, first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """(m,) Welch and Satterthwaite's degrees of freedom of the differences that `pairs` gives."""
    squares, doubt = _doubt(item)
    first, second = np.asarray(first), np.asarray(second)
    return _satterthwaite(squares[first] + squares[second], doubt[first] + doubt[second])


def freedom_against_others(item: Recovered) -> np.ndarray:
    """(k,) The same of what `against_others` gives."""
    squares, doubt = _doubt(item)
    others = len(squares) - 1
    return _satterthwaite(
        squares + (squares.sum() - squares) / others**2,
        doubt + (doubt.sum() - doubt) / others**4,
    )


def _doubt(item: Recovered) -> tuple[np.ndarray, np.ndarray]:
    """Squared errors, and what each adds to the variance of their sum."""
    squares = item.squares
    return squares, squares**2 / item.freedom


def _satterthwaite(square: np.ndarray, doubt: np.ndarray) -> np.ndarray:
    unsure = doubt > 0  # otherwise all of the errors are known
    return np.where(unsure, square**2 / np.where(unsure, doubt, 1.0), np.inf)


def against_others(
    item: Recovered, reach: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(k,) Each quantity less the mean of all others, each of which counts once.

    `reach` is one number, or one for each row.
    """
    number = len(item.values)
    mean = (item.values.sum() - item.values) / (number - 1)
    reach = np.broadcast_to(np.asarray(reach, dtype=float), (number,))
    low, high = item.limits(reach[:, None])  # (k rows, k): every row has its own reach
    others = ~np.eye(number, dtype=bool)
    below = np.sqrt((((item.values - low) ** 2) * others).sum(axis=1)) / (number - 1)
    above = np.sqrt((((high - item.values) ** 2) * others).sum(axis=1)) / (number - 1)
    own = np.diagonal(low), np.diagonal(high)
    return difference(item.values, own, mean, (mean - below, mean + above))
