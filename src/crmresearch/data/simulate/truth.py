"""What is true in the demonstration data, computed from the constants that made them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import factorial, prod

import numpy as np
import pandas as pd

from crmresearch.data.simulate.aftermath import Aftermath, aftermath
from crmresearch.data.simulate.comments import chances
from crmresearch.data.simulate.constants import (
    BRANDS,
    DEMO,
    DRIVERS,
    PATHS,
    POPULATION,
    SEED,
    SEGMENTS,
    STAKEHOLDERS,
    WAVES,
    World,
)
from crmresearch.data.simulate.effects import (
    DELIGHTED,
    Effects,
    draw,
    effects,
    score,
    without_effects,
)
from crmresearch.data.simulate.people import STAKEHOLDER_SHARES, People
from crmresearch.data.simulate.relation_truth import Related, relation_truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The answers that an analysis of the data should come close to.

    Effects are for the customers who took the path, in scale points of the mean loyalty score:
    `loyalty_effect` before answers are rounded, `answered_effect` after, found by letting the
    same customers answer with and without it. ``delighted`` are those of the resolved whose mean
    handling rating is 6 or more; recovery did for them what it did for the other resolved.
    """

    type_shares: Mapping[str, float]
    ambivalent: float  # yes to half or more of the positive and of the negative signs
    path_shares: Mapping[str, float]  # of all customers, as drawn
    loyalty_effect: Mapping[str, float]
    answered_effect: Mapping[str, float]
    naive_difference: Mapping[str, float]  # mean loyalty of the path less that without a problem
    wave_change: Mapping[str, float]  # of mean satisfaction, in scale points, brand by brand
    driver_weights: Mapping[str, float]  # of the latent drivers, each of about unit variance
    driver_shares: Mapping[str, float]  # LMG shares of the explained variance, as rated
    reliability: Mapping[str, float]  # alpha of the scales before rounding
    account_share: float  # of the variance of satisfaction before complaints
    speeders: int
    straightliners: int
    arrows: Mapping[str, float]  # of the satisfaction model, in points a point of the cause
    theme_shares: Mapping[str, float]  # expected, of the comments
    theme_gaps: Mapping[str, float]  # expected mean satisfaction of comments with less without it
    sample_shares: Mapping[str, Mapping[str, float]]  # of the respondents, as drawn
    population_shares: Mapping[str, Mapping[str, float]]
    population_shift: float  # of mean satisfaction, when parts in the account count as they are
    effects: Effects  # of recovery, by contrast, over many more customers
    aftermath: Aftermath
    relation: Related


def truth(world: World = DEMO, *, seed: int = SEED) -> Truth:
    """The known truth of `world` as drawn with `seed`."""
    who, said = draw(world, seed)
    unchanged = draw(replace(world, change=(0.0,) * len(DRIVERS)), seed)[1]
    shifted = score(said, "satisfaction") - score(unchanged, "satisfaction")
    last = who.wave == len(WAVES) - 1
    return Truth(
        type_shares={name: kind.share for name, kind in world.types.items()},
        ambivalent=_ambivalent(world),
        **_path_truth(said, world, seed),
        wave_change={
            brand: float(shifted[last & (who.brand == index)].mean())
            for index, brand in enumerate(BRANDS)
        },
        driver_weights=dict(zip(DRIVERS, world.driver_weights, strict=True)),
        driver_shares=_driver_shares(world),
        reliability=_reliability(world),
        account_share=_account_share(world),
        speeders=world.speeders,
        straightliners=world.straightliners,
        arrows=_arrows(world),
        **_theme_truth(said, world),
        **_margins(who),
        population_shift=_population_shift(world),
        effects=effects(world, seed=seed),
        aftermath=aftermath(world),
        relation=relation_truth(world),
    )


def _arrows(world: World) -> dict[str, float]:
    """What a point more of the cause moves, everything else in the model held.

    Trust is made from satisfaction alone, and loyalty from nothing of trust.
    """
    weights = zip(DRIVERS, world.driver_weights, strict=True)
    return {
        **{f"{name} -> satisfaction": weight for name, weight in weights},
        "satisfaction -> trust": world.trust[1],
        "satisfaction -> loyalty": world.loyalty_slope / world.spread,
        "satisfaction -> recommend": world.recommend[1],
        "trust -> loyalty": 0.0,
    }


def _theme_truth(said: pd.DataFrame, world: World) -> dict[str, dict[str, float]]:
    """Expected over whose comment mentions what, the answers given; who comments is chance."""
    chance = chances(said, world)
    satisfied = score(said, "satisfaction").to_numpy()
    return {
        "theme_shares": chance.mean().to_dict(),
        "theme_gaps": {
            theme: float(
                np.average(satisfied, weights=one) - np.average(satisfied, weights=1 - one)
            )
            for theme, one in chance.items()
        },
    }


