"""How the rows came to be there, and the parts of the sample that results are shown for."""

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.calibration import calibration
from crmresearch.methods.weighting import Design, design

GROUPINGS = ("brand", "segment", "wave", "channel", "stakeholder")
CLUSTERS = ("account", "branch", "person")  # whose answers resemble each other; the first counts
WORDS = {
    "recommend": "recommendation",
    "satisfaction": "satisfaction",
    "effort": "effort",
    "loyalty": "loyalty",
    "word_of_mouth": "word of mouth",
}
MOST_PARTS = 30  # a variable with more values is no grouping


def sampling(survey: Survey) -> Design:
    """The survey's design: weights with their margins, strata, and clusters of related answers.

    Answers of one account, else of one branch, else of one person, are a cluster. It is made once.
    """
    return survey.once("design", lambda: _design(survey))


def _design(survey: Survey) -> Design:
    answers = survey.answers
    stratum = _only(survey, "stratum")
    cluster = next((role for role in CLUSTERS if role in survey.roles), "")
    return design(
        len(answers),
        survey.weights() if len(answers) else None,
        None if stratum is None else answers[stratum],
        answers[_only(survey, cluster)] if cluster else None,
        cluster_name=cluster or "account",
        calibration=calibration(survey.raking()),
    )


def parts(survey: Survey, roles: tuple[str, ...]) -> list[tuple[str, str, np.ndarray]]:
    """The groups of every variable with one of these roles: (variable, group, rows).

    The variable is named for readers and without a colon, since ``Estimate.group`` is
    ``variable: group``. A variable with a single group, or with more than 30, is no grouping.
    """
    found = []
    for role in roles:
        for variable in survey.variables(role):
            groups = labelled(survey.answers[variable.variable], variable)
            places = np.unique(groups.cat.codes)
            names = list(groups.cat.categories[places[places >= 0]])
            if 2 <= len(names) <= MOST_PARTS:
                title = variable.name.replace(":", ",")
                found += [(title, name, (groups == name).to_numpy()) for name in names]
    return found


def labelled(answers: pd.Series, variable: Variable) -> pd.Series:
    """Any column as an ordered categorical of the labels that readers know."""
    if isinstance(answers.dtype, pd.CategoricalDtype):
        return answers
    if pd.api.types.is_datetime64_any_dtype(answers):
        return answers.dt.strftime("%Y-%m-%d").astype("category")
    if not pd.api.types.is_numeric_dtype(answers):
        return answers.astype("category")
    values = np.sort(answers.dropna().unique())
    names = {value: value_label(variable, value) for value in values}
    return pd.Series(
        pd.Categorical(answers.map(names), categories=list(dict.fromkeys(names.values()))),
        index=answers.index,
    )


def value_label(variable: Variable, value: float) -> str:
    """A number as its label in the codebook; for a reversed item the label of what was answered."""
    if variable.reverse and variable.low is not None and variable.high is not None:
        value = variable.low + variable.high - value
    code = f"{value:g}"
    labels = variable.values.get(code, ())
    return labels[0] if labels else code


def ends(variable: Variable) -> str:
    """What the ends of a scale mean: ``1 (Very low) to 7 (Very high)``; empty where undeclared."""
    if variable.low is None or variable.high is None:
        return ""
    texts = []
    for value in (variable.low, variable.high):
        label = value_label(variable, value)
        texts.append(f"{value:g}" if label in (f"{value:g}", "") else f"{value:g} ({label})")
    return f"{texts[0]} to {texts[1]}"


def _only(survey: Survey, role: str) -> str | None:
    variables = survey.variables(role) if role else []
    return variables[0].variable if variables else None
