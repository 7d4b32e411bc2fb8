"""The drawings of the survey study, one module a part; each returns its caption.

The caption is also the figure's text alternative. Nothing here computes a statistic.
"""

from crmresearch.survey.figures import (
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
