"""Covariates as columns of numbers."""

import numpy as np
import pandas as pd

from crmresearch.methods.indicators import indicators


def test_numbers_stay_and_categories_become_columns():
    frame = pd.DataFrame(
        {
            "age": [30, 40, np.nan],
            "region": pd.Categorical(["north", None, "south"], categories=["north", "south", "x"]),
        }
    )
    found = indicators(frame)
    assert list(found) == ["age", "region: south"]
    assert found["region: south"].tolist()[::2] == [0.0, 1.0]
    assert np.isnan(found.loc[1, "region: south"])


def test_nothing_to_hold():
    assert indicators(pd.DataFrame(index=range(3))).shape == (3, 0)
    assert indicators(pd.DataFrame({"one": ["a", "a"]})).shape == (2, 0)
