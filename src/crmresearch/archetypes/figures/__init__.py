"""The drawings of the archetypes study, one module a part; each returns its caption.

The caption is also the figure's text alternative. Nothing here computes a statistic.
"""

from crmresearch.archetypes.figures import (
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
