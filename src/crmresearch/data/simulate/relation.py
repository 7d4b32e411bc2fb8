"""How customers rate the relationship, as it is and as it should be, and the cards they choose."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmresearch.data.simulate.constants import BRANDS, World
from crmresearch.data.simulate.kinds import CARDS, DIMENSIONS, GERMAN_CARDS
from crmresearch.data.simulate.people import People, whole

MIDDLE = 4.0  # of the ratings from 1 to 7, from which a surface is reckoned
CHOICES = ("chosen", "chosen_second", "chosen_wanted")
CARD_WORDS = tuple(  # each card as its label, in German, and by number
    (card, german, str(number))
    for number, (card, german) in enumerate(zip(CARDS, GERMAN_CARDS, strict=True), start=1)
)
RATED = tuple(
    f"{side}_{stem}_{item}"
    for side in ("is", "want")
    for stem in DIMENSIONS.values()
    for item in (1, 2)
)
_MET_BY = ("closeness", "reciprocity")  # the gaps that decide whether another card is wanted


def relation(
    rng: np.random.Generator, who: People, loyal: np.ndarray, world: World
) -> pd.DataFrame:
    """Two ratings a dimension as it is and as it should be, three cards, and how sure of the first.

    The relationship follows the type, the person and the occasion. The gap to what the customer
    would have is the type's and chance, which moves it the less the more loyal the customer is.
    Cards are numbered from 1; a person chooses anew in every wave.
    """
    now = _places(rng, who, world)
    gap = _gaps(rng, who, loyal, world)
    return pd.DataFrame(
        {
            **_items(rng, now, "is", world),
            **_items(rng, now + gap, "want", world),
            **_cards(rng, who, gap, world),
        }
    )


def lifted(rng: np.random.Generator, who: People, world: World) -> np.ndarray:
    """(n,) points of loyalty that the ratings move, where they do; drawn as by `relation`."""
    lift = np.zeros(len(who.person))
    if not world.surface:
        return lift
    rated = relation(rng, who, lift, world)
    for dimension, slopes in world.surface.items():
        y, x = ratings(rated, dimension)
        lift += np.column_stack([x, y, x * x, x * y, y * y]) @ slopes
    return lift


def ratings(rated: pd.DataFrame, dimension: str) -> tuple[np.ndarray, np.ndarray]:
    """The mean ratings of what is and of what is wanted, less the middle of their scale."""
    stem = DIMENSIONS[dimension]
    is_, want = (
        rated[[f"{side}_{stem}_1", f"{side}_{stem}_2"]].mean(axis=1).to_numpy() - MIDDLE
        for side in ("is", "want")
    )
    return is_, want


def _places(rng: np.random.Generator, who: People, world: World) -> np.ndarray:
    """(n, 6) where each relationship stands."""
    width = len(DIMENSIONS)
    person = rng.standard_normal((len(BRANDS) * world.pool_per_brand, width))[who.person]
    occasion = rng.standard_normal((len(who.person), width))
    of_type = np.array([kind.place for kind in world.types.values()])[who.type]
    return of_type + world.place_person * person + world.place_occasion * occasion


def _gaps(rng: np.random.Generator, who: People, loyal: np.ndarray, world: World) -> np.ndarray:
    """(n, 6) how much more each customer would have."""
    spread, slope = np.array([world.gap[name] for name in DIMENSIONS]).T
    slope = slope * (not world.surface)  # where ratings move loyalty, it does not move them
    missed = np.array([kind.missed for kind in world.types.values()])[who.type]
    width = spread * np.exp(-slope * (loyal[:, None] - world.centre))
    return missed + width * rng.standard_normal(missed.shape)


def _items(
    rng: np.random.Generator, place: np.ndarray, side: str, world: World
) -> dict[str, np.ndarray]:
    found = {}
    for stem, column in zip(DIMENSIONS.values(), place.T, strict=True):
        noise = world.place_item_noise * rng.standard_normal((len(column), 2))
        for item in range(2):
            found[f"{side}_{stem}_{item + 1}"] = whole(column + noise[:, item], 1, 7)
    return found


def _cards(
    rng: np.random.Generator, who: People, gap: np.ndarray, world: World
) -> dict[str, np.ndarray]:
    """The card that fits best, the next best, the one wanted, and how sure of the first."""
    n = len(who.type)
    kinds = world.types.values()
    first = _drawn(rng.random(n), _chances([kind.cards for kind in kinds])[who.type])
    own = np.array([CARDS.index(next(iter(kind.cards))) for kind in kinds])[who.type]
    second = _second(rng, who, first, own, world)
    named = list(DIMENSIONS)
    gaps = np.abs(gap[:, [named.index(name) for name in _MET_BY]]).mean(axis=1)
    start, slope = world.wants_another
    odds = start + slope * gaps + np.array([kind.unwanted for kind in kinds])[who.type]
    another = rng.random(n) < 1 / (1 + np.exp(-odds))
    closer = gap[:, named.index("closeness")] > 0
    wishes = np.where(
        closer[:, None],
        _chances([kind.closer for kind in kinds])[who.type],
        _chances([kind.looser for kind in kinds])[who.type],
    )
    wished = _drawn(rng.random(n), wishes)
    start, when_own, noise = world.sure
    sure = start + when_own * (first == own) + noise * rng.standard_normal(n)
    return {
        "chosen": first + 1.0,
        "chosen_second": second + 1.0,
        "chosen_sure": whole(sure, 1, 7),
        "chosen_wanted": np.where(another, wished, first) + 1.0,
    }


def _second(
    rng: np.random.Generator, who: People, first: np.ndarray, own: np.ndarray, world: World
) -> np.ndarray:
    """The type's own card often, where that is not the first, and otherwise another of its."""
    n = len(first)
    chances = _chances([kind.cards for kind in world.types.values()])[who.type]
    rows = np.arange(n)
    chances[rows, first] = 0.0
    chances[rows, own] = 0.0
    other = _drawn(rng.random(n), chances)
    return np.where((first != own) & (rng.random(n) < world.second_is_own), own, other)


def _chances(cards: list[Mapping[str, float]]) -> np.ndarray:
    """(kinds, cards) the chance of every card."""
    return np.array([[one.get(card, 0.0) for card in CARDS] for one in cards])


def _drawn(uniform: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """(n,) the card that each uniform number picks, by the chances in its row."""
    reached = np.cumsum(chances, axis=1)
    return (uniform[:, None] * reached[:, -1:] >= reached).sum(axis=1)
