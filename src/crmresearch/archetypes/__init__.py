"""The study of relationship types: which there are, how many customers have each, what follows.

Types are latent classes found in the customers' own answers; they are not chosen from a list of
metaphors, and their names are working labels given by a stated rule.
"""

from crmresearch.data.roles import Needs

NEEDS = Needs(
    required=(("indicator", "experienced", "relationship"),),
    optional=(
        "expected",
        "relationship_second",
        "relationship_confidence",
        "relationship_expected",
        "loyalty",
        "satisfaction",
        "recommend",
        "word_of_mouth",
        "churned",
        "revenue",
        "covariate",
        "brand",
        "industry",
        "segment",
        "stakeholder",
        "channel",
        "wave",
        "weight",
        "account",
        "person",
    ),
)
