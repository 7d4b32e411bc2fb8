"""`Table`: a file's cells as text, before any codebook; the form that every reader hands on.

A column is held as its distinct texts and one code a row, so that whatever is asked of a cell is
asked once for each distinct text, and a million rows cost little more than a thousand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmresearch.data.problems import Problem


@dataclass(frozen=True, slots=True)
class Column:
    """Distinct `texts` (some of which may stand nowhere) and the code of each row."""

    codes: np.ndarray  # int32, one a row, index into texts
    texts: list[str]

    @property
    def counts(self) -> np.ndarray:
        """How many rows hold each text."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def where(self, chosen: np.ndarray) -> np.ndarray:
        """Positions of the rows whose text is `chosen`, a flag for each of `texts`."""
        return np.flatnonzero(chosen[self.codes]) if len(self.codes) else np.empty(0, int)

    def keep(self, rows: np.ndarray) -> "Column":
        """The column with only the rows that the flags `rows` name."""
        return Column(self.codes[rows], self.texts)

    def as_last(self) -> str:
        """The text of the last row."""
        return self.texts[self.codes[-1]]

    def as_list(self) -> list[str]:
        """The text of every row."""
        return [self.texts[code] for code in self.codes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The cells of a file.

    Parameters
    ----------
    where : the file's name.
    names : the column names as they stand in the file, duplicates included.
    columns : one `Column` for each name.
    rows : the row of each record in the file, counted as a spreadsheet does (header = row 1).
    labels, value_labels, missing : what the file itself says of a column: its question, the
        label of each code and the codes that its author declared as missing.
    changes : sentences on what reading left out.
    flow : label to number of records, in the order in which they were left out.
    kind : the format in words, such as ``CSV`` or ``Qualtrics CSV``.
    settings : what was found out about the format, as `about.toml` declares it.
    problems : what stands in the way, or is worth a note.
    """

    where: str
    names: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    flow: Mapping[str, int] = field(default_factory=dict)
    kind: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def column(self) -> dict[str, Column]:
        """Columns by name; of a duplicated name the first."""
        return dict(zip(reversed(self.names), reversed(self.columns), strict=True))


def unreadable(where: str, found: str, fix: str = "") -> Table:
    """A table without cells, for a file that cannot be read at all."""
    return Table(where=where, problems=(Problem(where=where, found=found, fix=fix),))


def encode(cells: Iterable[object]) -> Column:
    """A `Column` of cells that came typed: whole floats lose their ``.0``, missing is empty."""
    values = pd.Series(cells, dtype=object)
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    texts = [as_text(value) for value in distinct] + [""]
    codes = np.where(codes < 0, len(texts) - 1, codes)
    known: dict[str, int] = {}
    merged = np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int32)
    return Column(merged[codes], list(known))


def as_text(value: object) -> str:
    """One typed cell as text: 3.0 as ``3``, True as ``1``, a midnight as its day."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    if hasattr(value, "isoformat"):
        text = value.isoformat(" ") if hasattr(value, "hour") and hasattr(value, "year") else ""
        return text.removesuffix(" 00:00:00") if text else value.isoformat()
    return str(value)
