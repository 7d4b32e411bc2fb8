"""What the survey study's cases ask of its drivers."""

import numpy as np
import pandas as pd

from crmresearch.methods import asymmetry, driver_checks, drivers, importance, regression, weighting
from crmresearch.methods.drivers import Fit
from crmresearch.methods.importance import Division
from crmresearch.validation.references import golden_table, table


def relative_weights(data: str, outcome: str, predictors: list[str]) -> dict[str, float]:
    """Raw relative weights, their percentages, and R²."""
    return _parts(importance.relative_weights(_fit(data, outcome, predictors)))


def lmg(data: str, outcome: str, predictors: list[str]) -> dict[str, float]:
    """LMG parts, their percentages, and R²."""
    found = _fit(data, outcome, predictors)
    return _parts(importance.lmg(found, rng=np.random.default_rng(0)))


def overlap(data: str, outcome: str, predictors: list[str]) -> dict[str, float]:
    """Variance inflation, standardised coefficients and correlations with the level held."""
    found = _fit(data, outcome, predictors)
    each = (
        ("vif", driver_checks.inflation(found.matrix)),
        ("beta", driver_checks.slopes(found.matrix)),
        ("held", driver_checks.held(found.matrix)),
    )
    values = {
        f"{kind}_{name}": float(value)
        for kind, row in each
        for name, value in zip(predictors, row, strict=True)
    }
    return values | {"component": float(driver_checks.first_component(found.matrix))}


def leave_one_out(data: str, outcome: str, predictors: list[str]) -> dict[str, float]:
    """R² of answers held out one by one."""
    found = _fit(data, outcome, predictors)
    value, _ = driver_checks.held_out(found.parts, np.arange(found.n))
    return {"r2": value}


def penalty_reward(weighted: bool) -> dict[str, float]:
    """Penalties, rewards and their errors, for recommendation by two ratings from 1 to 5."""
    data = golden_table("survey")
    design = weighting.Design(len(data))
    if weighted:
        design = weighting.design(len(data), data["w"], data["stratum"], data["psu"])
    ratings = data[["sa1", "tr1"]]
    _, fit, _ = asymmetry.regressions(
        ratings,
        data["nps"].to_numpy(float),
        dict.fromkeys(ratings, (1.0, 5.0)),
        design=design,
        rng=np.random.default_rng(0),
    )
    # low ratings of both come first, then high ones
    names = ("constant", "low_sa1", "low_tr1", "high_sa1", "high_tr1")
    errors = np.sqrt(np.diag(fit.covariance))
    values = dict(zip(names, fit.values, strict=True))
    return values | {f"{name}_error": e for name, e in zip(names, errors, strict=True)}


def penalty_reward_plain() -> dict[str, float]:
    """Errors of the same regression as if all variances were equal."""
    data = golden_table("survey")
    cut = {}
    for column in ("sa1", "tr1"):
        low, high = asymmetry.thirds(1, 5)
        cut[f"low_{column}"] = (data[column] < low).astype(float)
        cut[f"high_{column}"] = (data[column] > high).astype(float)
    fit = regression.ordinary_least_squares(data["nps"], pd.DataFrame(cut), errors="classical")
    return dict(zip(fit.terms, np.sqrt(np.diag(fit.covariance)), strict=True))


def _fit(data: str, outcome: str, predictors: list[str]) -> Fit:
    frame = golden_table("survey") if data == "golden" else table(data)
    return drivers.fit(
        frame[predictors], frame[outcome].to_numpy(), rng=np.random.default_rng(0), resamples=2
    )


def _parts(found: Division) -> dict[str, float]:
    raw = dict(zip(found.fit.names, found.raw, strict=True))
    share = {f"{name}_percent": 100 * part / found.r2 for name, part in raw.items()}
    return {"r2": found.r2, **raw, **share}
