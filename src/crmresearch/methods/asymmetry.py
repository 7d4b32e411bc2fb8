"""Penalty and reward: whether a low rating goes with more than a high one does.

Penalty-reward-contrast analysis regresses the outcome on an indicator of low and one of high
ratings for every driver; the ratings between are the reference (Brandt 1988). It tells how the
outcome goes with a rating, not what kind of need the driver is: Mikulić & Prebežac (2011),
Managing Service Quality 21(1), 46-66, find it useful for the first and questionable for the second.
Cutting a rating in three also loses information; whether the outcome bends is therefore tested on
the uncut ratings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmresearch.methods.linear import Coefficients, at_once, regress
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN, Estimate

WORDS = {
    "penalty": "low rating",
    "reward": "high rating",
    "asymmetry": "asymmetry a point",
    "bend": "bend",
}
METHODS = {
    "penalty": "lowest third of the scale less the middle, all drivers in one regression",
    "reward": "highest third of the scale less the middle, all drivers in one regression",
    "asymmetry": "reward divided by the distance of mean ratings, less penalty so divided",
    "bend": "slope above the middle of the scale less slope below",
}
UNRATED = ", a driver left unrated entered as a term of its own"


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Which drivers are `cut` into three, and `bent` at the middle; others enter as straight lines.

    The terms of a regression are numbered as `terms` has its columns.
    """

    cuts: np.ndarray  # (p, 2), low below the first, high above the second
    middle: np.ndarray  # (p,)
    away: np.ndarray  # (p, 2), how far the mean low and the mean high rating lie from the others
    cut: np.ndarray  # (p,) bool
    bent: np.ndarray  # (p,) bool
    unrated: np.ndarray  # (p,) bool, some respondents have not rated it

    def models(self) -> list[list[int]]:
        """Columns of the regression with cut ratings and of the one with bent ones."""
        straight = ~(self.cut & self.bent)
        flags = (self.cut, self.cut, self.bent, self.bent, straight, self.unrated)
        ends = 1 + np.cumsum([flag.sum() for flag in flags])
        low, high, below, above, line, unrated = np.split(np.arange(1, ends[-1]), ends[:-1] - 1)
        return [
            [0, *low, *high, *line[~self.cut[straight]], *unrated],
            [0, *below, *above, *line[~self.bent[straight]], *unrated],
        ]

    def terms(self, ratings: np.ndarray) -> np.ndarray:
        """(m, terms): a constant, then each kind of term of every driver; 0 where unrated."""
        cut, unknown = ratings[:, self.cut], np.isnan(ratings)
        away = ratings - self.middle
        away[unknown] = 0.0
        bent = away[:, self.bent]
        parts = (
            np.ones((len(ratings), 1)),
            cut < self.cuts[self.cut, 0],
            cut > self.cuts[self.cut, 1],
            np.minimum(bent, 0.0),
            np.maximum(bent, 0.0),
            away[:, ~(self.cut & self.bent)],
            unknown[:, self.unrated],
        )
        return np.concatenate(parts, axis=1)


def thirds(low: float, high: float) -> tuple[float, float]:
    """The bounds of a scale's lowest and highest third: ratings below and above them are meant.

    1 and 2 are low, 4 and 5 high from 1 to 5; 1 and 2, 6 and 7 from 1 to 7; 1 to 3, 8 to 10 from
    1 to 10.
    """
    # a rounding error must not move a rating that lies on the bound
    return low + (high - low) / 3 - 1e-9, high - (high - low) / 3 + 1e-9


def penalty_reward(
    drivers: pd.DataFrame,
    outcome: np.ndarray,
    ends: Mapping[str, tuple[float, float]],
    *,
    key: str,
    names: Mapping[str, str],
    rng: np.random.Generator,
    design: Design | None = None,
    level: float = 0.95,
    fewest: int = 10,
) -> list[Estimate]:
    """How the outcome differs with low and with high ratings of each driver, the others held.

    Parameters
    ----------
    drivers : (n, p) frame of ratings; a missing one has an indicator of its own, which is right
        where a driver was not met and has nothing to be rated
    outcome : (n,) float; rows without it, or without any rating, are left out
    ends : lowest and highest point of each driver's scale
    fewest : respondents that a third of a scale needs; a driver with fewer in one of them has no
        estimates and enters as a straight line

    Returns
    -------
    For each driver ``{key}.penalty.{driver}`` and ``.reward.``, the mean outcome with a low and a
    high rating less that with one between; ``.asymmetry.``, the reward a point of the rating less
    the penalty a point, since low and high ratings seldom lie equally far from those between:
    below zero where a point lost goes with more than a point gained; ``.bend.``, the slope above
    the middle of the scale less the slope below it, in outcome points a point of the scale, zero
    for a straight line. The intervals, and the p of bends, hold for all drivers together (max-t):
    penalties and rewards in one family, asymmetries in another, bends in a third.
    """
    made = regressions(drivers, outcome, ends, rng=rng, design=design, fewest=fewest)
    if made is None:
        return []
    plan, cut, bent = made
    columns = [str(column) for column in drivers.columns]
    found = []
    for family in _families(plan, cut, bent):
        words = UNRATED if plan.unrated.any() else ""
        found += [
            (place, replace(one, method=f"{one.method}{words}"))
            for place, one in _together(
                family, key, columns, names, level, rng, len(drivers) - cut.n
            )
        ]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _together(
    family: "_Family",
    key: str,
    columns: list[str],
    names: Mapping[str, str],
    level: float,
    rng: np.random.Generator,
    dropped: int,
) -> list[tuple[tuple[int, int], Estimate]]:
    """The estimates of one family, each with its place in the order of all."""
    fit, many = family.fit, len(family.labels)
    low, high, p = at_once(family.values, family.covariance, fit.df, level=level, rng=rng)
    found = []
    for row, (kind, place) in enumerate(family.labels):
        column = columns[place]
        one = Estimate(
            key=f"{key}.{kind}.{column}",
            name=f"{names.get(column, column)}, {WORDS[kind]}",
            value=float(family.values[row]),
            low=float(low[row]),
            high=float(high[row]),
            level=level,
            p=float(p[row]) if kind == "bend" else NAN,
            unit="scale difference",
            n=fit.n,
            n_dropped=dropped,
            method=f"{METHODS[kind]}, simultaneous interval for {many} (max-t), {fit.words}",
        )
        found.append(((place, list(WORDS).index(kind)), one))
    return found


