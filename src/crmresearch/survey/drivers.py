"""What goes with satisfaction: the relative importance of the parts of the offer."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods import asymmetry, driver_checks, drivers
from crmresearch.methods import importance as dividing
from crmresearch.methods.importance import Division
from crmresearch.methods.moments import percentiles
from crmresearch.methods.quadrants import QUADRANTS, quadrant_shares
from crmresearch.methods.separable import Differences, differences
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_level
from crmresearch.survey.sample import sampling

OUTCOMES = ("satisfaction", "recommend", "loyalty")
ENOUGH_COMPLETE = 30  # complete rows below which they are no check of the others


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """The explained variance of the outcome, divided among the drivers in two ways.

    `complete` is the division of those who rated every driver; None where that is everyone, or
    too few.
    """

    lmg: Division
    johnson: Division
    complete: Division | None = None

    @property
    def fit(self) -> drivers.Fit:
        """The correlations that were divided."""
        return self.lmg.fit


def outcome(survey: Survey) -> str:
    """The role that the drivers are held against: the first there is of `OUTCOMES`, or empty."""
    return next((role for role in OUTCOMES if role in survey.roles), "")


def explain(survey: Survey, *, seed: int, resamples: int = 1000) -> Explained | None:
    """The driver ratings' shares in satisfaction by LMG and by relative weights, bootstrapped.

    Each correlation rests on those who gave both answers. None where the data have no drivers, no
    outcome or too few answers.
    """
    rng = np.random.default_rng(seed)
    found = _fit(survey, rng, resamples)
    if found is None:
        return None
    lmg = dividing.lmg(found, rng=rng)
    complete = None
    if ENOUGH_COMPLETE <= found.complete < found.n:
        only = _fit(survey, rng, resamples, complete=True)
        complete = None if only is None else dividing.lmg(only, rng=rng)
    return Explained(lmg, dividing.relative_weights(found), complete)


def _fit(
    survey: Survey, rng: np.random.Generator, resamples: int, *, complete: bool = False
) -> drivers.Fit | None:
    role = outcome(survey)
    if not role or "driver" not in survey.roles:
        return None
    return drivers.fit(
        survey.items("driver"),
        survey.score(role).to_numpy(),
        rng=rng,
        design=sampling(survey),
        resamples=resamples,
        complete=complete,
    )


def importance(
    survey: Survey, explained: Explained | None, *, level: float = 0.95
) -> list[Estimate]:
    """Each driver's share of the explained variance, the largest first, after R².

    ``lmg.{driver}`` are the shares that the order, the comparisons and ``driver.lead`` rest on;
    ``johnson.{driver}`` are relative weights and ``complete.{driver}`` LMG shares among those who
    rated every driver. ``gap.{driver}`` is how far the strongest driver's share lies above that of
    another, and the last estimate, ``driver.lead``, how far above the strongest other one.
    """
    if explained is None:
        return []
    names, lmg = _names(survey), explained.lmg
    found = [dividing.explained(lmg, key="driver.r2", level=level)]
    for key, words, division in (
        ("lmg", "", lmg),
        ("johnson", ", relative weight", explained.johnson),
        ("complete", ", LMG of those who rated all", explained.complete),
    ):
        if division is not None:
            labels = {column: f"{name}{words}" for column, name in names.items()}
            made = dividing.shares(division, key=key, names=labels, level=level)
            found += [made[place] for place in lmg.order]
    gaps = differences(lmg.shares, lmg.share_draws, level=level)
    ahead = dividing.lead(
        lmg, gaps, key="driver.lead", name="Lead of the strongest driver over the next"
    )
    if ahead is None:
        return found
    return [*found, *_gaps(lmg, gaps, ahead, names), ahead]


def _gaps(
    lmg: Division, gaps: Differences, ahead: Estimate, names: dict[str, str]
) -> list[Estimate]:
    """The leader's share less that of every other driver, strongest first."""
    first, *others = (int(place) for place in lmg.order)
    columns = lmg.fit.names
    return [
        replace(
            ahead,
            key=f"gap.{columns[other]}",
            name=f"{names[columns[first]]} less {names[columns[other]]}",
            value=float(gaps.values[first, other]),
            low=float(gaps.low[first, other]),
            high=float(gaps.high[first, other]),
        )
        for other in others
    ]


