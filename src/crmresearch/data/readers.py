"""One reader for each format: from a file to a `Table` of text cells."""

from collections.abc import Mapping
from pathlib import Path

from crmresearch.data import exports
from crmresearch.data.labelled_files import read_spss, read_stata
from crmresearch.data.locate import SUFFIXES
from crmresearch.data.problems import listed
from crmresearch.data.tables import Table, unreadable
from crmresearch.data.text_files import read_text
from crmresearch.data.workbooks import read_parquet, read_workbook

_MOST_BYTES = 4 << 30


def read(path: Path, declared: Mapping[str, str]) -> Table:
    """The cells of the file at `path`, read as `declared` in about.toml's ``[file]``.

    Never raises for what the file holds: what is wrong stands in ``problems``.
    """
    suffix = path.suffix.casefold()
    if suffix not in SUFFIXES:
        found = f"files that end in {path.suffix or 'nothing'} are not read"
        return unreadable(path.name, found, f"Save it as one of {listed(SUFFIXES, most=20)}.")
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            return unreadable(path.name, "the file is larger than 4 GiB", "Split it by wave.")
        if size == 0:
            return unreadable(path.name, "the file is empty", "Export it again.")
        return exports.recognise(_READERS[suffix](path, declared))
    except OSError as error:
        return unreadable(path.name, f"the file cannot be read: {error.strerror or 'no access'}")


def _text(path: Path, declared: Mapping[str, str]) -> Table:
    if path.suffix.casefold() == ".tsv":
        declared = {"delimiter": "\t", **declared}
    return read_text(path.read_bytes(), path.name, declared)


_READERS = {
    ".csv": _text,
    ".tsv": _text,
    ".txt": _text,
    ".xlsx": read_workbook,
    ".sav": read_spss,
    ".zsav": read_spss,
    ".dta": read_stata,
    ".parquet": read_parquet,
}
