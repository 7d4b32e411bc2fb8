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

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import linalg, stats

from crmresearch.methods.columns import ALIASED
from crmresearch.methods.regression import (
    INTERCEPT,
    MIN_CLUSTERS,
    Fit,
    contrast,
    described,
    ordinary_least_squares,
)
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN, Estimate

TERMS = ("x", "y", "x2", "xy", "y2")
LARGE = 100_000  # rows from which sums over rows take the place of an orthogonal basis
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
        b0 = self.fit.coefficients[self.fit.terms.index(INTERCEPT)]
        return b0 + sum(
            b * part for b, part in zip(self.slopes[0], (x, y, x * x, x * y, y * y), strict=True)
        )


def fit_surface(
    outcome: ArrayLike,
    expected: ArrayLike,
    experienced: ArrayLike,
    *,
    centre: float,
    design: Design | None = None,
) -> Surface:
    """Fit the surface by least squares, with HC3 or cluster-robust errors.

    Of more than `LARGE` rows HC1 stands for HC3, which is the same there and far sooner known.

    Parameters
    ----------
    outcome, expected, experienced : (n,) float, NaN where missing
    centre : middle of the scale of both measures
    design : weights and clusters of the rows; a simple random sample when None

    Returns
    -------
    A `Surface`, not `known` where terms repeat one another, as they do where everybody expects
    just what they experience.
    """
    x = np.asarray(expected, dtype=float) - centre
    y = np.asarray(experienced, dtype=float) - centre
    terms = dict(zip(TERMS, (x, y, x * x, x * y, y * y), strict=True))
    design = design or Design(len(x))
    if len(x) > LARGE:
        return Surface(_fit_large(np.asarray(outcome, dtype=float), terms, design), centre)
    fit = ordinary_least_squares(
        outcome, pd.DataFrame(terms), cluster=design.clusters, weights=design.weights
    )
    return Surface(fit, centre)


def _fit_large(outcome: np.ndarray, terms: dict[str, np.ndarray], design: Design) -> Fit:
    """The fit from sums over rows, of which no orthogonal basis is made."""
    columns = np.stack([np.ones(len(outcome)), *terms.values()])
    used = np.isfinite(outcome) & np.isfinite(columns).all(axis=0) & (design.row_weights() > 0)
    n, size = int(used.sum()), len(columns)
    columns[:, ~used] = 0.0
    values = np.where(used, outcome, 0.0)
    weights = np.where(used, design.row_weights(), 0.0)
    heavy = columns * (weights * (n / max(weights.sum(), 1e-300)))
    square = heavy @ columns.T
    coefficients, covariance = np.full(size, NAN), np.full((size, size), NAN)
    clusters = _clusters(design, used)
    df = float(n - size) if clusters is None else clusters - 1.0
    lengths = np.sqrt(np.diag(square))
    told = lengths.all() and linalg.eigvalsh(square / np.outer(lengths, lengths))[0] > ALIASED
    if n > size and told and np.ptp(values[used]) > 0:
        inverse = linalg.inv(square)
        coefficients = inverse @ (heavy @ values)
        heavy *= values - coefficients @ columns
        factor = n / (n - size)
        if clusters is not None:
            heavy = np.stack([np.bincount(design.clusters, row) for row in heavy])
            factor = clusters / (clusters - 1) * (n - 1) / (n - size)
        covariance = inverse @ (heavy @ heavy.T) @ inverse * factor
    return Fit(
        terms=(INTERCEPT, *terms),
        coefficients=coefficients,
        covariance=covariance,
        df=df,
        n=n,
        n_dropped=len(used) - n,
        errors=described(clusters, "HC1", design.weights is not None),
        aliased=(),
        means={},
    )


def _clusters(design: Design, used: np.ndarray) -> int | None:
    """How many clusters have a row that is used; None where errors are not clustered."""
    if design.clusters is None:
        return None
    number = int(np.count_nonzero(np.bincount(design.clusters[used])))
    return number if number >= MIN_CLUSTERS else None


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
    value, p = wald(surface, matrix)
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
        f"{near:g} off agreement, here with {side} experienced than expected; upper bound "
        f"an intersection-union test, lower bound Bonferroni over four"
        + (f", both over {tests} surfaces" if tests > 1 else ""),
        p=min(1.0, p),
        **fields,
    )


def _outwards(sign: int, middle: float, near: float) -> np.ndarray:
    """Weights of b1 to b5 in the slope away from agreement, a point of difference more."""
    x, y = middle - sign * near / 2, middle + sign * near / 2
    return sign / 2 * np.array([-1.0, 1.0, -2 * x, x - y, 2 * y])


def wald(surface: Surface, matrix: np.ndarray) -> tuple[float, float]:
    """F that all these sums of b1 to b5, a row of `matrix` (q, 5) each, are zero, and its p."""
    if not surface.known:
        return NAN, NAN
    values, covariance = surface.slopes
    gaps = matrix @ values
    value = float(gaps @ linalg.lstsq(matrix @ covariance @ matrix.T, gaps)[0]) / len(matrix)
    return value, float(stats.f.sf(value, len(matrix), surface.fit.df))
