"""The privacy gate: what must not leave in a report, looked for once more before it is written.

Small groups are hidden where an exhibit is made (`report.suppression`) and raw answers have no
function that shows them; but a notebook is the researcher's, who may print anything in it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crmresearch.errors import UserError
from crmresearch.report.collect import Results
from crmresearch.report.numbers import count

MIN_CELL = 10  # where the data sheet states no other minimum

_DIGITS = re.compile(r"(?<![\w./+-])\d{8,}(?![\w./-])")


@dataclass(frozen=True, slots=True)
class _Pattern:
    what: str
    regex: re.Pattern
    fix: str


_WRITTEN = (
    _Pattern(
        "an e-mail address",
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{0,190}[a-zA-Z]{2}"),
        "Leave it out of the output, the label or the prose.",
    ),
    _Pattern(
        "a path of this computer",
        re.compile(
            r"(?<![\w./:])/(?:Users|Volumes|data|home|media|mnt|opt|private|root|scratch|srv|tmp"
            r"|usr|var|work)/[^\s\"'<>)]+|(?<![\w])[A-Za-z]:(?:\\+|/(?!/))[^\s\\\"'<>]+|file://\S+"
        ),
        "Name the dataset, or give the path as a parameter, of which only the file name is shown.",
    ),
)
_PRINTED = (
    *_WRITTEN,
    _Pattern(
        "a number of eight digits or more, as an identifier or a telephone number has",
        _DIGITS,
        "Leave the column or the group out of the exhibit.",
    ),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the page: where it stands, whether a cell printed it, a table's column names."""

    place: str
    text: str
    printed: bool = False
    columns: tuple[str, ...] = ()


def check(results: Results, passages: Iterable[Passage], *, name: str) -> None:
    """Refuse to publish what could identify someone.

    Parameters
    ----------
    results : the records of the report, whose estimates, groups and tables are inspected.
    passages : everything that the researcher wrote, and everything that a cell printed or
        displayed by itself.
    name : what to call the report in the error.

    Raises
    ------
    UserError
        Naming every place, the kind of text found there and what to do. The text itself is not
        repeated, because errors end up in logs.
    """
    passages = [*passages, *_recorded(results)]
    private = set(results.data.get("private", ()))
    problems = [
        *_few_respondents(results),
        *_small_groups(results),
        *_small_rows(results),
        *(problem for item in passages for problem in _raw_rows(item, private)),
        *(problem for item in passages for problem in _found(item)),
    ]
    if problems:
        listed = "".join(f"\n  {i}. {text}" for i, text in enumerate(problems, start=1))
        raise UserError(
            f"{name} is not published: {count(len(problems), 'privacy problem')}.{listed}"
        )


def _few_respondents(results: Results) -> Iterator[str]:
    """A survey of so few that the figures of all of them tell what one of them said."""
    minimum = results.data.get("min_cell") or MIN_CELL
    n = results.data.get("n")
    if n is not None and n < minimum:
        yield (
            f"the data: {count(n, 'respondent')}, fewer than {minimum}, who could be identified by "
            "any figure. Collect more answers, or state a smaller min_cell in about.toml if the "
            "owner of the data allows it."
        )


def _small_groups(results: Results) -> Iterator[str]:
    minimum = results.data.get("min_cell") or MIN_CELL
    for item in results.estimates:
        if item.group and 0 < item.n < minimum:
            yield (
                f"estimate {item.key!r}, group {item.group!r}: it rests on "
                f"{count(item.n, 'person', 'people')}, fewer than {minimum}. Show it with "
                f"show(..., min_cell={minimum}), or state a smaller min_cell in about.toml if the "
                "owner of the data allows it."
            )


def _small_rows(results: Results) -> Iterator[str]:
    """Rows of a frame whose column ``n`` counts too few people."""
    minimum = results.data.get("min_cell") or MIN_CELL
    for exhibit in results.exhibits:
        columns = exhibit["table"]["columns"]
        if exhibit["estimates"] or "n" not in columns:
            continue
        sizes = [row[columns.index("n")] for row in exhibit["table"]["rows"]]
        small = sum(isinstance(n, (int, float)) and 0 < n < minimum for n in sizes)
        if small:
            verb = "rests" if small == 1 else "rest"
            yield (
                f"exhibit {exhibit['key']!r}, column 'n': {count(small, 'row')} {verb} on fewer "
                f"than {minimum} people. Leave them out or join them to a larger group."
            )


def _raw_rows(passage: Passage, private: set[str]) -> Iterator[str]:
    """A table with a column of the data that identifies people or holds their own words."""
    for column in sorted(private.intersection(passage.columns)):
        yield (
            f"{passage.place}: found a table with the column {column!r}, which holds identifiers "
            "or people's own words. Show counts or scores of groups, not rows of the data."
        )


def _found(passage: Passage) -> Iterator[str]:
    for pattern in _PRINTED if passage.printed else _WRITTEN:
        hits = len(pattern.regex.findall(passage.text))
        if hits:
            yield f"{passage.place}: found {pattern.what} ({count(hits, 'time')}). {pattern.fix}"


def _recorded(results: Results) -> Iterator[Passage]:
    """The texts of the records."""
    for exhibit in results.exhibits:
        columns, rows = exhibit["table"]["columns"], exhibit["table"]["rows"]
        words = [exhibit["title"], exhibit["caption"], exhibit["note"], *columns]
        words += [cell for row in rows for cell in row if isinstance(cell, str)]
        place = f"exhibit {exhibit['key']!r}"
        yield Passage(place, "\n".join(words), printed=True, columns=tuple(columns))
        if exhibit.get("file"):  # where a long number is data, as a seed or a hash
            yield Passage(f"{place}, file {exhibit['file']['name']!r}", exhibit["file"]["text"])
    for caveat in results.caveats:
        yield Passage(f"caveat {caveat['key']!r}", caveat["text"], printed=True)
    for finding in results.findings:
        yield Passage(f"claim {finding['claim']['id']!r}", finding["sentence"], printed=True)
    shown = [results.data.get(part, "") for part in ("title", "period", "facts", "changes")]
    yield Passage("the data sheet", "\n".join(_words(shown)))


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _words(key)
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
