"""How every number is written: the one place that knows units.

Stored numbers are never rounded and shares are stored 0 to 1; they are formatted here and nowhere
else, so that a table cell, a sentence and a figure label of one estimate always agree.
"""

import math
from dataclasses import dataclass

MINUS = "−"
MISSING = "–"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of measurement: how many decimals, which factor and sign it is shown with."""

    decimals: int
    factor: float = 1.0
    suffix: str = ""  # attached to the number, as in 36.1%
    word: str = ""  # follows the number in a sentence, as in "0.21 SD"
    signed: bool = False  # a plus sign where positive: for differences
    digits: int = 0  # significant digits in place of decimals, for numbers of any size


UNITS = {
    "share": Unit(1, 100.0, "%"),
    "share difference": Unit(1, 100.0, word="percentage points", signed=True),
    "percentage points": Unit(1, 100.0, word="percentage points"),  # the size of a difference
    "points": Unit(1, word="points"),  # Net Promoter Score, -100 to 100
    "points difference": Unit(1, word="points", signed=True),
    "index": Unit(1, word="of 100"),  # a construct on a scale from 0 to 100
    "scale points": Unit(2, word="scale points"),
    "scale difference": Unit(2, word="scale points", signed=True),
    "SD": Unit(2, word="SD", signed=True),
    "correlation": Unit(2),
    "coefficient": Unit(2),  # alpha, omega, entropy: 0 to 1
    "R2": Unit(3),
    "fit": Unit(3),  # CFI, RMSEA and their like, whose conventions have three decimals
    "fit change": Unit(3, signed=True),
    "probability": Unit(2),
    "p": Unit(3),
    "count": Unit(0),
    "rank": Unit(0),
    "log-likelihood": Unit(3),
    "criterion": Unit(2),  # AIC, BIC
    "held-out": Unit(3),  # mean log-likelihood of a respondent who was held out of the fit
    "held-out difference": Unit(3, signed=True),
    "statistic": Unit(2),  # F, t, chi-squared
    "ratio": Unit(2),
    "inertia": Unit(4),  # of a map: a mean square of differences between mixes
    "log odds": Unit(2, signed=True),
    "multiple": Unit(2, word="times the smallest difference of interest", signed=True),
    "seconds": Unit(0, word="s"),
    "days": Unit(1, word="days"),
    "years": Unit(1, word="years"),
    "number": Unit(2),
    "amount": Unit(2),  # money, in the currency of the data
    "amount difference": Unit(2, signed=True),
    "error": Unit(0, digits=2),  # a standard error in words about a method
    "reference": Unit(0, digits=8),  # a printed number and ours beside it
    "reference difference": Unit(0, digits=2),
}


def format_number(value: float, unit: str) -> str:
    """`value` as a reader sees it, without the unit's word: ``36.1%``, ``−0.21``, ``< .001``.

    A missing value is an en dash.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    if unit == "p":
        return "< .001" if value < 0.001 else f"{value:.3f}".lstrip("0")
    kind = UNITS[unit]
    form = f",.{kind.digits}g" if kind.digits else f",.{kind.decimals}f"
    text = f"{abs(value) * kind.factor:{form}}".replace("e-", f"e{MINUS}")
    negative = value < 0 and text.strip("0.,")
    sign = MINUS if negative else "+" if kind.signed and text.strip("0.,") else ""
    return f"{sign}{text}{kind.suffix}"


def format_interval(
    value: float, low: float, high: float, level: float, unit: str, *, word: bool = True
) -> str:
    """``+39.8 points (95% CI 37.1 to 42.5)``; only the number without an interval.

    An interval of no width belongs to something counted exactly, and is not written either.
    """
    text = format_number(value, unit)
    if word and UNITS[unit].word and text != MISSING:
        text = f"{text} {UNITS[unit].word}"
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        return text
    bounds = f"{format_number(low, unit)} to {format_number(high, unit)}"
    return f"{text} ({format_level(level)} CI {bounds})"


def format_level(level: float) -> str:
    """A confidence level as ``95%`` or ``99.9%``."""
    return f"{level * 100:.6g}%"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """``1 customer``, ``2,400 customers``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
