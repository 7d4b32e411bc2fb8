"""Random streams of their own, so that a column drawn from one leaves the others as they are."""

import numpy as np

_STREAMS = {
    "interviewed": 1,
    "contacts": 2,
    "comments": 3,
    "complaint": 4,
    "history": 5,
    "intentions": 6,
    "departure": 7,
    "left out": 8,
    "relation": 9,
    "relation left out": 10,
    "types": 11,
}


def stream(seed: int, name: str) -> np.random.Generator:
    """The stream of this name; worlds of one seed share it."""
    return np.random.Generator(np.random.PCG64([seed, _STREAMS[name]]))
