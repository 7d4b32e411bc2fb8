"""Whether people who chose from the cards at two occasions chose the same."""

import numpy as np
import pandas as pd

from crmresearch.archetypes.cards import Cards, column_of
from crmresearch.data.survey import Survey
from crmresearch.methods.nominal import kappa
from crmresearch.methods.proportions import share
from crmresearch.methods.weighting import design
from crmresearch.report.estimates import Estimate


def again(drawn: Cards, survey: Survey, *, level: float = 0.95) -> list[Estimate]:
    """Whether people who chose at two occasions chose the same: its share, and Cohen's kappa.

    Empty without people who answered in several waves. The first two waves of a person are
    compared, where both answers are about the same brand.
    """
    before, after = _occasions(drawn, survey)
    if len(before) < 2:
        return []
    weights = drawn.design.row_weights()
    clusters = drawn.design.clusters
    pairs = design(
        len(before),
        (weights[before] + weights[after]) / 2,
        None,
        None if clusters is None else clusters[before],
        cluster_name=drawn.design.cluster_name,
    )
    first, second = drawn.first[before], drawn.first[after]
    settings = {"design": pairs, "level": level}
    return [
        share(first == second, key="chosen.same", name="Chose the same type again", **settings),
        kappa(first, second, key="chosen.kappa", name="Kappa of the two choices", **settings),
    ]


def _occasions(drawn: Cards, survey: Survey) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the first and of the second choice of the same people about the same brand."""
    nobody = np.array([], dtype=int)
    if not {"person", "wave"} <= survey.roles:
        return nobody, nobody
    frame = pd.DataFrame(
        {
            "person": survey.items("person").iloc[:, 0].to_numpy(),
            "wave": column_of(survey, "wave").cat.codes.to_numpy(),
            "brand": column_of(survey, "brand").cat.codes.to_numpy()
            if "brand" in survey.roles
            else 0,
            "row": np.arange(len(drawn.first)),
        }
    )
    frame = frame[drawn.answered & (frame["wave"] >= 0) & frame["person"].notna()]
    frame = frame.sort_values("wave", kind="stable").drop_duplicates(["person", "brand", "wave"])
    by_person = frame.groupby(["person", "brand"], sort=False)["row"]
    place = by_person.cumcount()
    size = by_person.transform("size")
    frame = frame.assign(place=place)[size > 1]
    pair = frame[frame["place"] < 2].sort_values(["person", "brand", "place"], kind="stable")
    rows = pair["row"].to_numpy()
    return rows[::2], rows[1::2]