def rank_table(survey: Survey, explained: Explained | None, *, level: float = 0.95) -> pd.DataFrame:
    """How often each driver took each rank among the resamples, strongest driver first.

    Drivers with a letter in common in the last column cannot be told apart, all pairs compared at
    once.
    """
    if explained is None:
        return pd.DataFrame(columns=["Driver"])
    names, lmg = _names(survey), explained.lmg
    order = [lmg.fit.names[place] for place in lmg.order]
    table = dividing.rank_probabilities(lmg).loc[order]
    table.columns = [f"rank {rank}" for rank in table.columns]
    table.insert(0, "Driver", [names[column] for column in order])
    gaps = differences(lmg.shares[lmg.order], lmg.share_draws[:, lmg.order], level=level)
    groups = gaps.groups()
    table["Not told apart"] = [
        " ".join(str(number) for number, group in enumerate(groups, 1) if place in group)
        for place in range(len(order))
    ]
    return table.reset_index(drop=True)


def checks(
    survey: Survey, explained: Explained | None, *, seed: int, level: float = 0.95
) -> list[Estimate]:
    """How the model predicts held-out answers, how alike ratings are, and how drivers overlap.

    See `driver_checks.overall` (keys ``check...``) and `driver_checks.of_drivers`;
    drivers come strongest first.
    """
    if explained is None:
        return []
    fit, rng = explained.fit, np.random.default_rng(seed)
    found = driver_checks.overall(fit, explained.lmg, key="check", rng=rng, level=level)
    each = driver_checks.of_drivers(fit, key="check", names=_names(survey), level=level)
    order = {fit.names[place]: rank for rank, place in enumerate(explained.lmg.order)}
    each.sort(key=lambda item: order[item.key.split(".", 2)[2]])
    return found + each


def sharing(explained: Explained | None, checked: list[Estimate]) -> list[Estimate]:
    """Coefficients not shown to be positive of drivers that take half an equal share or more.

    What such a driver explains it explains together with others.
    """
    if explained is None:
        return []
    lmg = explained.lmg
    sizeable = {
        column
        for column, share in zip(lmg.fit.names, lmg.shares, strict=True)
        if share >= 0.5 / len(lmg.fit.names)
    }
    return [
        item
        for item in checked
        if item.key.startswith("check.beta.")
        and item.key.split(".", 2)[2] in sizeable
        and not item.low > 0
    ]


def penalty_reward(
    survey: Survey, *, seed: int, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """How satisfaction differs with low and with high ratings of each driver.

    See `asymmetry.penalty_reward`. A driver needs `min_cell` respondents, and ten at least, in
    every third of its scale.
    """
    role = outcome(survey)
    if not role or "driver" not in survey.roles:
        return []
    ratings = survey.items("driver")
    return asymmetry.penalty_reward(
        ratings,
        survey.score(role).to_numpy(),
        _ends(survey),
        key="contrast",
        names=_names(survey),
        rng=np.random.default_rng(seed),
        design=sampling(survey),
        level=level,
        fewest=max(min_cell, 10),
    )


def priorities(survey: Survey, explained: Explained | None, *, level: float = 0.95) -> pd.DataFrame:
    """Importance and mean rating of each driver with intervals, and its quadrant's certainty.

    Ratings are shown as a share of their scale, 0 at its lowest point and 1 at its highest, so
    that drivers on different scales can be compared.
    """
    if explained is None or len(explained.fit.names) < 2:
        return pd.DataFrame(columns=["Driver"])
    lmg, fit, names, scale = explained.lmg, explained.fit, _names(survey), _ends(survey)
    low = np.array([scale[column][0] for column in fit.columns])
    span = np.array([scale[column][1] for column in fit.columns]) - low
    means, drawn = (fit.means - low) / span, (fit.mean_draws - low) / span
    shares, share_draws = lmg.shares[fit.moving], lmg.share_draws[:, fit.moving]
    sides = quadrant_shares(share_draws, drawn)
    rows = []
    for place in np.argsort(-shares, kind="stable"):
        rows.append(
            (
                names[fit.columns[place]],
                shares[place],
                *percentiles(share_draws[:, place], level),
                means[place],
                *percentiles(drawn[:, place], level),
                *sides[place],
            )
        )
    bounds = [f"{format_level(level)} CI from", "to"]
    ends = ["", *(f", {bound}" for bound in bounds)]
    columns = [f"{word}{end}" for word in ("Importance", "Rating") for end in ends]
    return pd.DataFrame(rows, columns=["Driver", *columns, *QUADRANTS])


def _names(survey: Survey) -> dict[str, str]:
    return {item.variable: item.name for item in survey.variables("driver")}


def _ends(survey: Survey) -> dict[str, tuple[float, float]]:
    """The ends of each driver's scale: declared, or else the lowest and highest answer."""
    found = {}
    for item in survey.variables("driver"):
        answers = survey.answers[item.variable].to_numpy(float)
        known = answers[np.isfinite(answers)]
        low = item.low if item.low is not None else known.min(initial=np.inf)
        high = item.high if item.high is not None else known.max(initial=-np.inf)
        found[item.variable] = (float(low), float(high)) if low < high else (0.0, 1.0)
    return found
