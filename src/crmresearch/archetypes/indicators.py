"""What customers say of the relationship as a latent class model takes it, with its valence.

Three instruments lead here: signs, which are mostly answered yes or no; ratings on the dimensions
of a relationship, whose scores are quantities; and the type that the customer chose from cards,
which needs no model at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.archetypes.cards import pooled
from crmresearch.archetypes.coding import MOST_CATEGORIES
from crmresearch.archetypes.patterns import Patterns, collapse
from crmresearch.archetypes.ratings import ratings
from crmresearch.data.codebook import Variable
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError, RequestError
from crmresearch.methods.calibration import calibration
from crmresearch.methods.weighting import Design, design
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number

VALENCES = ("positive", "negative")
TAILS = (0.05, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indicators:
    """The indicators of one survey.

    Parameters
    ----------
    variables : the codebook's entries of the indicators kept, J of them
    patterns : their distinct response patterns
    ends : (J, 2) the answers that count as lowest and highest; NaN where they have no order
    position : (n, J) each answer between 0, the lowest answer, and 1, the highest; NaN where
        missing, or where the answers have no order
    design : weights and clusters of the n rows
    caveats : what was left out, and why
    as_chosen : the only indicator is the type that the customer chose, which is then the type
    other_sides : (n, items) positions on what was declared positive, and negative, outside these
        indicators: ratings, or signs where ratings alone were asked for
    """

    variables: tuple[Variable, ...]
    patterns: Patterns
    ends: np.ndarray
    position: np.ndarray
    design: Design
    caveats: tuple[Caveat, ...]
    as_chosen: bool = False
    other_sides: tuple[np.ndarray, ...] = ()

    def of(self, valence: str) -> np.ndarray:
        """(J,) True for the indicators declared positive, or negative."""
        return np.array([item.construct == valence for item in self.variables])

    @property
    def sided(self) -> bool:
        """True where both positive and negative indicators are declared."""
        return all(self.of(valence).any() for valence in VALENCES)

    def side(self, valence: str) -> np.ndarray | None:
        """(n, items) positions on what was declared positive, or negative; None without both."""
        if self.sided:
            return self.position[:, self.of(valence)]
        return self.other_sides[VALENCES.index(valence)] if self.other_sides else None


def read_indicators(survey: Survey, *, instrument: str = "auto", min_cell: int = 1) -> Indicators:
    """The indicators of `survey`, checked for what a latent class model cannot use.

    An indicator that nobody answered, or that everybody answered alike, tells no types apart and
    is left out with a caveat.

    Parameters
    ----------
    instrument : ``signs``, ``ratings`` (one score a dimension, of the relationship as it is) or
        ``both``; ``auto`` takes signs where there are any, otherwise ratings, otherwise the type
        that the customer chose
    min_cell : types chosen by fewer people than this are taken together, since they are groups

    Raises
    ------
    DataError
        Where an indicator is text or a date, or too few are left.
    RequestError
        Where the data lack the instrument that was asked for.
    """
    variables, answers = _asked(survey, instrument)
    _refuse_text(variables, answers)
    chosen = _is_choice(variables)
    if chosen:
        answers = answers.apply(pooled, min_cell=min_cell)
    spread = [answers[item.variable].nunique() > 1 for item in variables]
    kept = tuple(item for item, useful in zip(variables, spread, strict=True) if useful)
    _refuse_few(len(kept), variables, chosen)
    answers = answers[[item.variable for item in kept]]
    sampling = sampling_design(survey)
    ends = np.array([ends_of(item, answers[item.variable]) for item in kept])
    return Indicators(
        variables=kept,
        patterns=collapse(
            answers,
            weights=sampling.weights,
            kinds={item.variable: kind_of(item, answers[item.variable]) for item in kept},
        ),
        ends=ends,
        position=np.column_stack(
            [
                position_of(answers[item.variable], *end)
                for item, end in zip(kept, ends, strict=True)
            ]
        ),
        design=sampling,
        caveats=(*_left_out(variables, spread, answers), *_repeated(kept, answers)),
        as_chosen=chosen,
        other_sides=_other_sides(survey, kept),
    )


def _asked(survey: Survey, instrument: str) -> tuple[list[Variable], pd.DataFrame]:
    """The variables that describe the relationship, and the answers to them."""
    signs, scores = survey.variables("indicator"), ratings(survey)
    lacking = {"signs": not signs, "ratings": not scores, "both": not (signs and scores)}
    if lacking.get(instrument):
        raise RequestError(
            f"instrument={instrument!r}: these data have {count(len(signs), 'sign')} (role "
            f"'indicator') and ratings on {count(len(scores), 'dimension')} (role 'experienced'). "
            "Write auto to take what there is."
        )
    if not signs and not scores:
        cards = survey.variables("relationship")
        return cards, survey.items("relationship")
    columns, variables = {}, []
    if signs and instrument != "ratings":
        variables += signs
        columns |= {item.variable: survey.answers[item.variable] for item in signs}
    if scores and (instrument in ("ratings", "both") or not signs):
        variables += [rating.variable for rating in scores.values()]
        columns |= {name: pd.Series(rating.values) for name, rating in scores.items()}
    return variables, pd.DataFrame(
        {name: column.reset_index(drop=True) for name, column in columns.items()}
    )


def _is_choice(variables: Sequence[Variable]) -> bool:
    return len(variables) == 1 and "relationship" in variables[0].roles


def _refuse_few(number: int, variables: Sequence[Variable], chosen: bool) -> None:
    if chosen and not number:
        raise DataError(
            "relationship types need at least two answers that differ: everybody chose the same "
            f"type in {variables[0].variable!r}, or none, or all but one were chosen by too few "
            "people to be shown."
        )
    if number < 2 and not chosen:
        role = "indicator" if "indicator" in variables[0].roles else "experienced"
        raise DataError(
            f"relationship types need at least two indicators whose answers differ: found "
            f"{number} among {len(variables)} with the role '{role}'. Give the role to more "
            "columns of the codebook."
        )


def _other_sides(survey: Survey, kept: Sequence[Variable]) -> tuple[np.ndarray, ...]:
    """Positions on both sides, from what is not among the indicators kept."""
    scores = ratings(survey)
    if all(valence in scores for valence in VALENCES):
        return tuple(scores[valence].position[:, None] for valence in VALENCES)
    taken = {item.variable for item in kept}
    signs = [item for item in survey.variables("indicator") if item.variable not in taken]
    by_side = [[item for item in signs if item.construct == valence] for valence in VALENCES]
    if taken & {item.variable for item in survey.variables("indicator")} or not all(by_side):
        return ()
    return tuple(np.column_stack([_placed(survey, item) for item in side]) for side in by_side)


def _placed(survey: Survey, item: Variable) -> np.ndarray:
    answers = survey.answers[item.variable]
    return position_of(answers, *ends_of(item, answers))


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


def kind_of(item: Variable, answers: pd.Series) -> str:
    """How the answers are distributed within a type; a scale of two answers has no order to use."""
    if item.type == "number":
        return "continuous"
    return "ordinal" if item.type == "scale" and answers.nunique() > 2 else "nominal"


def ends_of(item: Variable, answers: pd.Series) -> tuple[float, float]:
    """What counts as the lowest and the highest answer.

    Of a quantity without a declared range its 5th and 95th percentile, since a single answer far
    off would leave the others no differences.
    """
    if item.type == "category":
        return np.nan, np.nan
    if item.type == "binary":
        return 0.0, 1.0
    values = answers.to_numpy(float)
    least, most = np.nanmin(values), np.nanmax(values)
    if item.type == "number" and item.low is None and item.high is None:
        inner = np.nanquantile(values, TAILS)
        least, most = inner if inner[1] > inner[0] else (least, most)
    low = least if item.low is None else item.low
    return float(low), float(most if item.high is None else item.high)


def position_of(answers: pd.Series, low: float, high: float) -> np.ndarray:
    if not low < high:
        return np.full(len(answers), np.nan)
    return (answers.to_numpy(float) - low) / (high - low)


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
