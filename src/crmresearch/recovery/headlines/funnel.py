"""The funnel in sentences."""

from crmresearch.recovery.headlines.wording import ABSENT, listed, upper, value_of
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count


def funnel(estimates: list[Estimate]) -> str:
    """How many had a problem, and how many of them said so."""
    problem = find(estimates, "funnel.problem.of_all")
    complained = find(estimates, "funnel.complained.of_previous")
    if problem is None:
        alone = find(estimates, "funnel.complained.of_all")
        if alone is None:
            return f"{ABSENT}who had a problem and who complained."
        return f"{alone} of customers complained; who had a problem is not in these data."
    if complained is not None and complained.value != complained.value:
        return f"{problem} of customers had a problem, too few to say who of them complained."
    if complained is None:
        return f"{problem} of customers had a problem; complaints are not in these data."
    return f"{problem} of customers had a problem, and {complained} of them complained."


def silent(estimates: list[Estimate]) -> str:
    """The share of those with a problem who told nobody."""
    quiet = find(estimates, "silent.of_previous")
    if quiet is None:
        return f"{ABSENT}both who had a problem and who complained, so silence cannot be counted."
    unseen = "did not complain, so no complaint desk sees them."
    unnoticed = find(estimates, "unnoticed.of_problem")
    if unnoticed is None:
        return f"{quiet} of customers with a problem {unseen}"
    return (
        f"{quiet} of customers who noticed a problem {unseen} "
        f"{value_of(unnoticed)} of those with a problem did not notice it."
    )


def voiced(estimates: list[Estimate]) -> str:
    """Who told nobody and, where that was asked, whom the others told."""
    quiet, places = silent(estimates), destinations(estimates)
    if places.startswith(ABSENT):
        return quiet
    return places if quiet.startswith(ABSENT) else f"{quiet} {places}"


def destinations(estimates: list[Estimate]) -> str:
    """Where most complaints go."""
    shares = [x for x in estimates if x.key == "complaints.of_complaints" and x.value == x.value]
    if not shares:
        return f"{ABSENT}whom customers complained to, or by which channel."
    texts = []
    for heading in dict.fromkeys(item.group.partition(": ")[0] for item in shares):
        inside = [item for item in shares if item.group.startswith(f"{heading}: ")]
        most = max(inside, key=lambda item: item.value)
        texts.append(f"{most.group.partition(': ')[2]} ({value_of(most)}; {heading})")
    return f"Complaints went most often to {listed(texts)}."


def by_group(estimates: list[Estimate]) -> str:
    """Which steps differ by which groups, by the corrected tests."""
    tests = [item for item in estimates if item.key.startswith("funnel_test.")]
    made = [item for item in tests if item.p == item.p]
    if not tests:
        return f"{ABSENT}two groups of customers large enough to compare at a step of the funnel."
    clear = [item for item in made if item.p < 1 - item.level]
    number = count(len(made), "comparison")
    if not clear:
        return (
            f"No step differs clearly between groups in {number}, "
            "which does not show that the groups are alike."
        )
    found: dict[str, list[str]] = {}
    for item in clear:
        step, _, variable = item.name.partition(", differs by ")
        found.setdefault(variable, []).append(f"who {step}")
    texts = [f"{variable} tells apart {listed(steps)}" for variable, steps in found.items()]
    return f"{upper('; '.join(texts))} ({len(clear)} of {number})."
