"""What printed statistics imply of each other, as ranges that allow for the rounding of each.

Every function takes ranges and gives the range of what may be computed from any numbers in them.
Ranges are combined as if each number were free of the others, so that a range can be somewhat too
wide but never too narrow.
"""

import math

import numpy as np
from scipy import stats

from crmresearch.methods.effects import small_sample_factor
from crmresearch.methods.printed import Range

_LOOKS = 21  # values of a degree of freedom between its ends; odd, so that the printed one is there


def quantile(level: float, df: Range) -> Range:
    """How many standard errors a two-sided t interval reaches."""
    return df.apply(lambda freedom: float(stats.t.ppf((1 + level) / 2, freedom)))


def error_of_interval(low: Range, high: Range, level: float, df: Range) -> Range:
    """The standard error behind an interval."""
    return (high - low).times(0.5).at_least(0.0) / quantile(level, df)


def two_sided_p(t: Range, df: Range) -> Range:
    """The p value of t, whichever its sign."""
    size = t.absolute()
    return Range(float(2 * stats.t.sf(size.high, df.high)), float(2 * stats.t.sf(size.low, df.low)))


def f_p(f: Range, between: Range, within: Range) -> Range:
    """The p value of F; `between` and `within` are its degrees of freedom.

    It may rise and fall again with either of them, so that their ends alone do not bound it.
    """
    shares = np.linspace(0, 1, _LOOKS)
    one, two = (df.low + (df.high - df.low) * shares for df in (between, within))
    statistic = np.maximum([f.low, f.high], 0.0)
    found = stats.f.sf(statistic, one[:, None, None], two[:, None])
    return Range(float(found.min()), float(found.max()))


def welch_error(sd: Range, n: int, sd2: Range, n2: int) -> Range:
    """The standard error of a difference of means with unequal variances."""
    one, two = sd.at_least(0.0), sd2.at_least(0.0)
    return Range(
        math.sqrt(one.low**2 / n + two.low**2 / n2), math.sqrt(one.high**2 / n + two.high**2 / n2)
    )


def pooled_sd(sd: Range, n: int, sd2: Range, n2: int) -> Range:
    """The standard deviation within two groups."""
    ends = []
    for one, two in ((sd.low, sd2.low), (sd.high, sd2.high)):
        squares = (n - 1) * max(one, 0.0) ** 2 + (n2 - 1) * max(two, 0.0) ** 2
        ends.append(math.sqrt(squares / (n + n2 - 2)))
    return Range(*ends)


def student_error(sd: Range, n: int, sd2: Range, n2: int) -> Range:
    """The standard error of a difference of means with one variance."""
    return pooled_sd(sd, n, sd2, n2).times(math.sqrt(1 / n + 1 / n2))


def d_of_t(t: Range, n: int, n2: int | None) -> Range:
    """Cohen's d behind t: of two independent groups, or of one with itself."""
    return t.times(math.sqrt(1 / n + 1 / n2) if n2 else 1 / math.sqrt(n))


def corrected(d: Range, df: int) -> Range:
    """Hedges' g of Cohen's d."""
    factor = small_sample_factor(df)
    return d.times(factor) if factor == factor else d
