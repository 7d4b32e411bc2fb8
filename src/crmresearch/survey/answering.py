"""How each person used the scales: runs of one answer and the spread of all answers."""

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey

MEASURED = ("recommend", "satisfaction", "effort", "loyalty", "word_of_mouth", "driver", "item")


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
    """The longest run of equal answers of each respondent (long string), missing ones skipped."""
    values = battery.to_numpy(float)
    longest, current = (np.zeros(len(values), dtype=np.int32) for _ in range(2))
    last = np.full(len(values), np.nan)
    for column in values.T:
        answered = np.isfinite(column)
        current *= (column == last) | ~answered
        current += answered
        last = np.where(answered, column, last)
        np.maximum(longest, current, out=longest)
    return longest


def variability(battery: pd.DataFrame) -> np.ndarray:
    """Intra-individual response variability: the SD of each respondent's answers.

    Source: Dunn, Heggestad, Shanock & Theilgard (2018), Journal of Business and Psychology 33,
    105-121. NaN without an answer.
    """
    values = battery.to_numpy(float)
    number, total, apart = (np.zeros(len(values)) for _ in range(3))
    for column in values.T:  # by columns, which lie together in memory
        known = np.isfinite(column)
        number += known
        np.add(total, column, out=total, where=known)
    with np.errstate(invalid="ignore"):
        means = total / number
        for column in values.T:
            np.add(apart, (column - means) ** 2, out=apart, where=np.isfinite(column))
        return np.sqrt(apart / number)


def lower_fence(values: np.ndarray) -> float:
    """Tukey's lower fence, the first quartile less 1.5 interquartile ranges; never below 0.

    An SD below it is outlying among those of the others; where the fence is 0 only people without
    any spread are below or at it.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0
    first, third = np.quantile(known, [0.25, 0.75])
    return max(float(first - 1.5 * (third - first)), 0.0)
