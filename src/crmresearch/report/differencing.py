"""Differencing: what a report and the reports of its parts give away of the people in no part.

A report is made of no part with fewer people than the smallest cell of its dataset. Where such a
part is the only one that is missing, its numbers are those of the whole less those of the others:
everybody who can subtract has them.
"""

from collections.abc import Iterable

from crmresearch.report.entries import Entry
from crmresearch.report.numbers import count

Part = frozenset[tuple[str, str]]  # names with their labels


def given_away(entries: Iterable[Entry]) -> list[str]:
    """A warning for each report whose parts leave out fewer people than the smallest cell."""
    studies: dict[tuple[str, str], dict[Part, Entry]] = {}
    for entry in entries:
        if entry.is_report and entry.n is not None and entry.dataset:
            known = studies.setdefault((entry.study, entry.dataset), {})
            known.setdefault(frozenset(entry.part.items()), entry)
    return [line for known in studies.values() for line in _given_away(known)]


def _given_away(known: dict[Part, Entry]) -> list[str]:
    """The warnings of one study on one dataset: of every whole and each way to divide it."""
    divisions = {frozenset(name for name, _ in part) for part in known}
    inside: dict[tuple[Part, tuple[str, ...]], list[Entry]] = {}
    for part, entry in known.items():
        for kept in divisions:
            whole = frozenset(item for item in part if item[0] in kept)
            if len(whole) == len(kept) < len(part) and whole in known:
                names = tuple(sorted(name for name, _ in part - whole))
                inside.setdefault((whole, names), []).append(entry)
    lines = []
    for (whole, names), parts in inside.items():
        entry = known[whole]
        left = entry.n - sum(part.n for part in parts)
        if 0 < left < max(item.min_cell for item in (entry, *parts)):
            lines.append(_warning(entry, names, parts))
    return lines


def _warning(entry: Entry, names: tuple[str, ...], parts: list[Entry]) -> str:
    least = max(item.min_cell for item in (entry, *parts))
    return (
        f"{entry.key}: this report and its {count(len(parts), 'part')} by {' and '.join(names)} "
        f"leave fewer than {least} people in no part, whose numbers are found by subtraction. "
        f"Delete {entry.key} or one of its parts, and do not ask for it again."
    )
