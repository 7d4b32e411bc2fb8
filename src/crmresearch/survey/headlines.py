"""Estimates of the survey study as the sentences that head its exhibits."""

import numpy as np
import pandas as pd

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.sample import WORDS
from crmresearch.survey.scales import ENOUGH, doubtful, unreliable
from crmresearch.survey.segments import clearest

ABSENT = "Not in these data: "


def net_promoter(estimates: list[Estimate]) -> str:
    """The score of all with its interval and the groups' extremes."""
    overall = find(estimates, "nps")
    if overall is None:
        return f"{ABSENT}nobody was asked how likely they are to recommend"
    return f"The Net Promoter Score is {overall}{_spread(estimates)}"


def satisfied(estimates: list[Estimate]) -> str:
    """The share in the top two answers."""
    overall = find(estimates, "satisfied")
    if overall is None:
        return f"{ABSENT}nobody was asked how satisfied they are"
    return f"{overall} give one of the two highest answers on satisfaction{_spread(estimates)}"


def mean_score(role: str, estimates: list[Estimate]) -> str:
    """The mean of a role's score, with what its scale runs from and to."""
    overall = find(estimates, role)
    if overall is None:
        return f"{ABSENT}no question on {WORDS[role]}"
    scale = overall.name.partition(", ")[2]
    scale = f", on a scale from {scale}" if scale else ""
    return f"Mean {WORDS[role]} is {overall}{scale}"


def checks(estimates: list[Estimate]) -> str:
    """The shares of suspicious answers."""
    if not estimates:
        return f"{ABSENT}neither times nor enough ratings to check how carefully people answered"
    texts = [
        f"{format_number(item.value, item.unit)} {item.name.partition(',')[0].lower()}"
        for item in estimates
    ]
    return f"Checks of answer quality find {_listed(texts)}"


def sensitivity(estimates: list[Estimate]) -> str:
    """Whether any headline measure moves when suspicious respondents are left out."""
    if not estimates:
        return f"{ABSENT}careless answers of enough people to show what they change"
    chosen = [item for item in estimates if item.key.startswith("sensitivity.all.")] or estimates
    if all(item.value == item.low == item.high == 0 for item in chosen):
        return "Nobody answered suspiciously, so no headline measure would move"
    moved = sum(item.low > 0 or item.high < 0 for item in chosen)
    rest = f"{moved} of {len(chosen)} measures {'moves' if moved == 1 else 'move'} beyond chance"
    first = chosen[0]
    name = first.name.partition(" without")[0]
    name = f"the {name}" if first.key.endswith(".nps") else f"“{name}”"
    return f"Without suspicious respondents {name} would move by {first}; {rest}"


def missing(estimates: list[Estimate]) -> str:
    """The question most often left unanswered."""
    if not estimates:
        return f"{ABSENT}no question that everybody was asked"
    first = estimates[0]
    if not first.value > 0:
        return f"All {count(len(estimates), 'question')} were answered by everybody"
    return f"{first.name} is missing most often, {first} of the time"


def recommend(frame: pd.DataFrame) -> str:
    """Shares of promoters and detractors."""
    if frame.empty:
        return f"{ABSENT}too few or no answers on recommending"
    totals = frame.groupby("Kind")["Share"].sum()
    promoters = format_number(totals["Promoter"], "share")
    detractors = format_number(totals["Detractor"], "share")
    return f"{promoters} are promoters and {detractors} detractors"


def answers(frame: pd.DataFrame) -> str:
    """The lowest and highest mean on the commonest scale."""
    if frame.empty:
        return f"{ABSENT}too few rated answers to show"
    scale = frame["Scale"].value_counts().idxmax()
    means = frame[frame["Scale"] == scale].set_index("Question")["Mean"]
    if len(means) == 1:
        return f"{means.index[0]} has a mean of {means.iloc[0]:.2f} on the scale of {scale}"
    return (
        f"Means on the scale of {scale} run from {means.min():.2f} ({means.idxmin()}) to "
        f"{means.max():.2f} ({means.idxmax()})"
    )


