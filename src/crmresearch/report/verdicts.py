"""Verdicts across reports: a matrix of claims and surveys, or counts where those are many."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crmresearch.report.entries import Entry, Ruling
from crmresearch.report.findings import VERDICTS
from crmresearch.report.groups import WHOLE, part_of

COLUMNS = 12  # of a matrix that a reader can still take in; of more surveys verdicts are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A column a survey; for each study its claims, each with what every survey made of it."""

    columns: list[str]
    studies: dict[str, list[tuple[str, list[tuple[Entry, Ruling] | None]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A claim and how many reports came to each verdict, in the order of `VERDICTS`."""

    claim: str
    statement: str
    counts: tuple[int, ...]

    @property
    def percents(self) -> tuple[int, ...]:
        """The counts as whole percents of their sum; what is there has at least one."""
        whole = sum(self.counts)
        return tuple(max(1, round(100 * number / whole)) if number else 0 for number in self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What the reports came to: matrices of the studies that fit one, tallies of the others."""

    matrices: list[Matrix] = field(default_factory=list)
    tallies: dict[str, list[Tally]] = field(default_factory=dict)


def verdicts(entries: Sequence[Entry]) -> Verdicts:
    """The verdicts of all claims.

    Studies that share a survey share a matrix; one with surveys of its own has its own.
    """
    testing = [entry for entry in entries if entry.findings and entry.is_report]
    labels = _labels(testing)
    studies: dict[str, list[Entry]] = {}
    for entry in testing:
        studies.setdefault(entry.study, []).append(entry)
    found: list[tuple[list[str], list[str]]] = []
    for study, reports in studies.items():
        columns, members = [labels[report.key] for report in reports], [study]
        for other in [x for x in found if not set(x[0]).isdisjoint(columns)]:
            found.remove(other)
            columns, members = [*other[0], *columns], [*other[1], *members]
        found.append((list(dict.fromkeys(columns)), members))
    made = Verdicts()
    for columns, members in found:
        if len(columns) <= COLUMNS:
            own = _labels([report for study in members for report in studies[study]])
            columns = list(dict.fromkeys(own.values()))  # what all have in common is left out
            rows = {study: _rows(studies[study], own, columns) for study in members}
            made.matrices.append(Matrix(columns=columns, studies=rows))
        else:
            made.tallies.update({study: _tallies(studies[study]) for study in members})
    return made


def counted(entry: Entry) -> list[tuple[str, int]]:
    """The verdicts of one report with how many claims came to each, those that are there."""
    found = Counter(item.verdict for item in entry.findings)
    return [(verdict, found[verdict]) for verdict in VERDICTS if found[verdict]]


def claims(entries: Sequence[Entry]) -> dict[str, dict[str, str]]:
    """The claims of each study, identity to statement, in the order in which they first appear."""
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        for item in entry.findings:
            found.setdefault(entry.study, {}).setdefault(item.claim, item.statement)
    return found


def _rows(
    reports: list[Entry], labels: Mapping[str, str], columns: list[str]
) -> list[tuple[str, list[tuple[Entry, Ruling] | None]]]:
    """The claims of one study: the statement, and what each survey made of it."""
    rows: dict[str, tuple[str, list[tuple[Entry, Ruling] | None]]] = {}
    for report in reports:
        place = columns.index(labels[report.key])
        for item in report.findings:
            _, cells = rows.setdefault(item.claim, (item.statement, [None] * len(columns)))
            cells[place] = (report, item)
    return list(rows.values())


def _tallies(reports: list[Entry]) -> list[Tally]:
    """The claims of one study with the verdicts that its reports came to."""
    statements: dict[str, str] = {}
    counts: dict[str, Counter[str]] = {}
    for item in (item for report in reports for item in report.findings):
        statements.setdefault(item.claim, item.statement)
        counts.setdefault(item.claim, Counter())[item.verdict] += 1
    return [
        Tally(
            claim=claim,
            statement=statement,
            counts=tuple(counts[claim][verdict] for verdict in VERDICTS),
        )
        for claim, statement in statements.items()
    ]


def _labels(reports: list[Entry]) -> dict[str, str]:
    """The survey of each report, and its part; with the key where a study has two of one."""
    several = len({report.dataset for report in reports}) > 1
    parted = any(report.part for report in reports)
    names = {}
    for report in reports:
        words = [report.dataset or report.title] if several or not parted else []
        part = part_of(report) or ("" if words else WHOLE)
        names[report.key] = " · ".join([*words, *([part] if part else [])])
    pairs = Counter((report.study, names[report.key]) for report in reports)
    return {
        report.key: name
        if pairs[report.study, (name := names[report.key])] == 1
        else f"{name} ({report.key})"
        for report in reports
    }
