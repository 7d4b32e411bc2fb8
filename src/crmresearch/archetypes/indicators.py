"""The signs of a relationship as a latent class model takes them, with their valence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.archetypes.patterns import MOST_CATEGORIES, Patterns, collapse
from crmresearch.data.codebook import Variable
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError
from crmresearch.methods.calibration import calibration
from crmresearch.methods.weighting import Design, design
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number

VALENCES = ("positive", "negative")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indicators:
    """The indicators of one survey.

    Parameters
    ----------
    variables : the codebook's entries of the indicators kept, J of them
    patterns : their distinct response patterns
    position : (n, J) each answer between 0, the lowest answer, and 1, the highest; NaN where
        missing, or where the answers have no order
    design : weights and clusters of the n rows
    caveats : what was left out, and why
    """

    variables: tuple[Variable, ...]
    patterns: Patterns
    position: np.ndarray
    design: Design
    caveats: tuple[Caveat, ...]

    def of(self, valence: str) -> np.ndarray:
        """(J,) True for the indicators declared positive, or negative."""
        return np.array([item.construct == valence for item in self.variables])

    @property
    def sided(self) -> bool:
        """True where both positive and negative indicators are declared."""
        return all(self.of(valence).any() for valence in VALENCES)


def read_indicators(survey: Survey) -> Indicators:
    """The indicators of `survey`, checked for what a latent class model cannot use.

    An indicator that nobody answered, or that everybody answered alike, tells no types apart and
    is left out with a caveat.

    Raises
    ------
    DataError
        Where an indicator is text or a date, or fewer than two indicators are left.
    """
    variables = survey.variables("indicator")
    answers = survey.items("indicator")
    _refuse_text(variables, answers)
    spread = [answers[item.variable].nunique() > 1 for item in variables]
    kept = tuple(item for item, useful in zip(variables, spread, strict=True) if useful)
    if len(kept) < 2:
        raise DataError(
            f"relationship types need at least two indicators whose answers differ: found "
            f"{len(kept)} among {len(variables)} with the role 'indicator'. Give the role to more "
            "columns of the codebook."
        )
    answers = answers[[item.variable for item in kept]]
    sampling = sampling_design(survey)
    return Indicators(
        variables=kept,
        patterns=collapse(
            answers,
            weights=sampling.weights,
            kinds={item.variable: _kind(item, answers[item.variable]) for item in kept},
        ),
        position=np.column_stack([_position(item, answers[item.variable]) for item in kept]),
        design=sampling,
        caveats=(*_left_out(variables, spread, answers), *_repeated(kept, answers)),
    )


def sampling_design(survey: Survey) -> Design:
    """Weights, and the account or else the person as the cluster of related answers."""
    cluster = next((role for role in ("account", "person") if role in survey.roles), "")
    members = survey.items(cluster).iloc[:, 0] if cluster else None
    return design(
        len(survey.answers),
        survey.weights(),
        None,
        members,
        cluster_name=cluster,
        calibration=calibration(survey.raking()),
    )


def _refuse_text(variables: Sequence[Variable], answers: pd.DataFrame) -> None:
    problems = []
    for item in variables:
        different = answers[item.variable].nunique()
        if item.type not in ("binary", "scale", "category", "number"):
            problems.append(f"{item.variable!r} is of type {item.type}")
        elif item.type != "number" and different > MOST_CATEGORIES:
            problems.append(f"{item.variable!r} has {different} different answers")
    if problems:
        raise DataError(
            f"indicators of relationship types are categories (binary, scale or category, at most "
            f"{MOST_CATEGORIES} answers) or numbers: {'; '.join(problems)}. Group the answers, or "
            "take the role 'indicator' from the column."
        )


def _kind(item: Variable, answers: pd.Series) -> str:
    """How the answers are distributed within a type; a scale of two answers has no order to use."""
    if item.type == "number":
        return "continuous"
    return "ordinal" if item.type == "scale" and answers.nunique() > 2 else "nominal"


def _position(item: Variable, answers: pd.Series) -> np.ndarray:
    if item.type == "category":
        return np.full(len(answers), np.nan)
    values = answers.to_numpy(float)
    low = item.low if item.low is not None else np.nanmin(values)
    high = item.high if item.high is not None else np.nanmax(values)
    if item.type == "binary":
        low, high = 0.0, 1.0
    return (values - low) / (high - low)


def _left_out(
    variables: Sequence[Variable], spread: Sequence[bool], answers: pd.DataFrame
) -> list[Caveat]:
    gone = [item.name for item, useful in zip(variables, spread, strict=True) if not useful]
    caveats = []
    if gone:
        caveats.append(
            Caveat(
                key="indicators.constant",
                text=f"{count(len(gone), 'indicator is', 'indicators are')} left out, because all "
                f"answers are the same or missing: {', '.join(gone)}.",
            )
        )
    silent = int(answers.isna().all(axis=1).sum())
    if silent:
        caveats.append(
            Caveat(
                key="indicators.silent",
                text=f"{count(silent, 'respondent')} answered no indicator and cannot be placed.",
            )
        )
    return caveats


def _repeated(variables: Sequence[Variable], answers: pd.DataFrame) -> list[Caveat]:
    """Pairs of indicators that say (nearly) the same, which the model takes as two witnesses."""
    codes = answers.apply(lambda column: pd.factorize(column, sort=True, use_na_sentinel=True)[0])
    codes = codes.where(codes >= 0).astype(float)
    related = codes.corr(min_periods=20).abs().to_numpy()
    caveats = []
    for row, column in zip(*np.nonzero(np.triu(related > 0.95, 1)), strict=True):
        caveats.append(
            Caveat(
                key=f"indicators.repeated.{variables[row].variable}.{variables[column].variable}",
                text=f"“{variables[row].name}” and “{variables[column].name}” are answered almost "
                f"alike (correlation {format_number(related[row, column], 'correlation')}): "
                "as two signs they count one feeling twice. Take the role from one of them.",
            )
        )
    return caveats
