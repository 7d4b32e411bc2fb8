"""Which of several shares can be told apart, all comparisons taken together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crmresearch.report.estimates import NAN

FEWEST = 20  # resamples, to compare at all
SAME = 1e-9  # a difference, or its spread, that is rounding


@dataclass(frozen=True, eq=False)
class Differences:
    """Every share less every other, with intervals that hold for all pairs at once.

    Parameters
    ----------
    values, low, high : (p, p), row less column
    level : of all intervals together
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float

    @cached_property
    def separable(self) -> np.ndarray:
        """(p, p) bool, whether the interval of the pair leaves out zero."""
        return (self.low > SAME) | (self.high < -SAME)

    def groups(self) -> list[list[int]]:
        """Maximal sets of positions of which no two can be told apart.

        Every pair that cannot be told apart is in one of them; a position may be in several.
        Pairs that can be separated one after the other, as letter displays are made: Piepho (2004),
        Journal of Computational and Graphical Statistics 13(2), 456-466.
        """
        found = [set(range(len(self.values)))]
        for first, second in np.argwhere(np.triu(self.separable)):
            split = []
            for group in found:
                both = {int(first), int(second)} <= group
                split += [group - {int(first)}, group - {int(second)}] if both else [group]
            found = []
            for group in sorted(split, key=len, reverse=True):
                if not any(group <= other for other in found):
                    found.append(group)
        return sorted(sorted(group) for group in found)


def differences(shares: np.ndarray, draws: np.ndarray, *, level: float) -> Differences:
    """Simultaneous intervals of all pairwise differences of shares, from their bootstrap.

    Each difference is divided by its standard error; the critical value is the quantile of the
    largest of them over all pairs in a resample (max-t), so that with all shares truly equal the
    chance that any pair is told apart is about ``1 - level``.

    Parameters
    ----------
    shares : (p,)
    draws : (b, p), their bootstrap draws

    Returns
    -------
    Intervals are NaN with fewer than 20 draws. A pair whose difference never varies has no width.
    """
    values = shares[:, None] - shares[None, :]
    if len(draws) < FEWEST:
        blank = np.full(values.shape, NAN)
        return Differences(values, blank, blank, level)
    drawn = draws[:, :, None] - draws[:, None, :]
    errors = drawn.std(axis=0, ddof=1)
    varies = errors > SAME
    largest = np.zeros(len(draws))
    if varies.any():
        largest = (np.abs(drawn - values)[:, varies] / errors[varies]).max(axis=1)
    reach = float(np.quantile(largest, level)) * np.where(varies, errors, 0.0)
    return Differences(values, values - reach, values + reach, level)
