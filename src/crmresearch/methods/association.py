"""Correlation under a sampling design."""

import numpy as np

from crmresearch.methods.student import t_quantile
from crmresearch.methods.weighting import Design, linearised_variance, method_words
from crmresearch.report.estimates import NAN, Estimate


def correlation(
    x: np.ndarray,
    y: np.ndarray,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
    group: str = "",
) -> Estimate:
    """Pearson's correlation, weighted, with a linearised interval on Fisher's z scale.

    Each row's influence on r is summed within clusters, so that neither normal answers nor
    independent rows are assumed. It measures how closely two answers lie to a line and says
    nothing about which leads to which.

    Parameters
    ----------
    x, y : (n,) float; rows where either is missing are left out

    Returns
    -------
    NaN where a side has no spread.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    design = design or Design(len(x))
    used = np.isfinite(x) & np.isfinite(y) & (design.row_weights() > 0)
    n = int(used.sum())
    value, low, high, method = NAN, NAN, NAN, "correlation; no spread, so none can be told"
    if n > 1 and np.ptp(x[used]) > 0 and np.ptp(y[used]) > 0:
        value, error, freedom = _linearised(x, y, used, design)
        method = f"correlation, {method_words(design, freedom)} of Fisher's z"
        low, high = fisher(value, error, freedom, level) if n > 3 else (NAN, NAN)
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="correlation",
        n=n,
        n_dropped=len(x) - n,
        method=method,
        group=group,
    )


def fisher(value: float, error: float, freedom: int, level: float) -> tuple[float, float]:
    """The interval of a correlation on Fisher's z scale, from its standard error."""
    if not (np.isfinite(error) and freedom > 0 and abs(value) < 1 - 1e-9):
        return NAN, NAN
    reach = t_quantile(0.5 + level / 2, freedom) * error / (1 - value**2)
    low, high = np.tanh(np.arctanh(value) + np.array([-reach, reach]))
    return float(low), float(high)


def spread_of(influence: np.ndarray, rows: np.ndarray, design: Design) -> tuple[float, int]:
    """Standard error and degrees of freedom of a sum of contributions of some rows.

    Parameters
    ----------
    influence : one contribution for each row that the mask `rows` (n,) selects
    """
    if design.plain:
        n = len(influence)
        return (float(np.sqrt(n * influence.var(ddof=1))), n - 1) if n > 1 else (NAN, 0)
    everyone = np.zeros(design.n)
    everyone[rows] = influence
    variance, freedom = linearised_variance(everyone, design, rows)
    return float(np.sqrt(variance)), freedom


def _linearised(
    x: np.ndarray, y: np.ndarray, used: np.ndarray, design: Design
) -> tuple[float, float, int]:
    """The correlation of the rows used, its standard error and degrees of freedom."""
    weights = design.row_weights()[used]
    weights = weights / weights.sum()
    first, second = (_standard(side[used], weights) for side in (x, y))
    value = float(np.clip(weights @ (first * second), -1.0, 1.0))
    influence = weights * (first * second - value / 2 * (first**2 + second**2))
    return value, *spread_of(influence, used, design)


def _standard(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    centred = values - weights @ values
    return centred / np.sqrt(weights @ centred**2)
