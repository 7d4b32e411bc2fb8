"""The reference material shipped with the package: R's numbers and the tables they rest on."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "reference"


@cache
def golden() -> dict[str, dict]:
    """The analyses that R made of the synthetic data, by name."""
    return json.loads((FOLDER / "golden" / "golden.json").read_text(encoding="utf-8"))


def golden_number(path: str) -> tuple[float, float]:
    """A number of ``golden.json`` and the absolute tolerance of its analysis.

    `path` is the analysis, then keys and positions: ``cronbach_alpha.feldt.0``.
    """
    analysis, *steps = path.split(".")
    value = golden()[analysis]["out"]
    for step in steps:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return float(value), float(golden()[analysis]["tol"])


def golden_table(name: str) -> pd.DataFrame:
    """A table of the synthetic data that R read, by the name of its file: ``survey``."""
    return _golden_table(name).copy()


@cache
def _golden_table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "golden" / "data" / f"{name}.csv")


def table(name: str) -> pd.DataFrame:
    """A published table of ``reference/tables/``."""
    return pd.read_csv(FOLDER / "tables" / f"{name}.csv", dtype={"pattern": str})


def answers_of(name: str, rows: int) -> pd.DataFrame:
    """Made-up answers with exactly the means, spreads and correlations of a published table.

    What depends on these moments alone comes out as from the answers that are not shipped: `rows`
    is how many those were, and the divisor of their spreads is one less.
    """
    given = table(name).set_index("item")
    lower = np.tril(given[list(given.index)].to_numpy(float))
    among = lower + lower.T - np.eye(len(lower))
    drawn = np.random.default_rng(0).normal(size=(rows, len(among)))
    apart = np.linalg.qr(drawn - drawn.mean(axis=0))[0] * np.sqrt(rows - 1)
    values = apart @ np.linalg.cholesky(among).T * given["sd"].to_numpy() + given["mean"].to_numpy()
    return pd.DataFrame(values, columns=list(given.index))


def description(numbers: int) -> dict:
    """The data sheet of the reference material, for `report.exhibits.show_data`."""
    return {
        "title": "Published numbers, and numbers that R computed from synthetic data",
        "period": "",
        "n": numbers,
        "unit": "reference number",
        "design": "",
        "min_cell": 1,
        "facts": {
            "Published": "Printed in the sources named beside each number",
            "Computed": golden()["_meta"]["R"] + ", from synthetic data shipped with the package",
            "Rule": "Ours rounds to the digits that were printed, or lies within the tolerance "
            "that the stopping rules of R's optimisers allow",
        },
        "flow": {"Reference numbers": numbers},
        "changes": [],
    }
