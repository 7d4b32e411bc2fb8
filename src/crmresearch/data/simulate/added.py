"""Columns drawn from random streams of their own: the rest of the file does not depend on them."""

import numpy as np
import pandas as pd

from crmresearch.data.simulate.afterwards import departure, intentions
from crmresearch.data.simulate.comments import Comments, comments
from crmresearch.data.simulate.complaint import complaint
from crmresearch.data.simulate.constants import WAVES, World
from crmresearch.data.simulate.people import People, choose
from crmresearch.data.simulate.relation import relation
from crmresearch.data.simulate.streams import stream


def interviewed(seed: int, who: People, world: World) -> np.ndarray:
    """The day of the answer as text, spread over the months of the wave's year.

    The day depends on nothing but the wave, so nothing drifts within a year.
    """
    rng = stream(seed, "interviewed")
    n = len(who.wave)
    shares = np.array(world.months) / sum(world.months)
    month = choose(rng.random(n), tuple(shares)) + 1
    year = np.array([int(wave) for wave in WAVES])[who.wave]
    first = pd.to_datetime(pd.DataFrame({"year": year, "month": month, "day": 1}))
    day = np.floor(rng.random(n) * first.dt.days_in_month.to_numpy())
    return (first + pd.to_timedelta(day, unit="D")).dt.strftime("%Y-%m-%d").to_numpy(dtype=object)


def contacts(seed: int, who: People, world: World) -> np.ndarray:
    """People of the account whom the provider knows, as text; empty where it has lost count.

    Everyone who answered in either wave, and some who did not.
    """
    rng = stream(seed, "contacts")
    people = pd.DataFrame({"account": who.account, "person": who.person, "segment": who.segment})
    accounts = people.groupby("account").agg(
        known=("person", "nunique"), segment=("segment", "first")
    )
    most = np.array(world.other_contacts)[accounts["segment"]]
    others = np.floor(rng.random(len(accounts)) * (most + 1)).astype(int)
    unknown = rng.random(len(accounts)) < world.contacts_unknown
    text = (accounts["known"] + others).astype(str).mask(unknown, "")
    return text.loc[who.account].to_numpy(dtype=object)


def commented(seed: int, clean: pd.DataFrame, hostile: np.ndarray, world: World) -> Comments:
    """The comments, from their own stream."""
    return comments(stream(seed, "comments"), clean, hostile, world)


def later(seed: int, who: People, said: pd.DataFrame, world: World) -> pd.DataFrame:
    """The complaint, intentions and the year after, each from its own stream."""
    since = interviewed(seed, who, world).astype("datetime64[D]")
    return pd.concat(
        [
            complaint(stream(seed, "complaint"), who, said, world),
            intentions(stream(seed, "intentions"), said, world),
            departure(stream(seed, "departure"), who, said, since, world),
        ],
        axis=1,
    )


def related(seed: int, who: People, said: pd.DataFrame, world: World) -> pd.DataFrame:
    """How they rate the relationship and the cards they choose, from a stream of their own."""
    return relation(stream(seed, "relation"), who, said["loyal"].to_numpy(), world)
