"""The funnel in sentences."""

from crmresearch.recovery.headlines.wording import ABSENT
from crmresearch.report.estimates import Estimate, find


def funnel(estimates: list[Estimate]) -> str:
    """How many had a problem, and how many of them said so."""
    problem = find(estimates, "funnel.problem.of_all")
    complained = find(estimates, "funnel.complained.of_previous")
    if problem is None:
        alone = find(estimates, "funnel.complained.of_all")
        if alone is None:
            return f"{ABSENT}who had a problem and who complained."
        return f"{alone} of customers complained; who had a problem is not in these data."
    if complained is None:
        return f"{problem} of customers had a problem; complaints are not in these data."
    return f"{problem} of customers had a problem, and {complained} of them complained."


def silent(estimates: list[Estimate]) -> str:
    """The share of those with a problem who told nobody."""
    quiet = find(estimates, "silent.of_previous")
    if quiet is None:
        return f"{ABSENT}both who had a problem and who complained, so silence cannot be counted."
    unseen = "did not complain: no complaint desk sees them."
    return f"{quiet} of customers with a problem {unseen}"
