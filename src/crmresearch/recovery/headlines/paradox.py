"""The contrasts of the paradox in sentences."""

import pandas as pd

from crmresearch.recovery.contrasts import VERDICTS
from crmresearch.recovery.headlines.wording import ABSENT, upper, value_of
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number


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
    size = format_number(detectable.value, "SD").lstrip("+")
    return f"{text} and would find a true difference of {size} SD four times out of five."


def contrasts(estimates: list[Estimate], verdicts: pd.DataFrame) -> str:
    """The verdict on the narrowest contrast, raw and adjusted."""
    if verdicts.empty:
        return f"{ABSENT}customers with and without a problem or complaint to contrast."
    group, raw, adjusted = verdicts.iloc[-1]
    if adjusted not in VERDICTS:
        return f"{upper(group)}: {raw}, with nothing to adjust for in these data."
    if raw == adjusted:
        return f"{upper(group)}: {adjusted}, raw and adjusted alike."
    return f"{upper(group)}: {raw} when raw, {adjusted} once adjusted."


def unmeasured(estimates: list[Estimate]) -> str:
    """The least that an unmeasured cause would have to be to undo the firmest contrast."""
    limits = [item for item in estimates if item.key.startswith("e_value_limit.")]
    if not limits:
        return f"{ABSENT}an adjusted contrast on a scale to question."
    firmest = max(limits, key=lambda item: item.value)
    if firmest.value <= 1:
        return "No adjusted contrast is clear of zero, so nothing unmeasured is needed to undo it."
    ratio = format_number(firmest.value, "ratio")
    group = firmest.name.partition(" − ")[0]
    return (
        f"To undo the contrast of {group}, a cause not measured must go with both the group and "
        f"the outcome by a risk ratio of {ratio}."
    )


def verdicts(table: pd.DataFrame) -> str:
    """How often each verdict was reached after adjustment."""
    if table.empty:
        return f"{ABSENT}a contrast to judge."
    words = table["Adjusted"].where(table["Adjusted"].isin(VERDICTS), table["Raw"])
    counts = [f"{int((words == word).sum())} {word}" for word in VERDICTS if (words == word).any()]
    return f"Of {count(len(table), 'contrast')}: {', '.join(counts)}."
