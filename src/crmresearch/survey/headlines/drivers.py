"""The drivers in sentences."""

import numpy as np
import pandas as pd

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number
from crmresearch.survey.headlines.wording import ABSENT


def importance(estimates: list[Estimate]) -> str:
    """The first driver, its share and whether its lead is clear."""
    drivers = [item for item in estimates if item.unit == "share"]
    if not drivers:
        return f"{ABSENT}no ratings of parts of the offer that could be held against satisfaction"
    first = drivers[0]
    text = f"The strongest driver is {first.name}, with {first} of the explained variance"
    lead = find(estimates, "driver.lead")
    if lead is not None and not lead.low > 0:
        return f"{text}, a lead that could be chance"
    return text


def ranks(frame: pd.DataFrame) -> str:
    """How sure the first rank is."""
    if frame.empty:
        return f"{ABSENT}no drivers to rank"
    first = frame.iloc[0]
    share = float(first.iloc[1])
    if not np.isfinite(share):
        return "The ranking could not be resampled"
    sure = "keeps" if share >= 0.95 else "takes"
    return (
        f"{first['Driver']} {sure} the first rank in {format_number(share, 'share')} of resamples"
    )
