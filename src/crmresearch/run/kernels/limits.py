"""What one report may take, and what it took: time and memory."""

import re
from dataclasses import dataclass

LEAST_MEMORY = 500_000_000  # bytes; the libraries that a notebook imports need about as much
_MOST_MEMORY = 10**15  # bytes; a system's own limits are numbers of a size
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([MGT]?)B?", re.IGNORECASE)
_UNITS = {"": 1, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that making one report may take.

    Parameters
    ----------
    cell : seconds that one cell may take
    report : seconds that all cells together may take, 0 for no limit; the kernel's start before
        them and the page after them do not hang on what a notebook does
    memory : bytes that its kernel may hold for itself, its libraries included, 0 for no limit
    """

    cell: int = 600
    report: int = 0
    memory: int = 0


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Used:
    """What the kernel of a report took of the machine; None where that is not known.

    Parameters
    ----------
    cpu_seconds : user and system time of the kernel and of what it started
    peak_memory : the most bytes that it held at a time, libraries that it shares included
    """

    cpu_seconds: float | None = None
    peak_memory: int | None = None


def memory_size(text: str) -> int:
    """The bytes that a text such as ``2G`` or ``800M`` names, 0 for an empty one.

    Raises
    ------
    ValueError
        With the rule, where it names no size or one that no notebook can run in.
    """
    if not text:
        return 0
    found = _SIZE.fullmatch(text.strip())
    size = float(found[1]) * _UNITS[found[2].upper()] if found else 0
    if not LEAST_MEMORY <= size <= _MOST_MEMORY:
        raise ValueError(
            f"{text!r} is not a size to run a notebook in. Write one of at least "
            f"{LEAST_MEMORY // 10**6}M and at most {_MOST_MEMORY // 10**12}T, such as 800M or 2G."
        )
    return int(size)


def size_text(size: int) -> str:
    """A number of bytes as `memory_size` reads it: ``2G``, ``800M``."""
    return f"{size / 10**9:g}G" if size >= 10**9 else f"{size / 10**6:g}M"
