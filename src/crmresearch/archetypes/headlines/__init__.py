"""What each exhibit of the archetypes study finds, as one sentence made from its estimates."""

from crmresearch.archetypes.headlines import (
    expected,
    mix,
    nearest,
    number,
    outcomes,
    types,
    waves,
    who,
)

__all__ = ["expected", "mix", "nearest", "number", "outcomes", "types", "waves", "who"]
