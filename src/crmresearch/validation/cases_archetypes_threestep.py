"""What the archetypes study's cases ask of its three-step estimators."""

from functools import cache

import numpy as np
import pandas as pd

from crmresearch.archetypes import latent
from crmresearch.archetypes.classification import Classification, Linear, classify
from crmresearch.archetypes.distal import likelihood_means
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.membership import Crossed, fit
from crmresearch.archetypes.one_step import one_step
from crmresearch.archetypes.outcomes import corrected_means
from crmresearch.archetypes.types import find_types
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.validation.references import golden_table, table

STARTS = 20
SEED = 20260101


def slopes(data: str, k: int, method: str) -> dict[str, float]:
    """Log odds of each class against the largest for one more of the covariate, and the error."""
    answers, covariate, _ = _read(data)
    classified = _classified(data, k)
    model = fit(crossed(covariate, classified), classified, method=method)
    return _numbers("slope", model.slopes([1]))


def at_once(data: str, k: int) -> dict[str, float]:
    """The one-step model: its log-likelihood, and the log odds for one more of the covariate."""
    covariate, classified = _read(data)[1], _classified(data, k)
    predictors = crossed(covariate, classified)
    model, design = classified.types.model, classified.design
    found = one_step(model, predictors.matrix, predictors.row, design)
    odds = _numbers("slope", found.slopes)
    wide = k - 1
    slopes = {f"slope_{at}": odds[f"slope_{wide + at}"] for at in range(1, k)}
    errors = {f"error_{at}": odds[f"error_{wide + at}"] for at in range(1, k)}
    return {"log_likelihood": found.loglik, **slopes, **errors}


def means(data: str, k: int, method: str) -> dict[str, float]:
    """Mean of the outcome in each class, the largest first, with its error."""
    outcome, classified = _read(data)[2], _classified(data, k)
    estimator = {"bch": corrected_means, "ml": likelihood_means}[method]
    return _numbers("mean", estimator(outcome, classified))


def crossed(covariate: np.ndarray, classified: Classification) -> Crossed:
    """A covariate (n,) as predictor of the type, rows with NaN left out."""
    used = np.isfinite(covariate)
    value, code = np.unique(covariate[used], return_inverse=True)
    row = np.full(len(covariate), -1)
    row[used] = code
    wide = len(classified.table)
    cells = np.bincount(code * wide + classified.assigned[used], minlength=len(value) * wide)
    matrix = np.column_stack([np.ones(len(value)), value])
    return Crossed(matrix, cells.reshape(-1, wide).astype(float), row)


def _numbers(name: str, found: Linear) -> dict[str, float]:
    errors = np.sqrt(np.diag(found.covariance()[0]))
    pairs = enumerate(zip(found.value, errors, strict=True), start=1)
    return {
        key: float(number)
        for at, (value, error) in pairs
        for key, number in ((f"{name}_{at}", value), (f"error_{at}", error))
    }


@cache
def _classified(data: str, k: int) -> Classification:
    answers = _read(data)[0]
    book = {
        name: Variable(variable=name, label=name, type="category", roles=("indicator",))
        for name in answers
    }
    indicators = read_indicators(Survey(answers=answers, codebook=book, about=About(title=data)))
    rng = np.random.default_rng(SEED)
    return classify(
        find_types(indicators, latent.fit(indicators.patterns, k, starts=STARTS, rng=rng))
    )


@cache
def _read(data: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Answers, a covariate and an outcome, of R's data (made 0 and 1) or a published table."""
    if data.startswith("golden_lca"):
        frame = golden_table("lca")
        answers = frame[[f"y{item}" for item in range(1, 9)]].astype(float)
        if data == "golden_lca":
            answers = (answers >= 2).astype(float)
        return answers, frame["x"].to_numpy(float), frame["distal"].to_numpy(float)
    counts = table(data)
    rows = counts.loc[counts.index.repeat(counts["count"])].reset_index(drop=True)
    digits = [[float(answer) - 1 for answer in pattern] for pattern in rows["pattern"]]
    answers = pd.DataFrame(digits).add_prefix("y")
    return answers, rows["gpa"].to_numpy(float), np.full(len(rows), np.nan)
