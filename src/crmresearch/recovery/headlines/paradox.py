"""The contrasts of the paradox in sentences."""

import pandas as pd

from crmresearch.recovery.headlines.wording import ABSENT, listed, upper, value_of
from crmresearch.recovery.verdicts import TOO_FEW, VERDICTS, judged
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import UNITS, format_number


def reach(estimates: list[Estimate]) -> str:
    """What the narrowest contrast can and cannot show."""
    speaks = [x for x in estimates if x.key.startswith("speaks_for.") and x.value == x.value]
    if not speaks:
        return f"{ABSENT}a group to contrast."
    least = min(speaks, key=lambda item: item.value)
    detectable = find(estimates, least.key.replace("speaks_for", "detectable"))
    group = least.name.partition(", share")[0]
    text = f"The contrast of {group} speaks for {value_of(least)} of customers"
    if detectable is None or detectable.value != detectable.value:
        return f"{text} and is too small to show any difference."
    size = format_number(detectable.value, detectable.unit).lstrip("+")
    word = UNITS[detectable.unit].word
    return f"{text} and would find a true difference of {size} {word} four times out of five."


def contrasts(table: pd.DataFrame) -> str:
    """The verdict on the narrowest contrast, raw and adjusted."""
    if table.empty:
        return f"{ABSENT}customers with and without a problem or complaint to contrast."
    last = table.iloc[-1]
    group, raw, adjusted = f"{last.iloc[2]} ({last['Outcome']})", last["Raw"], last["Adjusted"]
    if adjusted == TOO_FEW:
        return f"{upper(group)}: {raw} when raw; too few answered what to adjust for."
    if adjusted not in VERDICTS:
        return f"{upper(group)}: {raw}, with nothing to adjust for in these data."
    if raw == adjusted:
        return f"{upper(group)}: {adjusted}, raw and adjusted alike."
    return f"{upper(group)}: {raw} when raw, {adjusted} once adjusted."


def verdicts(table: pd.DataFrame) -> str:
    """The verdicts on the narrowest contrast, in attitude and in behaviour."""
    if table.empty:
        return f"{ABSENT}a contrast to judge."
    group = table.columns[2]
    rows = table[table[group] == table[group].iloc[-1]]
    words = judged(rows)
    parts = []
    for kind in rows["Kind"].unique():
        found = words[rows["Kind"] == kind]
        told = [
            f"{int((found == word).sum())} {word}" for word in VERDICTS if (found == word).any()
        ]
        parts.append(f"on {kind} {listed(told)}")
    if "behaviour" not in set(rows["Kind"]):
        parts.append("behaviour is not in these data")
    if TOO_FEW in set(rows["Adjusted"]):
        parts.append("raw where too few could be adjusted")
    return f"{upper(str(rows[group].iloc[0]))}: {'; '.join(parts)}."
