"""Covariates as columns of numbers."""

import pandas as pd


def indicators(covariates: pd.DataFrame) -> pd.DataFrame:
    """Numbers as they are, categories and text as one 0/1 column a level after the first.

    A row without an answer is NaN in every column of its category.
    """
    columns: dict[str, pd.Series] = {}
    for name, column in covariates.items():
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns[str(name)] = column.astype(float)
            continue
        category = column.astype("category").cat.remove_unused_categories()
        for level in category.cat.categories[1:]:
            same = (category == level).astype(float)
            columns[f"{name}: {level}"] = same.where(column.notna())
    return pd.DataFrame(columns, index=covariates.index)
