"""A break-even curve in numbers: where it crosses, how sure that is, and the gap along the dose."""

import numpy as np

from crmresearch.methods.dose import Response, crossings, ends, first_reached
from crmresearch.methods.linear import at_once
from crmresearch.methods.weighting import t_interval
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.recovery.doses import Dose
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.numbers import format_number

STEPS, MOST_STEPS = 7, 11  # of the table: even ones, or whole numbers


def estimates(
    cases: Cases,
    outcome: Outcome,
    dose: Dose,
    found: Response,
    grid: np.ndarray,
    level: float,
    seed: int,
    logged: bool,
) -> list[Estimate]:
    ends_of, whom = f"{dose.key}.{outcome.key}", cases.reference
    how = f"{_model(cases, dose, logged)}, errors linearised between {found.unit}"
    dropped = int((cases.frame["complained"] == 1).sum()) - found.n
    shared = {"level": level, "n": found.n, "n_dropped": dropped}
    statistic, size, p = found.bend
    return [
        _crossing(outcome, dose, found, grid, level, whom),
        Estimate(
            key=f"breakeven_reached.{ends_of}",
            name="resamples in which the level is reached",
            value=float((found.gaps >= 0).any(axis=1).mean()),
            unit="share",
            method=f"share of {len(found.gaps):,} resamples of {found.unit}",
            **shared,
        ),
        _at_best(outcome, dose, found, grid, whom, how, shared),
        _level(outcome, dose, found, level, whom, how),
        Estimate(
            key=f"breakeven_bend.{ends_of}",
            name="test that the curve is a straight line",
            value=statistic,
            unit="statistic",
            method=f"Wald's F({size}, {found.df:g}), linearised between {found.unit}",
            p=p,
            **shared,
        ),
        *_along(outcome, dose, found, grid, level, seed, how, whom),
    ]


def _at_best(
    outcome: Outcome,
    dose: Dose,
    found: Response,
    grid: np.ndarray,
    whom: str,
    how: str,
    shared: dict,
) -> Estimate:
    """The gap at the good end of the range."""
    at = -1 if dose.rising else 0
    error = float(found.gap_covariance[at, at]) ** 0.5
    low, high = t_interval(float(found.gap[at]), error, int(found.df), shared["level"])
    return Estimate(
        key=f"breakeven_best.{dose.key}.{outcome.key}",
        name=f"{outcome.name} at the {_best(dose, grid)} − {whom}",
        value=float(found.gap[at]),
        low=low,
        high=high,
        unit=outcome.difference,
        method=how,
        **shared,
    )


def _level(
    outcome: Outcome, dose: Dose, found: Response, level: float, whom: str, how: str
) -> Estimate:
    """What customers to compare with would have with the complainers' covariates."""
    error = float(found.covariance[-1, -1]) ** 0.5
    low, high = t_interval(found.level, error, found.n_level - 1, level)
    return Estimate(
        key=f"breakeven_level.{dose.key}.{outcome.key}",
        name=f"{outcome.name} of “{whom}”, at complainers’ covariates",
        value=found.level,
        low=low,
        high=high,
        level=level,
        unit=outcome.unit,
        n=found.n_level,
        method=f"{how}; customers: “{whom}”",
    )


def _crossing(
    outcome: Outcome, dose: Dose, found: Response, grid: np.ndarray, level: float, whom: str
) -> Estimate:
    """The first dose at which the curve is at the level; NaN where none is, or all are."""
    at = float(first_reached(grid, found.gap, rising=dose.rising))
    low, high = ends(first_reached(grid, found.gaps, rising=dose.rising), level)
    number = crossings(found.gap)
    beyond = "" if np.isfinite([low, high]).all() else "; an end lies beyond the data's range"
    times = f"; the curve crosses the level {number} times" if number > 1 else ""
    if not np.isfinite(at):
        never = np.isinf(at) and (at > 0) == dose.rising
        times = "; never reached in the data's range" if never else "; reached in all of the range"
        beyond = ""
    return Estimate(
        key=f"breakeven.{dose.key}.{outcome.key}",
        name=f"{dose.name} at which {outcome.name} reaches the level of “{whom}”",
        value=at if np.isfinite(at) else NAN,
        low=low if np.isfinite([at, low]).all() else NAN,
        high=high if np.isfinite([at, high]).all() else NAN,
        level=level,
        unit=dose.unit,
        n=found.n,
        method=f"percentiles of {len(found.gaps):,} resamples of {found.unit}{times}{beyond}",
    )


def _along(
    outcome: Outcome,
    dose: Dose,
    found: Response,
    grid: np.ndarray,
    level: float,
    seed: int,
    how: str,
    whom: str,
) -> list[Estimate]:
    """The gap at some doses, with intervals that hold for the whole curve."""
    low, high, p = at_once(
        found.gap,
        found.gap_covariance,
        found.df,
        level=level,
        rng=np.random.default_rng(seed),
    )
    whole = np.flatnonzero(np.abs(grid - np.rint(grid)) < 1e-9)
    spread = np.linspace(0, len(grid) - 1, STEPS).round().astype(int)
    places = whole if 3 <= len(whole) <= MOST_STEPS else spread
    named = {format_number(float(grid[at]), dose.unit): at for at in places}
    return [
        Estimate(
            key=f"breakeven_gap.{dose.key}.{outcome.key}",
            name=f"{outcome.name} − {whom}",
            group=f"{dose.name}: {text}",
            value=float(found.gap[at]),
            low=float(low[at]),
            high=float(high[at]),
            level=level,
            unit=outcome.difference,
            n=found.n,
            method=f"{how}, simultaneous for the whole curve; p adjusted",
            p=float(p[at]),
        )
        for text, at in named.items()
    ]


def _model(cases: Cases, dose: Dose, logged: bool) -> str:
    held = ", ".join(map(str, cases.covariates))
    of = f"the logarithm of {dose.name}" if logged else dose.name
    adjusted = f" adjusted for {held}" if held else ""
    return f"{cases.sampling.without_margins().words}; spline of {of}{adjusted}"


def _best(dose: Dose, grid: np.ndarray) -> str:
    at = grid[-1 if dose.rising else 0]
    word = "best handling" if dose.key == "handling" else "quickest answer"
    return f"{word} in the data’s range ({format_number(float(at), dose.unit)})"
