"""What the site's index says of each report: the few facts of its ``report.json`` that it needs.

Folders of reports are copied, moved and edited by hand, so nothing in them is trusted: what does
not keep the form that `report.page` writes is left out of the index and told, and sinks no other.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import TypeVar

from crmresearch.report.findings import VERDICTS

LARGEST = 2_000_000  # bytes of one report.json
LINES = 3  # of the report's brief that its card on the index shows
COMPARISON = "comparison"  # the kind of a page that sets the reports of a study side by side

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence of a report's brief, with the claim that it decides."""

    sentence: str
    verdict: str
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a report found of one claim; `anchor` is where its page says so."""

    claim: str
    statement: str
    verdict: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One report of the site, or one comparison of reports.

    `data` is the title of its data and `dataset` that of the whole of which they are a part;
    `part` says which, name to label, and is empty for the whole.
    """

    key: str
    kind: str
    study: str
    title: str
    data: str = ""
    dataset: str = ""
    part: Mapping[str, str] = field(default_factory=dict)
    period: str = ""
    n: int | None = None
    unit: str = ""
    min_cell: int = 0
    brief: tuple[Line, ...] = ()
    findings: tuple[Ruling, ...] = ()

    @property
    def is_report(self) -> bool:
        """Whether it is of a survey itself, and not of reports that were made of one."""
        return not self.kind


def read(reports: Path, keys: Iterable[str]) -> tuple[list[Entry], list[str]]:
    """The entries of the reports `keys`, in their order, and what is wrong with the others."""
    entries, wrong = [], []
    for key in keys:
        try:
            entries.append(_entry(key, _content(reports / key / "report.json")))
        except ValueError as error:
            wrong.append(
                f"{key}: left out of the site's index, {error}. Make the report again, or delete "
                "its folder."
            )
    return entries, wrong


def standing(reports: Path) -> list[str]:
    """The keys of all that stands in the folder of reports, in order."""
    return sorted(path.parent.name for path in reports.glob("[!.]*/report.json"))


def summary(folder: Path) -> dict:
    """What the ``report.json`` of a page says; nothing where `read` tells that it is damaged."""
    try:
        return _content(folder / "report.json")
    except ValueError:
        return {}


def _content(path: Path) -> dict:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise ValueError(f"its report.json has more than {LARGEST:,} bytes")
        content = json.loads(text)
    except OSError as error:
        raise ValueError(f"its report.json cannot be read ({error.strerror})") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("its report.json is not JSON") from None
    if not isinstance(content, dict):
        raise ValueError("its report.json is not an object")
    return content


def _entry(key: str, content: dict) -> Entry:
    """The entry of a report; texts that many reports share are kept in memory once."""
    part = _typed(content, "part", dict, {})
    if not all(isinstance(label, str) for label in part.values()):
        raise ValueError("its report.json holds no texts under part")
    return Entry(
        key=key,
        kind=_text(content, "kind"),
        study=_text(content, "study", needed=True),
        title=_text(content, "title", needed=True),
        data=_text(content, "data"),
        dataset=_text(content, "dataset") or _text(content, "data"),
        part={intern(name): intern(label) for name, label in part.items()},
        period=_text(content, "period"),
        n=_typed(content, "n", int, None),
        unit=_text(content, "unit"),
        min_cell=_typed(content, "min_cell", int, 0),
        brief=tuple(
            Line(
                sentence=_text(item, "sentence", needed=True),
                verdict=_verdict(item),
                statement=_text(item, "statement"),
            )
            for item in _items(content, "brief")[:LINES]
        ),
        findings=tuple(
            Ruling(
                claim=_text(item, "claim", needed=True),
                statement=_text(item, "statement", needed=True),
                verdict=_verdict(item, needed=True),
                anchor=_text(item, "anchor"),
            )
            for item in _items(content, "findings")
        ),
    )


def _verdict(item: dict, *, needed: bool = False) -> str:
    found = _text(item, "verdict", needed=needed)
    if found and found not in VERDICTS:
        raise ValueError("its report.json holds a verdict that is none of ours")
    return found


def _text(content: dict, name: str, *, needed: bool = False) -> str:
    found = _typed(content, name, str, "")
    if needed and not found:
        raise ValueError(f"its report.json holds no text under {name}")
    return intern(found)


def _items(content: dict, name: str) -> list[dict]:
    found = _typed(content, name, list, [])
    if not all(isinstance(item, dict) for item in found):
        raise ValueError(f"its report.json holds no objects under {name}")
    return found


def _typed(content: dict, name: str, kind: type[T], default: T | None) -> T:
    found = content.get(name)
    if found is None:
        return default
    if not isinstance(found, kind) or isinstance(found, bool):
        raise ValueError(f"its report.json holds something else than {kind.__name__} under {name}")
    if isinstance(found, int) and found < 0:
        raise ValueError(f"its report.json holds a negative number under {name}")
    return found
