"""The drawings of the recovery study, one module a part; each returns its caption.

The caption is also the figure's text alternative. Nothing here computes a statistic.
"""

from crmresearch.recovery.figures import (
    bounds,
    breakeven,
    conditions,
    deviation,
    funnel,
    ladder,
    leaving,
    mechanism,
    money,
    paradox,
    paths,
    rebound,
    synthesis,
    whom,
)

__all__ = [
    "bounds",
    "breakeven",
    "conditions",
    "deviation",
    "funnel",
    "ladder",
    "leaving",
    "mechanism",
    "money",
    "paradox",
    "paths",
    "rebound",
    "synthesis",
    "whom",
]
