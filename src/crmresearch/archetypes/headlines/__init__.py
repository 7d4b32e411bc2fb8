"""What each exhibit of the archetypes study finds, as one sentence made from its estimates."""

from crmresearch.archetypes.headlines import (
    chosen,
    expected,
    invariance,
    maps,
    mix,
    nearest,
    number,
    outcomes,
    types,
    waves,
    who,
)

__all__ = [
    "chosen",
    "expected",
    "invariance",
    "maps",
    "mix",
    "nearest",
    "number",
    "outcomes",
    "types",
    "waves",
    "who",
]
