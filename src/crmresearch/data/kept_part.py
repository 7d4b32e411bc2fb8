"""A part of the respondents kept in a folder, so that reading it costs what the part costs.

Whoever has read and checked a whole survey keeps a part of it in typed columns, and `load` gives
exactly the survey that it would have taken from the whole. Only answers are kept, nothing that
could run, and only the owner can open the folder.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from crmresearch.data.codebook import About, Variable, Wave
from crmresearch.data.digests import part_digest
from crmresearch.data.part_text import written
from crmresearch.data.problems import quoted
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError, RequestError

FILES = ("part.json", "answers.arrow")
_TEXT = pd.StringDtype(na_value=np.nan)  # of the answers, see `Survey`


def keep(survey: Survey, mapping: Mapping[str, str], folder: Path) -> None:
    """Write the part `survey`, which `mapping` asks for, to the new `folder`."""
    folder.mkdir(mode=0o700)
    columns = {name: survey.answers[name] for name in survey.answers}
    described = {
        "only": dict(mapping),
        "kinds": {name: _kind(column) for name, column in columns.items()},
        "rows": len(survey.answers),
        "codebook": [asdict(item) for item in survey.codebook.values()],
        "about": asdict(survey.about),
        "changes": survey.changes,
        "flow": dict(survey.flow),
        "source": dict(survey.source),
        "part": dict(survey.part),
        "wave": dict(survey.wave),
        "whole_accounts": survey.whole_accounts,
    }
    table = pa.table({name: _stored(column) for name, column in columns.items()})
    with pa.ipc.new_file(folder / FILES[1], table.schema) as file:
        file.write_table(table)
    (folder / FILES[0]).write_text(json.dumps(described), encoding="utf-8")


def is_kept(folder: Path) -> bool:
    """Whether a part is kept in `folder`, which may be the name of a dataset or no path at all."""
    try:
        return all((folder / name).is_file() for name in FILES)
    except OSError:  # a name too long for the file system
        return False


def read_kept(folder: Path, mapping: Mapping[str, str]) -> Survey:
    """The part that is kept in `folder`.

    Raises
    ------
    RequestError
        Where that is not the part which `mapping` asks for.
    DataError
        Where the files are not as they were written.
    """
    try:
        described = json.loads((folder / FILES[0]).read_text(encoding="utf-8"))
        table = pa.ipc.open_file(pa.memory_map(str(folder / FILES[1]))).read_all()
        survey = _survey(described, table)
        whole = survey.source["sha256"] == part_digest(survey)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        whole = False
    if not whole:
        raise DataError(
            f"the part kept in {folder.name} is damaged. Name the dataset itself, or run "
            "`crmresearch build` again."
        )
    if described["only"] != dict(mapping):
        raise RequestError(
            f"{folder.name} keeps the part {quoted(written(described['only']), length=120)}, not "
            f"{quoted(written(mapping), length=120)}. Name the dataset itself."
        )
    return survey


def _kind(column: pd.Series) -> str | list[str]:
    """``number``, ``date`` or ``text``; of a category its labels."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.dtype.categories)
    return {"f": "number", "M": "date"}.get(column.dtype.kind, "text")


def _stored(column: pd.Series) -> pa.Array | pa.ChunkedArray:
    kind = _kind(column)
    if isinstance(kind, list):
        return pa.array(column.cat.codes.to_numpy().astype(np.int32))
    if kind == "date":
        return pa.array(column.to_numpy().astype("datetime64[us]").astype(np.int64))
    if kind == "number":
        return pa.array(column.to_numpy())
    return pa.array(column, type=pa.large_string())


def _survey(described: Mapping, table: pa.Table) -> Survey:
    answers = {name: _column(table.column(name), kind) for name, kind in described["kinds"].items()}
    about = described["about"]
    waves = tuple(Wave(**wave) for wave in about["wave"])
    return Survey(
        answers=pd.DataFrame(answers, index=pd.RangeIndex(described["rows"]), copy=False),
        codebook={item["variable"]: _variable(item) for item in described["codebook"]},
        about=replace(About(**about), paths=tuple(about["paths"]), wave=waves),
        changes=tuple(described["changes"]),
        flow=described["flow"],
        source=described["source"],
        part=described["part"],
        wave=described["wave"],
        whole_accounts=described["whole_accounts"],
    )


def _column(stored: pa.ChunkedArray, kind: str | list[str]) -> pd.Series:
    if kind == "text":
        return pd.Series(_TEXT.__from_arrow__(stored))
    values = stored.to_numpy().copy()  # what the file holds is read-only
    if isinstance(kind, list):
        return pd.Series(pd.Categorical.from_codes(values, kind, ordered=True))
    return pd.Series(values.view("datetime64[us]") if kind == "date" else values)


def _variable(item: Mapping) -> Variable:
    values = {code: tuple(labels) for code, labels in item["values"].items()}
    return Variable(
        **{
            **item,
            "roles": tuple(item["roles"]),
            "missing": tuple(item["missing"]),
            "values": values,
        }
    )
