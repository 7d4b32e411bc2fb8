"""Complaint recovery: does putting a failure right win the customer back?

From survey answers to the funnel of failures, the paths that customers took, the recovery paradox
tested against superiority and equivalence, regression to the mean, and randomised arms.
"""

from crmresearch.data.roles import Needs

NEEDS = Needs(
    required=(
        ("loyalty", "recommend", "word_of_mouth", "satisfaction", "churned"),
        ("problem", "complained", "condition"),
    ),
    optional=(
        "resolved",
        "recovery_satisfaction",
        "prior_satisfaction",
        "covariate",
        "account",
        "person",
        "weight",
    ),
)
