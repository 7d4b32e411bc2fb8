"""New respondents seen with the types of a saved model: same profiles, same names.

Only the shares of the types are estimated anew, by maximum likelihood with all profiles as saved.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.em import climb
from crmresearch.archetypes.indicators import (
    Indicators,
    ends_of,
    position_of,
    sampling_design,
)
from crmresearch.archetypes.information import Layout, moments
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.patterns import Patterns, collapse
from crmresearch.archetypes.ratings import Rating, ratings
from crmresearch.archetypes.saved_model import SavedModel, told, without_rows
from crmresearch.archetypes.types import Types, find_types
from crmresearch.archetypes.uncertainty import Uncertainty, sandwich_words
from crmresearch.data.codebook import Variable
from crmresearch.data.problems import Problem, counted, listed, quoted, refuse
from crmresearch.data.survey import Survey
from crmresearch.methods.weighting import Design

_CYCLES = 5000
_SHOWN = 8  # answers of a long list


def frozen_types(survey: Survey, saved: SavedModel, *, level: float = 0.95) -> Types:
    """The types of `saved` among the respondents of `survey`, with their shares there.

    The errors of shares allow for the saved profiles being estimates; those of other numbers take
    the profiles as given, so that they are of these respondents alone.

    Raises
    ------
    DataError
        Where an indicator of the model, or an answer that it knows, is missing: see `asked`.
    """
    indicators = frozen_indicators(survey, saved)
    model = frozen_model(indicators.patterns, saved)
    types = find_types(indicators, model, level=level)
    errors = frozen_errors(model, saved, indicators.design)
    return replace(types, labels=saved.labels, errors=errors)


def frozen_indicators(survey: Survey, saved: SavedModel) -> Indicators:
    """The indicators of `saved` as the respondents of `survey` answered them."""
    answers, variables = asked(survey, saved)
    sampling = sampling_design(survey)
    ends = np.array([ends_of(item, answers[item.variable]) for item in variables])
    return Indicators(
        variables=tuple(variables),
        patterns=collapse(answers, weights=sampling.weights, like=saved.patterns),
        ends=ends,
        position=np.column_stack(
            [
                position_of(answers[item.variable], *end)
                for item, end in zip(variables, ends, strict=True)
            ]
        ),
        design=sampling,
        caveats=(),
        as_chosen=len(variables) == 1 and "relationship" in variables[0].roles,
    )


def asked(survey: Survey, saved: SavedModel) -> tuple[pd.DataFrame, list[Variable]]:
    """The answers to the model's indicators, and the entries of the codebook.

    Raises
    ------
    DataError
        With every indicator that the data lack or have of another type, and every answer that
        the model has no probability for.
    """
    scores = ratings(survey)
    columns, variables, problems = {}, [], []
    for own, categories in zip(saved.variables, saved.patterns.categories, strict=True):
        item, answers = _found(survey, scores, own)
        if item is None:
            problems.append(_missing(own))
        elif item.type != own.type:
            problems.append(_other_type(own, item))
        else:
            problems += _unknown(own, answers, categories)
            columns[own.variable] = answers
            variables.append(replace(item, construct=own.construct, low=own.low, high=own.high))
    refuse(problems)
    return pd.DataFrame(columns), variables


def _found(
    survey: Survey, scores: Mapping[str, Rating], own: Variable
) -> tuple[Variable | None, pd.Series | None]:
    """A score of ratings where the model has one, otherwise the column of that name."""
    if "experienced" in own.roles:
        rating = scores.get(own.variable)
        return (None, None) if rating is None else (rating.variable, pd.Series(rating.values))
    if own.variable not in survey.answers:
        return None, None
    answers = survey.answers[own.variable].reset_index(drop=True)
    return survey.codebook[own.variable], answers


def frozen_model(patterns: Patterns, saved: SavedModel) -> LatentClasses:
    """The saved profiles with the shares that fit these patterns best."""
    probs = saved.probs[:, None]
    start = np.maximum(saved.shares, 1e-6)[:, None]
    with threadpool_limits(1):
        found = climb(patterns, start / start.sum(), probs, cycles=_CYCLES, pin=probs)
    model = without_rows(patterns, found.shares[:, 0], saved.probs)
    return replace(model, converged=bool(found.converged[0]))


def frozen_errors(model: LatentClasses, saved: SavedModel, design: Design) -> Uncertainty:
    """Standard errors where only the shares were estimated and the profiles are as saved."""
    layout = Layout.of(model)
    information, meat = moments(model, layout, design)
    size = len(layout.shares)
    inverse = np.zeros_like(information)
    inverse[:size, :size] = np.linalg.pinv(information[:size, :size], hermitian=True)
    robust = not design.plain
    middle = inverse @ meat @ inverse if robust else inverse
    through = np.zeros_like(information)  # shares as profiles move, and the profiles themselves
    through[:size, size:] = -(inverse @ information)[:size, size:]
    through[size:, size:] = np.eye(layout.size - size)
    profiles = np.zeros_like(information)
    profiles[size:, size:] = profile_covariance(saved, layout, model)
    covariance = middle + through @ profiles @ through.T
    share = layout.share_jacobian(model)
    per_class = [layout.prob_jacobian(model, k) for k in range(model.classes)]
    words = sandwich_words(design) if robust else "observed information"
    return Uncertainty(
        model=model,
        share_error=np.sqrt(np.einsum("ij,jk,ik->i", share, covariance, share).clip(min=0)),
        prob_covariance=np.stack([slope @ covariance @ slope.T for slope in per_class]),
        inverse=inverse,
        covariance=covariance,
        identified=bool(np.isfinite(covariance).all()),
        deff=1.0,
        words=f"profiles as saved, {words}",
    )


def profile_covariance(saved: SavedModel, layout: Layout, model: LatentClasses) -> np.ndarray:
    """Covariance of the saved profiles in the parameters of `layout`, shares left out."""
    back = to_parameters(layout, model)
    size = model.classes - 1
    return back @ saved.covariance[size:, size:] @ back.T


def to_parameters(layout: Layout, model: LatentClasses) -> np.ndarray:
    """Slopes of the parameters of the profiles in what a saved model has covariances of."""
    kept = told(model.patterns)
    slopes = [layout.prob_jacobian(model, k)[kept] for k in range(model.classes)]
    return np.linalg.pinv(np.vstack(slopes)[:, len(layout.shares) :])


def _missing(own: Variable) -> Problem:
    return Problem(
        where="the data",
        column=own.variable,
        found="found no such variable",
        rule=f"the saved model has it as an indicator ({quoted(own.name)})",
        fix="Name the column so in the codebook; answers that nobody was asked for may be empty.",
    )


def _other_type(own: Variable, item: Variable) -> Problem:
    return Problem(
        where="the data",
        column=own.variable,
        found=f"it is of type {item.type}",
        rule=f"in the saved model it is of type {own.type}",
        fix="Correct the codebook, or fit the types anew without the model.",
    )


def _unknown(own: Variable, answers: pd.Series, categories: np.ndarray) -> list[Problem]:
    """Answers that the model has no probability for."""
    if own.type == "number":
        return []
    values = answers.dropna()
    strange = values[~values.isin(categories.tolist())]
    if strange.empty:
        return []
    names = listed((_answer(value) for value in strange.unique()), most=_SHOWN, quote=True)
    known = listed((_answer(value) for value in categories), most=_SHOWN, quote=True)
    return [
        Problem(
            where="the data",
            column=own.variable,
            found=f"found {names} in {counted(len(strange), 'row')}",
            rule=f"the saved model knows the answers {known} only",
            fix="Declare them as missing in the codebook, or fit the types anew without the model.",
        )
    ]


def _answer(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
