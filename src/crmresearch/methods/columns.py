"""The columns of a regression: categories as indicators, and which columns add nothing."""

import numpy as np
import pandas as pd

ALIASED = 1e-9  # share of a column's length that must be new for it to be kept
INTERCEPT = "(intercept)"


def predictor_columns(predictors: pd.DataFrame) -> pd.DataFrame:
    """The float columns that enter a regression, intercept first.

    Numbers enter as they are, categories and text as one indicator a level after the first, named
    ``column: level``; a category of one level is a constant. Values are NaN wherever the
    predictor is missing.
    """
    columns: dict[str, np.ndarray] = {INTERCEPT: np.ones(len(predictors))}
    for name, column in predictors.items():
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns[str(name)] = column.to_numpy(dtype=float, na_value=np.nan)
            continue
        category = column.astype("category").cat.remove_unused_categories()
        codes, levels = category.cat.codes.to_numpy(), category.cat.categories
        for place, level in enumerate(levels[1:], 1):
            columns[f"{name}: {level}"] = np.where(codes < 0, np.nan, codes == place)
        if len(levels) < 2:
            columns[str(name)] = np.where(codes < 0, np.nan, 1.0)
    return pd.DataFrame(columns, index=predictors.index)


def orthonormal(matrix: np.ndarray) -> tuple[list[int], np.ndarray]:
    """The columns of `matrix` (n, k) that are no combination of those before them, and a basis.

    Returns
    -------
    Their positions, and (n, kept) orthonormal columns of which the first j span the first j of
    them (Gram-Schmidt, twice, as one pass leaves rounding behind).
    """
    n, size = matrix.shape
    basis = np.empty((n, size), order="F")
    kept: list[int] = []
    for position in range(size if n else 0):
        column = matrix[:, position].astype(float)
        length = np.sqrt(column @ column)
        column /= length if length > 0 else 1.0
        so_far = basis[:, : len(kept)]
        for _ in range(2):
            column -= so_far @ (so_far.T @ column)
        length = np.sqrt(column @ column)
        if length > ALIASED:
            basis[:, len(kept)] = column / length
            kept.append(position)
    return kept, basis[:, : len(kept)]
