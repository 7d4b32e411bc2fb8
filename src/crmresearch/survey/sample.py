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

    Answers of one account, else of one branch, else of one person, are a cluster, where there are
    several. It is made once.
    """
    return survey.once("design", lambda: _design(survey))


def _design(survey: Survey) -> Design:
    answers = survey.answers
    cluster = next((role for role in CLUSTERS if _several(survey, role)), "")
    return design(
        len(answers),
        survey.weights() if len(answers) else None,
        _strata(survey),
        answers[_only(survey, cluster)] if cluster else None,
        cluster_name=cluster or "account",
        calibration=calibration(survey.raking()),
    )


def _several(survey: Survey, role: str) -> bool:
    """Whether the rows belong to more than one unit of this role.

    With a single account its people are what the study is about, not a sample of accounts.
    """
    column = _only(survey, role)
    if column is None or survey.answers.empty:
        return False
    units = survey.answers[column]
    first = units.iloc[0]
    return bool((units.notna() if pd.isna(first) else units.ne(first) | units.isna()).any())


def _strata(survey: Survey) -> np.ndarray | None:
    """The stratum of each row, (n,); None without the role.

    Files of several waves use the numbers of their strata again, but each wave is drawn anew in
    every stratum, so that strata of different waves are told apart. A stratum in which somebody,
    or an account or branch, answered in several waves was drawn once and is left whole.
    """
    stratum, wave = _only(survey, "stratum"), _only(survey, "wave")
    if stratum is None:
        return None
    codes = pd.factorize(survey.answers[stratum], use_na_sentinel=False)[0]
    if wave is None or not codes.size:
        return codes
    waves = pd.factorize(survey.answers[wave], use_na_sentinel=False)[0]
    whole = np.zeros(int(codes.max()) + 1, dtype=bool)
    for column in filter(None, (_only(survey, role) for role in CLUSTERS)):
        units = pd.factorize(survey.answers[column])[0]
        known = units >= 0
        nested = pd.factorize(units[known].astype(np.int64) * len(whole) + codes[known])[0]
        one = np.zeros(int(nested.max(initial=-1)) + 1, dtype=np.int64)
        one[nested] = waves[known]
        whole[codes[known][one[nested] != waves[known]]] = True
    return np.where(whole[codes], codes, len(whole) + codes + len(whole) * waves)


def parts(survey: Survey, roles: tuple[str, ...]) -> list[tuple[str, str, np.ndarray]]:
    """The groups of every variable with one of these roles: (variable, group, rows).

    The variable is named for readers and without a colon, since ``Estimate.group`` is
    ``variable: group``. A variable with a single group, or with more than 30, is no grouping.
    """
    found = []
    for role in roles:
        for variable in survey.variables(role):
            found += survey.once(f"parts.{variable.variable}", lambda x=variable: _parts(survey, x))
    return found


def _parts(survey: Survey, variable: Variable) -> list[tuple[str, str, np.ndarray]]:
    groups = labelled(survey.answers[variable.variable], variable).cat
    codes = groups.codes.to_numpy()
    places = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=1))
    if not 2 <= len(places) <= MOST_PARTS:
        return []
    title = variable.name.replace(":", ",")
    return [(title, groups.categories[place], codes == place) for place in places]


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
