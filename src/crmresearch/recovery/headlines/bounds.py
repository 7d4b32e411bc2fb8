"""What would explain a contrast away, in sentences."""

import pandas as pd

from crmresearch.recovery.explained import NOTHING
from crmresearch.recovery.headlines.wording import ABSENT, value_of
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count


def unmeasured(estimates: list[Estimate]) -> str:
    """The least that an unmeasured cause would have to be to undo the firmest contrast."""
    limits = [item for item in estimates if item.key.startswith("e_value_limit.")]
    if not limits:
        return f"{ABSENT}an adjusted contrast to question."
    firmest = max(limits, key=lambda item: item.value)
    if firmest.value <= 1:
        return "No adjusted contrast is clear of zero, so nothing unmeasured is needed to undo it."
    group = firmest.name.partition(" − ")[0]
    return (
        f"To undo the contrast of {group}, a cause not measured that goes as strongly with the "
        f"group as with the outcome must do so by a risk ratio of {value_of(firmest)}."
    )


def omitted(estimates: list[Estimate]) -> str:
    """What a covariate not asked would have to explain, beside the strongest that was."""
    limits = [item for item in estimates if item.key.startswith("robustness_limit.")]
    if not limits:
        return f"{ABSENT}a covariate to adjust for, and so nothing to measure an omitted one by."
    firmest = max(limits, key=lambda item: item.value)
    if firmest.value <= 0:
        return "No adjusted contrast is clear of zero, so no omitted covariate is needed."
    ends = firmest.key.partition(".")[2]
    group = firmest.name.partition(" − ")[0]
    text = (
        f"To undo the contrast of {group}, a covariate not asked that explains as much of the "
        f"group as of the outcome must explain {value_of(firmest)} of what is left of each"
    )
    sides = [
        next((x for x in estimates if x.key == f"benchmark_{side}.{ends}"), None)
        for side in ("group", "outcome")
    ]
    if None in sides:
        return f"{text}."
    name = sides[0].group.partition(": ")[2]
    return f"{text}; {name} explains {value_of(sides[0])} and {value_of(sides[1])}."


def matched(estimates: list[Estimate]) -> str:
    """The hidden bias that the firmest contrast withstands within pairs."""
    found = [x for x in estimates if x.key.startswith("gamma.") and x.value == x.value]
    if not found:
        return f"{ABSENT}enough customers alike in the covariates to pair."
    firmest = max(found, key=lambda item: item.value)
    if firmest.value <= 1:
        return "Within pairs of customers alike no contrast is told from chance."
    group = firmest.name.partition(" − ")[0]
    return (
        f"Within pairs alike in the covariates, the contrast of {group} withstands a hidden bias "
        f"of up to {value_of(firmest)} to 1."
    )


def selection(estimates: list[Estimate]) -> str:
    """The correlation that would explain the paradox, beside the one that was seen."""
    zero = next((x for x in estimates if x.key.endswith(".zero")), None)
    seen = next((x for x in estimates if x.key.endswith(".observed")), None)
    start = next((x for x in estimates if x.key.endswith(".0")), None)
    if zero is None or seen is None or start is None:
        return f"{ABSENT}a rating of the handling by which delighted complainers were chosen."
    if start.value <= 0:
        return (
            "Delighted complainers do not stand above those compared with them even before any "
            "allowance for having been chosen by their rating."
        )
    if zero.value > 1:
        return "No correlation of rating and outcome would explain delighted complainers' lead."
    judged = "less" if zero.value < seen.value else "more"
    return (
        f"A correlation of {value_of(zero)} between rating and error would explain the lead of "
        f"delighted complainers, {judged} than the {value_of(seen)} of rating and outcome."
    )


def explained(table: pd.DataFrame) -> str:
    """Whether the narrowest contrast needs explaining at all."""
    if table.empty:
        return f"{ABSENT}an adjusted contrast to explain away."
    first, last = _contrast(table.iloc[0]), _contrast(table.iloc[-1])
    if table.iloc[0]["It would take"] != NOTHING:
        ways = count(int(table["Contrast"].eq(table["Contrast"].iloc[0]).sum()), "way")
        return f"What would explain away the contrast of {first}, in {ways} of being wrong."
    text = f"Nothing is needed to explain away the contrast of {first}: its interval holds zero"
    return f"{text}." if last == first else f"{text}; more is for that of {last}."


def _contrast(row: pd.Series) -> str:
    return str(row["Contrast"]).partition(" − ")[0]
