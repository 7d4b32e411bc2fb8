"""Differencing: what a report and the reports of its parts give away of the people in no part.

A report is made of no part with fewer people than the smallest cell of its dataset. Where such a
part is the only one that is missing, its numbers are those of the whole less those of the others:
everybody who can subtract has them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crmresearch.report.entries import Entry
from crmresearch.report.numbers import count

Part = frozenset[tuple[str, str]]  # names with their labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A report and those of its `parts`, by `names`, that leave out too few people."""

    whole: Entry
    names: tuple[str, ...]
    parts: tuple[Entry, ...]

    def told(self) -> str:
        """What the reports give away together."""
        least = max(item.min_cell for item in (self.whole, *self.parts))
        return (
            f"and its {count(len(self.parts), 'part')} by {' and '.join(self.names)} leave fewer "
            f"than {least} people in no part, whose numbers are found by subtraction"
        )


def given_away(entries: Iterable[Entry]) -> list[str]:
    """A warning for each report whose parts leave out fewer people than the smallest cell."""
    return [
        f"{leak.whole.key}: this report {leak.told()}. Delete {leak.whole.key} or one of its "
        "parts, and do not ask for it again."
        for leak in leaks(entries)
    ]


def leaks(entries: Iterable[Entry]) -> list[Leak]:
    """Each report whose parts leave out fewer people than the smallest cell."""
    studies: dict[tuple[str, str], dict[Part, Entry]] = {}
    for entry in entries:
        if entry.is_report and entry.n is not None and entry.dataset:
            known = studies.setdefault((entry.study, entry.dataset), {})
            known.setdefault(frozenset(entry.part.items()), entry)
    return [leak for known in studies.values() for leak in _leaks(known)]


def _leaks(known: Mapping[Part, Entry]) -> Iterator[Leak]:
    """Those of one study on one dataset: of every whole and each way to divide it."""
    divisions = {frozenset(name for name, _ in part) for part in known}
    inside: dict[tuple[Part, tuple[str, ...]], list[Entry]] = {}
    for part, entry in known.items():
        for kept in divisions:
            whole = frozenset(item for item in part if item[0] in kept)
            if len(whole) == len(kept) < len(part) and whole in known:
                names = tuple(sorted(name for name, _ in part - whole))
                inside.setdefault((whole, names), []).append(entry)
    for (whole, names), parts in inside.items():
        entry = known[whole]
        left = entry.n - sum(part.n for part in parts)
        if 0 < left < max(item.min_cell for item in (entry, *parts)):
            yield Leak(whole=entry, names=names, parts=tuple(parts))