def _margins(who: People) -> dict[str, dict[str, dict[str, float]]]:
    """Shares of every answer that has a population margin, among respondents and contacts."""
    labels = {"stakeholder": STAKEHOLDERS, "segment": SEGMENTS}
    return {
        "sample_shares": {
            name: {label: float((getattr(who, name) == i).mean()) for i, label in enumerate(every)}
            for name, every in labels.items()
        },
        "population_shares": {
            name: dict(zip(every, POPULATION[name], strict=True)) for name, every in labels.items()
        },
    }


def _population_shift(world: World) -> float:
    gap = np.array(POPULATION["stakeholder"]) - np.array(STAKEHOLDER_SHARES)
    followed = world.spread * sum(world.driver_weights) * world.halo
    return float(followed * gap @ np.array(world.stakeholder_shift))


def _path_truth(said: pd.DataFrame, world: World, seed: int) -> dict[str, dict[str, float]]:
    """Size, true effect and naive difference of every path, from answers with and without it."""
    loyalty = score(said, "loyalty")
    moved = loyalty - score(draw(without_effects(world), seed)[1], "loyalty")
    groups = {name: said["path"] == name for name in PATHS}
    groups["delighted"] = groups["resolved"] & (score(said, "handling") >= DELIGHTED)
    at_ease = loyalty[groups["no problem"]].mean()
    return {
        "path_shares": {name: float(group.mean()) for name, group in groups.items()},
        "loyalty_effect": {**world.loyalty_effect, "delighted": world.loyalty_effect["resolved"]},
        "answered_effect": {name: float(moved[group].mean()) for name, group in groups.items()},
        "naive_difference": {
            name: float(loyalty[group].mean() - at_ease) for name, group in groups.items()
        },
    }


def _ambivalent(world: World) -> float:
    """Expected share with half or more of the positive and half or more of the negative signs."""

    def half(chances: tuple[float, ...]) -> float:
        return sum(
            prod(p if yes else 1 - p for p, yes in zip(chances, pattern, strict=True))
            for pattern in product((0, 1), repeat=len(chances))
            if 2 * sum(pattern) >= len(chances)
        )

    return sum(
        kind.share * half(kind.positive) * half(kind.negative) for kind in world.types.values()
    )


def _spread_of(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Covariance matrix of the columns of `values`, whose rows occur with these shares."""
    gap = values - shares @ values
    return gap.T @ (shares[:, None] * gap)


def _halo_variance(world: World) -> float:
    kinds = np.array([[kind.satisfaction] for kind in world.types.values()])
    shares = np.array([kind.share for kind in world.types.values()])
    parts = np.array(world.stakeholder_shift)[:, None]
    return float(
        world.account_variance
        + world.person_variance
        + world.occasion_variance
        + _spread_of(kinds, shares)[0, 0]
        + _spread_of(parts, np.array(STAKEHOLDER_SHARES))[0, 0]
    )


def _driver_covariance(world: World) -> np.ndarray:
    """Of the latent drivers: the halo, their own part, and the levels of brands and waves."""
    levels = np.array(
        [
            np.array(world.brand_drivers[brand])
            + np.array(world.change) * (brand == world.changed_brand and wave == WAVES[-1])
            for brand in BRANDS
            for wave in WAVES
        ]
    )
    between = _spread_of(levels, np.full(len(levels), 1 / len(levels)))
    return world.halo**2 * _halo_variance(world) + world.own**2 * np.eye(len(DRIVERS)) + between


def _driver_shares(world: World) -> dict[str, float]:
    latent = _driver_covariance(world)
    rated = world.spread**2 * latent + world.driver_noise**2 * np.eye(len(DRIVERS))
    outcome = world.spread * latent @ np.array(world.driver_weights)
    every = range(len(DRIVERS))

    def explained(chosen: tuple[int, ...]) -> float:
        index = list(chosen)
        if not index:
            return 0.0
        return float(outcome[index] @ np.linalg.solve(rated[np.ix_(index, index)], outcome[index]))

    total = explained(tuple(every))
    shares = {}
    for driver in every:
        others = [other for other in every if other != driver]
        gained = sum(
            factorial(size) * factorial(len(others) - size) / factorial(len(DRIVERS))
            * (explained((*chosen, driver)) - explained(chosen))
            for size in range(len(others) + 1)
            for chosen in combinations(others, size)
        )  # fmt: skip
        shares[DRIVERS[driver]] = gained / total
    return shares


def _satisfaction_variance(world: World) -> float:
    weights = np.array(world.driver_weights)
    return float(weights @ _driver_covariance(world) @ weights + world.satisfaction_noise**2)


def _account_share(world: World) -> float:
    followed = (sum(world.driver_weights) * world.halo) ** 2 * world.account_variance
    return followed / _satisfaction_variance(world)


def _reliability(world: World) -> dict[str, float]:
    satisfied = world.spread**2 * _satisfaction_variance(world)
    trusted = world.trust[1] ** 2 * satisfied + world.trust[2] ** 2
    scales = {
        "satisfaction": (3, satisfied, world.satisfaction_item_noise),
        "trust": (4, trusted, world.trust_item_noise),
    }
    found = {}
    for name, (items, true, noise) in scales.items():
        single = true / (true + noise**2)
        found[name] = items * single / (1 + (items - 1) * single)
    return found
