"""The drivers in sentences."""

import numpy as np
import pandas as pd

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number
from crmresearch.survey.headlines.wording import ABSENT, listed

MOST_NAMED = 3
SURE = 0.95  # of resamples, to say so without reserve


def importance(estimates: list[Estimate]) -> str:
    """The first driver, its share, and which others cannot be told apart from it."""
    drivers = [item for item in estimates if item.key.startswith("lmg.")]
    if not drivers:
        return f"{ABSENT}no ratings of parts of the offer that could be held against satisfaction"
    first = drivers[0]
    names = {item.key.partition(".")[2]: item.name for item in drivers}
    near = [
        names[item.key.partition(".")[2]]
        for item in estimates
        if item.key.startswith("gap.") and not item.low > 0
    ]
    text = f"The strongest driver is {first.name}, with {first} of the explained variance"
    lead = find(estimates, "driver.lead")
    if lead is None or not near:
        return text
    if len(near) == len(drivers) - 1 and len(near) > 1:
        return f"{text}, but no other driver can be told apart from it: its lead could be chance"
    return f"{text}, not to be told apart from {_some(near)}: its lead could be chance"


def ranks(frame: pd.DataFrame) -> str:
    """How sure the first rank is, and how many drivers have a place of their own."""
    if frame.empty:
        return f"{ABSENT}no drivers to rank"
    first = frame.iloc[0]
    share = float(first.iloc[1])
    if not np.isfinite(share):
        return "The ranking could not be resampled"
    sure = "keeps" if share >= SURE else "takes"
    text = (
        f"{first['Driver']} {sure} the first rank in {format_number(share, 'share')} of resamples"
    )
    marks = frame["Not told apart"].str.split()
    members = marks.explode().value_counts()
    alone = int(sum(all(members[number] == 1 for number in row) for row in marks))
    if alone == len(frame):
        return f"{text}, and every driver can be told apart from every other"
    if not alone:
        return f"{text}; no driver can be told apart from all others"
    return f"{text}; {alone} of {len(frame)} drivers can be told apart from all others"


def checks(estimates: list[Estimate]) -> str:
    """What the drivers explain of new answers, and what the mean of all ratings does."""
    held_out = find(estimates, "check.cv")
    general = find(estimates, "check.general")
    if held_out is None or general is None:
        return f"{ABSENT}no drivers to check"
    if not np.isfinite(held_out.value):
        return "There are too few answers to hold some out"
    return (
        f"In answers held out, the drivers together explain R² {held_out}; the mean of all "
        f"ratings alone reaches {format_number(general.value, general.unit)}"
    )


def penalty_reward(estimates: list[Estimate]) -> str:
    """For which drivers the line bends, tested on the uncut ratings."""
    bends = [item for item in estimates if item.key.startswith("contrast.bend.")]
    if not bends:
        return f"{ABSENT}too few low and high ratings of any part of the offer"
    lower = [item.name.rpartition(", ")[0] for item in bends if item.high < 0]
    upper = [item.name.rpartition(", ")[0] for item in bends if item.low > 0]
    parts = [
        f"{_some(names)} {'goes' if len(names) == 1 else 'go'} with more {where} of the scale"
        for names, where in ((lower, "in the lower half"), (upper, "in the upper half"))
        if names
    ]
    if not parts:
        return "No driver is shown to go with more in one half of its scale than in the other"
    return "; ".join(parts)


def priorities(frame: pd.DataFrame) -> str:
    """Which drivers are surely more important than average and rated lower."""
    if frame.empty:
        return f"{ABSENT}fewer than two drivers to hold against each other"
    worst = frame.columns[7]
    sure = frame.loc[frame[worst] >= SURE, "Driver"].tolist()
    if not sure:
        return "No driver is surely both more important than the average driver and rated lower"
    verb = "is" if len(sure) == 1 else "are"
    share = format_number(SURE, "share")
    return (
        f"{_some(sure)} {verb} more important than the average driver and rated lower, in {share} "
        "of resamples or more"
    )


def _some(names: list[str]) -> str:
    if len(names) <= MOST_NAMED:
        return listed(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} others"
