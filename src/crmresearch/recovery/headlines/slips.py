"""The checks of printed statistics in sentences."""

import pandas as pd

from crmresearch.recovery.headlines.wording import upper
from crmresearch.report.numbers import count, format_number


def slips(table: pd.DataFrame) -> str:
    """How many checks do not fit, and the first of them."""
    if table.empty:
        return "No file of printed statistics was named, so none was checked."
    clashes = table[table["Verdict"] == "inconsistent"]
    unknown = int((table["Verdict"] == "cannot tell").sum())
    statistics = count(int(table["Statistic"].nunique()), "printed statistic")
    text = f"Of {count(len(table), 'check')} of {statistics}, "
    text += "1 does not fit" if len(clashes) == 1 else f"{len(clashes) or 'none'} do not fit"
    text = text.replace("none do not fit", "none contradicts another")
    if unknown:
        text += f" and {unknown} cannot tell"
    if clashes.empty:
        return f"{text}."
    worst = clashes.iloc[0]
    first = f"{worst['Statistic']}, {worst['Check']}"
    return f"{text}: {upper(first)}, is printed as {worst['Printed']}{_implied(worst)}."


def _implied(worst: pd.Series) -> str:
    low, high = worst["Recomputed, from"], worst["to"]
    if low != low:
        return f", but {worst['Why']}"
    unit = "p" if worst["Check"].startswith("p ") else "statistic"
    ends = [format_number(end, unit) for end in (low, high)]
    return f", where the others allow {ends[0]} to {ends[1]}"
