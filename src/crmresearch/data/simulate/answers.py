"""What they answer: from latent satisfaction to a full set of clean answers."""

import numpy as np
import pandas as pd

from crmresearch.data.simulate.complaint import history
from crmresearch.data.simulate.constants import (
    BRANDS,
    DRIVERS,
    NEGATIVE,
    PATHS,
    POSITIVE,
    WAVES,
    World,
)
from crmresearch.data.simulate.people import People, sign_chances, whole

EARLIER = {"failed": 0.0, "settled": 1.0}  # the outcome of the complaint before


def _chance(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-log_odds))


def drivers(rng: np.random.Generator, who: People, world: World) -> np.ndarray:
    """Latent drivers, one row an answer and one column a driver."""
    n = len(who.person)
    halo = (
        np.array([kind.satisfaction for kind in world.types.values()])[who.type]
        + np.array(world.stakeholder_shift)[who.stakeholder]
        + who.halo
        + np.sqrt(world.occasion_variance) * rng.standard_normal(n)
    )
    level = np.array([world.brand_drivers[brand] for brand in BRANDS])[who.brand]
    changed = (who.brand == BRANDS.index(world.changed_brand)) & (who.wave == len(WAVES) - 1)
    level = level + np.outer(changed, world.change)
    return level + world.halo * halo[:, None] + world.own * rng.standard_normal((n, len(DRIVERS)))


def complaints(rng: np.random.Generator, prior: np.ndarray, world: World) -> pd.DataFrame:
    """Problem, complaint, resolution and handling.

    They depend on the recorded prior satisfaction, on severity and on chance, so adjusting for
    the recorded prior satisfaction is enough to compare the paths fairly.
    """
    n = len(prior)
    gap = prior - world.centre
    severity = whole(3 + 1.1 * rng.standard_normal(n), 1, 5)
    problem = rng.random(n) < _chance(world.problem[0] + world.problem[1] * gap)
    start, on_prior, on_severity = world.complained
    complained = problem & (
        rng.random(n) < _chance(start + on_prior * gap + on_severity * (severity - 3))
    )
    start, on_prior, on_severity = world.resolved
    resolved = complained & (
        rng.random(n) < _chance(start + on_prior * gap + on_severity * (severity - 3))
    )
    start, on_resolved, on_prior, on_severity = world.handling
    handled = (
        start
        + on_resolved * resolved
        + on_prior * gap
        + on_severity * (severity - 3)
        + world.handling_noise * rng.standard_normal(n)
    )
    items = handled[:, None] + world.handling_item_noise * rng.standard_normal((n, 2))
    taken = np.select([~problem, ~complained, ~resolved], [0, 1, 2], 3)
    path = pd.Categorical.from_codes(taken, PATHS)
    return pd.DataFrame(
        {
            "path": path,
            "problem": problem.astype(float),
            "complained": np.where(problem, complained, np.nan),
            "resolved": np.where(complained, resolved, np.nan),
            "handling_1": np.where(complained, whole(items[:, 0], 1, 7), np.nan),
            "handling_2": np.where(complained, whole(items[:, 1], 1, 7), np.nan),
            "severity": np.where(problem, severity, np.nan),
            "handled": handled,
        }
    )


def _path_effect(told: pd.DataFrame, effect: dict[str, float], slope: float) -> np.ndarray:
    """What the path did to each respondent; severity counts around the mean of its path."""
    path, severity = told["path"].cat.codes.to_numpy(), told["severity"].to_numpy()
    found = np.array([float(effect[name]) for name in PATHS])[path]
    for name in ("silent", "unresolved"):
        on = path == PATHS.index(name)
        if slope and on.any():
            found[on] += slope * (severity[on] - severity[on].mean())
    return found


def _loyalty_effect(told: pd.DataFrame, world: World) -> np.ndarray:
    """What the path, and the complaints before it, did to the loyalty of each respondent."""
    found = _path_effect(told, dict(world.loyalty_effect), world.severity_slope)
    mild = (told["path"] == "resolved") & (told["severity"] < 3)
    found = found + world.mild_gain * mild.to_numpy()
    before = told["earlier_resolved"].to_numpy()
    for sequence, effect in world.sequence_effect.items():
        outcome, path = sequence.split(", ")
        follows = (before == EARLIER[outcome]) & (told["path"] == path).to_numpy()
        found = found + effect * follows
    return found


