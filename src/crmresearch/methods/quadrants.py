"""Importance against performance: in which quarter of the plane each item lies, and how surely."""

import numpy as np

from crmresearch.report.estimates import NAN

QUADRANTS = (
    "more important, rated lower",
    "more important, rated higher",
    "less important, rated lower",
    "less important, rated higher",
)


def quadrant_shares(importance: np.ndarray, performance: np.ndarray) -> np.ndarray:
    """How often each item lies in each quadrant among bootstrap draws.

    The lines that part the plane are the items' mean importance and mean performance, drawn anew
    in each resample; other lines would put items elsewhere.

    Parameters
    ----------
    importance, performance : (b, p) draws of the same resamples

    Returns
    -------
    (p, 4) shares in the order of `QUADRANTS`, which sum to 1; NaN without draws. An item on a line
    counts as less important or rated lower.
    """
    if not len(importance):
        return np.full((importance.shape[1], 4), NAN)
    rounding = 1e-12
    matters = importance > importance.mean(axis=1, keepdims=True) + rounding
    good = performance > performance.mean(axis=1, keepdims=True) + rounding
    sides = (matters & ~good, matters & good, ~matters & ~good, ~matters & good)
    return np.stack([side.mean(axis=0) for side in sides], axis=1)
