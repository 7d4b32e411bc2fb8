"""Answers as positions among the categories of their indicator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmresearch.errors import DataError

if TYPE_CHECKING:
    from crmresearch.archetypes.patterns import Patterns

MOST_CATEGORIES = 30  # more distinct answers than this are a quantity, not categories


def coded(frame: pd.DataFrame, kinds: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray]]:
    """(n, J) position of each answer among the distinct ones, -1 for none, and those."""
    wide = "continuous" in kinds
    codes = np.full(frame.shape, -1, dtype=np.int32 if wide else np.int16)
    categories, problems = [], []
    for position, (name, kind) in enumerate(zip(frame.columns, kinds, strict=True)):
        code, values, problem = _coded_column(frame.iloc[:, position], kind, len(frame))
        categories.append(values)
        if problem:
            problems.append(f"indicator {str(name)!r} {problem}")
        else:
            codes[:, position] = code
    if not len(frame.columns):
        problems.append("no indicator was given")
    if problems:
        raise DataError("; ".join(problems) + ".")
    return codes, categories


def coded_like(
    frame: pd.DataFrame, names: Sequence[str], like: Patterns
) -> tuple[np.ndarray, list[np.ndarray]]:
    """As `coded`, with the categories of `like`."""
    if tuple(names) != like.names:
        raise ValueError(f"the indicators are {names}, not {like.names}")
    codes, categories, unknown = np.full(frame.shape, -1, dtype=np.int32), [], []
    for j, (name, kind, known) in enumerate(zip(names, like.kinds, like.categories, strict=True)):
        code, values = pd.factorize(frame.iloc[:, j], sort=True)
        values = np.asarray(values)
        if kind != "continuous":
            place = pd.Index(known).get_indexer(values)
            unknown += [f"{name!r} has {value!s}" for value in values[place < 0]]
            code, values = np.where(code >= 0, np.append(place, -1)[code], -1), known
        codes[:, j] = code
        categories.append(values)
    if unknown:
        raise DataError(f"answers that are not among the categories: {'; '.join(unknown)}.")
    return codes, categories


def _coded_column(column: pd.Series, kind: str, rows: int) -> tuple[np.ndarray, np.ndarray, str]:
    if kind == "continuous":
        if not pd.api.types.is_numeric_dtype(column.dtype):
            return np.array([]), np.array([]), "is continuous, but its answers are not numbers"
        column = pd.Series(column.to_numpy(float, na_value=np.nan))
    if isinstance(column.dtype, pd.CategoricalDtype):
        code, values = column.cat.codes.to_numpy(), column.cat.categories.to_numpy()
        present = np.unique(code[code >= 0])
        code = np.where(code >= 0, np.searchsorted(present, code), -1)
        values = values[present]
    else:
        code, values = pd.factorize(column, sort=True)
        values = np.asarray(values)
    return code, values, _problem(values, kind, rows)


def _problem(values: np.ndarray, kind: str, rows: int) -> str:
    if not len(values):
        return f"has no answer in {rows} rows: leave it out"
    if kind == "continuous":
        if np.abs(values).max() > 1e150:
            return "has an answer beyond 1e150: correct it, or make it missing"
        if len(values) == 1:
            return f"is continuous, but every answer is {values[0]:g}: leave it out"
    elif len(values) > MOST_CATEGORIES:
        return (
            f"has {len(values)} different answers; a latent class model takes categories, at most "
            f"{MOST_CATEGORIES}: group them"
        )
    return ""