def reliability(estimates: list[Estimate]) -> str:
    """Which scales are reliable enough to compare groups, which are not, which cannot be told."""
    if not estimates:
        return f"{ABSENT}no scale of two items or more, so that reliability cannot be told"
    poor, unsure = unreliable(estimates), doubtful(estimates)
    names = {item.key.partition(".")[2] for item in estimates}
    if poor:
        text = f"{_scales(poor)} below {ENOUGH:.2f}: not reliable enough to compare groups"
        return text[0].upper() + text[1:]
    if unsure:
        return f"No scale is shown to be unreliable; {_scales(unsure)} not clear of {ENOUGH:.2f}"
    each = "The scale is" if len(names) == 1 else f"All {len(names)} scales are"
    return f"{each} reliable enough to compare groups, above {ENOUGH:.2f}"


def item_rest(estimates: list[Estimate]) -> str:
    """The item that fits its scale least."""
    if not estimates:
        return f"{ABSENT}no scale of two items or more"
    weakest = min(estimates, key=lambda item: item.value)
    return f"The item that goes least with the rest of its scale is {weakest.name}, r = {weakest}"


def correlations(estimates: list[Estimate]) -> str:
    """How closely satisfaction and loyalty go together."""
    pair = find(estimates, "correlation.satisfaction.loyalty")
    if pair is not None:
        return f"Satisfaction and loyalty are correlated at {pair}"
    if not estimates:
        return f"{ABSENT}fewer than two of satisfaction, recommendation, effort and loyalty"
    closest = max(estimates, key=lambda item: abs(item.value))
    return f"The closest association is that of {closest.name}, {closest}"


def segments(outcome: str, estimates: list[Estimate]) -> str:
    """The widest difference between segments."""
    widest = next((item for item in estimates if item.key.endswith(".widest")), None)
    if widest is None:
        return f"{ABSENT}no segments to compare on {WORDS[outcome]}"
    pair = clearest(estimates)
    if pair is not None:
        return f"Segments differ in {WORDS[outcome]}, most clearly {pair.name}: {pair}"
    most = format_number(widest.high, widest.unit).lstrip("+")
    return (
        f"No two segments are shown to differ in {WORDS[outcome]}; the widest true difference may "
        f"be anything up to {most} SD"
    )


def change(estimates: list[Estimate]) -> str:
    """The latest change of the first measure, beside what could have been found."""
    latest = [item for item in estimates if not item.group and "difference" in item.unit]
    if not latest:
        return f"{ABSENT}a single wave, so that change cannot be told"
    first = latest[0]
    smallest = find(estimates, f"{first.key}.detectable")
    text = f"{first.name}: {first}"
    if smallest is not None:
        text += f"; these samples would find a true change of {smallest} four times out of five"
    return text


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


def _spread(estimates: list[Estimate]) -> str:
    """The lowest and highest group of the grouping that is the widest apart."""
    groups = [item for item in estimates if item.group and item.value == item.value]
    families: dict[str, list[Estimate]] = {}
    for item in groups:
        families.setdefault(item.group.partition(": ")[0], []).append(item)
    apart = [
        (max(values, key=lambda x: x.value), min(values, key=lambda x: x.value))
        for values in families.values()
        if len(values) > 1
    ]
    if not apart:
        return ""
    high, low = max(apart, key=lambda pair: pair[0].value - pair[1].value)
    if not high.low > low.high:
        return ""
    return (
        f", from {format_number(low.value, low.unit)} ({low.group.partition(': ')[2]}) to "
        f"{format_number(high.value, high.unit)} ({high.group.partition(': ')[2]})"
    )


def _scales(estimates: list[Estimate]) -> str:
    texts = [f"{item.name} {item}" for item in estimates]
    return f"{_listed(texts)}, {'is' if len(texts) == 1 else 'are'}"


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
