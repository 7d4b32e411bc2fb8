"""An outcome over two measures of one thing, such as closeness wanted and closeness had.

A difference score takes for granted that only the difference counts, and counts alike on both
sides and at every level. The regression here lets the data say so or not:

    z = b0 + b1 x + b2 y + b3 x^2 + b4 xy + b5 y^2

with x what was expected and y what was experienced, both less the middle of their scale. Along
agreement (y = x) the surface has the slope a1 = b1 + b2 and the curvature a2 = b3 + b4 + b5. Along
disagreement (y = -x) it has the slope a3 = b1 - b2, positive where the outcome is higher with more
expected than experienced, and the curvature a4 = b3 - b4 + b5, negative where the outcome falls
away from agreement. Source: Edwards & Parry (1993), Academy of Management Journal 36(6):1577-1613;
which conditions make up congruence: Humberg, Nestler & Back (2019), Social Psychological and
Personality Science 10(3):409-419.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import linalg, stats

from crmresearch.methods.regression import Fit, contrast, ordinary_least_squares
from crmresearch.report.estimates import NAN, Estimate

TERMS = ("x", "y", "x2", "xy", "y2")
_STEP = 1e-30  # of complex-step derivatives, which have no rounding error
LINES = {
    "a1": ("Slope along agreement (a1)", (1, 1, 0, 0, 0)),
    "a2": ("Curvature along agreement (a2)", (0, 0, 1, 1, 1)),
    "a3": ("Slope along disagreement (a3)", (1, -1, 0, 0, 0)),
    "a4": ("Curvature along disagreement (a4)", (0, 0, 1, -1, 1)),
}
RESTRICTIONS = {
    "axis": (
        "Ridge on the line of agreement (p10 = 0, p11 = 1)",
        ((1, -1, 0, 0, 0), (0, 0, 1, 0, -1)),
    ),
    "difference": (
        "Only the difference counts, in a straight line",
        ((1, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 1, 0), (0, 0, 0, 0, 1)),
    ),
    "squared": (
        "Only the squared difference counts",
        ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, -1), (0, 0, 1, 1, 1)),
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A fitted surface; `centre` was taken from both measures."""

    fit: Fit
    centre: float

    @property
    def known(self) -> bool:
        """Whether all five terms could be told apart and have errors."""
        return set(TERMS) <= set(self.fit.terms) and bool(np.isfinite(self.fit.covariance).all())

    @property
    def slopes(self) -> tuple[np.ndarray, np.ndarray]:
        """b1 to b5 with their covariance (5, 5)."""
        at = [self.fit.terms.index(term) for term in TERMS]
        return self.fit.coefficients[at], self.fit.covariance[np.ix_(at, at)]

    def at(self, expected: np.ndarray, experienced: np.ndarray) -> np.ndarray:
        """The outcome that the surface expects at these values of the two measures."""
        x, y = expected - self.centre, experienced - self.centre
        b0 = self.fit.coefficients[self.fit.terms.index("(intercept)")]
        return b0 + sum(
            b * part for b, part in zip(self.slopes[0], (x, y, x * x, x * y, y * y), strict=True)
        )


