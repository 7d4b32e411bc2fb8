"""The headline measures, for all and for parts of the sample, under the sampling design."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from crmresearch.data.codebook import Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.domains import Domains, domain_means
from crmresearch.methods.means import mean, mean_difference
from crmresearch.methods.proportions import nps, nps_points, points_difference, share, top_box
from crmresearch.methods.shares import share_difference
from crmresearch.methods.student import two_sided_p
from crmresearch.methods.weighting import Design, method_words, t_interval
from crmresearch.report.estimates import Estimate
from crmresearch.survey.sample import GROUPINGS, WORDS, ends, parts, sampling

SHORT = {
    "nps": "Net Promoter Score",
    "satisfied": "Satisfied, top two answers",
    "satisfaction": "Mean satisfaction",
    "loyalty": "Mean loyalty",
    "effort": "Mean effort",
}
EASE = r"\b(eas(e|y|ier|ily)|effortless|simple|einfach|leicht|mühelos|facile|fácil)\b"
TOIL = r"\b(effort|difficult|hard|much|high|aufwand|schwierig|schwer|difficile|difícil)"


class Measure(NamedTuple):
    """A headline measure as values whose mean it is.

    Parameters
    ----------
    key, name : of its estimates
    unit : of a difference
    values : (n,) float, NaN where not answered; 100, 0 and -100 for the Net Promoter Score
    """

    key: str
    name: str
    unit: str
    values: np.ndarray

    @property
    def short(self) -> str:
        """The name without the question's wording, for rows of a figure."""
        return SHORT[self.key]


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
    scale = ends(survey.variables(role)[0])
    name = ", ".join(filter(None, [f"Mean {WORDS[role]}", scale]))
    if role == "effort":
        name += f"; {direction(survey.variables(role)[0])}"
    scores = survey.score(role).to_numpy()
    return _estimates(survey, _bounded(survey, role), scores, by, level, key=role, name=name)


def direction(question: Variable) -> str:
    """Which way an effort question counts, in words, from how the codebook declares it.

    Effort questions are put both ways ("How much effort", "The company made it easy"), and a
    codebook may turn the second kind round. Where neither the labels of the ends, the question nor
    `reverse` says which it is, the role's meaning is taken and that is said.
    """
    top = " ".join(question.values.get(f"{question.high:g}", ())) if question.high else ""
    wording = next((text for text in (top, question.name) if _of_ease(text) is not None), "")
    ease = bool(_of_ease(wording))
    if ease and not question.reverse:
        return "a high answer means ease, little effort"
    if wording or question.reverse:
        return "a high answer means much effort"
    return "a high answer is taken to mean much effort"


def _of_ease(text: str) -> bool | None:
    """Whether a label speaks of ease (True) or of toil (False); None where of neither."""
    found = [bool(re.search(words, text, re.IGNORECASE)) for words in (EASE, TOIL)]
    return found[0] if found[0] != found[1] else None


def headline_measures(survey: Survey) -> list[Measure]:
    """Every headline measure that these data have, made once."""
    return survey.once("measures", lambda: _measures(survey))


def _measures(survey: Survey) -> list[Measure]:
    found = []
    if "recommend" in survey.roles:
        points = nps_points(survey.score("recommend").to_numpy())
        found.append(Measure("nps", "Net Promoter Score", "points difference", points))
    if "satisfaction" in survey.roles:
        name = "Satisfied, top two answers"
        found.append(Measure("satisfied", name, "share difference", _top_two(survey)))
    for role in ("satisfaction", "loyalty", "effort"):
        if role in survey.roles:
            scores = survey.score(role).to_numpy()
            found.append(Measure(role, f"Mean {WORDS[role]}", "scale difference", scores))
    return found


def difference(
    measure: Measure, first: np.ndarray, second: np.ndarray, *, design: Design, **settings
) -> Estimate:
    """The measure among the rows `second` less that among the rows `first`, by its own method.

    Parameters
    ----------
    first, second : (n,) bool, not overlapping
    settings : key, name, level and group of the estimate
    """
    if measure.key == "nps":
        return points_difference(measure.values, first, second, design=design, **settings)
    if measure.unit == "share difference":
        return share_difference(measure.values, first, second, design=design, **settings)
    settings |= {"design": design, "unit": measure.unit}
    return mean_difference(measure.values, first, second, **settings)


def contrast(
    measure: Measure,
    means: Domains,
    sides: tuple[int, int],
    design: Design,
    *,
    key: str,
    name: str,
    level: float,
    group: str = "",
) -> Estimate:
    """`difference` from means that are known already, for any design but a simple random sample.

    Parameters
    ----------
    sides : the places of the first and the second group among the means
    """
    coefficients = np.zeros(len(means.n))
    coefficients[list(sides)] = -1.0, 1.0
    value, error, freedom = means.contrast(coefficients)
    low, high = t_interval(value, error, freedom, level)
    known = error > 0 and freedom > 0
    kind = {"points difference": "NPS", "share difference": "shares"}.get(measure.unit, "means")
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit=measure.unit,
        n=int(means.n[list(sides)].sum()),
        n_dropped=int(means.dropped[list(sides)].sum()),
        method=f"difference of {kind}, {_design_words(design)}, {freedom:,.0f} df",
        group=group,
        p=two_sided_p(value / error, freedom) if known else np.nan,
    )


@lru_cache(maxsize=4)
def _design_words(design: Design) -> str:
    return method_words(design, 0).rpartition(", ")[0]


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
    measure = next(item for item in headline_measures(survey) if item.key == key)
    groups = []
    for variable, members in grouped(survey, by).items():
        means = by_group(survey, measure, variable, members)
        groups += [
            estimator(
                values,
                key=key,
                design=basis,
                within=rows,
                group=f"{variable}: {label}",
                moments=means.moments(at),
                **common,
            )
            for at, (label, rows) in enumerate(members.items())
            if means.n[at]
        ]
    return [item for item in found if item.n] + groups


def grouped(survey: Survey, roles: tuple[str, ...]) -> dict[str, dict[str, np.ndarray]]:
    """The groups of every variable with one of these roles: variable to label to (n,) bool rows."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for variable, label, rows in parts(survey, roles):
        found.setdefault(variable, {})[label] = rows
    return found


def by_group(
    survey: Survey, measure: Measure, variable: str, members: dict[str, np.ndarray]
) -> Domains:
    """The measure's means in all groups of a variable with their covariance, made once.

    Parameters
    ----------
    members : the groups of the variable, as `grouped` gives them
    """

    def made() -> Domains:
        codes = np.full(len(survey.answers), -1, dtype=np.int8)
        for position, rows in enumerate(members.values()):
            codes[rows] = position
        return domain_means(measure.values, codes, len(members), sampling(survey))

    return survey.once(f"means.{measure.key}.{variable}", made)
