"""Simulated customers of four types who also rate the relationship and choose a card."""

import numpy as np
import pandas as pd

from crmresearch.archetypes.catalogue import DIMENSIONS, Catalogue, read_catalogue
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey

from .conftest import CHANCES, customers

OWN = ("Business partners", "Basic exchange", "Frenemy", "Enslavement")  # of the four types
OFFERED = (*OWN, "Buddies", "Tolerated")  # the last one is in no catalogue
MEASURED = ("valence", "closeness", "power", "formality", "intensity", "reciprocity")
STAYS = 0.7  # chance to choose the card of the own type


def true_places(catalogue: Catalogue) -> np.ndarray:
    """(4, 6) where the ratings of the types are centred: 0 where the catalogue does not say."""
    rows = catalogue.rows_of(OWN)
    places = catalogue.place[rows][:, [DIMENSIONS.index(name) for name in MEASURED]]
    return np.nan_to_num(places)


def rated_survey(n: int, seed: int) -> tuple[Survey, np.ndarray]:
    """Seven signs, two items on each of six dimensions, cards; and the type of each customer."""
    signs, kind, rng = customers(n, seed)
    frame, book = pd.DataFrame(), {}

    def add(name: str, values: object, role: str, construct: str = "", **fields) -> None:
        frame[name] = values
        book[name] = Variable(
            variable=name,
            label=name.replace("_", " "),
            roles=(role,),
            construct=construct,
            **fields,
        )

    for j in range(CHANCES.shape[1]):
        side = "positive" if j < 4 else "negative"
        add(f"sign_{j}", signs[:, j], "indicator", side, type="binary")
    centre = 4 + 3 * true_places(read_catalogue())[kind]
    own = rng.normal(0, 0.7, (n, len(MEASURED)))
    for d, name in enumerate(MEASURED):
        for item in (1, 2):
            values = centre[:, d] + own[:, d] + rng.normal(0, 0.5, n)
            add(f"{name}_{item}", values, "experienced", name, type="number", low=1, high=7)
    for name, role in (("card", "relationship"), ("next", "relationship_second")):
        other = rng.integers(0, len(OFFERED), n)
        code = np.where(rng.random(n) < STAYS, kind, other)
        add(name, pd.Categorical.from_codes(code, OFFERED), role, type="category")
    sure = rng.integers(1, 8, n).astype(float)
    add("sure", sure, "relationship_confidence", type="scale", low=1, high=7)
    return Survey(answers=frame, codebook=book, about=About(title="T")), kind


def without(survey: Survey, *roles: str) -> Survey:
    """The same answers without the variables of these roles."""
    kept = {k: v for k, v in survey.codebook.items() if not set(v.roles) & set(roles)}
    return Survey(answers=survey.answers[list(kept)], codebook=kept, about=survey.about)
