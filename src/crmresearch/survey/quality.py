"""How carefully people answered, and whether the headline depends on those who may not have.

Nobody is left out of any other analysis here: a fast or uniform answer may be an honest one. The
table of `sensitivity` says what leaving them out would change.
"""

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods.proportions import share
from crmresearch.methods.weighting import Design, mean_contrast, method_words, t_interval
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import reveals
from crmresearch.survey.metrics import headline_measures
from crmresearch.survey.sample import sampling

SHORTEST = 5  # a battery of fewer items says nothing about uniform answers
MEASURED = ("recommend", "satisfaction", "effort", "loyalty", "word_of_mouth", "driver", "item")

ADMINISTRATIVE = frozenset(
    ["id", "person", "account", "weight", "stratum", "duration", "date", "wave", "influence"]
)


def as_answered(survey: Survey) -> pd.DataFrame:
    """The ratings on the commonest scale, in the order of the codebook and not reversed.

    Only items that everybody is asked count (roles in `MEASURED`).
    """
    ratings = [
        item
        for item in survey.codebook.values()
        if item.type == "scale" and set(item.roles).intersection(MEASURED)
    ]
    if not ratings:
        return pd.DataFrame(index=survey.answers.index)
    scales = [(item.low, item.high) for item in ratings]
    commonest = max(scales, key=scales.count)
    battery = [item for item in ratings if (item.low, item.high) == commonest]
    frame = survey.answers[[item.variable for item in battery]].astype(float)
    for item in battery:
        if item.reverse and item.low is not None and item.high is not None:
            frame[item.variable] = item.low + item.high - frame[item.variable]
    return frame


def longest_run(battery: pd.DataFrame) -> np.ndarray:
    """The longest run of equal answers of each respondent, missing ones skipped."""
    values = battery.to_numpy(float)
    longest, current = np.zeros(len(values), dtype=int), np.zeros(len(values), dtype=int)
    last = np.full(len(values), np.nan)
    for column in values.T:
        answered = np.isfinite(column)
        current = np.where(answered, np.where(column == last, current + 1, 1), current)
        last = np.where(answered, column, last)
        longest = np.maximum(longest, current)
    return longest


def variability(battery: pd.DataFrame) -> np.ndarray:
    """Intra-individual variability: the SD of each respondent's answers to the battery."""
    return battery.std(axis=1, ddof=0).to_numpy()


def suspicious(
    survey: Survey, *, fast: float = 0.33, uniform: float = 0.8
) -> dict[str, tuple[str, np.ndarray]]:
    """Who answered suspiciously: key to (what they did, rows), for every check the data allow.

    Parameters
    ----------
    fast : a speeder took less than this share of the median time
    uniform : a straight-liner's longest run of equal answers covers at least this share of the
        ratings answered, of which there must be at least 5
    """
    found: dict[str, tuple[str, np.ndarray]] = {}
    if "duration" in survey.roles:
        seconds = survey.score("duration")
        limit = fast * seconds.median()
        if np.isfinite(limit):
            words = f"faster than {fast:.0%} of the median time"
            found["speeders"] = (f"Speeders, {words}", (seconds < limit).to_numpy())
    battery = as_answered(survey)
    if battery.shape[1] >= SHORTEST:
        answered = battery.notna().sum(axis=1).to_numpy()
        flat = (answered >= SHORTEST) & (longest_run(battery) >= uniform * answered)
        words = f"one answer to {uniform:.0%} of {battery.shape[1]} ratings in a row"
        found["straight_liners"] = (f"Straight-liners, {words}", flat)
    rows = _substance(survey)
    if rows.shape[1] >= 2 * SHORTEST:
        repeated = rows.duplicated(keep=False) & rows.notna().any(axis=1)
        uniform_rows = found.get("straight_liners", ("", np.zeros(len(rows), dtype=bool)))[1]
        words = f"all {rows.shape[1]} answers equal to another respondent's, not straight-lining"
        found["duplicates"] = (f"Duplicates, {words}", repeated.to_numpy() & ~uniform_rows)
    return found


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


def missing(survey: Survey, *, level: float = 0.95) -> list[Estimate]:
    """Share without an answer of every question that all are asked, the largest first."""
    basis = sampling(survey).unweighted()
    found = [
        share(
            survey.answers[item.variable].isna().to_numpy(float),
            key=f"missing.{item.variable}",
            name=item.name,
            design=basis,
            level=level,
        )
        for item in survey.codebook.values()
        if set(item.roles).intersection(MEASURED)
    ]
    return sorted((item for item in found if item.n), key=lambda item: -item.value)


def sensitivity(
    survey: Survey,
    *,
    fast: float = 0.33,
    uniform: float = 0.8,
    level: float = 0.95,
    min_cell: int = 1,
) -> list[Estimate]:
    """How far each headline measure moves when suspicious respondents are left out.

    The same people are in both figures, so the interval is that of the difference of the two
    overlapping means, not of two samples.

    Parameters
    ----------
    fast, uniform : see `suspicious`
    min_cell : a shift that would give away the answers of fewer people left out is not made

    Returns
    -------
    Keys ``sensitivity.{check}.{measure}``, such as ``sensitivity.straight_liners.nps``, and the
    check ``all`` for leaving out everybody that any check finds.
    """
    found = suspicious(survey, fast=fast, uniform=uniform)
    if not found:
        return []
    everybody = np.logical_or.reduce([rows for _, rows in found.values()])
    left_out = {key: (name.partition(",")[0], rows) for key, (name, rows) in found.items()}
    left_out = {key: part for key, part in left_out.items() if part[1].any()}
    left_out = {"all": ("suspicious respondents", everybody), **left_out}
    return [
        _shift(survey, key, *left_out[key], measure, level)
        for measure in headline_measures(survey)
        for key in _safe(left_out, np.isfinite(measure[3]), min_cell)
    ]


def _safe(
    left_out: dict[str, tuple[str, np.ndarray]], known: np.ndarray, min_cell: int
) -> list[str]:
    """The checks whose shifts, beside the figure of everybody, give away no few people; all last.

    The mean with and without three people is the mean of the three.
    """
    told, safe = [known], []
    for key, (_, rows) in left_out.items():
        if not reveals([*told, known & ~rows], min_cell):
            told.append(known & ~rows)
            safe.append(key)
    return sorted(safe, key="all".__eq__)


def _shift(
    survey: Survey,
    key: str,
    words: str,
    rows: np.ndarray,
    measure: tuple[str, str, str, np.ndarray],
    level: float,
) -> Estimate:
    name, label, unit, values = measure
    basis = sampling(survey)
    everyone = np.ones(basis.n, dtype=bool)
    value, error, freedom, n = mean_contrast(values, basis, [(1.0, ~rows), (-1.0, everyone)])
    low, high = t_interval(value, error, freedom, level)
    return Estimate(
        key=f"sensitivity.{key}.{name}",
        name=f"{label} without {words.lower()}",
        value=value,
        low=low,
        high=high,
        level=level,
        unit=unit,
        n=n,
        n_dropped=basis.n - n,
        method=f"{int((rows & np.isfinite(values)).sum()):,} left out; {_words(basis, freedom)}",
    )


def _words(basis: Design, freedom: int) -> str:
    return f"difference of overlapping means, {method_words(basis, freedom)}"


def _substance(survey: Survey) -> pd.DataFrame:
    """Every closed answer about the subject, which two honest people seldom give all alike."""
    columns = [
        item.variable
        for item in survey.codebook.values()
        if item.type in ("scale", "binary", "number", "category")
        and not ADMINISTRATIVE.intersection(item.roles)
    ]
    return survey.answers[columns]
