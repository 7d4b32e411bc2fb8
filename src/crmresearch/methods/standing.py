"""Where groups stand among each other, as far as their shrunken means can tell.

Ranks are the least certain thing that can be said of many small groups: each rests on all the
others. They are simulated from what `shrinkage` knows of all groups jointly, so an interval of
ranks holds the rank that the group would have if everyone in it had been asked.

Source: Goldstein & Spiegelhalter (1996), Journal of the Royal Statistical Society A 159, 385-443;
Laird & Louis (1989), Journal of Educational Statistics 14, 29-46.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from crmresearch.methods.shrinkage import Shrunken, fit, predictions

MOST = 5_000_000  # simulated ranks; beyond, so many groups that the others' own chance averages out


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Rank 1 is the lowest. Groups without an answer have NaN.

    Parameters
    ----------
    low, high : ends of each group's interval of ranks, (groups,)
    lowest : probability that the group is among the lowest `share`, (groups,)
    truly : of the groups placed in the lowest `share` by their mean, the share that is there, with
        its interval
    placed : how many groups that is
    """

    low: np.ndarray
    high: np.ndarray
    lowest: np.ndarray
    truly: tuple[float, float, float]
    placed: int


def ranks(
    found: Shrunken,
    *,
    rng: np.random.Generator,
    share: float = 0.1,
    level: float = 0.95,
    draws: int = 1000,
) -> Ranks:
    """Intervals of the groups' ranks, and how far the lowest `share` can be told.

    Parameters
    ----------
    rng : for the simulation; with more than `MOST` / `draws` groups only the place of one group
        among all is simulated, since the others' chance then averages out
    share : size of the lowest part, at least one group
    """
    heard = np.flatnonzero(found.sums.sizes > 0)
    placed = max(1, round(share * len(heard)))
    chosen = np.argsort(found.shift[heard], kind="stable")[:placed]
    ends = (1 - level) / 2, (1 + level) / 2
    if len(heard) * draws <= MOST:
        simulated = _simulated(found, heard, rng, draws)
        low, high = np.quantile(simulated, ends, axis=0, method="inverted_cdf")
        among = simulated <= placed
        lowest = among.mean(axis=0)
        part = among[:, chosen].mean(axis=1)
        truly = (float(part.mean()), *(float(x) for x in np.quantile(part, ends)))
    else:
        low, high, lowest = _limit(found, heard, rng, placed, level)
        value = float(lowest[chosen].mean())
        error = float(np.sqrt((lowest[chosen] * (1 - lowest[chosen])).sum())) / placed
        reach = float(stats.norm.ppf(ends[1])) * error
        truly = value, max(value - reach, 0.0), min(value + reach, 1.0)
    sides = [np.full(len(found.shift), np.nan) for _ in range(3)]
    for side, values in zip(sides, (low, high, lowest), strict=True):
        side[heard] = values
    return Ranks(*sides, truly=truly, placed=placed)


def _simulated(
    found: Shrunken, heard: np.ndarray, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """Ranks of the groups' shifts drawn jointly, (draws, groups): all parameters unknown."""
    sums, parts = found.sums, []
    for rho, times in zip(found.rho, rng.multinomial(draws, found.weights), strict=True):
        if not times:
            continue
        one = fit(sums, rho)
        shift, spread = (side[heard] for side in predictions(sums, one))
        scale = np.sqrt(sums.freedom / rng.chisquare(sums.freedom, times))[:, None]
        root = np.linalg.cholesky(one.variance * one.inverse)
        errors = scale * (rng.standard_normal((times, len(root))) @ root.T)
        lean = (spread / one.variance)[:, None] * sums.columns[sums.profile[heard]]
        noise = scale * np.sqrt(spread) * rng.standard_normal((times, len(heard)))
        parts.append(shift + noise - errors @ lean.T)
    drawn = np.concatenate(parts)
    order = np.argsort(drawn, axis=1)
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(1, drawn.shape[1] + 1)[None, :], axis=1)
    return places


def _limit(
    found: Shrunken, heard: np.ndarray, rng: np.random.Generator, placed: int, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ends of the ranks and the probability of the lowest part where groups are very many."""
    mean, sd = found.shift[heard], np.maximum(found.shift_sd[heard], 1e-12)
    world = np.sort(mean + sd * rng.standard_normal(len(heard)))
    reach = float(stats.norm.ppf(0.5 + level / 2)) * sd
    low, high = (np.searchsorted(world, mean + side) for side in (-reach, reach))
    border = world[placed - 1]
    return np.maximum(low, 1), np.maximum(high, 1), special.ndtr((border - mean) / sd)


def reliability(found: Shrunken, *, level: float = 0.95) -> tuple[float, float, float]:
    """Share of the variance of scores that is not chance, over the groups, with its interval."""
    sizes, counts = found.sums.columns[:, 0], found.sums.counts
    counts = np.where(sizes > 0, counts, 0) / counts[sizes > 0].sum()
    values = np.array([counts @ (sizes * rho / (1 + (sizes - 1) * rho)) for rho in found.rho])
    reached = np.cumsum(found.weights) - found.weights / 2  # rises with the correlation
    low, high = np.interp((0.5 - level / 2, 0.5 + level / 2), reached, values)
    return float(found.weights @ values), float(low), float(high)


def clear(found: Shrunken, *, wrong: float = 0.05) -> np.ndarray:
    """Which groups can be called below (-1) or above (1) expectation; 0 for the others.

    As many are called as can be while the share of calls expected to be on the wrong side stays at
    `wrong` or less: the false discovery rate of directions.

    Returns
    -------
    (groups,) int
    """
    doubt = np.where(found.sums.sizes > 0, np.minimum(found.below, 1 - found.below), np.inf)
    order = np.argsort(doubt, kind="stable")
    expected = np.cumsum(doubt[order]) / np.arange(1, len(order) + 1)
    called = np.zeros(len(order), dtype=int)
    called[order[: int((expected <= wrong).sum())]] = 1
    return np.where(found.below > 0.5, -called, called)