def regressions(
    drivers: pd.DataFrame,
    outcome: np.ndarray,
    ends: Mapping[str, tuple[float, float]],
    *,
    rng: np.random.Generator,
    design: Design | None = None,
    fewest: int = 10,
) -> tuple[Plan, Coefficients, Coefficients] | None:
    """The regressions on cut and on bent ratings that `penalty_reward` rests on.

    Their terms are the constant, those below and those above the cut (or the bend) of each driver,
    straight lines of the other drivers, and the indicators of ratings not given. None without
    ratings or where the outcome does not vary.
    """
    design = design or Design(len(drivers))
    ratings, values = drivers.to_numpy(float), np.asarray(outcome, dtype=float)
    known = np.isfinite(ratings)
    rows = np.flatnonzero(np.isfinite(values) & known.any(axis=1) & (design.row_weights() > 0))
    if not len(rows) or np.ptp(values[rows]) == 0:
        return None
    part = ratings if len(rows) == len(ratings) else ratings[rows]
    plan = _plan(part, [ends[column] for column in drivers.columns], fewest)
    cut, bent = regress(
        lambda at: plan.terms(ratings[at]),
        values,
        rows,
        models=plan.models(),
        design=design,
        rng=rng,
    )
    return plan, cut, bent


@dataclass(frozen=True, slots=True, eq=False)
class _Family:
    """Estimates that hold together, and the (kind, driver) of each."""

    fit: Coefficients
    values: np.ndarray
    covariance: np.ndarray
    labels: list[tuple[str, int]]


def _families(plan: Plan, cut: Coefficients, bent: Coefficients) -> list[_Family]:
    c, b = np.flatnonzero(plan.cut), np.flatnonzero(plan.bent)
    points, bends = 1 / plan.away[c], np.eye(len(b))
    a_point = np.hstack([np.diag(points[:, 0]), np.diag(points[:, 1])])
    made = (
        (cut, np.eye(2 * len(c)), [(kind, j) for kind in ("penalty", "reward") for j in c]),
        (cut, a_point, [("asymmetry", j) for j in c]),
        (bent, np.hstack([-bends, bends]), [("bend", j) for j in b]),
    )
    found = []
    for fit, matrix, labels in made:
        at = slice(1, 1 + matrix.shape[1])  # the driver's terms follow the constant
        told = np.isfinite(fit.values[at])
        values = matrix @ np.where(told, fit.values[at], 0.0)
        values[(matrix[:, ~told] != 0).any(axis=1)] = NAN
        covariance = matrix @ fit.covariance[at, at] @ matrix.T
        found.append(_Family(fit, values, covariance, labels))
    return found


def _plan(ratings: np.ndarray, ends: list[tuple[float, float]], fewest: int) -> Plan:
    cuts = np.array([thirds(*one) for one in ends])
    middle = np.array([sum(one) / 2 for one in ends])
    p = ratings.shape[1]
    cut, bent, unrated = (np.zeros(p, dtype=bool) for _ in range(3))
    away = np.ones((p, 2))
    for place, (low, high) in enumerate(cuts):
        known = ratings[np.isfinite(ratings[:, place]), place]
        parts = known[known < low], known[(known >= low) & (known <= high)], known[known > high]
        cut[place] = min(len(part) for part in parts) >= fewest
        sides = (known < middle[place]).sum(), (known > middle[place]).sum()
        bent[place] = min(sides) >= fewest
        unrated[place] = len(known) < len(ratings)
        if cut[place]:
            low_mean, middle_mean, high_mean = (part.mean() for part in parts)
            away[place] = middle_mean - low_mean, high_mean - middle_mean
    return Plan(cuts, middle, away, cut, bent, unrated)
