"""The distribution of every rated answer, from which any headline figure is only one number."""

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.survey import Survey
from crmresearch.survey.answering import MEASURED

MOST_POINTS = 11
TINY = np.finfo(float).tiny


def answers(survey: Survey, *, min_cell: int = 10, weighted: bool = True) -> pd.DataFrame:
    """Share of respondents who gave each answer: a row a question.

    Questions of one scale stand together, ordered by their mean. Reversed items are shown as they
    are read, high meaning much of the construct. Left out: questions with fewer than `min_cell`
    answers or a scale of more than 11 points, and the 0 to 10 recommendation (see `recommend`).

    Parameters
    ----------
    weighted : whether the weights of the data, if any, are used; `n` always counts answers

    Returns
    -------
    Columns ``Question``, ``Scale``, ``n``, ``Mean`` and one column a scale point; a point that a
    question does not have is missing.
    """
    rows = []
    weights = _weights(survey, weighted)
    for item in survey.codebook.values():
        if item.type != "scale" or not set(item.roles).intersection(set(MEASURED) - {"recommend"}):
            continue
        values = survey.answers[item.variable].to_numpy(float)
        known = np.isfinite(values) & (weights > 0)
        values, share = values[known], weights[known] / max(weights[known].sum(), TINY)
        points = _points(item, values)
        if len(values) < max(min_cell, 1) or not len(points):
            continue
        name = item.name + (" (reversed)" if item.reverse else "")
        row = {"Question": name, "Scale": f"{points[0]:g} to {points[-1]:g}", "n": len(values)}
        row["Mean"] = float(share @ values)
        rows.append(row | {f"{point:g}": float(share @ (values == point)) for point in points})
    frame = pd.DataFrame(rows, columns=_columns(rows))
    return frame.sort_values(["Scale", "Mean"], ascending=[True, False], ignore_index=True)


def recommend(survey: Survey, *, min_cell: int = 10, weighted: bool = True) -> pd.DataFrame:
    """Share of respondents at each point of the 0 to 10 recommendation question.

    With weights, unless `weighted` is False, promoters less detractors are the score of `metrics`.
    """
    columns = ["Answer", "Kind", "Share", "n", "Weighted"]
    if "recommend" not in survey.roles:
        return pd.DataFrame(columns=columns)
    scores, weights = survey.score("recommend").to_numpy(), _weights(survey, weighted)
    known = (scores >= 0) & (scores <= 10) & (weights > 0)
    if known.sum() < max(min_cell, 1):
        return pd.DataFrame(columns=columns)
    kinds = ["Detractor"] * 7 + ["Passive"] * 2 + ["Promoter"] * 2
    answers = np.rint(scores[known]).astype(int)
    counts = np.bincount(answers, weights=weights[known], minlength=11)
    return pd.DataFrame(
        {
            "Answer": [str(point) for point in range(11)],
            "Kind": kinds,
            "Share": counts / counts.sum(),
            "n": int(known.sum()),
            "Weighted": bool(np.ptp(weights) > 0),
        }
    )


def points(frame: pd.DataFrame) -> list[str]:
    """The columns of `answers` that are scale points, from low to high."""
    return [column for column in frame.columns if column not in ("Question", "Scale", "n", "Mean")]


def _weights(survey: Survey, weighted: bool) -> np.ndarray:
    found = survey.weights() if weighted and len(survey.answers) else None
    return np.ones(len(survey.answers)) if found is None else found


def _points(item: Variable, values: np.ndarray) -> np.ndarray:
    low = item.low if item.low is not None else np.min(values, initial=np.inf)
    high = item.high if item.high is not None else np.max(values, initial=-np.inf)
    if not (np.isfinite(low) and np.isfinite(high)) or high - low + 1 > MOST_POINTS:
        return np.array([])
    return np.arange(low, high + 1)


def _columns(rows: list[dict]) -> list[str]:
    found = {name for row in rows for name in row} - {"Question", "Scale", "n", "Mean"}
    return ["Question", "Scale", "n", "Mean", *sorted(found, key=float)]
