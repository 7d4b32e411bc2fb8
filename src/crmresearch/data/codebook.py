"""The codebook and the description of a dataset: the typed contract that a file must keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Type = Literal["scale", "number", "binary", "category", "text", "date", "id", "ignore"]
TYPES: dict[str, str] = {
    "scale": "an ordered answer from low to high, stored as a number",
    "number": "a quantity",
    "binary": "yes or no, stored as 1 and 0",
    "category": "one of the listed answers",
    "text": "free text",
    "date": "a day, optionally with a time",
    "id": "an identifier, kept as text",
    "ignore": "not read",
}
DESIGNS = ("cross-section", "panel", "experiment")
COLUMNS = (
    "variable", "label", "type", "role", "construct", "low", "high", "reverse", "missing", "values",
    "note",
)  # fmt: skip
MAY_HAVE = ("column",)  # columns of a codebook that are read, and not drafted
FILE_KEYS = ("name", "delimiter", "decimal", "encoding", "sheet", "date")
WAVE_KEYS = ("label", "file", "codebook", *FILE_KEYS[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One row of ``codebook.csv``.

    Parameters
    ----------
    variable : the column's name in the file, without blanks at its ends.
    label : the question or meaning, for readers.
    type : a key of `TYPES`.
    roles : names from `data.roles.ROLES`; several are separated by ``;`` in the file.
    construct : the scale that an item belongs to; for an indicator ``positive`` or ``negative``.
    low, high : the allowed range of a scale or number, as in the file, before reversing.
    reverse : True where a high answer means little of the construct; read as low + high - answer.
    missing : codes or texts that stand for no answer; an empty cell always does. What is listed
        here is no answer even where `values` has the same code: a file in which 2 is no and 0 is
        blank has ``1=Yes; 0=No|2`` and 0 as missing.
    values : code to label. In the file ``1=Poor; 2=Fair|So so; 3=Good``: the answer may stand in
        the file as its code or as any of its labels, the first of which is shown. A ``;``, ``|``
        or ``=`` that belongs to a code or label is written with a backslash before it.
    guess : True in a drafted codebook where the role is a guess to be confirmed; it is written
        with a question mark, as in ``recommend?``, and data are not read before it is removed.
    note : a remark for people, such as the frequencies in a draft; never read by a study.
    column : the column's name in the file where it is not `variable`, empty where it is.
    """

    variable: str
    label: str
    type: Type
    roles: tuple[str, ...] = ()
    construct: str = ""
    low: float | None = None
    high: float | None = None
    reverse: bool = False
    missing: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    guess: bool = False
    note: str = ""
    column: str = ""

    @property
    def heading(self) -> str:
        """The name of the file's column."""
        return self.column or self.variable

    @property
    def name(self) -> str:
        """The label, or the column's name where there is none."""
        return self.label or self.variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One ``[[wave]]`` of ``about.toml``: a file of its own with a codebook of its own.

    `settings` say how its file is to be read, in place of ``[file]``; see `WAVE_KEYS`.
    """

    label: str
    file: str
    codebook: str = "codebook.csv"
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """``about.toml``: where the data come from and what they can be used to say.

    Parameters
    ----------
    margins : variable to answer to its share of the population: the weights are raked to them
    paths : the satisfaction model, ``image -> expectation, loyalty`` a line, between constructs
    wave : the files of the waves, in their order; none where all answers stand in one file
    """

    title: str
    source: str = ""
    licence: str = ""
    population: str = ""
    unit: str = "customer"
    collected: str = ""
    design: Literal["cross-section", "panel", "experiment"] = "cross-section"
    weights: str = ""
    min_cell: int = 10
    invited: int | None = None  # known steps of the sample before the file
    reached: int | None = None
    file: Mapping[str, str] = field(default_factory=dict)  # how to read it, see `FILE_KEYS`
    margins: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    wave: tuple[Wave, ...] = ()
