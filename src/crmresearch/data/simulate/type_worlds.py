"""Worlds in which a question about types of relationship has a known answer.

`type_truth` gives the shares, the profiles and who changes type in each of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import exp

from crmresearch.data.simulate.constants import World
from crmresearch.data.simulate.kinds import DIMENSIONS, TYPES, RelationshipType

Chances = Mapping[str, tuple[float, tuple[float, ...], tuple[float, ...]]]


def _kinds(chances: Chances) -> dict[str, RelationshipType]:
    """Types with these shares and chances of a yes; in all else the first types of the demo."""
    return {
        name: replace(like, share=share, positive=positive, negative=negative)
        for (name, (share, positive, negative)), like in zip(
            chances.items(), TYPES.values(), strict=False
        )
    }


# Four types that hardly anyone could confuse.
SEPARATED = World(
    types=_kinds(
        {
            "warm": (0.30, (0.94, 0.95, 0.90, 0.93, 0.92), (0.04, 0.05, 0.04)),
            "cool": (0.30, (0.07, 0.95, 0.05, 0.92, 0.06), (0.05, 0.08, 0.06)),
            "torn": (0.18, (0.92, 0.90, 0.88, 0.10, 0.08), (0.93, 0.90, 0.92)),
            "hostile": (0.22, (0.05, 0.08, 0.06, 0.07, 0.05), (0.92, 0.94, 0.90)),
        }
    )
)

# Four types of which each lies near another: many respondents could be of either.
OVERLAPPING = World(
    types=_kinds(
        {
            "warm": (0.30, (0.85, 0.88, 0.70, 0.85, 0.75), (0.08, 0.10, 0.08)),
            "cool": (0.28, (0.55, 0.80, 0.20, 0.60, 0.25), (0.12, 0.20, 0.20)),
            "torn": (0.22, (0.65, 0.65, 0.45, 0.35, 0.45), (0.70, 0.60, 0.50)),
            "hostile": (0.20, (0.15, 0.35, 0.08, 0.15, 0.12), (0.55, 0.70, 0.65)),
        }
    )
)


def _levels() -> dict[str, RelationshipType]:
    """Three types that differ in how good the relationship is and in nothing else."""
    ease = (0.5, 1.0, -0.6, 0.4, -0.2), (-1.0, -0.6, -0.8)  # log odds of a yes in the middle

    def chances(start: tuple[float, ...], level: float) -> tuple[float, ...]:
        return tuple(1 / (1 + exp(-one - level)) for one in start)

    return _kinds(
        {
            name: (share, chances(ease[0], level), chances(ease[1], -level))
            for name, share, level in (("high", 0.3, 1.8), ("middle", 0.4, 0.0), ("low", 0.3, -1.8))
        }
    )


# Parallel profiles: types that are levels of one dimension, to be told from types that are none.
LEVELS = World(types=_levels())

_EXCITING, _FAIR = 2, 3
# Between the waves customers change type, so that shares move, and two signs change meaning:
# friendly basics come to find the provider exciting, and captives to find it fair.
DRIFT = World(
    transitions={
        "partners": (0.78, 0.10, 0.07, 0.05),
        "friendly basics": (0.05, 0.65, 0.22, 0.08),
        "neutral": (0.02, 0.08, 0.80, 0.10),
        "captives": (0.02, 0.05, 0.13, 0.80),
    },
    changed_signs={"friendly basics": {_EXCITING: 0.50}, "captives": {_FAIR: 0.75}},
)

# Brands that differ in their mix of types, and in nothing else of the relationship.
MARKETS = World(
    brand_shares={
        "Aster": (0.45, 0.30, 0.15, 0.10),
        "Boreal": (0.15, 0.30, 0.20, 0.35),
        "Cirrus": (0.20, 0.45, 0.30, 0.05),
    }
)

# Loyalty follows a known surface of closeness as it is and as it is wanted, highest where both
# agree, and nothing else of the relationship, whose types differ in their signs alone.
_ALIKE = {"place": (4.0,) * len(DIMENSIONS), "missed": (0.0,) * len(DIMENSIONS)}
CONGRUENCE = World(
    types={
        name: replace(kind, satisfaction=0.0, loyalty=0.0, **_ALIKE) for name, kind in TYPES.items()
    },
    centre=4.6,
    spread=0.90,
    loyalty_slope=0.45,
    place_person=0.9,
    gap=dict.fromkeys(DIMENSIONS, (1.2, 0.0)),
    surface={"closeness": (0.08, 0.08, -0.14, 0.20, -0.14)},
)

TYPE_WORLDS: Mapping[str, World] = {
    "separated types": SEPARATED,
    "overlapping types": OVERLAPPING,
    "levels": LEVELS,
    "drift": DRIFT,
    "markets": MARKETS,
    "congruence": CONGRUENCE,
}
