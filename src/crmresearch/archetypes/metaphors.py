"""The type that customers chose from cards: which, how surely, and whether they choose it again.

A card is the customer's own word for the relationship. It was asked apart from the signs and
ratings, so that it can serve as a check on the names of types found in these.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmresearch.archetypes.catalogue import Catalogue
from crmresearch.data.survey import Survey
from crmresearch.methods.association import spread_of
from crmresearch.methods.means import mean
from crmresearch.methods.nominal import kappa
from crmresearch.methods.proportions import share
from crmresearch.methods.weighting import Design, method_words, t_interval
from crmresearch.methods.weighting import design as design_of
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import hidden_groups

OTHER = "Other cards"
SIDES = {
    "negative": "Chose a type on the hostile side",
    "positive": "Chose a type on the friendly side",
    "neither": "Chose a type between both, or not in the catalogue",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cards:
    """What n respondents chose, as codes below C; -1 where nothing was chosen.

    Parameters
    ----------
    labels : C names of types, in the codebook's order
    first, second : (n,) what fits best, and next best
    rows : (C,) row of each in the catalogue, -1 where it lacks it
    catalogue : in which the types have their places
    """

    labels: tuple[str, ...]
    first: np.ndarray
    second: np.ndarray
    rows: np.ndarray
    catalogue: Catalogue
    design: Design

    @property
    def answered(self) -> np.ndarray:
        """(n,) whether a type was chosen and the respondent counts."""
        return (self.first >= 0) & (self.design.row_weights() > 0)

    @property
    def place(self) -> np.ndarray:
        """(C, 7) places of the types chosen from, NaN where the catalogue does not say."""
        known = (self.rows >= 0)[:, None]
        return np.where(known, self.catalogue.place[self.rows], np.nan)

    def shown(self, min_cell: int) -> list[int]:
        """Codes that enough people chose to be shown beside all."""
        sizes = np.bincount(self.first[self.answered], minlength=len(self.labels))
        hidden = hidden_groups({str(code): int(size) for code, size in enumerate(sizes)}, min_cell)
        return [code for code, size in enumerate(sizes) if size and str(code) not in hidden]


def cards(survey: Survey, catalogue: Catalogue, *, design: Design) -> Cards | None:
    """What was chosen; None where the data do not have it."""
    if "relationship" not in survey.roles:
        return None
    found = [_column(survey, role) for role in ("relationship", "relationship_second")]
    labels = [str(name) for name in found[0].cat.categories]
    second = np.full(len(found[0]), -1)
    if found[1] is not None:
        labels += [str(name) for name in found[1].cat.categories if str(name) not in labels]
        second = pd.Categorical(found[1].astype(object), categories=labels).codes.astype(int)
    return Cards(
        labels=tuple(labels),
        first=pd.Categorical(found[0].astype(object), categories=labels).codes.astype(int),
        second=second,
        rows=catalogue.rows_of(labels),
        catalogue=catalogue,
        design=design,
    )


def _column(survey: Survey, role: str) -> pd.Series | None:
    if role not in survey.roles:
        return None
    return survey.answers[survey.variables(role)[0].variable].astype("category")


def chosen(
    drawn: Cards | None, survey: Survey, *, level: float = 0.95, min_cell: int = 1
) -> list[Estimate]:
    """How often each type was chosen, and what is known of the choice.

    Returns
    -------
    ``chosen.share`` for each card, those of few people together; ``chosen.valence.<side>``, by
    where the catalogue puts the type; ``chosen.second`` (distance in the catalogue of the second
    choice from the first, beside that of unrelated choices); ``chosen.sure``, overall and by card;
    ``chosen.same`` and ``chosen.kappa`` of people who chose at two occasions. Empty without cards.
    """
    if drawn is None or not drawn.answered.any():
        return []
    return [
        *_shares(drawn, level, min_cell),
        *_valence(drawn, level),
        *_second(drawn, level),
        *_sure(drawn, survey, level, min_cell),
        *again(drawn, survey, level=level),
    ]


def _shares(drawn: Cards, level: float, min_cell: int) -> list[Estimate]:
    kept = drawn.shown(min_cell)
    settings = {
        "key": "chosen.share", "name": "Chose the type", "design": drawn.design, "level": level
    }  # fmt: skip
    base = np.where(drawn.first >= 0, 0.0, np.nan)
    found = [
        share(base + (drawn.first == code), group=f"card: {drawn.labels[code]}", **settings)
        for code in kept
    ]
    found.sort(key=lambda item: -item.value)
    rest = drawn.answered & ~np.isin(drawn.first, kept)
    if rest.any():
        found.append(share(base + rest, group=f"card: {OTHER}", **settings))
    return found


def _valence(drawn: Cards, level: float) -> list[Estimate]:
    valence = np.nan_to_num(drawn.place[:, 0])
    side = np.where(drawn.first >= 0, np.sign(valence[drawn.first]), np.nan)
    if not (drawn.rows >= 0).any():
        return []
    return [
        share(
            np.where(np.isfinite(side), side == sign, np.nan),
            key=f"chosen.valence.{name}",
            name=SIDES[name],
            design=drawn.design,
            level=level,
        )
        for name, sign in (("negative", -1), ("positive", 1), ("neither", 0))
    ]


def _second(drawn: Cards, level: float) -> list[Estimate]:
    """Distance of the second choice from the first, and how much less than of unrelated ones.

    Unrelated choices have the same margins but differ from each other, as the two must.
    """
    place = drawn.place
    away = drawn.catalogue.distances(place)[:, np.clip(drawn.rows, 0, None)]
    away[:, drawn.rows < 0] = np.inf
    np.fill_diagonal(away, np.inf)
    told = np.isfinite(away)
    rows = drawn.answered & (drawn.second >= 0)
    rows[rows] = told[drawn.first[rows], drawn.second[rows]]
    if rows.sum() < 2:
        return []
    away = np.where(told, away, 0.0)
    first, second = drawn.first[rows], drawn.second[rows]
    weight = drawn.design.row_weights()[rows] / drawn.design.row_weights()[rows].sum()
    p = np.bincount(first, weight, len(place))
    q = np.bincount(second, weight, len(place))
    mass = p @ told @ q
    chance = float(p @ away @ q / mass)
    value = float(weight @ away[first, second])
    sums, parts = (
        (table @ q)[first] + (p @ table)[second] - 2 * (p @ table @ q) for table in (away, told)
    )
    each = away[first, second] - value - (sums - chance * parts) / mass
    error, freedom = spread_of(weight * each, rows, drawn.design)
    low, high = t_interval(value - chance, error, freedom, level)
    found = mean(
        np.where(rows, away[drawn.first, drawn.second], np.nan),
        key="chosen.second",
        name="Distance of the second choice from the first",
        design=drawn.design,
        unit="number",
        level=level,
    )
    less = replace(
        found,
        key="chosen.second.chance",
        name="The same, less the distance of unrelated choices",
        value=value - chance,
        low=low,
        high=high,
        method="difference from choices unrelated but for being two, "
        + method_words(drawn.design, freedom),
    )
    return [found, less]


def _sure(drawn: Cards, survey: Survey, level: float, min_cell: int) -> list[Estimate]:
    if "relationship_confidence" not in survey.roles:
        return []
    values = np.where(
        drawn.first >= 0, survey.score("relationship_confidence").to_numpy(float), np.nan
    )
    settings = {
        "key": "chosen.sure", "name": "How sure of the choice", "design": drawn.design,
        "level": level,
    }  # fmt: skip
    return [
        mean(values, **settings),
        *(
            mean(
                values, within=drawn.first == code, group=f"card: {drawn.labels[code]}", **settings
            )
            for code in drawn.shown(min_cell)
        ),
    ]


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
    pairs = design_of(
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
            "wave": _column(survey, "wave").cat.codes.to_numpy(),
            "brand": _column(survey, "brand").cat.codes.to_numpy()
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