def fit_surface(
    outcome: ArrayLike,
    expected: ArrayLike,
    experienced: ArrayLike,
    *,
    centre: float,
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Surface:
    """Fit the surface by least squares, with HC3 or cluster-robust errors.

    Parameters
    ----------
    outcome, expected, experienced : (n,) float, NaN where missing
    centre : middle of the scale of both measures
    cluster, weights : as `regression.ordinary_least_squares` has them

    Returns
    -------
    A `Surface`, not `known` where terms repeat one another, as they do where everybody expects
    just what they experience.
    """
    x = np.asarray(expected, dtype=float) - centre
    y = np.asarray(experienced, dtype=float) - centre
    terms = pd.DataFrame(dict(zip(TERMS, (x, y, x * x, x * y, y * y), strict=True)))
    fit = ordinary_least_squares(outcome, terms, cluster=cluster, weights=weights)
    return Surface(fit, centre)


def lines(
    surface: Surface, *, key: str = "surface", name: str = "", level: float = 0.95
) -> list[Estimate]:
    """a1 to a4 with t intervals, in points of the outcome per point, or per squared point.

    `name` stands before each; the keys are ``<key>.a1`` to ``<key>.a4``.
    """
    return [
        contrast(
            surface.fit,
            dict(zip(TERMS, map(float, weights), strict=True)),
            key=f"{key}.{line}",
            name=f"{name}{label}",
            level=level,
            method="polynomial regression",
        )
        for line, (label, weights) in LINES.items()
    ]


def restriction(
    surface: Surface,
    which: str,
    *,
    key: str = "surface",
    name: str = "",
    level: float = 0.95,
    tests: int = 1,
) -> Estimate:
    """Wald's F that a restriction of `RESTRICTIONS` holds; p times `tests` (Bonferroni).

    A small p speaks against the restriction. A large one does not show that it holds.
    """
    label, rows = RESTRICTIONS[which]
    matrix = np.array(rows, dtype=float)
    value, p = _wald(surface, matrix)
    adjusted = f", p times {tests}" if tests > 1 else ""
    return Estimate(
        key=f"{key}.{which}",
        name=f"{name}{label}",
        value=value,
        level=level,
        unit="statistic",
        n=surface.fit.n,
        n_dropped=surface.fit.n_dropped,
        method=f"Wald's F({len(matrix)}, {surface.fit.df:g}) against it, {surface.fit.errors} "
        f"errors{adjusted}",
        p=min(1.0, p * tests) if p == p else NAN,
    )


def axes(
    surface: Surface, *, key: str = "surface", name: str = "", level: float = 0.95
) -> list[Estimate]:
    """Intercepts and slopes of the principal axes and the stationary point, by the delta method.

    The first axis, experienced = p10 + p11 expected, runs where the surface falls least or rises
    most, the second across it. Both go through the stationary point, and are taken here from the
    curvatures instead, since a ridge has axes and no stationary point. What the data leave open is
    NaN: directions where curvature might be the same everywhere (F of b4 = 0 and b3 = b5),
    intercepts where it might be nil across the axis, the point where it might be nil along one.
    """
    rows = {
        "p10": ("Intercept of the first principal axis (p10)", _first_intercept, "first"),
        "p11": ("Slope of the first principal axis (p11)", _first_slope, "direction"),
        "p20": ("Intercept of the second principal axis (p20)", _second_intercept, "second"),
        "p21": ("Slope of the second principal axis (p21)", _second_slope, "direction"),
        "x0": ("Stationary point, expected", _stationary_x, "point"),
        "y0": ("Stationary point, experienced", _stationary_y, "point"),
    }
    told = _determined(surface, level)
    return [
        _delta(surface, form, told[need], f"{key}.{feature}", f"{name}{label}", level)
        for feature, (label, form, need) in rows.items()
    ]


def congruence(
    surface: Surface,
    *,
    near: float,
    ends: tuple[float, float],
    level: float = 0.95,
    tests: int = 1,
    key: str = "congruence",
    name: str = "Slope beyond agreement, where the outcome falls least",
) -> Estimate:
    """How the outcome goes on where experience departs `near` points from expectation.

    The slope outwards, a point of difference more, on both sides and at both `ends` of the level
    of the two; the largest of the four is reported. Where its interval lies below zero the outcome
    falls on both sides at both ends and in between, as these slopes are straight lines in the
    level: the ridge lies within `near` points of agreement. Where it lies above zero the outcome
    still rises beyond on some side. As an intersection of four one-sided tests the upper bound
    needs no correction for having taken the largest; the lower one has Bonferroni's. Both bounds
    are corrected for `tests` surfaces.

    Parameters
    ----------
    near : points of the measures within which experience counts as what was expected
    ends : two levels of the mean of both measures, in their own unit

    Returns
    -------
    In points of the outcome per point of difference; the p (two-sided) is of the outcome not
    falling everywhere.
    """
    fields = {"key": key, "name": name, "level": level, "unit": "scale difference"}
    fields |= {"n": surface.fit.n, "n_dropped": surface.fit.n_dropped}
    if not surface.known:
        return Estimate(value=NAN, method="the terms cannot be told apart", **fields)
    sides = [(sign, end - surface.centre) for sign in (1, -1) for end in ends]
    rows = np.array([_outwards(sign, middle, near) for sign, middle in sides])
    values, covariance = surface.slopes
    slopes = rows @ values
    errors = np.sqrt(np.einsum("ij,jk,ik->i", rows, covariance, rows))
    one = stats.t.ppf(1 - (1 - level) / 2 / tests, surface.fit.df)
    four = stats.t.ppf(1 - (1 - level) / 2 / tests / len(rows), surface.fit.df)
    largest = int(np.argmax(slopes))
    p = 2 * tests * float(stats.t.cdf((slopes / errors).max(), surface.fit.df))
    side = "more" if sides[largest][0] > 0 else "less"
    return Estimate(
        value=float(slopes[largest]),
        low=float((slopes - four * errors).max()),
        high=float((slopes + one * errors).max()),
        method=f"polynomial regression, {surface.fit.errors} errors; largest of four slopes "
        f"{near:g} points from agreement, here with {side} experienced than expected; upper bound "
        f"an intersection-union test, lower bound Bonferroni over four"
        + (f", both over {tests} surfaces" if tests > 1 else ""),
        p=min(1.0, p),
        **fields,
    )


def _outwards(sign: int, middle: float, near: float) -> np.ndarray:
    """Weights of b1 to b5 in the slope away from agreement, a point of difference more."""
    x, y = middle - sign * near / 2, middle + sign * near / 2
    return sign / 2 * np.array([-1.0, 1.0, -2 * x, x - y, 2 * y])


def _wald(surface: Surface, matrix: np.ndarray) -> tuple[float, float]:
    if not surface.known:
        return NAN, NAN
    values, covariance = surface.slopes
    gaps = matrix @ values
    value = float(gaps @ linalg.lstsq(matrix @ covariance @ matrix.T, gaps)[0]) / len(matrix)
    return value, float(stats.f.sf(value, len(matrix), surface.fit.df))


def _determined(surface: Surface, level: float) -> dict[str, bool]:
    """Which features of the surface the data tell at this level."""
    if not surface.known:
        return dict.fromkeys(("direction", "first", "second", "point"), False)
    direction = _wald(surface, np.array([[0, 0, 0, 1, 0], [0, 0, 1, 0, -1]], dtype=float))[1]
    turned = direction < 1 - level
    return {
        "direction": turned,
        "first": turned and _clear(surface, _lower, level),
        "second": turned and _clear(surface, _upper, level),
        "point": _clear(surface, _determinant, level),
    }


def _clear(surface: Surface, form: Callable, level: float) -> bool:
    value, error = _with_error(surface, form)
    return bool(abs(value) > stats.t.ppf(0.5 + level / 2, surface.fit.df) * error)


def _with_error(surface: Surface, form: Callable) -> tuple[float, float]:
    """A smooth function of b1 to b5 with its delta-method error."""
    values, covariance = surface.slopes
    moved = values + _STEP * 1j * np.eye(len(values))
    slope = np.array([form(row).imag for row in moved]) / _STEP
    return float(form(values.astype(complex)).real), float(np.sqrt(slope @ covariance @ slope))


def _delta(
    surface: Surface,
    form: Callable,
    told: bool,
    key: str,
    name: str,
    level: float,
) -> Estimate:
    value = low = high = NAN
    method = "not determined by these data"
    if told:
        value, error = _with_error(surface, form)
        reach = float(stats.t.ppf(0.5 + level / 2, surface.fit.df)) * error
        low, high = value - reach, value + reach
        method = f"from the polynomial, delta method, {surface.fit.errors} errors"
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="number",
        n=surface.fit.n,
        n_dropped=surface.fit.n_dropped,
        method=f"{method}; scales centred at {surface.centre:g}",
    )


