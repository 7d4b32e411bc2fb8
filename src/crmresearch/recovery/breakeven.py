"""Break-even: how good the handling, or how quick the answer, where the outcome is whole again.

Among complainers the outcome is a smooth curve of how well they found the complaint handled, or of
how long its answer took; beside it stands the level of customers without a problem who are alike
in what was measured. Complainers were not assigned to a handling, so the curve says which handling
goes with that level, not what better handling would bring.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from crmresearch.methods.dose import Response, respond
from crmresearch.methods.indicators import indicators
from crmresearch.methods.linear import at_once
from crmresearch.methods.splines import knots
from crmresearch.recovery import doses
from crmresearch.recovery.breakeven_estimates import MOST_STEPS, estimates
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.recovery.doses import Dose
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import hidden_groups

POINTS = 81  # of the curve
PER_TERM = 10  # complainers for each column of the regression, below which no curve is drawn
BARS = 12  # of a dose with many values
SKEWED = 1.0  # skewness from which the spline is one of the logarithm


@dataclass(frozen=True, slots=True, eq=False)
class BreakEven:
    """A curve with what is known of it; without estimates, `why` says what it lacks.

    `grid`, `curve`, `low`, `high` (pointwise) and `wide_low`, `wide_high` (for the whole curve at
    once) are in the units of the dose and the outcome. `bars` are (from, to, share of complainers)
    of the parts of the dose that are large enough to show.
    """

    outcome: Outcome
    dose: Dose | None = None
    estimates: tuple[Estimate, ...] = ()
    grid: np.ndarray = field(default_factory=lambda: np.empty(0))
    curve: np.ndarray = field(default_factory=lambda: np.empty(0))
    bands: tuple[np.ndarray, ...] = ()  # low, high, wide low, wide high
    bars: tuple[tuple[float, float, float], ...] = ()
    reference: str = ""
    why: str = ""


def handling(cases: Cases, outcome: Outcome, **settings) -> BreakEven:
    """How good the handling where complainers' outcome reaches that without a problem.

    Settings and result as of `break_even`.
    """
    dose = doses.handling(cases)
    if dose is None:
        return BreakEven(outcome, why="how well complaints were handled")
    return break_even(cases, outcome, dose, **settings)


def response_time(cases: Cases, outcome: Outcome, **settings) -> BreakEven:
    """How quick the answer where complainers' outcome reaches that without a problem.

    Settings and result as of `break_even`.
    """
    dose = doses.response_time(cases)
    if dose is None:
        return BreakEven(outcome, why="how long the answers to complaints took")
    return break_even(cases, outcome, dose, **settings)


def break_even(
    cases: Cases,
    outcome: Outcome,
    dose: Dose,
    *,
    level: float = 0.95,
    min_cell: int = 10,
    resamples: int = 1000,
    seed: int = 0,
) -> BreakEven:
    """The curve of an outcome over a dose among complainers, and where it breaks even.

    A restricted cubic spline of the dose (of its logarithm where it is skewed) with prior
    satisfaction and every covariate held, by least squares on the survey's weights; the level is
    that of customers without a problem (without a complaint where problems were not asked), from
    a regression of their own. Both are read at the complainers' mean covariates. The curve spans
    the doses beyond which there are still `min_cell` complainers: it never reaches further than
    the data.

    Parameters
    ----------
    resamples : bootstrap resamples, of accounts or persons where answers belong to them

    Returns
    -------
    With estimates ``breakeven.<dose>.<outcome>``, the first dose from the poor end at which the
    curve is at the level, NaN where it never or everywhere is, with the percentile interval of the
    resamples (an end is NaN where it lies beyond the data's range); ``breakeven_reached…``, the
    share of resamples in which the level is reached somewhere; ``breakeven_best…``, the gap at
    the good end of the range; ``breakeven_level…``; ``breakeven_gap…`` along the dose with
    intervals for the whole curve at once; ``breakeven_bend…``, the test of a straight line.
    """
    columns = indicators(cases.covariates)
    values = cases.frame[outcome.key].to_numpy()
    treated, others = _sides(cases, values, dose, columns)
    given = dose.values[treated]
    lacks = _lacks(dose, given, int(others.sum()), 4 + columns.shape[1], min_cell)
    if lacks:
        return BreakEven(outcome, why=lacks)
    inner = np.sort(given)[[min_cell - 1, -min_cell]]
    logged = not dose.rising and given.min() >= 0 and stats.skew(given) > SKEWED
    forth, back = (np.log1p, np.expm1) if logged else (np.asarray, np.asarray)
    found = respond(
        values,
        forth(dose.values),
        treated,
        others,
        columns.to_numpy(),
        design=cases.sampling,
        grid=forth(_grid(inner, forth, back)),
        places=knots(forth(given)),
        resamples=resamples,
        rng=np.random.default_rng(seed),
    )
    bars = _bars(given, back(found.grid), min_cell)
    return _made(cases, outcome, dose, found, back(found.grid), level, seed, bars, logged)


def _made(
    cases: Cases,
    outcome: Outcome,
    dose: Dose,
    found: Response,
    grid: np.ndarray,
    level: float,
    seed: int,
    bars: tuple[tuple[float, float, float], ...],
    logged: bool,
) -> BreakEven:
    """The curve with its numbers, bands and bars; `grid` is in the unit of the dose."""
    return BreakEven(
        outcome=outcome,
        dose=dose,
        estimates=tuple(estimates(cases, outcome, dose, found, grid, level, seed, logged)),
        grid=grid,
        curve=found.curve,
        bands=_bands(found, level, seed),
        bars=bars,
        reference=cases.reference,
    )


def _sides(
    cases: Cases, values: np.ndarray, dose: Dose, columns: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Complainers with a dose, and customers to compare with, whose answers are all known."""
    heavy = cases.sampling.row_weights() > 0
    usable = np.isfinite(values) & columns.notna().all(axis=1).to_numpy() & heavy
    reference = (cases.path == cases.reference).to_numpy()
    return usable & np.isfinite(dose.values), usable & reference


def _lacks(dose: Dose, given: np.ndarray, others: int, terms: int, min_cell: int) -> str:
    """What the data lack for a curve, in words; empty where they bear one."""
    few = max(PER_TERM * terms, 2 * min_cell)
    if min(len(given), others) < few:
        return f"{dose.name} of at least {few} complainers, and as many customers to compare with"
    low, high = np.sort(given)[[min_cell - 1, -min_cell]]
    return "" if low < high else f"{dose.name} that varies"


def _grid(inner: np.ndarray, forth: Callable, back: Callable) -> np.ndarray:
    """Points for the curve, whole numbers among them where they are few."""
    even = back(np.linspace(*forth(inner), POINTS))
    whole = np.arange(np.ceil(inner[0]), np.floor(inner[1]) + 1)
    return np.unique(np.r_[inner, even[1:-1], whole if len(whole) <= MOST_STEPS else []])


def _bands(found: Response, level: float, seed: int) -> tuple[np.ndarray, ...]:
    """Low and high of the curve point by point, then for the whole of it."""
    covariance = found.covariance[:-1, :-1]
    reach = stats.t.ppf(0.5 + level / 2, found.df) * np.sqrt(np.diag(covariance))
    rng = np.random.default_rng(seed)
    low, high, _ = at_once(found.curve, covariance, found.df, level=level, rng=rng)
    return found.curve - reach, found.curve + reach, low, high


def _bars(
    given: np.ndarray, grid: np.ndarray, min_cell: int
) -> tuple[tuple[float, float, float], ...]:
    """Where the complainers are along the dose, without the parts that too few of them share."""
    different = np.unique(given)
    if len(different) <= 20:
        middle = (different[1:] + different[:-1]) / 2
        edges = np.r_[2 * different[0] - middle[0], middle, 2 * different[-1] - middle[-1]]
    elif (given == np.rint(given)).all():  # whole units, an equal number of them in each part
        step = max(1, int(np.ceil((grid[-1] - grid[0]) / BARS)))
        edges = np.arange(np.floor(grid[0]), grid[-1] + step, step) - 0.5
    else:
        edges = np.linspace(grid[0], grid[-1], BARS + 1)
    counts = np.histogram(given, edges)[0]
    family = {str(row): int(count) for row, count in enumerate(counts)}
    hidden = hidden_groups(family, min_cell, total=len(given))
    return tuple(
        (float(edges[row]), float(edges[row + 1]), count / len(given))
        for row, count in enumerate(counts)
        if count and str(row) not in hidden
    )
