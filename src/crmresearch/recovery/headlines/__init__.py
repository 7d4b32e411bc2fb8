"""Results as the sentences that head their exhibits, one module a part of the study."""

from crmresearch.recovery.headlines import (
    arms,
    breakeven,
    conditions,
    deviation,
    funnel,
    ladder,
    mechanism,
    paradox,
    paths,
    rebound,
    slips,
    synthesis,
    whom,
)

__all__ = [
    "arms",
    "breakeven",
    "conditions",
    "deviation",
    "funnel",
    "ladder",
    "mechanism",
    "paradox",
    "paths",
    "rebound",
    "slips",
    "synthesis",
    "whom",
]
