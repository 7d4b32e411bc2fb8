"""The study of relationship types: which there are, how many customers have each, what follows.

Types are latent classes found in the customers' own answers; they are not chosen from a list of
metaphors, and their names are working labels given by a stated rule.
"""

from crmresearch.data.roles import Needs

NEEDS = Needs(
    required=(("indicator",),),
    optional=(
        "loyalty",
        "satisfaction",
        "recommend",
        "brand",
        "segment",
        "wave",
        "weight",
        "account",
        "person",
    ),
)
