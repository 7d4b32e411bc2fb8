"""Printed numbers as the ranges that they were rounded from, and arithmetic on such ranges.

A number printed with two decimals stands for every number within half a unit of its second
decimal, ends included, since papers round halves up, down and to even. What is computed from
printed numbers is therefore a range as well, and only what lies outside it is a contradiction.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

SLACK = 1e-9  # relative, for ends that meet but for the arithmetic of the machine
_PRINTED = re.compile(r"([<>]?)\s*([-+]?)(\d*)(?:\.(\d*))?(%?)", re.ASCII)
SIGNS = {"−": "-", "–": "-", "≤": "<", "≥": ">"}


@dataclass(frozen=True, slots=True)
class Range:
    """All numbers from `low` to `high`, ends included."""

    low: float
    high: float

    def __neg__(self) -> "Range":
        return Range(-self.high, -self.low)

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Range") -> "Range":
        return self + -other

    def __mul__(self, other: "Range") -> "Range":
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Range(min(ends), max(ends))

    def __truediv__(self, other: "Range") -> "Range":
        """The quotient; everything where `other` holds zero."""
        if other.low <= 0 <= other.high:
            return Range(-math.inf, math.inf)
        return self * Range(1 / other.high, 1 / other.low)

    def times(self, factor: float) -> "Range":
        """Multiplied by an exact number."""
        return self * Range(factor, factor)

    def apply(self, function: Callable[[float], float]) -> "Range":
        """The image under a function that never turns round on the way."""
        ends = function(self.low), function(self.high)
        return Range(min(ends), max(ends))

    def absolute(self) -> "Range":
        """The sizes of its numbers."""
        if self.low <= 0 <= self.high:
            return Range(0.0, max(-self.low, self.high))
        return self if self.low > 0 else -self

    def at_least(self, least: float) -> "Range":
        """Without what lies below `least`."""
        return Range(max(self.low, least), max(self.high, least))

    def around(self, other: "Range") -> "Range":
        """The smallest range that holds both."""
        return Range(min(self.low, other.low), max(self.high, other.high))

    def meets(self, other: "Range") -> bool:
        """Whether some number lies in both."""
        sizes = [abs(end) for end in (self.low, self.high, other.low, other.high)]
        slack = SLACK * max([size for size in sizes if math.isfinite(size)], default=0.0)
        return self.low <= other.high + slack and other.low <= self.high + slack


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it is printed: its text, its value, its decimals and what it may stand for."""

    text: str
    value: float
    decimals: int
    range: Range


def printed(text: str, *, decimals: int | None = None) -> Printed | None:
    """Read a printed number; None where `text` is none.

    Parameters
    ----------
    text : digits with at most one decimal point (``.05``, ``-4.87``, ``1,000`` is not read), a
        ``%`` after it or not; ``< .001`` stands for everything from 0 to .001, ``> .05`` for
        everything from .05 on
    decimals : how many decimals were printed, where the text has lost some: a spreadsheet writes
        2.50 as 2.5. Fewer than the text shows are not believed.
    """
    clean = text.strip()
    for sign, plain in SIGNS.items():
        clean = clean.replace(sign, plain)
    match = _PRINTED.fullmatch(clean)
    if match is None or not (match[3] or match[4]) or len(clean) > 30:
        return None
    bound, sign, whole, fraction = match[1], match[2], match[3] or "0", match[4] or ""
    value = float(f"{sign}{whole}.{fraction or 0}")
    places = max(len(fraction), decimals or 0)
    if bound == "<":
        found = Range(min(0.0, value), value)
    elif bound == ">":
        found = Range(value, math.inf)
    else:
        half = 0.5 * 10.0**-places
        found = Range(value - half, value + half)
    return Printed(text=text.strip(), value=value, decimals=places, range=found)
