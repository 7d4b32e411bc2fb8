"""The four types of relationship behind the demonstration data, and how customers speak of them."""

from collections.abc import Mapping
from dataclasses import dataclass

DIMENSIONS = {  # of a relationship, and the name of the ratings on each
    "valence": "friendly",
    "closeness": "close",
    "power": "even",
    "formality": "formal",
    "intensity": "intense",
    "reciprocity": "mutual",
}
CARDS = (  # types of relationship that customers choose from, by their labels in the catalogue
    "Best friends",
    "Business partners",
    "Buddies",
    "Basic exchange",
    "Marriage of convenience",
    "Acquaintance",
    "Enslavement",
    "Enmity",
)

GERMAN_CARDS = (
    "Beste Freunde",
    "Geschäftspartner",
    "Kumpel",
    "Einfacher Tausch",
    "Zweckehe",
    "Bekanntschaft",
    "Knechtschaft",
    "Feindschaft",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipType:
    """A latent class: its share, the chance of a yes to each sign, and where it stands.

    Parameters
    ----------
    share : of the customers
    positive, negative : the chance of a yes to each sign
    satisfaction : in latent standard deviations
    loyalty : scale points that satisfaction does not explain
    place : of the relationship on each of `DIMENSIONS`, from 1 to 7
    missed : how much more of each the customers would have, in points
    cards : chance of each card for what the relationship is; the first is the type's own
    unwanted : log odds that the customer would rather have another card
    closer, looser : chance of each card for what it should be, where the customer does not want
        the one it is, and would have it closer than it is or not
    """

    share: float
    positive: tuple[float, ...]
    negative: tuple[float, ...]
    satisfaction: float
    loyalty: float
    place: tuple[float, ...]
    missed: tuple[float, ...]
    cards: Mapping[str, float]
    unwanted: float
    closer: Mapping[str, float]
    looser: Mapping[str, float]


TYPES: Mapping[str, RelationshipType] = {
    "partners": RelationshipType(
        share=0.26,
        positive=(0.92, 0.95, 0.72, 0.90, 0.92),
        negative=(0.05, 0.06, 0.04),
        satisfaction=0.65,
        loyalty=0.15,
        place=(6.0, 4.7, 4.0, 5.6, 4.8, 5.8),
        missed=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        cards={
            "Business partners": 0.70,
            "Best friends": 0.13,
            "Buddies": 0.09,
            "Basic exchange": 0.08,
        },
        unwanted=0.0,
        closer={"Best friends": 0.70, "Buddies": 0.30},
        looser={"Basic exchange": 0.70, "Acquaintance": 0.30},
    ),
    "friendly basics": RelationshipType(
        share=0.34,
        positive=(0.72, 0.90, 0.06, 0.78, 0.08),
        negative=(0.06, 0.08, 0.12),
        satisfaction=0.20,
        loyalty=0.0,
        place=(5.0, 2.2, 4.0, 5.2, 2.2, 4.2),
        missed=(0.2, 0.0, 0.2, 0.0, 0.0, 0.2),
        cards={
            "Basic exchange": 0.70,
            "Buddies": 0.13,
            "Acquaintance": 0.10,
            "Business partners": 0.07,
        },
        unwanted=0.0,
        closer={"Business partners": 0.60, "Buddies": 0.40},
        looser={"Acquaintance": 0.80, "Buddies": 0.20},
    ),
    "neutral": RelationshipType(
        share=0.22,
        positive=(0.10, 0.25, 0.04, 0.18, 0.05),
        negative=(0.08, 0.10, 0.15),
        satisfaction=-0.40,
        loyalty=-0.15,
        place=(4.4, 2.6, 3.9, 3.7, 2.0, 3.4),
        missed=(0.5, 0.3, 0.2, 0.0, 0.2, 0.7),
        cards={
            "Acquaintance": 0.70,
            "Marriage of convenience": 0.14,
            "Basic exchange": 0.11,
            "Buddies": 0.05,
        },
        unwanted=0.5,
        closer={"Basic exchange": 0.40, "Business partners": 0.35, "Buddies": 0.25},
        looser={"Basic exchange": 0.80, "Acquaintance": 0.20},
    ),
    "captives": RelationshipType(
        share=0.18,
        positive=(0.55, 0.80, 0.08, 0.28, 0.45),
        negative=(0.92, 0.75, 0.60),
        satisfaction=-0.80,
        loyalty=0.30,
        place=(2.2, 2.8, 1.8, 4.6, 3.6, 2.1),
        missed=(1.5, 0.3, 1.8, 0.0, -0.6, 1.7),
        cards={
            "Enslavement": 0.70,
            "Marriage of convenience": 0.16,
            "Enmity": 0.09,
            "Basic exchange": 0.05,
        },
        unwanted=3.5,
        closer={"Business partners": 0.70, "Basic exchange": 0.30},
        looser={"Basic exchange": 0.80, "Acquaintance": 0.20},
    ),
}
