"""Read SPSS and Stata files: codes without their labels, which are kept beside them."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyreadstat

from crmresearch.data.tables import Column, Table, as_text, encode, unreadable

_MOST_MISSING = 50  # codes that are listed for a declared range of missing values


def read_spss(path: Path, declared: Mapping[str, str]) -> Table:
    """A ``.sav`` or ``.zsav`` file; values that its author declared missing stay in the cells."""
    return _read(pyreadstat.read_sav, path, declared, "SPSS")


def read_stata(path: Path, declared: Mapping[str, str]) -> Table:
    """A ``.dta`` file; extended missing values stand in the cells as ``.a`` to ``.z``."""
    return _read(pyreadstat.read_dta, path, declared, "Stata")


def _read(reader: object, path: Path, declared: Mapping[str, str], kind: str) -> Table:
    try:
        frame, meta = reader(
            str(path),
            user_missing=True,
            apply_value_formats=False,
            encoding=declared.get("encoding") or None,
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError) as e:
        reason = str(e).replace(str(path), path.name)
        fix = "Save it again, or declare its encoding in about.toml: [file] encoding = …"
        return unreadable(path.name, f"it cannot be read as {kind}: {reason}", fix)
    names = [str(name) for name in frame.columns]
    extended = {name: set(meta.missing_user_values.get(name, ())) for name in names}
    columns = [_column(frame.iloc[:, i], extended[name]) for i, name in enumerate(names)]
    missing = {
        name: _missing(meta.missing_ranges.get(name, ()), extended[name], column)
        for name, column in zip(names, columns, strict=True)
    }
    return Table(
        where=path.name,
        names=names,
        columns=columns,
        rows=pd.RangeIndex(1, len(frame) + 1).to_numpy(),
        labels={name: text for name, text in meta.column_names_to_labels.items() if text},
        value_labels={
            name: {_code(code, extended[name]): str(text) for code, text in labels.items()}
            for name, labels in meta.variable_value_labels.items()
            if name in names
        },
        missing={name: codes for name, codes in missing.items() if codes},
        kind=kind,
    )


def _column(cells: pd.Series, extended: set[str]) -> Column:
    if not extended:
        return encode(cells)
    return encode(f".{cell}" if cell in extended else cell for cell in cells)


def _code(code: object, extended: set[str]) -> str:
    return f".{code}" if code in extended else as_text(code)


def _missing(ranges: object, extended: set[str], column: Column) -> tuple[str, ...]:
    """The codes that the file declares missing; of a range those that stand in the column."""
    codes = [f".{code}" for code in sorted(extended)]
    for part in ranges:
        low, high = part["lo"], part["hi"]
        if low == high or isinstance(low, str):
            codes.append(as_text(low))
            continue
        inside = []
        for text in column.texts:
            try:
                inside += [text] if low <= float(text) <= high else []
            except ValueError:
                continue
        codes += sorted(inside, key=float)[:_MOST_MISSING]
    return tuple(dict.fromkeys(codes))
