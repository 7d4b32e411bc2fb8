"""Which means, standard deviations and percentages whole-number answers can have at all.

`n` people who each answer `items` items in whole numbers have a sum that is a whole number, so
only some means are possible (GRIM), only some sums of squares go with them (GRIMMER), and both lie
within what the scale allows. Every function says whether *some* such answers round to what is
printed; rounding may have gone either way.

Sources: Brown & Heathers (2017), Social Psychological and Personality Science 8, 363-369; Anaya
(2016), PeerJ Preprints 4, e2400v1; Heathers, Anaya, van der Zee & Brown (2018), PeerJ Preprints 6,
e26968v1.
"""

import math

from crmresearch.methods.printed import SLACK, Printed, Range

MANY = 10_000  # sums that are tried


def sums(mean: Range, n: int, items: int = 1, scale: tuple[float, float] | None = None) -> range:
    """The sums of whole-number answers that give a mean within `mean`.

    `scale` is the lowest and highest answer to one item. The range is empty where no sum does.
    """
    count = n * items
    low, high = _first(mean.low * count), _last(mean.high * count)
    if scale is not None:
        low, high = max(low, _first(scale[0] * count)), min(high, _last(scale[1] * count))
    return range(low, high + 1)


def mean_possible(
    mean: Printed, n: int, items: int = 1, scale: tuple[float, float] | None = None
) -> bool | None:
    """Whether whole-number answers can have this mean; None where nearly any mean is possible.

    That is where there are at least as many answers as the decimals can tell apart and the scale
    is not exceeded.
    """
    outside = scale is not None and not mean.range.meets(Range(*scale))
    if not outside and n * items >= 10**mean.decimals:
        return None
    return len(sums(mean.range, n, items, scale)) > 0


def percentage_possible(percentage: Printed, n: int) -> bool | None:
    """Whether a whole number of `n` people can be this percentage; None where any can be."""
    if not percentage.range.meets(Range(0.0, 100.0)):
        return False
    if n >= 10 ** (percentage.decimals + 2):
        return None
    return len(sums(percentage.range.times(0.01), n, 1, (0.0, 1.0))) > 0


def spread(mean: Range, n: int, scale: tuple[float, float]) -> Range:
    """The standard deviations (n - 1) that scores with such a mean can have on a bounded scale.

    The largest has everyone at the ends, at most one between; the least is 0, as scores of several
    items can be anything between.
    """
    low, high = scale
    width = high - low
    if width <= 0 or n < 2:
        return Range(0.0, 0.0)
    middle = min(max((low + high) / 2, mean.low), mean.high)
    at = min(max(middle, low), high)  # the mean with the most room on both sides
    return Range(0.0, math.sqrt(max(0.0, (high - at) * (at - low)) * n / (n - 1)))


def spread_possible(
    mean: Range, sd: Range, n: int, items: int = 1, scale: tuple[float, float] | None = None
) -> bool | None:
    """Whether whole-number answers can have this mean and standard deviation together.

    With S the sum of everyone's total and Q the sum of their squares, Q is a whole number, even
    where S is even and odd where S is odd; it is no less than totals as equal as whole numbers can
    be give, and no more than totals at the ends of the scale give. What keeps these rules may still
    be impossible for rarer reasons. None where more sums than `MANY` give the mean, which then says
    next to nothing of the squares.
    """
    if n < 2:
        return sd.low <= SLACK
    low, high = max(sd.low, 0.0) * items, sd.high * items
    ends = None if scale is None else (round(scale[0] * items), round(scale[1] * items))
    totals = sums(mean, n, items, scale)
    if len(totals) > MANY:
        return None
    for total in totals:
        centre = total * total / n
        first = _first(low * low * (n - 1) + centre)
        last = _last(high * high * (n - 1) + centre)
        first = max(first, _least_squares(total, n))
        if ends is not None:
            last = min(last, _most_squares(total, n, *ends))
        if first + (first - total) % 2 <= last:
            return True
    return False


def _least_squares(total: int, n: int) -> int:
    """The sum of squares of `n` whole numbers that sum to `total`, as equal as can be."""
    whole, rest = divmod(total, n)
    return (n - rest) * whole * whole + rest * (whole + 1) ** 2


def _most_squares(total: int, n: int, low: int, high: int) -> int:
    """The same with all at the ends `low` and `high` but one between."""
    if high <= low:
        return n * low * low
    at_top, rest = divmod(total - n * low, high - low)
    if at_top >= n:
        return n * high * high
    between = low + rest
    return at_top * high * high + between * between + (n - at_top - 1) * low * low


def _first(number: float) -> int:
    """The least whole number not below `number`, but for the machine's arithmetic."""
    return math.ceil(number - SLACK * max(1.0, abs(number)))


def _last(number: float) -> int:
    return math.floor(number + SLACK * max(1.0, abs(number)))
