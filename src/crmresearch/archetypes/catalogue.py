"""The catalogue of relationship types: definitions, sources and their places on the dimensions."""

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from crmresearch.data.locate import named_path
from crmresearch.data.problems import Problem, listed, meant, quoted, refuse
from crmresearch.data.side_tables import column_faults, read_side_table
from crmresearch.data.tables import Table
from crmresearch.report.estimates import NAN

DIMENSIONS = (
    "valence", "closeness", "power", "formality", "intensity", "duration", "reciprocity",
)  # fmt: skip
SHARED = 3  # dimensions that two types must both have for a distance to be told
TEXTS = {"id": 40, "label": 60, "definition": 300, "status": 40, "source_key": 200}  # characters
REQUIRED = ("id", "label", "definition")
MOST = 200  # types
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catalogue:
    """T relationship types with their places on the seven `DIMENSIONS`.

    Parameters
    ----------
    name : what to call it in a report
    ids, labels, definitions, status : T texts each
    sources : T tuples of references
    place : (T, 7) from -1 to 1 (see `poles`), NaN where the definition does not say
    """

    name: str
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    definitions: tuple[str, ...]
    status: tuple[str, ...]
    sources: tuple[tuple[str, ...], ...]
    place: np.ndarray

    def rows_of(self, labels: Sequence[object]) -> np.ndarray:
        """Row of each label (or id), whatever its case; -1 where the catalogue lacks it."""
        known = {text.casefold(): row for row, text in enumerate(self.ids)}
        known |= {text.casefold(): row for row, text in enumerate(self.labels)}
        return np.array([known.get(str(label).strip().casefold(), -1) for label in labels], int)

    def distances(self, places: np.ndarray) -> np.ndarray:
        """(P, T) distance of each of (P, 7) places to each type; see `distances`."""
        return distances(places, self.place)

    def of(self, dimension: str) -> np.ndarray:
        """(T,) places on one dimension."""
        return self.place[:, DIMENSIONS.index(dimension)]


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Root mean square difference over the dimensions that both have.

    Parameters
    ----------
    first, second : (P, D) and (T, D), NaN where a dimension is not known

    Returns
    -------
    (P, T) from 0, the same place, to 2, opposite ends throughout; infinite where fewer than
    `SHARED` dimensions are known of both, so that little said is not taken for much agreed.
    """
    apart = first[:, None, :] - second[None, :, :]
    both = np.isfinite(apart)
    number = both.sum(axis=2)
    square = np.where(both, apart, 0.0) ** 2
    return np.where(number >= SHARED, np.sqrt(square.sum(axis=2) / np.maximum(number, 1)), np.inf)


@cache
def _about() -> Mapping:
    return tomllib.loads((_HERE / "catalogue.toml").read_text(encoding="utf-8"))


def poles(dimension: str) -> tuple[str, str]:
    """What -1 and 1 stand for: ``("distant", "close")``."""
    low, high = _about()["dimensions"][dimension]
    return low, high


def read_catalogue(catalogue: str = "") -> Catalogue:
    """The project's own catalogue, or the one in the CSV file that `catalogue` names.

    The columns are ``id``, ``label`` and ``definition``, and those of the `DIMENSIONS` that the
    catalogue places its types on, at least three; ``status`` and ``source_key`` may be added.

    Raises
    ------
    DataError
        With every problem of the file at once.
    RequestError
        Where there is no such file.
    """
    path = named_path(catalogue, "catalogue of types") if catalogue else _HERE / "catalogue.csv"
    table = read_side_table(
        path, fix=f"Give a CSV file of at most {MOST} types with the columns {listed(REQUIRED)}."
    )
    refuse(table.problems)
    refuse(_columns(table))
    names = [name.strip().casefold() for name in table.names]
    cells = [[cell.strip() for cell in column.as_list()] for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
    numbered = [
        (int(number), row)
        for number, row in zip(table.rows, rows, strict=True)
        if any(row.values())
    ]
    refuse([*_faults(path.name, numbered), *_together(path.name, numbered)])
    return _made([row for _, row in numbered], own=bool(catalogue), where=path.name)


def as_frame(catalogue: Catalogue) -> pd.DataFrame:
    """The catalogue as a table for readers."""
    return pd.DataFrame(
        {
            "Type": catalogue.labels,
            "Definition": catalogue.definitions,
            "Status": [text.replace("_", " ") for text in catalogue.status],
            **{
                name.capitalize(): catalogue.of(name)
                for name in DIMENSIONS
                if np.isfinite(catalogue.of(name)).any()
            },
            "Source": ["; ".join(source) for source in catalogue.sources],
        }
    )


def _made(rows: list[dict[str, str]], *, own: bool, where: str) -> Catalogue:
    references = {} if own else _about()["sources"]
    keys = [_listed(row.get("source_key", "")) for row in rows]
    return Catalogue(
        name=f"the catalogue {where}" if own else _about()["name"],
        ids=tuple(row["id"] for row in rows),
        labels=tuple(row["label"] for row in rows),
        definitions=tuple(row["definition"] for row in rows),
        status=tuple(row.get("status") or "working" for row in rows),
        sources=tuple(tuple(references.get(key, key) for key in some) for some in keys),
        place=np.array(
            [[_place(row.get(name, "")) if row.get(name) else NAN for name in DIMENSIONS]
             for row in rows]
        ),
    )  # fmt: skip


def _columns(table: Table) -> Iterator[Problem]:
    names = [name.strip().casefold() for name in table.names]
    yield from column_faults(table, (*TEXTS, *DIMENSIONS), repeated="Keep one.")
    for name in REQUIRED:
        if name not in names:
            fix = "Add it: every type has one."
            yield Problem(where=table.where, found=f"found no column {quoted(name)}", fix=fix)
    placed = [name for name in DIMENSIONS if name in names]
    if len(placed) < SHARED:
        yield Problem(
            where=table.where,
            found=f"found {len(placed)} of the dimensions {listed(DIMENSIONS)}",
            rule=f"a distance needs {SHARED} at least",
            fix="Add columns with numbers from -1 to 1.",
        )


def _faults(where: str, numbered: list[tuple[int, dict[str, str]]]) -> Iterator[Problem]:
    """Everything wrong with a single cell."""
    for number, row in numbered:
        for name, cell in row.items():
            for found, rule, fix in _wrong(name, cell):
                place = f"{where}, row {number}"
                yield Problem(where=place, column=name, found=found, rule=rule, fix=fix)


def _wrong(name: str, cell: str) -> Iterator[tuple[str, str, str]]:
    """What was found, the rule and the fix."""
    if not cell:
        if name in REQUIRED:
            yield "found nothing", f"every type has its {name}", "Fill it in."
    elif name in DIMENSIONS:
        if _place(cell) is None:
            rule = "a place is a number from -1 to 1 with a decimal point"
            yield f"found {quoted(cell)}", rule, "Leave the cell empty where it is not known."
    elif not cell.isprintable():
        yield f"found {quoted(cell)}", "a text is one line of letters and signs", "Retype it."
    elif len(cell) > TEXTS[name]:
        rule = f"at most {TEXTS[name]} characters are shown"
        yield f"found {len(cell)} characters", rule, "Shorten it."
    elif name == "status" and cell not in _about()["status"]:
        rule = f"it is one of {listed(_about()['status'])}"
        yield f"found {quoted(cell)}", rule, f"Correct it.{meant(cell, _about()['status'])}"


def _together(where: str, numbered: list[tuple[int, dict[str, str]]]) -> Iterator[Problem]:
    """What is wrong with the rows as a whole."""
    if not 2 <= len(numbered) <= MOST:
        found = f"found {len(numbered):,} rows below the header"
        rule = f"a catalogue has 2 to {MOST} types"
        yield Problem(where=where, found=found, rule=rule, fix="Write one row for each type.")
    for name in ("id", "label"):
        cells = [row[name].casefold() for _, row in numbered if row[name]]
        for cell in dict.fromkeys(cell for cell in cells if cells.count(cell) > 1):
            rule, fix = "types are told apart by it", "Rename or merge them."
            found = f"found {cells.count(cell)} rows with {quoted(cell)}"
            yield Problem(where=where, column=name, found=found, rule=rule, fix=fix)


def _place(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= 1 else None


def _listed(cell: str) -> list[str]:
    return [key.strip() for key in cell.split(";") if key.strip()]
