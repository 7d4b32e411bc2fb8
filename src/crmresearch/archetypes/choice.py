"""What customers chose from cards, by the type found in their other answers.

The one check on working labels that does not use the answers which the types were found in: do
customers of a type choose the card of the same name?
"""

import numpy as np

from crmresearch.archetypes.cards import Cards
from crmresearch.archetypes.classification import (
    Classification,
    Linear,
    classify,
    share_bounds,
)
from crmresearch.archetypes.metaphors import OTHER
from crmresearch.archetypes.nearest import Named
from crmresearch.archetypes.outcomes import corrected_means
from crmresearch.archetypes.types import Types
from crmresearch.methods.association import fisher
from crmresearch.methods.groups import slug
from crmresearch.methods.nominal import cramers_v, v_of
from crmresearch.methods.weighting import method_words
from crmresearch.report.estimates import NAN, Estimate


def choice_by_type(
    types: Types, drawn: Cards | None, named: Named, *, min_cell: int = 1
) -> list[Estimate]:
    """Shares of the cards within each type, and how closely both go together.

    Returns
    -------
    ``choice.card.<card>`` for each type and card that enough people chose (BCH, so corrected for
    errors of classification), ``choice.own`` for each type with a working label: the share who
    chose the card of that name; ``choice.v`` and ``choice.v.modal``, Cramér's V corrected and by
    likeliest type. Empty without cards, with one type only, or where the types are the cards.
    """
    if drawn is None or types.model.classes < 2 or types.indicators.as_chosen:
        return []
    classified = classify(types)
    kept = drawn.shown(min_cell)
    groups = [(drawn.labels[code], drawn.first == code) for code in kept]
    rest = drawn.answered & ~np.isin(drawn.first, kept)
    if rest.any():
        groups.append((OTHER, rest))
    found = []
    for label, members in groups:
        means = _corrected(members, drawn, classified)
        if means is not None:
            settings = {"key": f"choice.card.{slug(label)}", "name": f"Chose “{label}”"}
            found += [_share(types, means, k, **settings) for k in range(types.model.classes)]
    return [*found, *_own(types, drawn, named, classified), *_together(types, drawn, classified)]


def _corrected(members: np.ndarray, drawn: Cards, classified: Classification) -> Linear | None:
    return corrected_means(np.where(drawn.first >= 0, members.astype(float), np.nan), classified)


def _own(types: Types, drawn: Cards, named: Named, classified: Classification) -> list[Estimate]:
    """The share of each named type who chose the card of its name."""
    found = []
    for k in named.shown if named.located is not None else ():
        one = named.neighbours[k]
        codes = np.flatnonzero(drawn.rows == one.first)
        if not one.named or not len(codes):
            continue
        means = _corrected(np.isin(drawn.first, codes), drawn, classified)
        if means is not None:
            label = named.catalogue.labels[one.first]
            name = f"Chose the card of the working label, “{label}”"
            found.append(_share(types, means, k, key="choice.own", name=name))
    return found


def _share(types: Types, means: Linear, k: int, *, key: str, name: str) -> Estimate:
    low, high, _, words = means.interval(np.eye(types.model.classes)[k], types.level)
    value, n = float(means.value[k]), means.effective() * float(types.model.shares[k])
    low, high, by_wilson = share_bounds(value, (low, high), n, types.level)
    return Estimate(
        key=key,
        name=name,
        value=float(np.clip(value, 0, 1)),
        low=low,
        high=high,
        level=types.level,
        unit="share",
        n=int((means.used & (types.of_row == k)).sum()),
        method=f"BCH share, {words}{by_wilson}; n is those whose likeliest type it is",
        group=f"type: {types.labels[k]}",
    )


def _together(types: Types, drawn: Cards, classified: Classification) -> list[Estimate]:
    """Cramér's V of type and card, corrected and by likeliest type."""
    plain = cramers_v(
        classified.assigned,
        drawn.first,
        key="choice.v.modal",
        name="Cramér's V of likeliest type and card",
        design=classified.design,
        level=types.level,
    )
    corrected = _corrected_v(drawn, classified, level=types.level)
    return [corrected, plain] if corrected is not None else [plain]


def _corrected_v(drawn: Cards, classified: Classification, *, level: float) -> Estimate | None:
    """Of the table of types and cards that BCH weights give; errors linearised throughout.

    In 200 simulations of the demonstration data's design, unweighted, it came out 0.005 too low,
    since posteriors seem a little surer than they are, and 95% intervals held the truth in 91%.
    """
    weights = classified.weights()
    design, placed = classified.design, classified.placed
    used = placed & drawn.answered
    if weights is None or not used.any():
        return None
    weight = np.where(used, design.row_weights(), 0.0)
    weight /= weight.sum()
    card = np.where(used, drawn.first, 0)
    table = np.column_stack(
        [(weight * (card == code)) @ weights for code in range(len(drawn.labels))]
    )
    value, slope = v_of(table)
    low, high, words = NAN, NAN, "no interval"
    if 0 < value < 1:
        each = (weights * slope[:, card].T).sum(axis=1) - (table * slope).sum()
        # a change dD of the table of errors moves the joint table by -table' dD D^-1
        effect = -table @ slope.T @ classified.inverse.T
        influence = (weight * each + classified.influence(effect))[:, None]
        linear = Linear(np.array([value]), influence, placed, used, design)
        variance, freedom = linear.covariance()
        low, high = fisher(value, float(np.sqrt(variance[0, 0])), freedom, level)
        words = f"{method_words(design, freedom)} of Fisher's z"
    return Estimate(
        key="choice.v",
        name="Cramér's V of type and card, corrected",
        value=value,
        low=low,
        high=high,
        level=level,
        unit="correlation",
        n=int(used.sum()),
        n_dropped=int((~used).sum()),
        method=f"Cramér's V of the BCH table, {words}",
    )
