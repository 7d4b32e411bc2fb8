"""Ratings of the relationship on its dimensions, as it is and as the customer would have it."""

from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.catalogue import DIMENSIONS
from crmresearch.data.codebook import Variable
from crmresearch.data.problems import listed
from crmresearch.data.survey import Survey
from crmresearch.methods.scales import complete, omega_total, standardised_alpha
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count

ROLES = {"experienced": "as it is", "expected": "as it should be"}
FEW_ITEMS = 3  # fewer tell little of themselves: with two, reliability rests on one correlation
SIDES = ("positive", "negative")  # feelings rated apart, which are no dimensions
ANSWERED = 0.5  # of a dimension's items, for a respondent to have a score


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rating:
    """The ratings on one dimension.

    Parameters
    ----------
    items : the codebook's entries
    values : (n,) mean of the items answered, on the range of the first, reversed items reversed;
        NaN for a respondent who answered fewer than the share `ANSWERED`
    low, high : that range; as answered where the codebook declares none
    """

    dimension: str
    items: tuple[Variable, ...]
    values: np.ndarray
    low: float
    high: float

    @property
    def position(self) -> np.ndarray:
        """(n,) from 0, the lowest answer, to 1, the highest."""
        return (self.values - self.low) / (self.high - self.low)

    @property
    def variable(self) -> Variable:
        """The score as a single variable."""
        return Variable(
            variable=self.dimension,
            label=self.dimension.capitalize(),
            type="number",
            roles=self.items[0].roles,
            construct=self.dimension,
            low=self.low,
            high=self.high,
        )


def ratings(survey: Survey, role: str = "experienced") -> dict[str, Rating]:
    """The dimensions rated with this role, those of the catalogue first; made once, by name.

    A rating that names no dimension in its construct is one of its own. A dimension that nobody
    answered, or everybody alike, tells nobody apart and is left out.
    """
    return survey.once(f"ratings.{role}", lambda: _ratings(survey, role))


def _ratings(survey: Survey, role: str) -> dict[str, Rating]:
    by_name: dict[str, list[Variable]] = {}
    for item in survey.variables(role):
        by_name.setdefault((item.construct or item.variable).casefold(), []).append(item)
    order = sorted(by_name, key=lambda name: _place_of(name))
    made = [_rating(survey, name, tuple(by_name[name])) for name in order]
    return {item.dimension: item for item in made if item.high > item.low}


def _place_of(name: str) -> int:
    return DIMENSIONS.index(name) if name in DIMENSIONS else len(DIMENSIONS)


def _rating(survey: Survey, name: str, items: tuple[Variable, ...]) -> Rating:
    values = survey.mean_of(items, answered=ANSWERED).to_numpy(float)
    known = values[np.isfinite(values)]
    if not len(known) or known.min() == known.max():
        low, high = 0.0, 0.0
    elif items[0].type == "binary":
        low, high = 0.0, 1.0
    else:
        low = known.min() if items[0].low is None else items[0].low
        high = known.max() if items[0].high is None else items[0].high
    return Rating(dimension=name, items=items, values=values, low=float(low), high=float(high))


def reliability(survey: Survey, *, design: Design, level: float = 0.95) -> list[Estimate]:
    """Reliability of each dimension's score, ``reliability.<role>.<dimension>``.

    McDonald's omega total of three items or more, the Spearman-Brown coefficient of two; a single
    item has none and is left out.
    """
    return [
        (omega_total if len(rating.items) >= FEW_ITEMS else standardised_alpha)(
            complete(survey.answers[[item.variable for item in rating.items]], design),
            key=f"reliability.{role}.{name}",
            name=f"{name.capitalize()}, {words} ({len(rating.items)} items)",
            level=level,
        )
        for role, words in ROLES.items()
        for name, rating in ratings(survey, role).items()
        if len(rating.items) > 1
    ]


def rating_caveats(survey: Survey) -> list[Caveat]:
    """Dimensions measured by few items, and ratings of none of the catalogue's dimensions."""
    found = {role: ratings(survey, role) for role in ROLES}
    caveats = [
        Caveat(
            key=f"ratings.items.{role}",
            text=f"Of the relationship {ROLES[role]}, "
            f"{count(len(short), 'dimension is', 'dimensions are')} rated by fewer than "
            f"{FEW_ITEMS} items, so that the reliability is hardly known: "
            f"{listed(short)}.",
        )
        for role, scores in found.items()
        if (short := [name for name, one in scores.items() if len(one.items) < FEW_ITEMS])
    ]
    strange = [name for name in found["experienced"] if name not in (*DIMENSIONS, *SIDES)]
    if strange:
        caveats.append(
            Caveat(
                key="ratings.dimensions",
                text=f"{count(len(strange), 'rating names', 'ratings name')} no dimension of the "
                f"catalogue ({listed(strange)}) and cannot place a type: the construct of a rating "
                f"is one of {listed(DIMENSIONS)}.",
            )
        )
    return caveats
