"""The funnel of failures: who had a problem, who said so, whose was put right, and who stayed."""

import numpy as np

from crmresearch.methods.proportions import share
from crmresearch.recovery.cases import Cases, withheld
from crmresearch.recovery.planned import told
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import reveals

STEPS = {
    "problem": "had a problem",
    "noticed": "noticed it",
    "complained": "complained",
    "answered": "got an answer",
    "resolved": "had it resolved",
    "satisfied": "were satisfied with the handling",
    "stayed": "stayed a customer",
}
SILENT = "had a problem, noticed it and told nobody"
QUIET = "had a problem and did not complain"
UNNOTICED = "had a problem and did not notice it"


def steps(cases: Cases) -> list[str]:
    """The steps that were asked, in order; none where nothing was asked of a problem."""
    found = [step for step in STEPS if cases.has(step)]
    return found if found != ["stayed"] else []


def reached(cases: Cases, step: str) -> tuple[np.ndarray, np.ndarray]:
    """Who stood before a step, and who took it and every step before it.

    Returns
    -------
    before : (n,) bool, known to have taken every step before this one; all at the first
    passed : (n,) float, 1, 0, or NaN where this step or one before it is unknown
    """
    passed = np.ones(len(cases.frame))
    for name in steps(cases):
        before = passed == 1
        passed = _after(passed, cases.frame[name].to_numpy())
        if name == step:
            break
    return before, passed


def funnel(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Each step as a share of those at the step before it and of all customers.

    A step counts those who also took every step before it. Customers whose answer to a step, or
    to one before it, is unknown are left out of it and counted. It describes who took which step;
    it does not say what a step did to them: who stayed at the end is a share of the satisfied.

    Parameters
    ----------
    cases : from `cases.read`
    level, min_cell : confidence level; where fewer than `min_cell` people stood before a step, both
        of its shares are withheld, since that of all gives away that of the few; likewise who
        stayed, where that and the means of `contrasts.compare` would give a few away

    Returns
    -------
    Two estimates a step, ``funnel.<step>.of_previous`` and ``funnel.<step>.of_all``; the first
    step has only the latter. Weighted, with intervals for clustered answers, where the data have
    weights or clusters; Wilson's interval otherwise. Empty without a problem or complaint asked.
    """
    estimates: list[Estimate] = []
    passed, first = np.ones(len(cases.frame)), True
    for step in steps(cases):
        before, answer = passed == 1, cases.frame[step].to_numpy()
        passed = _after(passed, answer)
        name = f"{STEPS[step]}, share of"
        pair = [
            _share(cases, f"funnel.{step}.of_all", f"{name} all customers", passed, None, level)
        ]
        if not first:
            key = f"funnel.{step}.of_previous"
            pair = [
                _share(cases, key, f"{name} those at the step before", answer, before, level),
                *pair,
            ]
        fewest = pair[0].n
        if step == "stayed" and gives_away(cases, before, min_cell):
            fewest = 0
        estimates += [withheld(item, fewest, min_cell) for item in pair]
        first = False
    return estimates


def gives_away(cases: Cases, within: np.ndarray, min_cell: int) -> bool:
    """Whether the share of these who stayed, beside the paths and contrasts, tells of a few.

    Where all but three of the resolved were satisfied, it would give away the three.
    """
    outcome = next(item for item in cases.outcomes if item.key == "stayed")
    known = within & cases.frame["stayed"].notna().to_numpy()
    return reveals([*told(cases, outcome, min_cell), known], min_cell)


def silent(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Customers with a problem who did not complain: who told nobody, and who never noticed.

    Who did not notice had nothing to tell and is counted apart, where that was asked.

    Returns
    -------
    ``silent.of_previous``, of those with a problem (that they noticed), and ``silent.of_all``;
    with noticing ``unnoticed.of_problem`` and ``unnoticed.of_all``. Empty unless both a problem
    and a complaint were asked.
    """
    if not cases.has("problem", "complained"):
        return []
    problem = cases.frame["problem"].to_numpy()
    quiet = 1 - cases.frame["complained"].to_numpy()
    asked = cases.has("noticed")
    before, _ = reached(cases, "complained")
    noticed = cases.frame["noticed"].to_numpy() if asked else problem
    told_nobody = np.where(noticed == 0, 0.0, np.where(np.isnan(noticed), np.nan, quiet))
    name, of = (SILENT, "those who noticed one") if asked else (QUIET, "those with a problem")
    rows = [
        ("silent.of_previous", f"{name}, share of {of}", quiet, before),
        ("silent.of_all", f"{name}, share of all customers", told_nobody, None),
    ]
    if asked:
        unseen = 1 - noticed
        rows += [
            (
                "unnoticed.of_problem",
                f"{UNNOTICED}, share of those with a problem",
                unseen,
                problem == 1,
            ),
            (
                "unnoticed.of_all",
                f"{UNNOTICED}, share of all customers",
                np.where(problem == 0, 0.0, unseen),
                None,
            ),
        ]
    found = [_share(cases, *row, level) for row in rows]
    fewest = [item.n for item in found[::2] for _ in range(2)]  # of the pair of each share
    return [withheld(item, n, min_cell) for item, n in zip(found, fewest, strict=True)]


def _after(passed: np.ndarray, answer: np.ndarray) -> np.ndarray:
    return np.where(passed == 0, 0.0, np.where(np.isnan(passed), np.nan, answer))


def _share(
    cases: Cases,
    key: str,
    name: str,
    yes: np.ndarray,
    within: np.ndarray | None,
    level: float,
) -> Estimate:
    return share(yes, key=key, name=name, design=cases.sampling, within=within, level=level)
