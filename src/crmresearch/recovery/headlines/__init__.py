"""Results as the sentences that head their exhibits, one module a part of the study."""

from crmresearch.recovery.headlines import (
    arms,
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
    slips,
    synthesis,
    whom,
)

__all__ = [
    "arms",
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
    "slips",
    "synthesis",
    "whom",
]
