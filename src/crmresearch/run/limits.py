"""What one report may take: seconds a cell, seconds in all, memory."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that making one report may take.

    Parameters
    ----------
    cell : seconds that one cell may take
    report : seconds that the whole notebook may take, 0 for no limit
    memory : bytes that its kernel may hold for itself, 0 for no limit
    """

    cell: int = 600
    report: int = 0
    memory: int = 0


USUAL = Limits()
