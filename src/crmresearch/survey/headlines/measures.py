"""The headline measures in sentences."""

from collections.abc import Callable

import pandas as pd

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number
from crmresearch.survey.headlines.wording import ABSENT
from crmresearch.survey.sample import WORDS


def net_promoter(estimates: list[Estimate]) -> str:
    """The score of all with its interval and the groups' extremes."""
    overall = find(estimates, "nps")
    if overall is None:
        return f"{ABSENT}nobody was asked, or too few said, how likely they are to recommend"
    return f"The Net Promoter Score is {overall}{_spread(estimates)}"


def satisfied(estimates: list[Estimate]) -> str:
    """The share in the top two answers."""
    overall = find(estimates, "satisfied")
    if overall is None:
        return f"{ABSENT}nobody was asked, or too few said, how satisfied they are"
    return f"{overall} give one of the two highest answers on satisfaction{_spread(estimates)}"


def mean_score(role: str) -> Callable[[list[Estimate]], str]:
    """The mean of a role's score, with what its scale runs from and to."""

    def words(estimates: list[Estimate]) -> str:
        overall = find(estimates, role)
        if overall is None:
            return f"{ABSENT}no question on {WORDS[role]}, or too few answers to show"
        start = f"Mean {WORDS[role]}"
        scale = overall.name.removeprefix(start).replace(", ", ", on a scale from ", 1)
        return f"{start} is {overall}{scale}"

    return words


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
