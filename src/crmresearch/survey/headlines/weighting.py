"""Weights and design in sentences."""

import pandas as pd

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.headlines.wording import ABSENT


def compare(estimates: list[Estimate]) -> str:
    """How far the weights move the headline measures."""
    shifts = [item for item in estimates if item.key.endswith(".difference")]
    if not shifts:
        return f"{ABSENT}no weights, so that every answer counts alike"
    first = shifts[0]
    name = first.name.partition(", weighted less")[0]
    moved = sum(item.low > 0 or item.high < 0 for item in shifts)
    rest = ""
    if len(shifts) > 1:
        verb = "moves" if moved == 1 else "move"
        rest = f"; {moved} of {count(len(shifts), 'measure')} {verb} beyond chance"
    return f"Weighting moves “{name}” by {first}{rest}"


def effects(frame: pd.DataFrame) -> str:
    """What the answers are worth beside a simple random sample."""
    if frame.empty:
        return f"{ABSENT}neither weights nor related answers, so that every answer counts in full"
    measures = frame[~frame["Measure"].str.startswith("Weights alone")]
    row = (frame if measures.empty else measures).iloc[0]
    return (
        f"For “{row['Measure']}” {format_number(row['Answers'], 'count')} answers are as precise "
        f"as {format_number(row['Worth'], 'count')} of a simple random sample (design effect "
        f"{format_number(row['Design effect'], 'ratio')})"
    )


def margins(estimates: list[Estimate]) -> str:
    """Where the respondents differ most from the population."""
    if not estimates:
        return (
            f"{ABSENT}no known shares of the population to weight to, which hold for a whole "
            "survey and not for a part of it"
        )
    pairs = [
        (item, find(estimates, "margin.population", item.group))
        for item in estimates
        if item.key == "margin.sample" and item.value == item.value
    ]
    if not pairs:
        return "The sample is weighted to known shares of groups too small to show"
    sample, population = max(pairs, key=lambda pair: abs(pair[0].value - pair[1].value))
    variable, _, answer = sample.group.partition(": ")
    return (
        f"Respondents differ most from the population in {variable}: “{answer}” is "
        f"{sample} of respondents and {population} of the population, which the weights restore"
    )
