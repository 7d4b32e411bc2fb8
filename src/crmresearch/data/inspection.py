"""Read a dataset and find everything that is wrong with it."""

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from crmresearch.data.about_file import read_about
from crmresearch.data.agreement import combined
from crmresearch.data.codebook import About, Variable
from crmresearch.data.codebook_file import read_codebook
from crmresearch.data.joining import Joined, join
from crmresearch.data.locate import Files, locate
from crmresearch.data.margins import settle_margins, unmatched
from crmresearch.data.parts import Part, ranged, read_part
from crmresearch.data.paths import path_faults
from crmresearch.data.problems import Problem
from crmresearch.data.roles import Needs
from crmresearch.data.sources import Source, has_waves, sources
from crmresearch.data.studies import refusal
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was found: `problems` (those that do not block are notes), and the `survey`.

    `survey` is None where a problem blocks; `roles` are those that the codebook gives.
    """

    problems: tuple[Problem, ...]
    survey: Survey | None
    roles: frozenset[str]
    title: str
    rows: int
    variables: int
    file: str

    @property
    def blocking(self) -> list[Problem]:
        """The problems because of which the data are not read."""
        return [problem for problem in self.problems if problem.blocks]

    @property
    def notes(self) -> list[Problem]:
        """What is worth knowing but does not stop a study."""
        return [problem for problem in self.problems if not problem.blocks]


def inspect(
    data: str | Path, *, codebook: str | Path = "", needs: Needs | None = None
) -> Inspection:
    """Read the dataset and report everything at once; raise only where nothing can be read.

    Raises
    ------
    RequestError
        If there is no such dataset or codebook.
    DataError
        If the codebook or the data file cannot be found, or the data lack a role of `needs`.
    """
    files = locate(data, codebook)
    about, problems = read_about(files.about, title=files.title)
    if files.codebook is None and not has_waves(files, about):
        raise DataError(_no_codebook(files, data))
    found, more = sources(files, about)
    problems += more
    described = _describe(found, about)
    problems += described.problems
    if needs is not None and not any(problem.blocks for problem in problems):
        refused = refusal(about.title, needs, described.roles)
        if refused:
            raise DataError(refused)
    parts = [read_part(source, described.books[source.codebook]) for source in found]
    problems += [problem for part in parts for problem in part.problems]
    rows = sum(part.rows for part in parts)
    survey = None
    if described.agree and parts and all(part.answers for part in parts):
        survey, more = _survey(parts, described)
        problems += more
    if any(problem.blocks for problem in problems):
        survey = None
    elif survey is not None:
        survey = replace(survey, source=_origin(found))
    return Inspection(
        problems=tuple(problems),
        survey=survey,
        roles=described.roles,
        title=about.title,
        rows=rows,
        variables=len({name for book in described.books.values() for name in book}),
        file=", ".join(source.file.name for source in found),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """What the codebooks and about.toml say: each `books`, and together `book`."""

    about: About
    books: Mapping[Path, Mapping[str, Variable]]
    book: Mapping[str, Variable]
    roles: frozenset[str]
    agree: bool
    problems: list[Problem]


def _describe(found: Sequence[Source], about: About) -> _Described:
    """Read every codebook once and put them together."""
    books, problems = {}, []
    for source in found:
        if source.codebook not in books:
            books[source.codebook], more = read_codebook(source.codebook)
            problems += more
    named = [(source.codebook.name, books[source.codebook]) for source in found]
    book, contradictions = combined(named)
    faults = list(contradictions)
    if book and not any(problem.blocks for problem in problems):
        about, more = settle_margins(about, book, "about.toml")
        faults += more + path_faults(about.paths, book, "about.toml")
    roles = {role for item in book.values() for role in item.roles}
    return _Described(
        about=about,
        books=books,
        book=book,
        roles=frozenset(roles | ({"wave"} if found and found[0].wave else set())),
        agree=not any(problem.blocks for problem in contradictions),
        problems=problems + faults,
    )


def _no_codebook(files: Files, data: str | Path) -> str:
    """What is missing, and the command that drafts it, as it can be pasted."""
    if files.data.is_dir():
        folder, source = str(data), "FILE"
        found = f"the folder {files.data.resolve().name} has no codebook.csv"
    else:
        folder, source = str(Path(data).parent), shlex.quote(str(data))
        found = f"{files.data.name} has no codebook.csv beside it"
    return (
        f"{found}. Draft one with `crmresearch codebook {source} -o {shlex.quote(folder)}`"
        f"{', FILE being the survey file,' if files.data.is_dir() else ','} "
        "or name one with --codebook."
    )


def _survey(parts: Sequence[Part], described: _Described) -> tuple[Survey, list[Problem]]:
    """The answers of one file, or of all waves, with what only shows when they are together."""
    [first, *_] = parts
    about = described.about
    if first.source.wave:
        joined = join(parts, {name: ranged(item) for name, item in described.book.items()})
    else:
        joined = Joined(
            answers=first.answers,
            codebook=first.codebook,
            sound=first.sound,
            problems=[],
            changes=first.changes,
            flow=dict(first.flow),
        )
    sound = {name: joined.answers[name] for name in joined.answers if name in joined.sound}
    problems = joined.problems + unmatched(about, joined.codebook, sound, "about.toml")
    rows = sum(part.rows for part in parts)
    steps = {"Invited": about.invited, "Reached": about.reached}
    flow = {label: count for label, count in steps.items() if count is not None}
    survey = Survey(
        answers=pd.DataFrame(joined.answers, index=pd.RangeIndex(rows), copy=False),
        codebook=joined.codebook,
        about=about,
        changes=tuple(joined.changes),
        flow={**flow, **joined.flow, "Respondents read": rows},
    )
    return survey, problems


def _origin(found: Sequence[Source]) -> dict[str, str]:
    """Names and hashes of the files, in the order of the waves."""
    codebooks = dict.fromkeys(source.codebook for source in found)
    return {
        "file": ", ".join(source.file.name for source in found),
        "sha256": ", ".join(_sha256(source.file) for source in found),
        "codebook_sha256": ", ".join(map(_sha256, codebooks)),
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
