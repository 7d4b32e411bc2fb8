"""Where the types found lie on the dimensions of the catalogue.

In simulations of seven signs, four types and ratings outside the model, nominal 95% intervals held
the true place in 94% (n = 1,500) and 92% (n = 600) of cases; the nearest of the catalogue was the
true one throughout.
"""

from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.catalogue import DIMENSIONS
from crmresearch.archetypes.classification import Linear, classify
from crmresearch.archetypes.outcomes import corrected_means
from crmresearch.archetypes.ratings import Rating, ratings
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Located:
    """Places of the K types on D of the catalogue's dimensions.

    Parameters
    ----------
    dimensions : D names
    place : (K, D) from -1 to 1
    covariance : (K, D, D) of the places of each type
    freedom : degrees of freedom of their t
    how : the estimator in words
    """

    dimensions: tuple[str, ...]
    place: np.ndarray
    covariance: np.ndarray
    freedom: int
    how: str

    def on_all(self, places: np.ndarray) -> np.ndarray:
        """(..., D) places as (..., 7), NaN on dimensions that were not measured."""
        found = np.full((*places.shape[:-1], len(DIMENSIONS)), NAN)
        found[..., [DIMENSIONS.index(name) for name in self.dimensions]] = places
        return found


def locate(types: Types, survey: Survey) -> Located | None:
    """Places of the types from ratings, or valence and intensity from signs; None without.

    Ratings outside the model are averaged with BCH weights; of those inside, the means of the
    classes are taken.
    """
    scores = {name: item for name, item in ratings(survey).items() if name in DIMENSIONS}
    if types.indicators.as_chosen:
        return None
    names = [item.variable for item in types.indicators.variables]
    inside = [names.index(name) if name in names else -1 for name in scores]
    if scores and min(inside) >= 0:
        columns = types.indicators.patterns.starts[inside] + 1
        return _by_model(types, tuple(scores), columns)
    if scores:
        return _by_ratings(types, scores)
    return _by_signs(types)


def _by_model(types: Types, names: tuple[str, ...], columns: np.ndarray) -> Located:
    """From the class means of scores that are indicators of the model."""
    model = types.model
    items = model.patterns.item[columns]
    low, high = types.indicators.ends[items].T
    step = 2 / (high - low)
    covariance = types.errors.prob_covariance[:, columns[:, None], columns]
    return Located(
        dimensions=names,
        place=(model.probs[:, columns] - low) * step - 1,
        covariance=covariance * np.outer(step, step),
        freedom=max(model.patterns.n - 1, 0),
        how=f"latent class means of ratings, {types.errors.words}",
    )


def _by_ratings(types: Types, scores: dict[str, Rating]) -> Located | None:
    classified = classify(types)
    means = [corrected_means(2 * item.position - 1, classified) for item in scores.values()]
    if any(part is None for part in means):
        return None
    used = np.logical_or.reduce([part.used for part in means])
    place = np.column_stack([part.value for part in means])
    covariances, freedom = [], 0
    for k in range(types.model.classes):
        joint = np.column_stack([part.influence[:, k] for part in means])
        linear = Linear(place[k], joint, means[0].placed, used, means[0].design)
        covariance, freedom = linear.covariance()
        covariances.append(covariance)
    return Located(
        dimensions=tuple(scores),
        place=place,
        covariance=np.stack(covariances),
        freedom=freedom,
        how=f"BCH means of ratings, {means[0].design.words}, linearised",
    )


def _by_signs(types: Types) -> Located | None:
    """Valence is positive less negative signs; intensity how many of either there are."""
    indicators, model = types.indicators, types.model
    if not indicators.sided:
        return None
    slopes = np.zeros((2, model.probs.shape[1]))
    for sign, valence in ((1, "positive"), (-1, "negative")):
        chosen = np.flatnonzero(indicators.of(valence) & np.isfinite(types.overall))
        for j in chosen:
            first, slope = model.patterns.starts[j], types.slope(j) / len(chosen)
            slopes[:, first : first + len(slope)] = sign * slope, slope
    spread = types.errors.prob_covariance
    sums = np.column_stack(
        [types.balance, types.mean_of("positive") + types.mean_of("negative") - 1]
    )
    return Located(
        dimensions=("valence", "intensity"),
        place=sums,
        covariance=np.einsum("ai,kij,bj->kab", slopes, spread, slopes),
        freedom=max(model.patterns.n - 1, 0),
        how=f"latent class means from signs alone, {types.errors.words}",
    )
