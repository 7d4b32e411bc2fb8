"""Ratios of two totals over sampled units, such as respondents per known contact."""

import numpy as np

from crmresearch.methods.weighting import t_interval
from crmresearch.report.estimates import NAN, Estimate


def ratio(
    above: np.ndarray,
    below: np.ndarray,
    *,
    key: str,
    name: str,
    level: float = 0.95,
    group: str = "",
    units: str = "units",
    dropped: bool = True,
) -> Estimate:
    """Sum of `above` over the sum of `below`, a share, with its linearised interval.

    Large units count for more, unlike in the mean of the units' own shares. The interval is that
    of units sampled at random, taken on the logit scale so that it stays between 0 and 1.

    Parameters
    ----------
    above, below : (n,) float, one entry a unit, ``0 <= above <= below``; units where either is
        NaN, or `below` is 0, are left out
    units : what they are, for the method: ``accounts``
    dropped : whether to count the units left out; not where NaN marks another group's

    Returns
    -------
    n counts units; no interval where all units have one share.
    """
    above, below = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    used = np.isfinite(above) & np.isfinite(below) & (below > 0)
    n = int(used.sum())
    x, y = above[used], below[used]
    value = float(x.sum() / y.sum()) if n else NAN
    low, high = NAN, NAN
    if n > 1 and 0 < value < 1:
        left = (x - value * y) / y.sum()
        error = float(np.sqrt(n / (n - 1) * (left**2).sum()))
        if error > 1e-12:
            logit = np.log(value / (1 - value))
            ends = t_interval(logit, error / (value * (1 - value)), n - 1, level)
            low, high = (float(1 / (1 + np.exp(-end))) for end in ends)
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="share",
        n=n,
        n_dropped=int((~used).sum()) if dropped else 0,
        method=f"ratio of totals over {n:,} {units}, linearised t interval of its logit",
        group=group,
    )
