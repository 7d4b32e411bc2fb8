"""The distribution of every rated answer, from which any headline figure is only one number."""

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.survey import Survey
from crmresearch.survey.quality import MEASURED

MOST_POINTS = 11


def answers(survey: Survey, *, min_cell: int = 10) -> pd.DataFrame:
    """Share of respondents who gave each answer, unweighted: a row a question.

    Questions of one scale stand together, ordered by their mean. Reversed items are shown as they
    are read, high meaning much of the construct. Left out: questions with fewer than `min_cell`
    answers or a scale of more than 11 points, and the 0 to 10 recommendation (see `recommend`).

    Returns
    -------
    Columns ``Question``, ``Scale``, ``n``, ``Mean`` and one column a scale point; a point that a
    question does not have is missing.
    """
    rows = []
    for item in survey.codebook.values():
        if item.type != "scale" or not set(item.roles).intersection(set(MEASURED) - {"recommend"}):
            continue
        values = survey.answers[item.variable].dropna().to_numpy(float)
        points = _points(item, values)
        if len(values) < max(min_cell, 1) or not len(points):
            continue
        name = item.name + (" (reversed)" if item.reverse else "")
        row = {"Question": name, "Scale": f"{points[0]:g} to {points[-1]:g}", "n": len(values)}
        row["Mean"] = float(values.mean())
        rows.append(row | {f"{point:g}": float((values == point).mean()) for point in points})
    frame = pd.DataFrame(rows, columns=_columns(rows))
    return frame.sort_values(["Scale", "Mean"], ascending=[True, False], ignore_index=True)


def recommend(survey: Survey, *, min_cell: int = 10) -> pd.DataFrame:
    """Share of respondents at each point of the 0 to 10 recommendation question, unweighted."""
    columns = ["Answer", "Kind", "Share", "n"]
    if "recommend" not in survey.roles:
        return pd.DataFrame(columns=columns)
    scores = survey.score("recommend").to_numpy()
    scores = scores[(scores >= 0) & (scores <= 10)]
    if len(scores) < max(min_cell, 1):
        return pd.DataFrame(columns=columns)
    kinds = ["Detractor"] * 7 + ["Passive"] * 2 + ["Promoter"] * 2
    counts = np.bincount(np.rint(scores).astype(int), minlength=11)
    return pd.DataFrame(
        {
            "Answer": [str(point) for point in range(11)],
            "Kind": kinds,
            "Share": counts / counts.sum(),
            "n": counts.sum(),
        }
    )


def points(frame: pd.DataFrame) -> list[str]:
    """The columns of `answers` that are scale points, from low to high."""
    return [column for column in frame.columns if column not in ("Question", "Scale", "n", "Mean")]


def _points(item: Variable, values: np.ndarray) -> np.ndarray:
    low = item.low if item.low is not None else np.min(values, initial=np.inf)
    high = item.high if item.high is not None else np.max(values, initial=-np.inf)
    if not (np.isfinite(low) and np.isfinite(high)) or high - low + 1 > MOST_POINTS:
        return np.array([])
    return np.arange(low, high + 1)


def _columns(rows: list[dict]) -> list[str]:
    found = {name for row in rows for name in row} - {"Question", "Scale", "n", "Mean"}
    return ["Question", "Scale", "n", "Mean", *sorted(found, key=float)]
