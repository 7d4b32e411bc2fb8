"""What is true of the handling of complaints, of word of mouth and of leaving."""

from dataclasses import dataclass
from math import exp

import numpy as np

from crmresearch.data.simulate.constants import FACETS, SEED, World
from crmresearch.data.simulate.effects import draw, of_size, score

_ROUNDING = 1 / 12  # variance that rounding to whole numbers adds
_LARGE = 30_000  # customers drawn for the spread of how complaints are handled


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """True values of what follows a complaint.

    Parameters
    ----------
    fairness_slopes : by facet, points of rated handling for a point of the facet's two items, the
        other facets and prior satisfaction held, before answers are kept within the scale
    talk_handling : points of word of mouth for a point of rated handling, prior satisfaction held
    indirect : by facet, their product: what goes from fairness to word of mouth
    closest : the largest correlation between two facets, or a facet and handling, without error
    hazard_ratio : of leaving, for a point of loyalty before it is rounded or measured with error
    double_deviation : log hazard of leaving that an unresolved complaint after an earlier problem
        adds
    """

    fairness_slopes: dict[str, float]
    talk_handling: float
    indirect: dict[str, float]
    closest: float
    hazard_ratio: float
    double_deviation: float


def aftermath(world: World) -> Aftermath:
    """The true values in `world`."""
    said = draw(of_size(world, _LARGE), SEED)[1]
    voiced = said[said["complained"] == 1]
    handled, rated = voiced["handled"].to_numpy(), score(voiced, "handling").to_numpy()
    held = np.column_stack([np.ones(len(voiced)), voiced["prior_satisfaction"]])
    left = handled - held @ np.linalg.lstsq(held, handled, rcond=None)[0]
    slope = np.array([world.fairness[facet] for facet in FACETS])
    error = (world.fairness_item_noise**2 + _ROUNDING) / 2
    among = _covariance(world, slope, left @ left / len(left)) + error * np.eye(len(FACETS))
    slopes = np.linalg.solve(among, slope * (left @ rated / len(left)))
    talked = world.talk_handling[0]
    named = dict(zip(FACETS, slopes.tolist(), strict=True))
    return Aftermath(
        fairness_slopes=named,
        talk_handling=talked,
        indirect={facet: one * talked for facet, one in named.items()},
        closest=_closest(world, slope, float(handled.var())),
        hazard_ratio=exp(world.leaving[1]),
        double_deviation=world.leaving[2],
    )


def _covariance(world: World, slope: np.ndarray, handled: float) -> np.ndarray:
    """Of the facets without error, where handling has this variance."""
    own = world.fairness_own**2 * np.eye(len(slope))
    return handled * np.outer(slope, slope) + world.fairness_common**2 + own


def _closest(world: World, slope: np.ndarray, handled: float) -> float:
    every = np.block(
        [
            [_covariance(world, slope, handled), handled * slope[:, None]],
            [handled * slope[None, :], np.array([[handled]])],
        ]
    )
    sd = np.sqrt(np.diag(every))
    return float((every / np.outer(sd, sd) - np.eye(len(every))).max())
