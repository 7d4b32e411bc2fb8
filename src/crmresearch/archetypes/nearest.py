"""Which types of the catalogue lie near the types found.

A name found so is a working label: the catalogue's places are put there by its definitions, and
that a class lies near one does not prove that the relationship is of that kind.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from crmresearch.archetypes.catalogue import DIMENSIONS, SHARED, Catalogue, poles
from crmresearch.archetypes.located import Located, locate
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.numbers import MINUS
from crmresearch.report.suppression import hidden_groups

NEAR = 0.4  # furthest that a name is given from: nine in ten pairs of the catalogue lie further
MARGIN = 0.1  # nearer than the second: moving one of six placings by a quarter changes a distance
# by no more, so that the name does not hang on a single placing
SURE = 0.9  # that it stays the nearest: below, the name would often change with the sample
DRAWS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """The two types of the catalogue next to one type, as rows of it; -1 where there is none.

    Parameters
    ----------
    distance, margin : to the first, and how much further the second is
    distance_error, margin_error : their standard errors
    sure : probability that the first stays the nearest
    """

    first: int = -1
    second: int = -1
    distance: float = NAN
    distance_error: float = NAN
    margin: float = NAN
    margin_error: float = NAN
    sure: float = NAN

    @property
    def near(self) -> bool:
        """Whether anything in the catalogue is near enough to be named."""
        return self.distance <= NEAR

    @property
    def named(self) -> bool:
        """Whether the first may lend its name as a working label."""
        lone = self.second < 0
        return self.near and self.sure >= SURE and (lone or self.margin >= MARGIN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Named:
    """The types found beside their neighbours in the catalogue; those too small left out.

    Parameters
    ----------
    shown : the types that may be shown
    neighbours : one for each of K types
    """

    types: Types
    catalogue: Catalogue
    located: Located | None
    shown: tuple[int, ...]
    neighbours: tuple[Neighbour, ...] = field(default=())

    @property
    def note(self) -> str:
        """The rule, and the definitions of the types that are named."""
        if self.located is None:
            return ""
        if all(one.first < 0 for one in self.neighbours):
            return (
                f"Fewer than {SHARED} of the catalogue's dimensions are measured, so that no type "
                "is held against it. Of signs alone, valence is the positive less the negative "
                f"ones, and intensity how many of both there are, {MINUS}1 for none and 1 for all."
            )
        rule = (
            f"Catalogue: {self.catalogue.name}. The places of its types are readings of their "
            "definitions, not measurements. Distance is the root mean square difference over the "
            f"dimensions that both have, {SHARED} at least, on scales from {MINUS}1 to 1. A type "
            f"is named where the nearest lies within {NEAR}, the second at least {MARGIN} further, "
            f"and the nearest stays so in {SURE:.0%} of draws from the error of the places."
        )
        rows = dict.fromkeys(self.neighbours[k].first for k in self.shown)
        said = [
            f"{self.catalogue.labels[row]}: {self.catalogue.definitions[row]}"
            for row in rows
            if row >= 0
        ]
        return " ".join([rule, *said])


def name_types(
    types: Types, survey: Survey, catalogue: Catalogue, *, seed: int = 20260101, min_cell: int = 1
) -> Named:
    """Locate the types and look for their neighbours in the catalogue."""
    located = locate(types, survey)
    sizes = {str(k): int((types.of_row == k).sum()) for k in range(types.model.classes)}
    hidden = hidden_groups(sizes, min_cell, total=types.model.patterns.n)
    shown = tuple(k for k in range(types.model.classes) if str(k) not in hidden)
    found: tuple[Neighbour, ...] = ()
    if located is not None:
        rng = np.random.default_rng(seed)
        found = tuple(neighbour(located, k, catalogue, rng) for k in range(types.model.classes))
    return Named(types=types, catalogue=catalogue, located=located, shown=shown, neighbours=found)


def neighbour(
    located: Located, k: int, catalogue: Catalogue, rng: np.random.Generator
) -> Neighbour:
    """The two nearest types of the catalogue to type `k`, and how sure the nearest is."""
    away = catalogue.distances(located.on_all(located.place[k])[None])[0]
    order = np.argsort(away, kind="stable")
    first, second = (int(row) if np.isfinite(away[row]) else -1 for row in order[:2])
    if first < 0:
        return Neighbour()
    covariance = located.covariance[k]
    slope = _slope(located, k, catalogue, first)
    sure, margin, other = NAN, NAN, np.zeros_like(slope)
    if second >= 0:
        margin, other = float(away[second] - away[first]), _slope(located, k, catalogue, second)
    if np.isfinite(covariance).all():
        drawn = rng.multivariate_normal(located.place[k], covariance, DRAWS, method="eigh")
        nearest = catalogue.distances(located.on_all(drawn)).argmin(axis=1)
        sure = float((nearest == first).mean())
    return Neighbour(
        first=first,
        second=second,
        distance=float(away[first]),
        distance_error=_error(slope, covariance),
        margin=margin,
        margin_error=_error(other - slope, covariance),
        sure=sure,
    )


def _slope(located: Located, k: int, catalogue: Catalogue, row: int) -> np.ndarray:
    """(D,) slope of the distance of type `k` to a type of the catalogue in its place."""
    at = [DIMENSIONS.index(name) for name in located.dimensions]
    apart = located.place[k] - catalogue.place[row, at]
    known = np.isfinite(apart)
    apart = np.where(known, apart, 0.0)
    length = np.sqrt(known.sum() * (apart @ apart))
    return apart / length if length > 0 else apart


def _error(slope: np.ndarray, covariance: np.ndarray) -> float:
    return float(np.sqrt(max(slope @ covariance @ slope, 0.0)))


def places(named: Named) -> list[Estimate]:
    """Where each type lies, then its distance to the nearest of the catalogue.

    Returns
    -------
    ``place.<dimension>`` for each type and dimension; ``nearest.distance``, ``nearest.margin`` and
    ``nearest.sure`` for each type that has something in common with the catalogue.
    """
    if named.located is None:
        return []
    found = [_place(named, k, d) for k in named.shown for d in range(len(named.located.dimensions))]
    return found + [item for k in named.shown for item in _nearest(named, k)]


def _place(named: Named, k: int, d: int) -> Estimate:
    located = named.located
    name = located.dimensions[d]
    low, high = poles(name)
    return _estimate(
        named,
        k,
        key=f"place.{name}",
        name=f"{name.capitalize()}, from {low} ({MINUS}1) to {high} (1)",
        value=float(located.place[k, d]),
        error=float(np.sqrt(located.covariance[k, d, d])),
        bounds=(-1.0, 1.0),
        method=located.how,
    )


def _nearest(named: Named, k: int) -> list[Estimate]:
    one, labels = named.neighbours[k], named.catalogue.labels
    if one.first < 0:
        return []
    found = [
        _estimate(
            named, k, key="nearest.distance",
            name=f"Distance to the nearest, “{labels[one.first]}”",
            value=one.distance, error=one.distance_error, bounds=(0.0, 2.0),
            method="root mean square difference, linearised",
        )
    ]  # fmt: skip
    if one.second >= 0:
        found.append(
            _estimate(
                named, k, key="nearest.margin",
                name=f"Further to the second, “{labels[one.second]}”",
                value=one.margin, error=one.margin_error, bounds=(-2.0, 2.0),
                method="difference of distances, linearised",
            )
        )  # fmt: skip
    sure = _estimate(
        named,
        k,
        key="nearest.sure",
        name=f"Probability that “{labels[one.first]}” stays the nearest",
        value=one.sure,
        error=NAN,
        bounds=(0.0, 1.0),
        method=f"{DRAWS:,} draws from the normal distribution of the places",
        unit="probability",
    )
    return [*found, sure]


def _estimate(
    named: Named, k: int, *, value: float, error: float, bounds: tuple[float, float], **fields
) -> Estimate:
    types = named.types
    known = error > 0 and named.located.freedom > 0
    reach = stats.t.ppf(0.5 + types.level / 2, named.located.freedom) * error if known else NAN
    return Estimate(
        **({"unit": "number"} | fields),
        value=value,
        low=float(np.clip(value - reach, *bounds)),
        high=float(np.clip(value + reach, *bounds)),
        level=types.level,
        n=int((types.of_row == k).sum()),
        group=f"type: {types.labels[k]}",
    )
