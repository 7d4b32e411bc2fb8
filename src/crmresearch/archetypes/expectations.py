"""What customers expect of the relationship beside what they experience, a respondent each.

Two ways of asking lead here: ratings of the same dimension as it is and as it should be, and two
choices from the same cards. Both are the customer's word at one moment: who is content may say
afterwards that nothing else was wanted.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.archetypes.catalogue import DIMENSIONS, Catalogue
from crmresearch.archetypes.ratings import Rating, ratings
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.report.estimates import NAN

CHUNK = 20_000  # respondents whose distances to all types are held at once


@dataclass(frozen=True, slots=True, eq=False)
class Dimension:
    """One dimension of the relationship, rated twice on one scale.

    Parameters
    ----------
    name : as the codebook's construct has it: ``closeness``
    expected, experienced : (n,) mean of the items, NaN where fewer than half were answered
    low, high : ends of the scale
    questions : columns of the items, expected and experienced
    """

    name: str
    expected: np.ndarray
    experienced: np.ndarray
    low: float
    high: float
    questions: tuple[list[str], list[str]]

    @property
    def centre(self) -> float:
        """The middle of the scale."""
        return (self.low + self.high) / 2

    @property
    def label(self) -> str:
        """The name as a reader sees it."""
        return self.name.capitalize()

    @property
    def gap(self) -> np.ndarray:
        """(n,) experienced less expected, to describe; it is no predictor."""
        return self.experienced - self.expected


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Two choices from the same types, -1 where none was made.

    Parameters
    ----------
    wanted, had : (n,) positions in `labels`
    labels : names of the types
    how : how they are known, for notes
    """

    wanted: np.ndarray
    had: np.ndarray
    labels: tuple[str, ...]
    how: str

    @property
    def met(self) -> np.ndarray:
        """(n,) 1 where the relationship is the one wanted, 0 where not, NaN where not known."""
        known = (self.wanted >= 0) & (self.had >= 0)
        return np.where(known, (self.wanted == self.had).astype(float), NAN)


def dimensions(survey: Survey) -> list[Dimension]:
    """The dimensions rated both as expected and as experienced, those of the catalogue first.

    Where the two scales differ in range, what was experienced is put on that of the expected.
    """
    experienced = ratings(survey, "experienced")
    return [
        Dimension(
            name=name,
            expected=wanted.values,
            experienced=wanted.low + (wanted.high - wanted.low) * experienced[name].position,
            low=wanted.low,
            high=wanted.high,
            questions=(_columns(wanted), _columns(experienced[name])),
        )
        for name, wanted in ratings(survey, "expected").items()
        if name in experienced
    ]


def _columns(rating: Rating) -> list[str]:
    return [item.variable for item in rating.items]


def choices(survey: Survey, catalogue: Catalogue, types: Types | None = None) -> Choices | None:
    """The type of relationship that each respondent has, and the one that would rather be had.

    From cards where both were chosen. Otherwise from the dimensions that were rated both ways: the
    likeliest type of either rating by the model, where `types` were found in these ratings, or
    else the type of the catalogue nearest to it. Error of measurement then puts some into a
    neighbouring type, so that expectations look met more or less often than they are, which is not
    corrected. None where neither was asked.
    """
    if {"relationship", "relationship_expected"} <= survey.roles:
        return _from_cards(survey)
    if types is not None and _are_ratings(survey, types):
        return _from_model(survey, types)
    names = [name for name in ratings(survey, "expected") if name in DIMENSIONS]
    names = [name for name in names if name in ratings(survey, "experienced")]
    return _from_ratings(survey, names, catalogue) if names else None


def _from_cards(survey: Survey) -> Choices:
    had, wanted = (
        survey.answers[survey.variables(role)[0].variable].astype("category")
        for role in ("relationship", "relationship_expected")
    )
    labels = list(dict.fromkeys([*had.cat.categories, *wanted.cat.categories]))
    codes = [pd.Categorical(side, categories=labels).codes for side in (wanted, had)]
    return _present(*codes, labels, "Both types were chosen from cards.")


def _are_ratings(survey: Survey, types: Types) -> bool:
    """Whether several types were found in nothing but ratings that were made both ways."""
    items = types.indicators.variables
    both = ratings(survey, "expected").keys() & ratings(survey, "experienced").keys()
    rated = all("experienced" in item.roles and item.variable in both for item in items)
    return rated and types.model.classes > 1 and set(types.model.patterns.kinds) == {"continuous"}


def _from_model(survey: Survey, types: Types) -> Choices:
    """The likeliest type of what is wanted by the model of what is, and that of what is."""
    model = types.model
    wanted = np.tile(np.log(model.shares), (len(survey.answers), 1))
    known = np.zeros(len(wanted), dtype=bool)
    for item, start in zip(types.indicators.variables, model.patterns.starts, strict=True):
        mean, variance = model.probs[:, start + 1], model.probs[:, start + 2]
        experienced = ratings(survey, "experienced")[item.variable]
        asked = ratings(survey, "expected")[item.variable]
        values = experienced.low + (experienced.high - experienced.low) * asked.position
        there = np.isfinite(values)
        apart = (values[there, None] - mean) ** 2
        wanted[there] -= apart / (2 * variance) + np.log(variance) / 2
        known |= there
    how = (
        "No cards were chosen: the types are the likeliest ones of both ratings by the model of "
        "the relationship as it is. Some are wrong, which is not corrected, so that expectations "
        "may look met more or less often than they are."
    )
    likeliest = np.where(known, np.argmax(wanted, axis=1), -1)
    return _present(likeliest, types.of_row, list(types.labels), how)


def _from_ratings(survey: Survey, names: list[str], catalogue: Catalogue) -> Choices | None:
    sides = [_nearest(survey, role, names, catalogue) for role in ("expected", "experienced")]
    if max(side.max(initial=-1) for side in sides) < 0:
        return None
    how = (
        "No cards were chosen: the types are those of the catalogue nearest to the ratings, "
        "without correction for their error, so that expectations may look met more or less often "
        "than they are."
    )
    return _present(*sides, list(catalogue.labels), how)


def _nearest(survey: Survey, role: str, names: list[str], catalogue: Catalogue) -> np.ndarray:
    """(n,) the catalogue's type nearest to a respondent's ratings; -1 where too few were given."""
    places = np.full((len(survey.answers), len(DIMENSIONS)), NAN)
    for name in names:
        places[:, DIMENSIONS.index(name)] = 2 * ratings(survey, role)[name].position - 1
    found = np.full(len(places), -1)
    for start in range(0, len(places), CHUNK):
        apart = catalogue.distances(places[start : start + CHUNK])
        nearest = np.argmin(apart, axis=1)
        known = np.isfinite(apart[np.arange(len(apart)), nearest])
        found[start : start + CHUNK] = np.where(known, nearest, -1)
    return found


def _present(wanted: np.ndarray, had: np.ndarray, labels: list, how: str) -> Choices:
    """`Choices` among the types that anybody has or wants."""
    used = np.union1d(wanted, had)
    used = used[used >= 0]
    place = np.full(len(labels) + 1, -1)  # the last place is that of no choice, -1
    place[used] = np.arange(len(used))
    return Choices(place[wanted], place[had], tuple(str(labels[at]) for at in used), how)
