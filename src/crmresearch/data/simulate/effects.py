"""What recovery truly did in a world, found by letting the same customers answer without it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmresearch.data.simulate.answers import EARLIER, answers
from crmresearch.data.simulate.constants import DEMO, PATHS, SEED, World
from crmresearch.data.simulate.people import People, moved, people
from crmresearch.data.simulate.relation import lifted
from crmresearch.data.simulate.streams import stream

DELIGHTED = 6  # a mean of the handling items from which on a complainer is delighted
CONTRASTS = ("failures", "complainers", "resolved", "delighted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """True effects on loyalty as answered: the mean of three items, in scale points.

    Each compares the same customers with what happened to them and without any problem.

    Parameters
    ----------
    treated : by contrast, for all whom it happened to: all with a problem, all complainers, those
        whose complaint was resolved, and those delighted with the handling
    overlap : the same, for those of them who could as well have had no problem: weighted by the
        share without a problem among both groups at their recorded prior satisfaction
    naive : by contrast, the difference in means from customers without a problem
    share : by contrast, of all customers
    mild, serious : for resolved complaints about a problem rated 1 or 2, and 3 or more
    sequence : by the outcome of the earlier complaint and of this one, for complainers with an
        earlier problem; ``unresolved`` and ``resolved`` for those without
    """

    treated: Mapping[str, float]
    overlap: Mapping[str, float]
    naive: Mapping[str, float]
    share: Mapping[str, float]
    mild: float
    serious: float
    sequence: Mapping[str, float]


def without_effects(world: World) -> World:
    """The same world, in which nothing that happened moves loyalty."""
    return replace(
        world,
        loyalty_effect=dict.fromkeys(PATHS, 0.0),
        severity_slope=0.0,
        mild_gain=0.0,
        sequence_effect={},
    )


def of_size(world: World, customers: int) -> World:
    """The same world with about this many customers, as many of them asked twice as before."""
    rows = max(customers // 6, 1)
    pool = max(round(world.pool_per_brand * rows / world.rows_per_cell), rows)
    return replace(world, rows_per_cell=rows, pool_per_brand=pool)


def draw(world: World, seed: int) -> tuple[People, pd.DataFrame]:
    """Who answers, and their clean answers."""
    rng = np.random.Generator(np.random.PCG64(seed))
    who = people(rng, world)
    if world.transitions:
        who = moved(stream(seed + 1, "types"), who, world)
    lift = lifted(stream(seed + 1, "relation"), who, world)
    return who, answers(rng, stream(seed + 1, "history"), who, lift, world)


def effects(world: World = DEMO, *, seed: int = SEED, customers: int = 60_000) -> Effects:
    """The true effects in `world`, over so many customers that chance moves them little.

    Parameters
    ----------
    world : its constants
    seed : of the draw
    customers : drawn; chance moves the effect on the delighted by about 0.01 points
    """
    large = of_size(world, customers)
    said = draw(large, seed)[1]
    loyalty = score(said, "loyalty")
    moved = loyalty - score(draw(without_effects(large), seed)[1], "loyalty")
    base = (said["problem"] == 0).to_numpy()
    groups = contrast_groups(said)
    resolved, mild = groups["resolved"], (said["severity"] < 3).to_numpy()
    return Effects(
        treated={name: float(moved[group].mean()) for name, group in groups.items()},
        overlap={
            name: _overlap(moved, group, base, said["prior_satisfaction"])
            for name, group in groups.items()
        },
        naive={
            name: float(loyalty[group].mean() - loyalty[base].mean())
            for name, group in groups.items()
        },
        share={name: float(group.mean()) for name, group in groups.items()},
        mild=float(moved[resolved & mild].mean()),
        serious=float(moved[resolved & ~mild].mean()),
        sequence=moved.groupby(sequences(said)).mean().to_dict(),
    )


def contrast_groups(said: pd.DataFrame) -> dict[str, np.ndarray]:
    """Who belongs to each contrast, from the clean answers."""
    complained = said["complained"] == 1
    groups = {
        "failures": said["problem"] == 1,
        "complainers": complained,
        "resolved": said["resolved"] == 1,
        "delighted": complained & (score(said, "handling") >= DELIGHTED),
    }
    return {name: group.to_numpy() for name, group in groups.items()}


def sequences(said: pd.DataFrame) -> pd.Series:
    """What became of the complaint before, if there was one, and of this one; else missing."""
    before = said["earlier_resolved"].map({code: f"{name}, " for name, code in EARLIER.items()})
    before = before.mask(said["earlier_problems"] == 0, "")
    return (before + said["path"].astype(str)).where(said["complained"] == 1)


def score(said: pd.DataFrame, stem: str) -> pd.Series:
    """The mean of the items whose names start so."""
    return said[[name for name in said if name.startswith(f"{stem}_")]].mean(axis=1)


def _overlap(moved: pd.Series, group: np.ndarray, base: np.ndarray, prior: pd.Series) -> float:
    taken = pd.Series(group).groupby(prior).sum()
    idle = pd.Series(base).groupby(prior).sum()
    weight = prior[group].map(idle / (idle + taken))
    return float(np.average(moved[group], weights=weight))
