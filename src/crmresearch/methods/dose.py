"""Dose and response: how an outcome goes with the amount of something that only some received.

Those who received it (the treated, in the language of trials) are described by a spline of the
dose and a linear adjustment; those who did not by a linear adjustment of their own. Both are read
at the mean covariates of the treated. Everything rests on the sums of cross-products that each row
or cluster adds, so that errors are linearised between them and a resample is a weighted sum.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods.moments import resampled, summed, units
from crmresearch.methods.splines import basis
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """A curve and the level it is compared with.

    Parameters
    ----------
    grid : (g,) doses; curve : (g,) expected outcome there; level : the others' expected outcome
    covariance : (g + 1, g + 1) of the curve and, last, the level
    df : of the t distribution of the curve, its gap from the level and the test
    bend : F that the curve is a straight line, its degrees of freedom and p; NaN for a straight one
    gaps : (resamples, g), curve less level in each bootstrap resample
    n, n_level : rows of the treated and of the others
    unit : between what errors are linearised, and what was resampled
    """

    grid: np.ndarray
    curve: np.ndarray
    level: float
    covariance: np.ndarray
    df: float
    bend: tuple[float, int, float]
    gaps: np.ndarray
    n: int
    n_level: int
    unit: str

    @property
    def gap(self) -> np.ndarray:
        """Curve less level, (g,)."""
        return self.curve - self.level

    @property
    def gap_covariance(self) -> np.ndarray:
        """Covariance (g, g) of the gap."""
        less = np.hstack([np.eye(len(self.grid)), -np.ones((len(self.grid), 1))])
        return less @ self.covariance @ less.T


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """The least squares fit of one of the two groups, from moments of (1, terms, z, y)."""

    rule: np.ndarray  # (..., size), coefficients of 1, terms and z
    inverse: np.ndarray
    weight: np.ndarray
    mean: np.ndarray  # (..., size), mean of every column


def respond(
    outcome: np.ndarray,
    dose: np.ndarray,
    treated: np.ndarray,
    others: np.ndarray,
    covariates: np.ndarray,
    *,
    design: Design,
    grid: np.ndarray,
    places: np.ndarray,
    resamples: int,
    rng: np.random.Generator,
) -> Response:
    """The curve of the treated over `grid`, beside the level of the others.

    Parameters
    ----------
    outcome : (n,) float; covariates : (n, q) float; dose : (n,) float, of the treated alone
    treated, others : (n,) bool, without missing values in what is asked of them
    places : knots of the spline, in the unit of `dose`
    resamples : bootstrap resamples of rows, or of clusters where the design has any

    Returns
    -------
    The expected outcome of the treated at each dose, and of the others, at the weighted mean
    covariates of the treated; the sampling of these means is part of the errors, which are
    linearised between rows or clusters (HC1, or CR1). Knots stay where they are in resamples, and
    weights count as given.
    """
    rows = treated | others
    codes, unit, strata = units(design, rows, rng)
    codes = np.arange(int(rows.sum())) if codes is None else codes
    tables = (
        _table(basis(dose[treated], places), covariates[treated], outcome[treated]),
        _table(covariates[others], outcome[others]),
    )
    sizes = [table.shape[1] for table in tables]
    sides, weights, number = (treated, others), design.row_weights(), int(codes.max()) + 1
    given = zip(tables, sides, strict=True)
    sums = [_sums(table, weights[side], codes[side[rows]], number) for table, side in given]
    at = np.column_stack([np.ones(len(grid)), basis(grid, places)])
    value, influence, bends = _influence(sums, sizes, at, [len(table) for table in tables])
    covariance, size = _between(influence, strata), len(value)
    df = float(np.count_nonzero(sums[0][:, 0]) - (sizes[0] - 1))
    return Response(
        grid=grid,
        curve=value[:-1],
        level=float(value[-1]),
        covariance=covariance[:size, :size],
        df=df,
        bend=_straight(bends, covariance[size:, size:], df),
        gaps=_gaps(resampled(np.hstack(sums), resamples, rng, strata), sizes, at),
        n=len(tables[0]),
        n_level=len(tables[1]),
        unit=unit,
    )


def _gaps(drawn: np.ndarray, sizes: list[int], at: np.ndarray) -> np.ndarray:
    """Curve less level (b, g) from the summed moments of both groups in each resample."""
    first = sizes[0] * (sizes[0] + 1) // 2
    parts = np.split(drawn, [first], axis=1)
    halves = [_half(_square(part, size)) for part, size in zip(parts, sizes, strict=True)]
    return _curve(halves[0], at) - _level(*halves, at.shape[1])[:, None]


def _table(*columns: np.ndarray) -> np.ndarray:
    """Columns side by side, a constant first."""
    return np.column_stack([np.ones(len(columns[-1])), *columns])


def _sums(table: np.ndarray, weights: np.ndarray, codes: np.ndarray, number: int) -> np.ndarray:
    """Each unit's weighted sums of products of every two columns, as ``triu_indices`` lists."""
    pairs = zip(*np.triu_indices(table.shape[1]), strict=True)
    columns = np.ascontiguousarray(table.T)
    heavy = columns * weights
    return np.column_stack(
        [np.bincount(codes, heavy[a] * columns[b], minlength=number) for a, b in pairs]
    )


def _square(sums: np.ndarray, size: int) -> np.ndarray:
    """The sums (..., pairs) as symmetric matrices (..., size, size)."""
    first, second = np.triu_indices(size)
    found = np.empty((*sums.shape[:-1], size, size))
    found[..., first, second] = sums
    found[..., second, first] = sums
    return found


