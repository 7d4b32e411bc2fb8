"""Results as the sentences that head their exhibits, one module a part of the study."""

from crmresearch.survey.headlines import (
    accounts,
    dimensions,
    drivers,
    groups,
    index,
    kano,
    measures,
    quality,
    scales,
    structure,
    verbatims,
    waves,
    weighting,
)

__all__ = [
    "accounts",
    "dimensions",
    "drivers",
    "groups",
    "index",
    "kano",
    "measures",
    "quality",
    "scales",
    "structure",
    "verbatims",
    "waves",
    "weighting",
]
