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


_TEXT = (
    _Pattern(
        "an e-mail address",
        re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*[a-zA-Z]{2}"),
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
_RECORD = (
    *_TEXT,
    _Pattern(
        "a number of eight digits or more, as an identifier or a telephone number has",
        _DIGITS,
        "Leave the column or the group out of the exhibit.",
    ),
)


def check(
    results: Results,
    texts: Iterable[tuple[str, str]],
    printed: Iterable[tuple[str, str]],
    name: str,
) -> None:
    """Refuse to publish what could identify someone.

    Parameters
    ----------
    results : the records of the report, whose estimates, groups and tables are inspected.
    texts : (place, text) of everything that the researcher wrote: prose and code.
    printed : (place, text) of everything that a cell printed or displayed by itself.
    name : what to call the report in the error.

    Raises
    ------
    UserError
        Naming every place, the kind of text found there and what to do. The text itself is not
        repeated, because errors end up in logs.
    """
    problems = [
        *_small_groups(results),
        *_small_rows(results),
        *_found(_TEXT, [*texts, ("the data sheet", "\n".join(_words(results.data)))]),
        *_found(_RECORD, [*printed, *_record_texts(results)]),
    ]
    if problems:
        listed = "".join(f"\n  {i}. {text}" for i, text in enumerate(problems, start=1))
        raise UserError(
            f"{name} is not published: {count(len(problems), 'privacy problem')}.{listed}"
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


def _found(patterns: Iterable[_Pattern], texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    for place, text in texts:
        for pattern in patterns:
            hits = pattern.regex.findall(text)
            if hits:
                yield f"{place}: found {pattern.what} ({count(len(hits), 'time')}). {pattern.fix}"


def _record_texts(results: Results) -> Iterator[tuple[str, str]]:
    for exhibit in results.exhibits:
        words = [exhibit["title"], exhibit["caption"], exhibit["note"]]
        words += exhibit["table"]["columns"]
        words += [cell for row in exhibit["table"]["rows"] for cell in row if isinstance(cell, str)]
        yield f"exhibit {exhibit['key']!r}", "\n".join(words)
    for caveat in results.caveats:
        yield f"caveat {caveat['key']!r}", caveat["text"]


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
