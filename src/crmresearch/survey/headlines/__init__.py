"""Results as the sentences that head their exhibits, one module a part of the study."""

from crmresearch.survey.headlines import (
    drivers,
    groups,
    measures,
    quality,
    scales,
    verbatims,
    waves,
    weighting,
)

__all__ = [
    "drivers",
    "groups",
    "measures",
    "quality",
    "scales",
    "verbatims",
    "waves",
    "weighting",
]