def _half(square: np.ndarray) -> _Half:
    """Least squares from moments whose last column is the outcome; repeated columns share."""
    lengths = np.sqrt(np.einsum("...ii->...i", square))
    lengths = np.where(lengths > 0, lengths, 1.0)
    scaled = square / lengths[..., :, None] / lengths[..., None, :]
    inverse = np.linalg.pinv(scaled[..., :-1, :-1], rcond=1e-10, hermitian=True)
    rule = (inverse @ scaled[..., :-1, -1:])[..., 0]
    inner = lengths[..., :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return _Half(
            rule=rule * lengths[..., -1:] / inner,
            inverse=inverse / inner[..., :, None] / inner[..., None, :],
            weight=square[..., 0, 0],
            mean=square[..., 0, :-1] / square[..., 0, :1],
        )


def _curve(half: _Half, at: np.ndarray) -> np.ndarray:
    """The treated's expectation (..., g) at the doses of `at` and their mean covariates."""
    own = at.shape[1]
    shift = (half.mean[..., own:] * half.rule[..., own:]).sum(axis=-1)
    return half.rule[..., :own] @ at.T + shift[..., None]


def _level(treated: _Half, others: _Half, own: int) -> np.ndarray:
    """The others' expectation (...) at the treated's mean covariates."""
    return others.rule[..., 0] + (treated.mean[..., own:] * others.rule[..., 1:]).sum(axis=-1)


def _influence(
    sums: list[np.ndarray], sizes: list[int], at: np.ndarray, rows: list[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Curve and level (g + 1,); what each unit adds to them and to the bends; the bends."""
    own = at.shape[1]
    squares = [_square(part, size) for part, size in zip(sums, sizes, strict=True)]
    treated, others = halves = [_half(square.sum(axis=0)) for square in squares]
    steps = []  # of the coefficients, one row a unit
    for half, square, n in zip(halves, squares, rows, strict=True):
        scores = square[:, :-1, -1] - square[:, :-1, :-1] @ half.rule
        spare = ((n - 1) / max(n - len(half.rule), 1)) ** 0.5
        steps.append(scores @ half.inverse * spare)
    first = squares[0][:, 0, :]
    means = (first[:, own:-1] - np.outer(first[:, 0], treated.mean[own:])) / treated.weight
    fixed = np.hstack([at, np.tile(treated.mean[own:], (len(at), 1))])
    curve = steps[0] @ fixed.T + (means @ treated.rule[own:])[:, None]
    level = steps[1] @ np.r_[1.0, treated.mean[own:]] + means @ others.rule[1:]
    bends = steps[0][:, 2:own]
    value = np.r_[_curve(treated, at), _level(treated, others, own)]
    return value, np.column_stack([curve, level, bends]), treated.rule[2:own]


def _between(influence: np.ndarray, strata: np.ndarray | None) -> np.ndarray:
    """Covariance of sums of contributions (units, k), between units within strata."""
    of = np.zeros(len(influence), dtype=int) if strata is None else strata
    counts = np.bincount(of)
    order = np.argsort(of, kind="stable")
    means = summed(influence[order], of[order]) / counts[:, None]
    means[counts == 1] = influence.mean(axis=0)
    factors = np.where(counts > 1, counts / np.maximum(counts - 1, 1), 1.0)
    apart = (influence - means[of]) * np.sqrt(factors[of])[:, None]
    return apart.T @ apart


def _straight(rule: np.ndarray, covariance: np.ndarray, df: float) -> tuple[float, int, float]:
    """Wald's F that all bends are zero, how many they are, and p."""
    size = len(rule)
    if not size or df < 1 or not np.isfinite(covariance).all():
        return NAN, size, NAN
    value = float(rule @ np.linalg.pinv(covariance, hermitian=True) @ rule) / size
    return value, size, float(stats.f.sf(value, size, df))


def first_reached(grid: np.ndarray, gaps: np.ndarray, *, rising: bool = True) -> np.ndarray:
    """Where each curve (..., g) first reaches zero, going from the poor end of the grid.

    Parameters
    ----------
    grid : (g,) rising doses
    gaps : (..., g), curve less level
    rising : True where more is better, so that the smallest dose is the poor end

    Returns
    -------
    (...) doses, linear between grid points. A curve that is at zero or above from the start has
    -inf (inf where less is better), one that never is inf (-inf): beyond the grid's good end.
    """
    if not rising:
        return -first_reached(-grid[::-1], gaps[..., ::-1])
    above = gaps >= 0
    at = np.argmax(above, axis=-1)
    before = np.maximum(at - 1, 0)
    low, high = (np.take_along_axis(gaps, x[..., None], -1)[..., 0] for x in (before, at))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(high > low, low / (low - high), 0.0)
    found = grid[before] + part * (grid[at] - grid[before])
    found = np.where(at == 0, -np.inf, found)
    return np.where(above.any(axis=-1), found, np.inf)


def crossings(gap: np.ndarray) -> int:
    """How often a curve (g,) changes sides of zero."""
    return int(np.count_nonzero(np.diff(gap >= 0)))


def ends(draws: np.ndarray, level: float) -> tuple[float, float]:
    """Percentile interval of draws that may be infinite; NaN of fewer than 20."""
    if len(draws) < 20:
        return NAN, NAN
    tails = (1 - level) / 2, (1 + level) / 2
    low, high = (
        np.quantile(draws, tail, method=method)
        for tail, method in zip(tails, ("lower", "higher"), strict=True)
    )
    return float(low), float(high)
