"""The moderators that a run declares, and the contrasts that they may change.

The list is a parameter, so that what is tested is decided before the data are seen, and all of it
is told. A name is looked up as a role first, then as a variable, then as a construct.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.problems import listed, meant, quoted
from crmresearch.data.roles import NO_SCALE, ROLES
from crmresearch.data.survey import Survey
from crmresearch.errors import RequestError
from crmresearch.methods.groups import slug
from crmresearch.recovery.arms import large_arms
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.recovery.factors import factors

PROPOSED = (  # by the literature: their absence from a dataset is told, and no mistake of the user
    "severity",
    "earlier_problems",
    "attribution",
    "tenure",
    "relationship",
    "complaint_channel",
)
NUMERIC = ("scale", "number")
APART = ("covariate", "segment", "driver", "item", "indicator")  # roles whose variables differ
OF_GROUPS = ("category", "binary")
TAKEN = ("problem", "complained", "resolved", "condition")  # what the contrasts are made of


@dataclass(frozen=True, slots=True)
class Moderator:
    """What a contrast may depend on.

    `key` is its name as asked for, fit for a key; `values` are float, or categorical, made from the
    answers as they were `asked`, by which a covariate that is the same is known.
    """

    key: str
    name: str
    values: pd.Series
    asked: pd.Series

    @property
    def categories(self) -> bool:
        """Whether it has categories instead of numbers."""
        return isinstance(self.values.dtype, pd.CategoricalDtype)


@dataclass(frozen=True, slots=True)
class Declared:
    """The moderators found in the data, in the order declared, and the names of those absent."""

    found: tuple[Moderator, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Focus:
    """A contrast of two groups of customers that moderators may change.

    Parameters
    ----------
    key, name : ``resolved``, “resolved − unresolved complainers”
    member : (n,) float, 1 in the one group, 0 in the other, NaN for everybody else
    groups : the names of the groups 0 and 1
    beside : what else the contrast has to be adjusted for, such as an experiment's other factors
    randomised : whether chance assigned the two groups
    """

    key: str
    name: str
    member: np.ndarray
    groups: tuple[str, str]
    beside: pd.DataFrame = field(default_factory=pd.DataFrame)
    randomised: bool = False


def declared(cases: Cases, names: str) -> Declared:
    """The moderators of a list of names, separated by commas.

    Parameters
    ----------
    names : names of roles, variables or constructs; a role of several ratings, like a construct,
        counts as their mean. Yes or no counts as categories.

    Raises
    ------
    RequestError
        With one line for every name that is neither known nor usable.
    """
    found: dict[str, Moderator] = {}
    absent: list[str] = []
    problems: list[str] = []
    for name in dict.fromkeys(part.strip() for part in names.split(",")):
        if not name:
            continue
        variables = _variables(cases.answers, name)
        if not variables and (name in ROLES or name in PROPOSED):
            absent.append(name)
            continue
        problem = _problem(cases, name, variables)
        if problem:
            problems.append(problem)
        else:
            one = _moderator(cases.answers, name, variables)
            found.setdefault(one.key, one)
    if problems:
        raise RequestError("\n".join(f"parameter 'moderators': {line}" for line in problems))
    return Declared(tuple(found.values()), tuple(absent))


def foci(cases: Cases, outcome: Outcome, *, min_cell: int = 10) -> list[Focus]:
    """The contrasts that moderators are tested on, as the data allow.

    Arms of an experiment, each factor by itself where arms are crossed and otherwise each arm
    against the first; resolved against unresolved complainers; and a problem against none or,
    where problems were not asked, a complaint against none.
    """
    found = _arms(cases, outcome, min_cell)
    frame = cases.frame
    if cases.has("resolved"):
        voiced = frame["complained"] == 1 if cases.has("complained") else frame["resolved"].notna()
        member = frame["resolved"].where(voiced).to_numpy(dtype=float)
        groups = ("unresolved", "resolved")
        found.append(Focus("resolved", "resolved − unresolved complaints", member, groups))
    if cases.has("problem"):
        member = frame["problem"].to_numpy(dtype=float)
        groups = ("no problem", "a problem")
        found.append(Focus("problem", "a problem − none", member, groups))
    elif cases.has("complained"):
        member = frame["complained"].to_numpy(dtype=float)
        groups = ("no complaint", "a complaint")
        found.append(Focus("complained", "a complaint − none", member, groups))
    return found


def _arms(cases: Cases, outcome: Outcome, min_cell: int) -> list[Focus]:
    if cases.condition is None:
        return []
    arms = large_arms(cases, outcome, min_cell)[1].astype("category").cat.remove_unused_categories()
    names = list(arms.cat.categories)
    pairs = factors(cases)
    if pairs and len(names) == 2 ** len(pairs):
        parts = [[part.strip().lower() for part in str(name).split(",")] for name in names]
        levels = pd.DataFrame(
            {
                f"{first} or {second}": arms.map(
                    {
                        name: float(part[place] == second)
                        for name, part in zip(names, parts, strict=True)
                    }
                ).astype(float)
                for place, (first, second) in enumerate(pairs)
            }
        )
        return [
            _arm(cases, pair, levels[column].to_numpy(), levels.drop(columns=column))
            for pair, column in zip(pairs, levels, strict=True)
        ]
    return [
        _arm(
            cases,
            (str(names[0]), str(name)),
            arms.map({names[0]: 0.0, name: 1.0}).astype(float).to_numpy(),
            pd.DataFrame(index=arms.index),
        )
        for name in names[1:]
    ]


def _arm(cases: Cases, pair: tuple[str, str], member: np.ndarray, beside: pd.DataFrame) -> Focus:
    first, second = pair
    key = f"{slug(second)}-{slug(first)}"
    return Focus(key, f"{second} − {first}", member, pair, beside, cases.randomised)


def _variables(answers: Survey, name: str) -> list[Variable]:
    """The variables that a name stands for: those of a role, one variable, or a construct's."""
    if name in answers.roles:
        return answers.variables(name)
    if name in answers.codebook:
        return [answers.codebook[name]]
    return [
        item
        for item in answers.codebook.values()
        if item.construct == name and not NO_SCALE.intersection(item.roles)
    ]