def _root(b: Sequence) -> complex:
    return np.sqrt((b[2] - b[4]) ** 2 + b[3] ** 2)


def _lower(b: Sequence) -> complex:
    """Curvature across the first axis: half the second derivative."""
    return (b[2] + b[4] - _root(b)) / 2


def _upper(b: Sequence) -> complex:
    """Curvature along the first axis."""
    return (b[2] + b[4] + _root(b)) / 2


def _first_slope(b: Sequence) -> complex:
    if b[2].real > b[4].real:  # the same number, without a difference of nearly equal ones
        return b[3] / (b[2] - b[4] + _root(b))
    return (b[4] - b[2] + _root(b)) / b[3]


def _second_slope(b: Sequence) -> complex:
    return -1 / _first_slope(b)


def _first_intercept(b: Sequence) -> complex:
    return (_first_slope(b) * b[0] - b[1]) / (2 * _lower(b))


def _second_intercept(b: Sequence) -> complex:
    return (_second_slope(b) * b[0] - b[1]) / (2 * _upper(b))


def _determinant(b: Sequence) -> complex:
    return 4 * b[2] * b[4] - b[3] ** 2


def _stationary_x(b: Sequence) -> complex:
    return (b[1] * b[3] - 2 * b[0] * b[4]) / _determinant(b)


def _stationary_y(b: Sequence) -> complex:
    return (b[0] * b[3] - 2 * b[1] * b[2]) / _determinant(b)
