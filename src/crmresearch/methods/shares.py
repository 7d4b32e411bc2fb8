"""Differences of shares under the sampling design."""

import numpy as np
from scipy import stats

from crmresearch.methods.proportions import Moments, newcombe_difference
from crmresearch.methods.student import two_sided_p
from crmresearch.methods.weighting import Design, mean_contrast, method_words, t_interval
from crmresearch.report.estimates import NAN, Estimate


def share_difference(
    yes: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
    group: str = "",
    moments: Moments | None = None,
) -> Estimate:
    """Share of the rows `second` less that of the rows `first`.

    Newcombe's interval and the score test (Pearson's chi-squared without correction, as R's
    ``prop.test(correct = FALSE)``) for a simple random sample, whose verdicts may differ where p is
    near its limit; a linearised interval and t test under another design.

    Parameters
    ----------
    yes : (n,) float or bool: 1, 0, or NaN where not answered
    first, second : (n,) bool, not overlapping
    moments : what `mean_contrast` gives, where it is known already
    """
    yes = np.asarray(yes, dtype=float)
    design = design or Design(len(yes))
    found = moments or mean_contrast(yes, design, [(1.0, second), (-1.0, first)])
    value, error, freedom, n = found
    if design.plain:
        low, high, p = _scored(yes, first, second, level)
        method = "difference of shares, Newcombe interval, score test"
    else:
        low, high = t_interval(value, error, freedom, level)
        p = two_sided_p(value / error, freedom) if error > 0 else NAN
        method = f"difference of shares, {method_words(design, freedom)}"
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="share difference",
        n=n,
        n_dropped=int((first | second).sum()) - n,
        method=method,
        group=group,
        p=p,
    )


def _scored(
    yes: np.ndarray, first: np.ndarray, second: np.ndarray, level: float
) -> tuple[float, float, float]:
    """Newcombe's interval and the score test's p of a simple random sample."""
    sides = [yes[rows & np.isfinite(yes)] for rows in (second, first)]
    counts = [number for side in sides for number in (int(side.sum()), len(side))]
    return *newcombe_difference(*counts, level=level)[1:], score_test(*counts)


def score_test(first: int, n_first: int, second: int, n_second: int) -> float:
    """Two-sided p that two shares are equal, with their pooled variance; NaN where it is 0."""
    if not (n_first > 0 and n_second > 0):
        return NAN
    pooled = (first + second) / (n_first + n_second)
    variance = pooled * (1 - pooled) * (1 / n_first + 1 / n_second)
    if not variance > 0:
        return NAN
    return float(2 * stats.norm.sf(abs(first / n_first - second / n_second) / variance**0.5))
