"""Characteristics of customers as the predictors of a regression, each combination once."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.columns import orthonormal

ROLES = ("industry", "brand", "wave", "segment", "stakeholder", "channel", "covariate")
MOST_LEVELS = 12  # a category with more names persons or places rather than kinds of customer


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """Two values of one characteristic, the others being as they are.

    Parameters
    ----------
    words : ``Large, not Small``
    high, low : what the characteristic's columns are set to
    n : respondents who are counted for it
    """

    words: str
    high: np.ndarray
    low: np.ndarray
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Characteristic:
    """One characteristic: its columns in the matrix, what each is in words, what is compared."""

    name: str
    columns: list[int]
    terms: list[str]
    contrasts: list[Contrast]


@dataclass(frozen=True, slots=True, eq=False)
class Predictors:
    """Predictors of the respondents who told them all.

    Parameters
    ----------
    matrix : (Z, p) float, each combination once; the first column is ones
    row : (n,) combination of each respondent; -1 where one is missing
    characteristics : those kept
    left_out : names of those that say nothing beside the others, or have too many names
    """

    matrix: np.ndarray
    row: np.ndarray
    characteristics: list[Characteristic]
    left_out: list[str]


@dataclass(frozen=True, slots=True, eq=False)
class _Coded:
    """One variable: (v, c) columns of each of its values, and (n,) which value each has."""

    name: str
    code: np.ndarray
    values: np.ndarray
    terms: list[str]
    contrasts: list[Contrast]


def read_predictors(survey: Survey, usable: np.ndarray, *, min_cell: int = 1) -> Predictors:
    """Brand, wave, segment and what else the codebook calls a characteristic.

    A category is compared with its most frequent answer, with which answers of fewer than
    `min_cell` people are taken together, so that nothing is said of them. A quantity is compared
    between its quartiles. Respondents with a missing characteristic are left out.

    Parameters
    ----------
    usable : (n,) True for respondents with a type
    """
    asked = {x.variable: x for role in ROLES for x in survey.variables(role)}
    answers = survey.answers[list(asked)]
    few = [x for x in asked if not _named(asked[x]) or answers[x].nunique() <= MOST_LEVELS]
    known = usable & answers[few].notna().all(axis=1).to_numpy()
    coded = [_coded(asked[name], answers.loc[known, name], min_cell) for name in few]
    kept = [item for item in coded if item is not None]
    row = np.full(len(known), -1)
    first, row[known] = _combinations([item.code for item in kept], int(known.sum()))
    matrix, characteristics = np.ones((len(first), 1)), []
    for item in kept:
        wider = np.hstack([matrix, item.values[item.code[first]]])
        if len(orthonormal(wider)[0]) < wider.shape[1]:
            continue
        places = list(range(matrix.shape[1], wider.shape[1]))
        characteristics.append(Characteristic(item.name, places, item.terms, item.contrasts))
        matrix = wider
    names = {item.name for item in characteristics}
    left_out = [x.name for x in asked.values() if x.name not in names]
    return Predictors(matrix, row, characteristics, left_out)


def _named(item: Variable) -> bool:
    return item.type not in ("scale", "number", "binary")


def _coded(item: Variable, column: pd.Series, min_cell: int) -> _Coded | None:
    """The variable's columns; None where all answers are alike."""
    if _named(item):
        return _categories(item.name, column, min_cell)
    code, values = pd.factorize(column.to_numpy(float), sort=True)
    if len(values) < 2:
        return None
    if len(values) == 2:
        n = int(min(np.bincount(code)))
        high, low, words = values[1], values[0], "yes, not no"
        if n < min_cell:
            return None
    else:
        n = len(column)
        low, high = column.quantile(0.25), column.quantile(0.75)
        if low == high:
            low, high = values[0], values[-1]
    if item.type != "binary":
        words = f"{high:g}, not {low:g}"
    contrast = Contrast(words, np.array([high]), np.array([low]), n)
    term = "yes" if item.type == "binary" else "one more"
    return _Coded(item.name, code, values[:, None], [term], [contrast])


def _categories(name: str, column: pd.Series, min_cell: int) -> _Coded | None:
    counts = column.value_counts()
    reference = counts.index[0]
    shown = [level for level in counts.index[1:] if counts[level] >= min_cell]
    if not shown:
        return None
    if isinstance(column.dtype, pd.CategoricalDtype):
        shown = [level for level in column.cat.categories if level in shown]
    own = np.eye(len(shown))
    words = [f"{level}, not {reference}" for level in shown]
    contrasts = [
        Contrast(text, own[at], np.zeros(len(shown)), int(counts[level]))
        for at, (text, level) in enumerate(zip(words, shown, strict=True))
    ]
    place = {level: at + 1 for at, level in enumerate(shown)}
    code, levels = pd.factorize(column)
    code = np.array([place.get(level, 0) for level in levels])[code]
    return _Coded(name, code, np.vstack([np.zeros(len(shown)), own]), words, contrasts)


def _combinations(codes: list[np.ndarray], n: int) -> tuple[np.ndarray, np.ndarray]:
    """A respondent of each combination of codes that occurs, and (n,) whose is which."""
    key = np.zeros(n, dtype=np.int64)
    for code in codes:
        key = pd.factorize(key * (int(code.max(initial=0)) + 1) + code)[0]
    row, found = pd.factorize(key)
    first = np.zeros(len(found), dtype=np.intp)
    first[row[::-1]] = np.arange(n)[::-1]
    return first, row
