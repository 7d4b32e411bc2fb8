"""How carefully people answered, and how many gave the best or worst answer there was.

Nobody is left out of any other analysis here: a fast or uniform answer may be an honest one. The
tables of `robustness` say what leaving them out would change.
"""

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods.proportions import share
from crmresearch.report.estimates import Estimate
from crmresearch.survey.answering import (
    MEASURED,
    as_answered,
    longest_run,
    lower_fence,
    variability,
)
from crmresearch.survey.sample import sampling

SHORTEST = 5  # a battery of fewer items says nothing about uniform answers
ADMINISTRATIVE = frozenset(
    ["id", "person", "account", "weight", "stratum", "duration", "date", "wave", "influence"]
)


def suspicious(
    survey: Survey, *, fast: float = 0.33, uniform: float = 0.8
) -> dict[str, tuple[str, np.ndarray]]:
    """Who answered suspiciously: key to (what they did, rows), for every check the data allow.

    Parameters
    ----------
    fast : a speeder took less than this share of the median time
    uniform : a straight-liner's longest run of equal answers covers at least this share of the
        ratings answered, of which there must be at least 5

    Returns
    -------
    ``speeders``; ``straight_liners`` (long string); ``low_variability``, whose answers have an SD
    of 0 or below Tukey's lower fence of everybody's; ``duplicates``, all of whose answers are
    those of another respondent. One person may be in several.
    """
    return survey.once(
        f"suspicious {fast} {uniform}",
        lambda: _suspicious(survey, fast, uniform),
    )


def _suspicious(survey: Survey, fast: float, uniform: float) -> dict[str, tuple[str, np.ndarray]]:
    found = _speeders(survey, fast) | _uniform(survey, uniform)
    flat = found.get("straight_liners", ("", np.zeros(len(survey.answers), dtype=bool)))[1]
    return found | _duplicates(survey, flat)


def _speeders(survey: Survey, fast: float) -> dict[str, tuple[str, np.ndarray]]:
    if "duration" not in survey.roles:
        return {}
    seconds = survey.score("duration")
    limit = fast * seconds.median()
    if not np.isfinite(limit):
        return {}
    words = f"Speeders, faster than {fast:.0%} of the median time"
    return {"speeders": (words, (seconds < limit).to_numpy())}


def _uniform(survey: Survey, uniform: float) -> dict[str, tuple[str, np.ndarray]]:
    battery = as_answered(survey)
    if battery.shape[1] < SHORTEST:
        return {}
    answered = battery.notna().sum(axis=1).to_numpy()
    enough = answered >= SHORTEST
    flat = enough & (longest_run(battery) >= uniform * answered)
    spread = np.where(enough, variability(battery), np.nan)
    fence = lower_fence(spread)
    near = enough & ((spread == 0) | (spread < fence))
    limit = f"0 or below {fence:.2f}" if fence > 0 else "0"
    return {
        "straight_liners": (
            f"Straight-liners, one answer to {uniform:.0%} of {battery.shape[1]} ratings in a row",
            flat,
        ),
        "low_variability": (
            f"Near-constant answers, SD of {battery.shape[1]} ratings {limit}",
            near,
        ),
    }


def _duplicates(survey: Survey, flat: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    rows = _substance(survey)
    if rows.shape[1] < 2 * SHORTEST or rows.empty:
        return {}
    # two different rows have the same hash of 64 bits once in 10^19 pairs
    repeated = pd.util.hash_pandas_object(rows, index=False).duplicated(keep=False).to_numpy()
    words = "answers equal to another respondent's, not straight-lining"
    found = repeated & rows.notna().any(axis=1).to_numpy() & ~flat
    return {"duplicates": (f"Duplicates, all {rows.shape[1]} {words}", found)}


def _substance(survey: Survey) -> pd.DataFrame:
    """Every closed answer about the subject, which two honest people seldom give all alike."""
    columns = [
        item.variable
        for item in survey.codebook.values()
        if item.type in ("scale", "binary", "number", "category")
        and not ADMINISTRATIVE.intersection(item.roles)
    ]
    return survey.answers[columns]


def checks(
    survey: Survey, *, fast: float = 0.33, uniform: float = 0.8, level: float = 0.95
) -> list[Estimate]:
    """Share of respondents that each check of `suspicious` finds: ``quality.speeders``."""
    found, basis = [], sampling(survey).unweighted()
    for key, (name, rows) in suspicious(survey, fast=fast, uniform=uniform).items():
        asked = np.ones(len(rows), dtype=bool)
        if key == "speeders":
            asked = survey.score("duration").notna().to_numpy()
        yes = np.where(asked, rows.astype(float), np.nan)
        found.append(share(yes, key=f"quality.{key}", name=name, design=basis, level=level))
    return [item for item in found if item.n]


def ends(survey: Survey, *, level: float = 0.95) -> list[Estimate]:
    """Share of answers at the best and at the worst end of every rating and scale.

    Where most give the highest answer there is, a rating cannot rise and tells little of what
    lies between people (ceiling); likewise at the lowest (floor). A scale is at its end where all
    its answered items are.

    Returns
    -------
    ``ceiling.{variable}`` and ``floor.{variable}`` of the end that was chosen more often, for
    every rating that all are asked and every scale; the largest share first. The share counts
    reversed items as they are read.
    """
    basis = sampling(survey)
    found = []
    for key, name, values, low, high in _ranges(survey):
        above = np.count_nonzero(values == high) >= np.count_nonzero(values == low)
        kind, end = ("ceiling", high) if above else ("floor", low)
        item = share(
            np.where(np.isfinite(values), values == end, np.nan),
            key=f"{kind}.{key}",
            name=f"{name}, answers at {end:g}",
            design=basis,
            level=level,
        )
        found.append(item)
    return sorted((item for item in found if item.n), key=lambda item: -item.value)


def _ranges(survey: Survey) -> list[tuple[str, str, np.ndarray, float, float]]:
    """Ratings and scales with known ends: key, name, values, low, high."""
    ratings = [
        item
        for item in survey.codebook.values()
        if item.type == "scale"
        and set(item.roles).intersection(MEASURED)
        and item.low is not None
        and item.high is not None
    ]
    found = [
        (
            item.variable,
            item.name + (" (reversed)" if item.reverse else ""),
            survey.answers[item.variable].to_numpy(float),
            item.low,
            item.high,
        )
        for item in ratings
    ]
    known = {item.variable: item for item in ratings}
    for construct, names in survey.scales().items():
        items = [known[name] for name in names if name in known]
        if len(items) == len(names) and len({(item.low, item.high) for item in items}) == 1:
            score = survey.answers[names].astype(float).mean(axis=1).to_numpy()
            found.append(
                (f"scale.{construct}", f"Scale {construct}", score, items[0].low, items[0].high)
            )
    return found
