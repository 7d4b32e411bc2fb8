"""The headline measures, for all and for parts of the sample, under the sampling design."""

from collections.abc import Callable

import numpy as np

from crmresearch.data.survey import Survey
from crmresearch.methods.means import mean
from crmresearch.methods.proportions import nps, nps_points, share, top_box
from crmresearch.report.estimates import Estimate
from crmresearch.survey.sample import GROUPINGS, WORDS, ends, parts, sampling


def net_promoter(
    survey: Survey, *, by: tuple[str, ...] = GROUPINGS, level: float = 0.95
) -> list[Estimate]:
    """Net Promoter Score in points: promoters (9, 10) less detractors (0 to 6).

    The first estimate is for all; with weights the second is the unweighted one. The others are
    for the groups of `by`. Empty without a variable in the role recommend.
    """
    if "recommend" not in survey.roles:
        return []
    scores = survey.score("recommend").to_numpy()
    return _estimates(survey, nps, scores, by, level, key="nps", name="Net Promoter Score")


def satisfied(
    survey: Survey, *, by: tuple[str, ...] = GROUPINGS, level: float = 0.95
) -> list[Estimate]:
    """Share in the two highest answers of the first satisfaction item.

    It throws away how satisfied or dissatisfied people are beyond that, so `satisfaction` and
    the distribution of the answers stand beside it.
    """
    if "satisfaction" not in survey.roles:
        return []
    name = f"Satisfied, top two answers: {survey.variables('satisfaction')[0].name}"
    return _estimates(survey, share, _top_two(survey), by, level, key="satisfied", name=name)


def mean_score(
    survey: Survey, role: str, *, by: tuple[str, ...] = GROUPINGS, level: float = 0.95
) -> list[Estimate]:
    """Mean of a role's score (the mean of its items) in scale points.

    Parameters
    ----------
    role : ``satisfaction``, ``loyalty`` or ``effort``; empty without it
    """
    if role not in survey.roles:
        return []
    first = survey.variables(role)[0]
    scale = ends(first)
    name = f"Mean {WORDS[role]}" + (f", {scale}" if scale else "")
    scores = survey.score(role).to_numpy()
    return _estimates(survey, _bounded(survey, role), scores, by, level, key=role, name=name)


def headline_measures(survey: Survey) -> list[tuple[str, str, str, np.ndarray]]:
    """Every headline measure as values whose mean it is: (key, name, unit of a change, values)."""
    found = []
    if "recommend" in survey.roles:
        points = nps_points(survey.score("recommend").to_numpy())
        found.append(("nps", "Net Promoter Score", "points difference", points))
    if "satisfaction" in survey.roles:
        top = _top_two(survey)
        found.append(("satisfied", "Satisfied, top two answers", "share difference", top))
    for role in ("satisfaction", "loyalty", "effort"):
        if role in survey.roles:
            scores = survey.score(role).to_numpy()
            found.append((role, f"Mean {WORDS[role]}", "scale difference", scores))
    return found


def _top_two(survey: Survey) -> np.ndarray:
    """1 for the two highest answers to the first satisfaction item, which others do not dilute."""
    first = survey.variables("satisfaction")[0]
    scores = survey.answers[first.variable].to_numpy(float)
    known = scores[np.isfinite(scores)]
    highest = first.high if first.high is not None else known.max(initial=0.0)
    return top_box(scores, lowest=highest - 1)


def _bounded(survey: Survey, role: str) -> Callable[..., Estimate]:
    first = survey.variables(role)[0]
    low = -np.inf if first.low is None else first.low
    high = np.inf if first.high is None else first.high
    return lambda *args, **settings: mean(*args, **settings, low=low, high=high)


def _estimates(
    survey: Survey,
    estimator: Callable[..., Estimate],
    values: np.ndarray,
    by: tuple[str, ...],
    level: float,
    *,
    key: str,
    name: str,
) -> list[Estimate]:
    """All, all without weights where there are any, then each group that has an answer."""
    basis = sampling(survey)
    common = {"name": name, "level": level}
    found = [estimator(values, key=key, design=basis, **common)]
    if basis.weights is not None:
        plain = common | {"name": f"{name}, unweighted"}
        found.append(estimator(values, key=f"{key}.unweighted", design=basis.unweighted(), **plain))
    groups = [
        estimator(
            values, key=key, design=basis, within=rows, group=f"{variable}: {label}", **common
        )
        for variable, label, rows in parts(survey, by)
    ]
    return [item for item in found if item.n] + [item for item in groups if item.n]
