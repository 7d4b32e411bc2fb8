"""Small CSV files beside the survey that a researcher hands to a study, such as a catalogue."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from crmresearch.data.problems import Problem, listed, meant
from crmresearch.data.tables import Table
from crmresearch.data.text_files import read_text

LARGEST = 1_000_000  # bytes


def read_side_table(path: Path, *, fix: str) -> Table:
    """The cells of the file; one that is no file, or too large, has a problem with this `fix`."""
    try:
        if path.is_file() and path.stat().st_size <= LARGEST:
            return read_text(path.read_bytes(), path.name, {})
        found = "the file has more than a million bytes" if path.is_file() else "it is no file"
    except OSError as error:
        found = f"the file cannot be read: {error.strerror}"
    return Table(where=path.name, problems=(Problem(where=path.name, found=found, fix=fix),))


def column_faults(table: Table, known: Sequence[str], *, repeated: str) -> Iterator[Problem]:
    """Columns that are not `known`, or stand there twice, for which `repeated` is the fix."""
    names = [name.strip().casefold() for name in table.names]
    for name in dict.fromkeys(names):
        if name not in known:
            yield Problem(
                where=table.where,
                column=name,
                found="found a column of that name",
                rule=f"the columns are {listed(known, most=len(known))}",
                fix=f"Rename it or take it out.{meant(name, known)}",
            )
        elif names.count(name) > 1:
            found = f"found {names.count(name)} columns of that name"
            yield Problem(where=table.where, column=name, found=found, fix=repeated)
