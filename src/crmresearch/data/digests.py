"""A digest of answers with what describes them: equal for equal data, on any machine."""

import hashlib
import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmresearch.data.survey import Survey


def part_digest(survey: Survey) -> str:
    """SHA-256 of all that a survey holds and a report shows, and of nothing else.

    The order of columns, of rows and of labels counts, as it does in a report.
    """
    found = hashlib.sha256()
    columns = {name: column.array for name, column in survey.answers.items()}
    described = {
        "part": dict(survey.part),
        "file": survey.source.get("file", ""),
        "flow": dict(survey.flow),
        "changes": survey.changes,
        "wave": dict(survey.wave),
        "whole_accounts": survey.whole_accounts,
        "about": survey.about,
        "codebook": list(survey.codebook.values()),
        "columns": [(name, _kind(column.dtype)) for name, column in columns.items()],
        "rows": len(survey.answers),
    }
    found.update(json.dumps(described, default=_fields).encode())
    for column in columns.values():
        for data in _bytes(column):
            found.update(data)
    return found.hexdigest()


def _fields(item: object) -> dict[str, object]:
    return {field: getattr(item, field) for field in item.__dataclass_fields__}


def _kind(dtype: np.dtype | pd.api.extensions.ExtensionDtype) -> str | list[str]:
    return list(dtype.categories) if isinstance(dtype, pd.CategoricalDtype) else str(dtype)


def _bytes(column: pd.api.extensions.ExtensionArray) -> Iterator[memoryview | np.ndarray]:
    """The column's cells as bytes; every kind of "no answer" is the same ones."""
    if isinstance(column, pd.Categorical):
        yield column.codes.astype("<i4")
    elif column.dtype.kind == "f":
        values = column.to_numpy() + 0.0  # no negative zero
        yield np.where(np.isnan(values), np.nan, values).astype("<f8")
    elif column.dtype.kind == "M":
        yield column.to_numpy().astype("datetime64[us]").astype("<i8")
    else:
        texts = pa.chunked_array([pa.array(column, type=pa.large_string())])
        yield pc.fill_null(pc.binary_length(texts), -1).to_numpy().astype("<i8")
        filled = pc.fill_null(texts, "").combine_chunks()
        ends = np.frombuffer(filled.buffers()[1], dtype=np.int64)[filled.offset :]
        yield memoryview(filled.buffers()[2] or b"")[ends[0] : ends[len(filled)]]
