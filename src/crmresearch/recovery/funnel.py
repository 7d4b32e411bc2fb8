"""The funnel of failures: who had a problem, who said so, whose was put right, who liked it."""

import numpy as np

from crmresearch.methods.proportions import share
from crmresearch.recovery.cases import Cases, withheld
from crmresearch.report.estimates import Estimate

STEPS = {
    "problem": "had a problem",
    "complained": "complained",
    "resolved": "had it resolved",
    "satisfied": "satisfied with the handling",
}


def funnel(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Each step as a share of those at the step before it and of all customers.

    A step counts those who also passed every step before it. Customers whose answer to a step, or
    to one before it, is unknown are left out of it and counted. It describes who took which step;
    it does not say what a step did to them.

    Parameters
    ----------
    cases : from `cases.read`
    level, min_cell : confidence level; a share of fewer people than `min_cell` is withheld

    Returns
    -------
    Two estimates a step, ``funnel.<step>.of_previous`` and ``funnel.<step>.of_all``; the first
    step has only the latter. Weighted, with intervals for clustered answers, where the data have
    weights or clusters; Wilson's interval otherwise. Empty without a problem or complaint asked.
    """
    steps = [step for step in STEPS if cases.has(step)]
    estimates: list[Estimate] = []
    reached = np.ones(len(cases.frame))
    before = ""
    for step in steps:
        answer = cases.frame[step].to_numpy()
        passed = np.where(reached == 0, 0.0, np.where(np.isnan(reached), np.nan, answer))
        if before:
            estimates.append(_share(cases, step, "of_previous", answer, reached == 1, level))
        estimates.append(_share(cases, step, "of_all", passed, None, level))
        reached, before = passed, step
    return [withheld(item, item.n, min_cell) for item in estimates]


def silent(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Customers with a problem who did not complain, as a share of those with one and of all.

    Returns
    -------
    ``silent.of_previous`` and ``silent.of_all``; empty unless both were asked.
    """
    if not cases.has("problem", "complained"):
        return []
    problem = cases.frame["problem"].to_numpy()
    quiet = 1 - cases.frame["complained"].to_numpy()
    estimates = [
        _share(cases, "silent", "of_previous", quiet, problem == 1, level),
        _share(cases, "silent", "of_all", np.where(problem == 0, 0.0, quiet), None, level),
    ]
    return [withheld(item, item.n, min_cell) for item in estimates]


def _share(
    cases: Cases,
    step: str,
    base: str,
    yes: np.ndarray,
    within: np.ndarray | None,
    level: float,
) -> Estimate:
    names = STEPS | {"silent": "had a problem and did not complain"}
    of = "those at the step before" if base == "of_previous" else "all customers"
    if step == "silent" and base == "of_previous":
        of = "those with a problem"
    return share(
        yes,
        key=f"silent.{base}" if step == "silent" else f"funnel.{step}.{base}",
        name=f"{names[step]}, share of {of}",
        design=cases.sampling,
        within=within,
        level=level,
    )