def _items(
    rng: np.random.Generator, true: np.ndarray, noise: float, stem: str, count: int
) -> dict[str, np.ndarray]:
    drawn = true[:, None] + noise * rng.standard_normal((len(true), count))
    return {f"{stem}_{item + 1}": whole(drawn[:, item], 1, 7) for item in range(count)}


def _recommend(rng: np.random.Generator, now: np.ndarray, world: World) -> np.ndarray:
    start, slope, noise = world.recommend
    drawn = start + slope * (now - world.centre) + noise * rng.standard_normal(len(now))
    return whole(drawn, 0, 10)


def signs(rng: np.random.Generator, who: People, world: World) -> dict[str, np.ndarray]:
    """Yes or no to every sign of the relationship, independent within a type."""
    chances = sign_chances(world)[who.wave, who.type]
    yes = rng.random(chances.shape) < chances
    return {name: yes[:, item].astype(float) for item, name in enumerate((*POSITIVE, *NEGATIVE))}


def _loyal(
    rng: np.random.Generator,
    who: People,
    before: np.ndarray,
    told: pd.DataFrame,
    lift: np.ndarray,
    world: World,
) -> np.ndarray:
    """Loyalty before it is rounded: it follows satisfaction as it was before any problem."""
    return (
        world.centre
        + world.loyalty_slope * before
        + np.array([kind.loyalty for kind in world.types.values()])[who.type]
        + world.tenure_slope * (who.tenure - 5)
        + _loyalty_effect(told, world)
        + lift
        + world.loyalty_noise * rng.standard_normal(len(before))
    )


def answers(
    rng: np.random.Generator,
    past: np.random.Generator,
    who: People,
    lift: np.ndarray,
    world: World,
) -> pd.DataFrame:
    """Clean answers, one row a respondent, and columns that no respondent could give.

    Those are ``path`` and ``type``, and before rounding ``handled`` (how well a complaint was or
    would have been handled), ``before`` (satisfaction apart from any problem) and ``loyal``.

    The problems before this one come from the stream `past`, and `lift` is what the relationship
    does to the loyalty of each. The random numbers do not depend on
    the world's effects, so two worlds that differ in an effect alone differ in nothing else.
    """
    n = len(who.person)
    latent = drivers(rng, who, world)
    before = latent @ np.array(world.driver_weights) + world.satisfaction_noise * (
        rng.standard_normal(n)
    )
    point = world.centre + world.spread * before
    prior = whole(point + world.prior_noise * rng.standard_normal(n), 1, 7)
    told = complaints(rng, prior, world)
    told = told.join(history(past, told, prior, world))
    now = point + _path_effect(told, dict(world.satisfaction_effect), 0.0)
    loyal = _loyal(rng, who, before, told, lift, world)
    start, on_satisfaction, noise = world.trust
    trust = start + on_satisfaction * now + noise * rng.standard_normal(n)
    rated = world.centre + world.spread * latent
    rated = rated + world.driver_noise * rng.standard_normal(rated.shape)
    found = {
        "recommend": _recommend(rng, now, world),
        **_items(rng, now, world.satisfaction_item_noise, "satisfaction", 3),
        "effort": whole(
            3.2 - 0.6 * (now - 4.6) + 0.7 * told["problem"] + rng.standard_normal(n), 1, 7
        ),
        **_items(rng, loyal, world.loyalty_item_noise, "loyalty", 3),
        **{name: whole(rated[:, item], 1, 7) for item, name in enumerate(DRIVERS)},
        **_items(rng, trust, world.trust_item_noise, "trust", 4),
        **told,
        "prior_satisfaction": prior,
        **signs(rng, who, world),
        "type": np.array(list(world.types))[who.type],
        "before": point,
        "loyal": loyal,
    }
    return pd.DataFrame(found)
