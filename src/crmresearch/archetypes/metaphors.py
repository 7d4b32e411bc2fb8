"""The type that customers chose from cards: which, how surely, and whether they choose it again.

A card is the customer's own word for the relationship. It was asked apart from the signs and
ratings, so that it can serve as a check on the names of types found in these.
"""

from dataclasses import replace

import numpy as np

from crmresearch.archetypes.cards import OTHER, Cards
from crmresearch.archetypes.retest import again
from crmresearch.data.survey import Survey
from crmresearch.methods.association import spread_of
from crmresearch.methods.means import mean
from crmresearch.methods.proportions import share
from crmresearch.methods.weighting import method_words, t_interval
from crmresearch.report.estimates import Estimate

EXCHANGE = "basic-exchange"  # of the catalogue: said to be the most frequent form
SIDES = {
    "negative": "Chose a type on the hostile side",
    "positive": "Chose a type on the friendly side",
    "neither": "Chose a type between both, or not in the catalogue",
}


def chosen(
    drawn: Cards | None, survey: Survey, *, level: float = 0.95, min_cell: int = 1
) -> list[Estimate]:
    """How often each type was chosen, and what is known of the choice.

    Returns
    -------
    ``chosen.share`` for each card, those of few people together; ``chosen.exchange``, how far basic
    exchange is ahead of the most frequent other card; ``chosen.valence.<side>``, by
    where the catalogue puts the type; ``chosen.second`` (distance in the catalogue of the second
    choice from the first, beside that of unrelated choices); ``chosen.sure``, overall and by card;
    ``chosen.same`` and ``chosen.kappa`` of people who chose at two occasions. Empty without cards.
    """
    if drawn is None or not drawn.answered.any():
        return []
    return [
        *_shares(drawn, level, min_cell),
        *_exchange(drawn, level, min_cell),
        *_valence(drawn, level, min_cell),
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


def _exchange(drawn: Cards, level: float, min_cell: int) -> list[Estimate]:
    """Basic exchange less the most frequent other card, whichever that is.

    Bounds from intervals that hold against every other card at once, since the most frequent one
    is picked afterwards.
    """
    names = {code: drawn.catalogue.ids[row] for code, row in enumerate(drawn.rows) if row >= 0}
    kept = drawn.shown(min_cell)
    own = [code for code in kept if names.get(code) == EXCHANGE]
    others = [code for code in kept if code not in own]
    if not own or not others:
        return []
    base = np.where(drawn.first >= 0, 0.0, np.nan)
    ahead = [
        mean(
            base + (drawn.first == own[0]) - (drawn.first == code),
            key="chosen.exchange",
            name=f"“{drawn.labels[own[0]]}” less “{drawn.labels[code]}”",
            design=drawn.design,
            unit="share difference",
            level=1 - (1 - level) / len(others),
        )
        for code in others
    ]
    least = min(ahead, key=lambda item: item.value)
    return [
        replace(
            least,
            low=min(item.low for item in ahead),
            high=min(item.high for item in ahead),
            level=level,
            method=f"{least.method}, Bonferroni over {len(others)} other cards",
        )
    ]


def _valence(drawn: Cards, level: float, min_cell: int) -> list[Estimate]:
    """Shares of the sides; none where a side less its cards that are shown is a few people."""
    valence = np.nan_to_num(drawn.place[:, 0])
    side = np.where(drawn.first >= 0, np.sign(valence[drawn.first]), np.nan)
    if not (drawn.rows >= 0).any():
        return []
    rest = drawn.answered & ~np.isin(drawn.first, drawn.shown(min_cell))
    if any(0 < (rest & (side == sign)).sum() < min_cell for sign in (-1, 0, 1)):
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
    away, told = _distances(drawn)
    rows = drawn.answered & (drawn.second >= 0)
    rows[rows] = told[drawn.first[rows], drawn.second[rows]]
    if rows.sum() < 2:
        return []
    first, second = drawn.first[rows], drawn.second[rows]
    weight = drawn.design.row_weights()[rows] / drawn.design.row_weights()[rows].sum()
    p, q = (np.bincount(chosen, weight, len(away)) for chosen in (first, second))
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


def _distances(drawn: Cards) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each two cards in the catalogue, 0 where it tells none, and where it does."""
    away = drawn.catalogue.distances(drawn.place)[:, np.clip(drawn.rows, 0, None)]
    away[:, drawn.rows < 0] = np.inf
    np.fill_diagonal(away, np.inf)
    told = np.isfinite(away)
    return np.where(told, away, 0.0), told


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
