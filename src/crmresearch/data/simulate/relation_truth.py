"""What is true of how the relationship is rated, wanted and named."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crmresearch.data.simulate.added import related
from crmresearch.data.simulate.constants import SEED, World
from crmresearch.data.simulate.effects import draw, of_size, score
from crmresearch.data.simulate.kinds import DIMENSIONS
from crmresearch.data.simulate.relation import ratings

NEAR = 1.0  # points between what is and what is wanted, up to which an expectation is met
_LARGE = 120_000  # customers drawn for what has no formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """True values of the relationship as rated and as named.

    Parameters
    ----------
    places, wanted : by type, then by dimension, where the relationship stands and where the
        customers would have it, from 1 to 7, before answers are rounded and kept within the scale
    own_card : by type, the card that is the type's own and the chance that it is chosen
    met_card : by type, the share that wants the card it chose
    met : by dimension, the share whose mean rating of what is wanted lies within `NEAR` of that
        of what is
    surfaces : by dimension, a1, a2, a3 and a4 of the quadratic surface of mean loyalty on the mean
        ratings of what is wanted (x) and what is (y), both less 4: with loyalty = b0 +
        b1 x + b2 y + b3 x^2 + b4 xy + b5 y^2, a1 = b1 + b2 and a2 = b3 + b4 + b5 along the line on
        which both agree, a3 = b1 - b2 and a4 = b3 - b4 + b5 across it
    """

    places: Mapping[str, Mapping[str, float]]
    wanted: Mapping[str, Mapping[str, float]]
    own_card: Mapping[str, tuple[str, float]]
    met_card: Mapping[str, float]
    met: Mapping[str, float]
    surfaces: Mapping[str, tuple[float, ...]]


def relation_truth(world: World) -> Related:
    """The true values in `world`; surfaces and met expectations over a large draw."""
    large = of_size(world, _LARGE)
    who, said = draw(large, SEED)
    rated = related(SEED + 1, who, said, large)
    loyalty = score(said, "loyalty").to_numpy()
    met = rated["chosen"] == rated["chosen_wanted"]
    pairs = {name: ratings(rated, name) for name in DIMENSIONS}
    return Related(
        places={name: _named(kind.place) for name, kind in world.types.items()},
        wanted={
            name: _named(tuple(np.add(kind.place, kind.missed)))
            for name, kind in world.types.items()
        },
        own_card={name: next(iter(kind.cards.items())) for name, kind in world.types.items()},
        met_card=met.groupby(said["type"]).mean().reindex(list(world.types)).to_dict(),
        met={name: float((abs(x - y) <= NEAR).mean()) for name, (x, y) in pairs.items()},
        surfaces={name: surface(want, have, loyalty) for name, (have, want) in pairs.items()},
    )


def surface(x: np.ndarray, y: np.ndarray, outcome: np.ndarray) -> tuple[float, ...]:
    """a1 to a4 of the quadratic surface of `outcome`, by least squares."""
    terms = np.column_stack([np.ones(len(x)), x, y, x * x, x * y, y * y])
    b = np.linalg.lstsq(terms, outcome, rcond=None)[0]
    along = b[1] + b[2], b[3] + b[4] + b[5]
    across = b[1] - b[2], b[3] - b[4] + b[5]
    return tuple(float(value) for value in (*along, *across))


def _named(place: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(DIMENSIONS, (float(value) for value in place), strict=True))
