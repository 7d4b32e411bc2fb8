"""Intervals from bootstrap draws of one number: percentile, and bias-corrected and accelerated.

Quantiles are interpolated on the normal scale, as R's ``boot`` does, which matters in the tails.
Source: Davison & Hinkley (1997), *Bootstrap Methods and their Application*, section 5.3.
"""

import numpy as np
from scipy import special

from crmresearch.report.estimates import NAN

FEWEST = 20  # draws, for any interval
KINDS = ("percentile", "bca")


def interval(
    value: float,
    draws: np.ndarray,
    left_out: np.ndarray | None = None,
    *,
    level: float,
    kind: str = "percentile",
) -> tuple[float, float]:
    """A bootstrap interval of `value`.

    Parameters
    ----------
    value : the estimate from the whole sample
    draws : (b,), the estimate in each resample; those that are not finite are left out
    left_out : (u,), the estimate without each of the u units that were resampled, for ``bca``
    kind : ``percentile`` or ``bca``

    Returns
    -------
    NaN of fewer than 20 draws. An interval ends at the lowest or highest draw where the draws are
    too few for its tail.
    """
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is not one of {KINDS}")
    known = np.sort(draws[np.isfinite(draws)])
    if len(known) < FEWEST or not np.isfinite(value):
        return NAN, NAN
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if kind == "bca":
        tails = _corrected(tails, bias(value, known), acceleration(left_out))
    low, high = (quantile(known, float(tail)) for tail in tails)
    return low, high


def bias(value: float, draws: np.ndarray) -> float:
    """How far the middle of the draws lies from the estimate, as a normal quantile (z0)."""
    below = float((draws < value).mean())
    edge = 0.5 / len(draws)  # all draws on one side are told from no draw at all
    return float(special.ndtri(min(max(below, edge), 1 - edge)))


def acceleration(left_out: np.ndarray | None) -> float:
    """How the error changes with the estimate (a), from the estimates without each unit; or 0."""
    if left_out is None:
        return 0.0
    known = left_out[np.isfinite(left_out)]
    pull = known.mean() - known if len(known) else known
    squares = float((pull**2).sum())
    return float((pull**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0


def quantile(ordered: np.ndarray, tail: float) -> float:
    """The quantile of sorted draws, interpolated on the normal scale between order statistics."""
    number = len(ordered)
    place = (number + 1) * tail
    below = int(place)
    if below < 1 or below >= number:
        return float(ordered[0] if below < 1 else ordered[-1])
    low, high = ordered[below - 1 : below + 1]
    ends = special.ndtri([below / (number + 1), (below + 1) / (number + 1)])
    if place == below:
        return float(low)
    share = (special.ndtri(tail) - ends[0]) / (ends[1] - ends[0])
    return float(low + share * (high - low))


def _corrected(tails: np.ndarray, shift: float, speed: float) -> np.ndarray:
    moved = shift + special.ndtri(tails)
    return special.ndtr(shift + moved / (1 - speed * moved))
