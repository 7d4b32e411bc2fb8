"""What counts as a number in a text file."""

import re

NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")


def numeric_key(text: str) -> float | None:
    """The value of a numeric code, so that ``99``, ``99.0`` and ``+99`` are one; else None."""
    return float(text) if NUMBER.fullmatch(text) else None
