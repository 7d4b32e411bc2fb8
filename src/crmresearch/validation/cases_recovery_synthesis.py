"""What the cases of random-effects synthesis ask of its estimators."""

import numpy as np
import pandas as pd

from crmresearch.methods import meta
from crmresearch.validation.references import golden_table, table


def synthesis(
    data: str, method: str = "REML", knapp_hartung: bool = False, level: float = 0.95
) -> dict[str, float]:
    """The pooled effect, its interval, and how much the studies vary."""
    effects, variances = _studies(data)
    pooled = meta.pool(effects, variances, method=method, knapp_hartung=knapp_hartung)
    low, high = pooled.interval(level)
    ahead, normal = pooled.prediction(level), pooled.prediction(level, df=np.inf)
    as_metafor = pooled.prediction(level, df=pooled.k - 1)
    between = meta.between_interval(effects, variances, level=level)
    inside = [100 * meta.inconsistency(end, variances) for end in between]
    return {
        "mean": pooled.mean,
        "error": pooled.error,
        "low": low,
        "high": high,
        "p": pooled.p,
        "tau2": pooled.tau2,
        "I2": 100 * pooled.i2,
        "Q": pooled.q,
        "p_of_Q": pooled.q_p,
        "tau2_low": between[0],
        "tau2_high": between[1],
        "I2_low": inside[0],
        "I2_high": inside[1],
        "predicted_low": ahead[0],
        "predicted_high": ahead[1],
        "predicted_low_k1": as_metafor[0],
        "predicted_high_k1": as_metafor[1],
        "predicted_low_normal": normal[0],
        "predicted_high_normal": normal[1],
    }


def leave_one_out(data: str) -> dict[str, float]:
    """The synthesis without each study, numbered from one."""
    found = {}
    for number, left in enumerate(meta.leave_one_out(*_studies(data)), start=1):
        found[f"mean_{number}"] = left.mean
        found[f"low_{number}"] = left.interval()[0]
        found[f"tau2_{number}"] = left.tau2
    return found


def meta_regression(data: str, moderator: str, knapp_hartung: bool) -> dict[str, float]:
    moderators = _table(data)[moderator]
    found = meta.pool(*_studies(data), moderators=moderators, knapp_hartung=knapp_hartung)
    errors = np.sqrt(np.diag(found.covariance))
    return {
        "intercept": float(found.coefficients[0]),
        "slope": float(found.coefficients[1]),
        "intercept_error": float(errors[0]),
        "slope_error": float(errors[1]),
        "tau2": found.tau2,
        "Q": found.q,
    }


def agreeing(effects: list[float], variances: list[float]) -> dict[str, float]:
    """Three studies that agree more closely than chance, where the factor is held at 1."""
    free = meta.pool(effects, variances, least_factor=0)
    held = meta.pool(effects, variances)
    return {
        "mean": held.mean,
        "error": free.error,
        "held_error": held.error,
        "held_low": held.interval()[0],
        "held_high": held.interval()[1],
    }


def _table(data: str) -> pd.DataFrame:
    return table("bcg") if data == "bcg" else golden_table(data)


def _studies(data: str) -> tuple[np.ndarray, np.ndarray]:
    """Effects and variances; of the vaccine's trials log risk ratios."""
    studies = _table(data)
    if "yi" in studies:
        return studies["yi"].to_numpy(), studies["vi"].to_numpy()
    treated, control = studies["tpos"] + studies["tneg"], studies["cpos"] + studies["cneg"]
    effects = np.log(studies["tpos"] / treated) - np.log(studies["cpos"] / control)
    variances = 1 / studies["tpos"] - 1 / treated + 1 / studies["cpos"] - 1 / control
    return effects.to_numpy(), variances.to_numpy()
