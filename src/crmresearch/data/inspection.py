"""Read a dataset and find everything that is wrong with it."""

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from crmresearch.data import checks
from crmresearch.data.about_file import read_about
from crmresearch.data.codebook import About, Variable
from crmresearch.data.codebook_file import read_codebook
from crmresearch.data.convert import Answers, convert
from crmresearch.data.locate import Files, locate, responses
from crmresearch.data.margins import settle_margins, unmatched
from crmresearch.data.paths import path_faults
from crmresearch.data.problems import Problem, counted, listed
from crmresearch.data.readers import read
from crmresearch.data.roles import Needs
from crmresearch.data.rules import effective_range
from crmresearch.data.studies import refusal
from crmresearch.data.survey import Survey
from crmresearch.data.tables import Table
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
    if files.codebook is None:
        raise DataError(_no_codebook(files, data))
    about, problems = read_about(files.about, title=files.title)
    book, more = read_codebook(files.codebook)
    problems += more
    if book and not any(problem.blocks for problem in more):
        about, more = settle_margins(about, book, "about.toml")
        problems += more + path_faults(about.paths, book, "about.toml")
    roles = frozenset(role for item in book.values() for role in item.roles)
    if needs is not None and not any(problem.blocks for problem in problems):
        refused = refusal(about.title, needs, roles)
        if refused:
            raise DataError(refused)
    path = responses(files, about.file)
    table = read(path, about.file)
    problems += table.problems
    survey = None
    if table.columns:
        survey, more = _read(table, book, about, files)
        problems += more
    if any(problem.blocks for problem in problems):
        survey = None
    elif survey is not None:
        survey = _with_source(survey, path, files.codebook)
    return Inspection(
        problems=tuple(problems),
        survey=survey,
        roles=roles,
        title=about.title,
        rows=len(table.rows),
        variables=len(book),
        file=path.name,
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


def _read(
    table: Table, book: Mapping[str, Variable], about: About, files: Files
) -> tuple[Survey | None, list[Problem]]:
    columns, problems, changes = checks.match(book, table, files.codebook.name)
    problems += checks.headings(table)
    if not len(table.rows):
        found = "the file has a header and no answers"
        fix = "Export it again when there are answers."
        return None, [*problems, Problem(where=table.where, found=found, fix=fix)]
    read_as = {
        name: convert(
            column,
            book[name],
            where=table.where,
            rows=table.rows,
            decimal=about.file.get("decimal", "."),
            date=about.file.get("date", ""),
        )
        for name, column in columns.items()
    }
    problems += [problem for answers in read_as.values() for problem in answers.problems]
    answers = {name: item.values for name, item in read_as.items()}
    sound = {name: item.values for name, item in read_as.items() if not item.problems}
    together, kept = checks.rows_together(book, sound, columns, table)
    problems += together + unmatched(about, book, sound, "about.toml")
    survey = Survey(
        answers=pd.DataFrame(answers, index=pd.RangeIndex(len(table.rows)), copy=False),
        codebook={name: _ranged(book[name]) for name in answers},
        about=about,
        changes=(*table.changes, *changes, *_changes(read_as, book), *kept),
        flow=_flow(about, table),
    )
    return survey, problems


def _ranged(item: Variable) -> Variable:
    """`item` with the range that its labels imply."""
    low, high = effective_range(item)
    return replace(item, low=low, high=high)


def _changes(read_as: Mapping[str, Answers], book: Mapping[str, Variable]) -> list[str]:
    cells: dict[str, dict[str, int]] = {}
    for name, answers in read_as.items():
        for code, count in answers.missing.items():
            cells.setdefault(code, {})[name] = count
    sentences = [
        f"{counted(sum(cells_of.values()), 'cell')} of {code} in "
        f"{counted(len(cells_of), 'column')} read as no answer: {listed(cells_of)}."
        for code, cells_of in cells.items()
    ]
    turned = [name for name in read_as if book[name].reverse]
    if turned:
        sentences.append(f"{counted(len(turned), 'reversed item')} turned: {listed(turned)}.")
    return sentences


def _flow(about: About, table: Table) -> dict[str, int]:
    removed = sum(table.flow.values())
    steps = {"Invited": about.invited, "Reached": about.reached}
    flow = {label: count for label, count in steps.items() if count is not None}
    flow["Rows in the file"] = len(table.rows) + removed
    flow |= {f"{label}, left out": count for label, count in table.flow.items()}
    return flow | {"Respondents read": len(table.rows)}


def _with_source(survey: Survey, path: Path, codebook: Path) -> Survey:
    source = {
        "file": path.name,
        "sha256": _sha256(path),
        "codebook_sha256": _sha256(codebook),
    }
    return replace(survey, source=source)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
