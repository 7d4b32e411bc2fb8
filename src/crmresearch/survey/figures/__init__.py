"""The drawings of the survey study, one module a part; each returns its caption.

The caption is also the figure's text alternative. Nothing here computes a statistic.
"""

from crmresearch.survey.figures import (
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
