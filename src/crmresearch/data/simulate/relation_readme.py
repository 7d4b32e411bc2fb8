"""What the README of the demonstration data says of how the relationship is rated and named."""

from collections.abc import Mapping

from crmresearch.data.simulate.markdown import table
from crmresearch.data.simulate.relation_truth import Related

_TEXT = """\
Customers rate the relationship on six dimensions, two items each from 1 to 7, as it is (`is_`) and
as they would have it (`want_`). The table has the means of each type, as it is and, where they
differ, as wanted, before answers are rounded and kept within the scale.

{places}

They also choose the card that fits best, next best, and that they would rather have, anew in every
wave. The first column is the chance that customers of the type choose its own card; the others
choose a neighbouring one, and are less sure of it. The second is the share that would have the
card they chose and no other.

{cards}

The gap between what is wanted and what is varies less among loyal customers, for closeness and
reciprocity much less and for formality not at all: loyalty goes with expectations that are met.
The *surface* is that of mean loyalty on both ratings, each the mean of its items less 4, with their
squares and product, from a regression on very many customers: slope (a1) and curvature (a2) along
the line where both agree, and slope (a3, positive where loyalty goes with wanting more than there
is) and curvature (a4) across it. A relationship that is *met* is rated within a point of what is
wanted. Slopes hold what the types differ in, so they are no effects, and errors of measurement have
flattened the surface.

{surfaces}
"""


def _places(found: Related) -> str:
    kinds = list(found.places)
    rows = [
        (dimension, *(_wanted(found.places[kind], found.wanted[kind], dimension) for kind in kinds))
        for dimension in found.surfaces
    ]
    return table(("Dimension", *kinds), rows)


def _wanted(place: Mapping[str, float], wanted: Mapping[str, float], dimension: str) -> str:
    now, then = place[dimension], wanted[dimension]
    return f"{now:.1f}" if now == then else f"{now:.1f}, wanted {then:.1f}"


def _cards(found: Related) -> str:
    rows = [
        (kind, card, f"{chance:.0%}", f"{found.met_card[kind]:.0%}")
        for kind, (card, chance) in found.own_card.items()
    ]
    return table(("Type", "Own card", "Choose it", "Want what they chose"), rows)


def _surfaces(found: Related) -> str:
    rows = [
        (
            dimension,
            *(f"{round(value, 2) + 0.0:+.2f}" for value in surface),
            f"{found.met[dimension]:.0%}",
        )
        for dimension, surface in found.surfaces.items()
    ]
    return table(("Dimension", "a1", "a2", "a3", "a4", "Met"), rows)


def relation_text(found: Related) -> str:
    """Paragraphs with tables of the true values."""
    return _TEXT.format(places=_places(found), cards=_cards(found), surfaces=_surfaces(found))
