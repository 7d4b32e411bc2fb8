"""What customers say and mean to do, and what they did in the year after the interview."""

import numpy as np
import pandas as pd

from crmresearch.data.simulate.constants import WAVES, World
from crmresearch.data.simulate.people import People, whole

YEAR = 365  # days


def intentions(rng: np.random.Generator, said: pd.DataFrame, world: World) -> pd.DataFrame:
    """Word of mouth and the intention to extend the contract.

    Of a complaint, word of mouth keeps nothing but how its handling was rated; of a problem that
    nobody heard of, what it did to satisfaction. The intention follows loyalty alone.
    """
    n = len(said)
    start, slope, noise = world.talk
    point, made_up = world.talk_handling
    silent = (said["path"] == "silent").to_numpy()
    satisfied = said["before"].to_numpy() + silent * world.satisfaction_effect["silent"]
    rated = said[["handling_1", "handling_2"]].mean(axis=1)
    handled = (point * (rated - made_up)).fillna(0.0).to_numpy()
    talk = start + slope * (satisfied - world.centre) + handled + noise * rng.standard_normal(n)
    start, slope, noise = world.extend
    extend = start + slope * (said["loyal"] - world.centre) + noise * rng.standard_normal(n)
    return pd.DataFrame({"talk": whole(talk, 1, 7), "extend": whole(extend.to_numpy(), 1, 7)})


def deviated_twice(said: pd.DataFrame, earlier: pd.Series) -> np.ndarray:
    """True where an unresolved complaint follows an earlier problem."""
    return ((said["path"] == "unresolved") & (earlier > 0)).to_numpy()


def departure(
    rng: np.random.Generator, who: People, said: pd.DataFrame, since: np.ndarray, world: World
) -> pd.DataFrame:
    """Whether they left within a year, from when until when it was seen, and what they brought.

    Parameters
    ----------
    said : the clean answers, with ``earlier_problems``
    since : days of the interviews

    Returns
    -------
    ``left`` (1, 0), ``followed_from`` and ``followed_until`` (days) and ``revenue``, missing
    where the year was not seen to its end.
    """
    n = len(said)
    rate, slope, twice = world.leaving
    hazard = rate / YEAR * np.exp(slope * (said["loyal"].to_numpy() - world.centre))
    hazard = hazard * np.exp(twice * deviated_twice(said, said["earlier_problems"]))
    stay = 1 + np.floor(rng.exponential(size=n) / hazard)
    sight = np.where(rng.random(n) < world.lost, 1 + np.floor(YEAR * rng.random(n)), YEAR)
    yearly = np.array(world.revenue)[who.segment]
    yearly = yearly * np.exp(world.revenue_noise * rng.standard_normal(n))
    first = since.astype("datetime64[D]").astype(float)
    ends = np.minimum(first + sight, float(np.datetime64(world.last_day, "D").astype(int)))
    until = np.minimum(first + stay, ends)
    left = first + stay <= ends
    _agree(who, first, until, left)
    seen = until - first
    return pd.DataFrame(
        {
            "left": left.astype(float),
            "followed_from": first.astype("datetime64[D]").astype("datetime64[s]"),
            "followed_until": until.astype("datetime64[D]").astype("datetime64[s]"),
            "revenue": np.where(left | (seen >= YEAR), np.round(yearly * seen / YEAR), np.nan),
        }
    )


def _agree(who: People, first: np.ndarray, until: np.ndarray, left: np.ndarray) -> None:
    """Who answered again had not left before, and leaves on one day in both rows."""
    rows = pd.Series(np.arange(len(first)))
    last = who.wave == len(WAVES) - 1
    again = pd.Series(rows[last].to_numpy(), index=who.person[last])
    before = rows[~last & np.isin(who.person, again.index)].to_numpy()
    after = again.loc[who.person[before]].to_numpy()
    end = first[before] + YEAR
    left[before] = left[after] & (until[after] <= end)
    until[before] = np.minimum(until[after], end)
