"""Groups: the reports of a site that has many, folded by what tells them apart.

A reader looks for one brand, one wave or one survey. Each study is a group of its own; one of more
reports than a list can hold is folded by the fact that makes the fewest groups of it (a wave before
a brand), and again where a group is still too long. A line then says only what its groups do not.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from crmresearch.report.entries import Entry

LISTED = 60  # reports in one list; more are folded
RUN = 200  # reports in one list that no fact folds; more are folded in runs of this length
LEAST = 3  # reports in a group, on average; smaller groups would hide more than they order
WHOLE = "Whole sample"
OF_ALL = " (the whole survey)"  # how the sheet of a part says that a fact is one of everybody

Fact = tuple[str, str]  # what it is of a report (title, data, period, part), and a part's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a list: the report, what it is called there and what else sets it apart."""

    entry: Entry
    label: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Reports that belong together; `facts` are what all of them share."""

    label: str
    size: int
    facts: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    groups: list["Group"] = field(default_factory=list)


def by_study(entries: Sequence[Entry]) -> dict[str, tuple[Group, list[Entry]]]:
    """A group a study, in the order in which the studies appear, and the study's comparisons."""
    studies: dict[str, tuple[list[Entry], list[Entry]]] = {}
    for entry in entries:
        studies.setdefault(entry.study, ([], []))[not entry.is_report].append(entry)
    return {
        study: (_group(study.replace("_", " ").capitalize(), reports, frozenset()), comparisons)
        for study, (reports, comparisons) in studies.items()
    }


def natural(text: str) -> list[tuple[int, str]]:
    """A key that sorts names as people do: ``Wave 2`` before ``Wave 10``."""
    words = re.split(r"([0-9]{1,18})", text.casefold())
    return [(int(word), "") if place % 2 else (-1, word) for place, word in enumerate(words)]


def part_of(entry: Entry) -> str:
    """The part of the data that a report is of, as its labels; empty where it is of the whole."""
    return " · ".join(entry.part.values())


def _group(label: str, entries: list[Entry], known: frozenset[Fact]) -> Group:
    """The group of `entries`, of which the groups around it have said the facts `known`."""
    values = _values(entries)
    shared = [
        fact for fact, found in values.items()
        if len(found) == 1 and len(next(iter(found.values()))) == len(entries)
    ]  # fmt: skip
    made = {
        "label": label,
        "size": len(entries),
        "facts": tuple(
            _said(fact, next(iter(values[fact]))) for fact in shared if fact not in known
        ),
    }
    known |= set(shared)
    fact = _folding(values, known, len(entries))
    if fact is not None:
        parts = sorted(values[fact].items(), key=lambda item: natural(item[0]))
        rest = [entry for entry in entries if fact not in _facts(entry)]
        return Group(
            **made,
            rows=_rows(rest, known, values),
            groups=[_group(_said(fact, text), part, known | {fact}) for text, part in parts],
        )
    rows = _rows(entries, known, values)
    if len(rows) <= RUN:
        return Group(**made, rows=rows)
    runs = [rows[start : start + RUN] for start in range(0, len(rows), RUN)]
    return Group(
        **made,
        groups=[
            Group(label=f"{run[0].label} to {run[-1].label}", size=len(run), facts=(), rows=run)
            for run in runs
        ],
    )


def _facts(entry: Entry) -> dict[Fact, str]:
    """What tells one report of a study from another, with what it is."""
    own = {("title", ""): entry.title, ("data", ""): entry.dataset}
    own |= {("part", name): label for name, label in entry.part.items()}
    own["period", ""] = entry.period.removesuffix(OF_ALL)
    return {fact: text for fact, text in own.items() if text}


def _values(entries: list[Entry]) -> dict[Fact, dict[str, list[Entry]]]:
    """Of each fact what it is for which reports."""
    found: dict[Fact, dict[str, list[Entry]]] = {}
    for entry in entries:
        for fact, text in _facts(entry).items():
            found.setdefault(fact, {}).setdefault(text, []).append(entry)
    return found


def _said(fact: Fact, text: str) -> str:
    """A fact as a group says it."""
    kind, name = fact
    return f"{name}: {text}" if kind == "part" else text


def _folding(
    values: dict[Fact, dict[str, list[Entry]]], known: Collection[Fact], size: int
) -> Fact | None:
    """The fact that folds a group of `size` reports into the fewest groups; None if none should."""
    if size <= LISTED:
        return None
    ways = [
        (len(found), fact)
        for fact, found in values.items()
        if fact not in known and 2 <= len(found) <= size / LEAST
    ]
    return min(ways, default=(0, None), key=lambda way: way[0])[1]


def _rows(
    entries: list[Entry], known: Collection[Fact], values: dict[Fact, dict[str, list[Entry]]]
) -> list[Row]:
    """The lines of a list, sorted, each called by what sets it apart there."""
    parted = any(kind == "part" for kind, _ in values)
    rows = [_row(entry, known, parted=parted) for entry in entries]
    times = Counter((row.label, row.facts) for row in rows)
    rows = [
        replace(row, facts=(*row.facts, row.entry.key)) if times[row.label, row.facts] > 1 else row
        for row in rows
    ]  # such as reports that differ in their parameters alone
    return sorted(rows, key=lambda row: (natural(row.label), [natural(x) for x in row.facts]))


def _row(entry: Entry, known: Collection[Fact], *, parted: bool) -> Row:
    own = {fact: text for fact, text in _facts(entry).items() if fact not in known}
    part = [text for (kind, _), text in own.items() if kind == "part"]
    words = [text for (kind, _), text in own.items() if kind in {"title", "data"}]
    if part or parted and not entry.part:
        words.insert(0, " · ".join(part) or WHOLE)
    label, *others = words or [entry.title]
    return Row(
        entry=entry,
        label=label,
        facts=(*others, *([own["period", ""]] if ("period", "") in own else [])),
    )
