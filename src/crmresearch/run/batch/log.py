"""The run log: ``build.jsonl`` beside the site, one JSON object a line, written as things happen.

A build begins with one line, each of its reports has one line for everything that befell it, and
it ends with one line. Fields that say nothing are left out.

=============  ====================================================================================
time           when it was, UTC, to the millisecond
build          the build's name: when it began, and a random end
event          ``began``, ``started``, ``retried``, ``published``, ``unchanged``, ``failed`` or
               ``ended``
key            the report's folder
study          its notebook
part           the part of the data that it is of, as its parameter ``only`` says
attempt        which try it was, from 1
seconds        what the try took, publishing included; of ``ended``: what the build took
cpu_seconds    CPU time of the report's kernel; of ``ended``: of the whole build
peak_memory    the most bytes that the kernel held, libraries that it shares included
reason         of ``failed`` and ``retried``: the kind of error and the cell that it rose in;
               of ``ended``: ``complete``, ``interrupted``, or ``killed`` where the build could not
               say so itself and the next one found that it had stopped
made_from      a hash of everything that the report was made from
=============  ====================================================================================

``began`` says besides how many ``reports`` were asked for, how many ``slots`` they share and how
often one is tried again (``retries``); ``ended`` how many were ``published``, ``unchanged``,
``failed`` and ``retried``.

The folder of reports is what people upload, so the log holds nothing that a report does not: no
path of this machine, no text of an error (it may quote answers) and nothing of the survey but the
name of the part. It does tell the keys of reports that failed and how long reports take; leave it
out of an upload where those are not for everyone. No page links to it.

The log keeps the last builds, up to `_BUILDS` of them and about `_BYTES`.
"""

import json
import os
import secrets
import shutil
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from crmresearch.run.batch import events
from crmresearch.run.batch.events import Event

NAME = "build.jsonl"
_BUILDS = 20
_BYTES = 10_000_000


class Log:
    """The lines of one build; every thread of it may write.

    A log that cannot be written (a full disk) ends, and never the build: `broken` says why.
    """

    def __init__(self, reports: Path):
        """Open the log of the folder `reports`, whose lock is held; close the last build's."""
        now = datetime.now(UTC)
        self.build = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.broken = ""
        self.seconds: Mapping[str, float] = {}  # of each report when it was last published
        self._guard = threading.Lock()
        self._file = None
        try:
            unended, self.seconds = _tidied(reports / NAME)
            self._file = (reports / NAME).open("a", encoding="utf-8", newline="\n")
        except OSError as error:
            self.broken = _why(error)
        else:
            if unended:
                self._write({"build": unended, "event": "ended", "reason": "killed"})

    def began(self, **numbers: int) -> None:
        """The first line of the build."""
        self._write({"build": self.build, "event": "began"} | numbers)

    def tell(self, event: Event) -> None:
        """One line for what befell a report."""
        self._write(
            {
                "build": self.build,
                "event": event.name,
                "key": event.key,
                "study": event.study,
                "part": event.part,
                "attempt": event.attempt,
                "seconds": event.seconds,
                "cpu_seconds": event.used.cpu_seconds,
                "peak_memory": event.used.peak_memory,
                "reason": event.reason,
                "made_from": event.made_from,
            }
        )

    def ended(self, reason: str, **numbers: float) -> None:
        """The last line of the build; closes the file."""
        self._write({"build": self.build, "event": "ended", "reason": reason} | numbers)
        with self._guard:
            if self._file:
                self._file.close()
                self._file = None

    def _write(self, fields: Mapping[str, object]) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = {name: _rounded(value) for name, value in fields.items() if value not in (None, "")}
        line = json.dumps({"time": now} | said) + "\n"
        with self._guard:
            if self._file is None:
                return
            try:
                self._file.write(line)
                self._file.flush()
            except OSError as error:
                self.broken, self._file = _why(error), None


def _tidied(path: Path) -> tuple[str, dict[str, float]]:
    """Cut off a torn last line, and builds too old to keep.

    Returns the name of the last build where it never ended, and key to the seconds that each
    report took when it was last published.
    """
    sizes: dict[str, int] = {}  # of each build, oldest first
    seconds: dict[str, float] = {}
    whole, ended, last = 0, True, ""
    with path.open("ab+") as lines:
        lines.seek(0)
        for line in lines:
            if not line.endswith(b"\n"):
                break
            whole += len(line)
            if event := _parsed(line):
                last, ended = event["build"], event["event"] == "ended"
                seconds |= _took(event)
            sizes[last] = sizes.get(last, 0) + len(line)
        lines.truncate(whole)
    if old := _too_old(list(sizes.values())):
        _cut(path, old)
    return "" if ended else last, seconds


def _took(event: Mapping[str, object]) -> dict[str, float]:
    """The key of the report that was published and its seconds, if that is what the line says."""
    match event:
        case {"event": events.PUBLISHED, "key": str(key), "seconds": float(seconds)}:
            return {key: seconds}
    return {}


def _too_old(sizes: list[int]) -> int:
    """The bytes of the first builds that leave room for the one that begins."""
    cut = 0
    while sizes and (len(sizes) >= _BUILDS or sum(sizes) > _BYTES):
        cut += sizes.pop(0)
    return cut


def _cut(path: Path, length: int) -> None:
    temporary = path.with_name(f".{path.name}")
    with path.open("rb") as lines, temporary.open("wb") as kept:
        lines.seek(length)
        shutil.copyfileobj(lines, kept)
    os.replace(temporary, path)


def _parsed(line: bytes) -> dict | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("build"), str):
        return None
    return found if isinstance(found.get("event"), str) else None


def _rounded(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value


def _why(error: OSError) -> str:
    return f"{NAME} cannot be written: {error.strerror or error}."