def _problem(cases: Cases, name: str, variables: list[Variable]) -> str:
    answers = cases.answers
    if not variables:
        constructs = {item.construct for item in answers.codebook.values() if item.construct}
        known = [*ROLES, *answers.codebook, *constructs]
        return (
            f"{quoted(name)} is neither a role, a variable nor a construct of these data."
            f"{meant(name, known)} Name roles, variables or constructs, separated by commas."
        )
    kinds = {item.type for item in variables}
    if not kinds <= {*NUMERIC, *OF_GROUPS}:
        return (
            f"{quoted(name)} is of type {', '.join(sorted(kinds))}, but a moderator is a scale, a "
            "number, yes or no, or a category. Leave it out, or change its type in the codebook."
        )
    if len(variables) > 1 and (name in APART or not kinds <= set(NUMERIC)):
        names = listed([item.variable for item in variables], quote=True)
        return (
            f"{quoted(name)} stands for several variables ({names}), which have no mean. Name one "
            "of them."
        )
    outcomes = {item.role for item in cases.outcomes}
    taken = {role for item in variables for role in item.roles} & {*TAKEN, *outcomes}
    if taken:
        return (
            f"{quoted(name)} has the role '{min(taken)}', of which the contrasts or outcomes are "
            "made, but a moderator is something beside them. Leave it out."
        )
    return ""


def _moderator(answers: Survey, name: str, variables: list[Variable]) -> Moderator:
    first, key = variables[0], slug(name)
    columns = answers.answers[[item.variable for item in variables]]
    if first.type in OF_GROUPS:
        column = columns.iloc[:, 0]
        return Moderator(key, first.name, _categories(first, column), column)
    if name in answers.roles:
        score, label = answers.score(name), answers.label(name)
    elif len(variables) == 1:
        score, label = columns.iloc[:, 0].astype(float), first.name
    else:
        enough = columns.notna().mean(axis=1) >= 0.5
        score, label = columns.astype(float).mean(axis=1).where(enough), first.construct
    return Moderator(key, label, score, score)


def _categories(variable: Variable, column: pd.Series) -> pd.Series:
    if variable.type == "category":
        return column.astype("category")
    names = {code: variable.values.get(str(code), (word,))[0] for code, word in enumerate(YES_NO)}
    labels = pd.Categorical(column.map(names), categories=list(names.values()), ordered=True)
    return pd.Series(labels, index=column.index)


YES_NO = ("No", "Yes")
