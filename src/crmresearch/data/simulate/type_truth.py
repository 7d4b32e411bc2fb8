"""What is true of the types in a world: how many, what they say, and who changes between waves."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crmresearch.data.simulate.constants import BRANDS, NEGATIVE, POSITIVE, WAVES, World
from crmresearch.data.simulate.people import sign_chances


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeTruth:
    """True values of the types, in the order of the world.

    Parameters
    ----------
    shares : by wave, (K,) share of the customers of each type
    by_brand : by brand and wave, (K,) the same
    profiles : by wave, (K, 8) chance of a yes to each of `signs`
    signs : names of the signs, the positive ones first
    transitions : (K, K) chance that a customer of the row's type is of the column's in the
        last wave
    movers : share of the customers asked twice who change type
    surface : by dimension, b1 to b5 of loyalty on the ratings as wanted (x) and as it is (y), each
        the mean of its items less 4: x, y, x squared, x times y, y squared
    """

    shares: Mapping[str, np.ndarray]
    by_brand: Mapping[tuple[str, str], np.ndarray]
    profiles: Mapping[str, np.ndarray]
    signs: tuple[str, ...]
    transitions: np.ndarray
    movers: float
    surface: Mapping[str, tuple[float, ...]]


def type_truth(world: World) -> TypeTruth:
    """The true values in `world`, which are among its constants or follow from them."""
    kinds = list(world.types)
    table = np.array([world.transitions.get(one, _stays(one, kinds)) for one in kinds])
    first = {brand: np.array(world.shares_of(brand)) for brand in BRANDS}
    by_brand = {(brand, WAVES[0]): share for brand, share in first.items()}
    by_brand |= {(brand, WAVES[-1]): share @ table for brand, share in first.items()}
    shares = {wave: np.mean([by_brand[brand, wave] for brand in BRANDS], axis=0) for wave in WAVES}
    said = sign_chances(world)
    return TypeTruth(
        shares=shares,
        by_brand=by_brand,
        profiles={wave: said[index] for index, wave in enumerate(WAVES)},
        signs=(*POSITIVE, *NEGATIVE),
        transitions=table,
        movers=float(shares[WAVES[0]] @ (1 - np.diag(table))),
        surface=world.surface,
    )


def _stays(one: str, kinds: list[str]) -> tuple[float, ...]:
    return tuple(float(one == other) for other in kinds)
