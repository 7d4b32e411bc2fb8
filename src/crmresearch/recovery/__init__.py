"""Complaint recovery: does putting a failure right win the customer back?

From survey answers to the funnel of failures, the paths that customers took, the recovery paradox
tested against superiority and equivalence, regression to the mean, and randomised arms.
"""

from crmresearch.data.roles import Needs

NEEDS = Needs(
    required=(
        ("loyalty", "recommend", "word_of_mouth", "satisfaction", "repurchase", "churned"),
        ("problem", "complained", "condition"),
    ),
    optional=(
        "noticed",
        "answered",
        "resolved",
        "recovery_satisfaction",
        "complained_to",
        "complaint_channel",
        "response_time",
        "justice_distributive",
        "justice_procedural",
        "justice_interactional",
        "justice_informational",
        "severity",
        "attribution",
        "earlier_problems",
        "earlier_resolved",
        "revenue",
        "followed_from",
        "followed_until",
        "prior_satisfaction",
        "covariate",
        "segment",
        "channel",
        "relationship",
        "brand",
        "wave",
        "account",
        "person",
        "weight",
    ),
)
