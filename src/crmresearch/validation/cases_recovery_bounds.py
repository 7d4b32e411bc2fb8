"""What the recovery study's cases about bounds ask of its estimators."""

import numpy as np
import pandas as pd

from crmresearch.methods import omitted, pairs, selection
from crmresearch.methods.columns import predictor_columns
from crmresearch.methods.power import detectable_g
from crmresearch.methods.regression import ordinary_least_squares
from crmresearch.methods.sensitivity import Scale, e_values
from crmresearch.report.estimates import Estimate
from crmresearch.validation.references import golden_table


def e_value(value: float, low: float, high: float, scale: Scale, common: bool) -> dict[str, float]:
    effect = Estimate(
        key="effect",
        name="effect",
        value=value,
        low=low,
        high=high,
        unit="SD" if scale == "SD" else "ratio",
        n=1,
        method="given",
    )
    found, limit = e_values(effect, scale=scale, common=common)
    return {"value": found.value, "limit": limit.value}


def e_value_of_d(value: float, error: float) -> dict[str, float]:
    """The interval of a standardised difference as VanderWeele and Ding take it, ± 1.78 errors."""
    reach = 1.78 / 0.91 * error
    return e_value(value, value - reach, value + reach, "SD", True)


def omitted_from_t(t: float, df: float) -> dict[str, float]:
    """Robustness values from a printed t statistic."""
    r2 = omitted.partial_r2(t, df)
    critical = omitted.critical_f(df)
    return {
        "partial_R2": r2,
        "robustness": omitted.robustness_value(r2),
        "half": omitted.robustness_value(r2, q=0.5),
        "significance": omitted.robustness_value(r2, critical=critical),
        "half_significance": omitted.robustness_value(r2, q=0.5, critical=critical),
    }


def omitted_benchmark(
    value: float, error: float, df: float, group: float, outcome: float, times: float
) -> dict[str, float]:
    """A printed coefficient, had something as strong as a covariate been held too."""
    bound = omitted.as_strong_as(omitted.Strength(group, outcome), times)
    moved, left = omitted.adjusted_for(value, error, df, bound)
    return {"group": bound.group, "outcome": bound.outcome, "value": moved, "error": left}


def omitted_from_data(weighted: bool) -> dict[str, float]:
    """Bounds of the recovered's loyalty, prior, severity and tenure held."""
    data = golden_table("recovery")
    covariates = data[["prior", "severity", "tenure"]]
    weights = 0.5 + data["justice"].to_numpy() / 5 if weighted else None
    columns = predictor_columns(covariates).to_numpy()[:, 1:]
    between = omitted.residuals(
        np.column_stack([data["recovered"], data["loyalty"], columns]), weights
    )
    predictors = pd.DataFrame({"recovered": data["recovered"]}).join(covariates)
    fit = ordinary_least_squares(data["loyalty"], predictors, weights=weights)
    r2, df = between.partial(1, [0], [2, 3, 4]), fit.df
    value = float(fit.coefficients[1])
    error = abs(value) / (r2 / (1 - r2) * df) ** 0.5
    held, held_error = omitted.adjusted_for(value, error, df, omitted.Strength(0.1, 0.2))
    return {
        "partial_R2": r2,
        "prior_group": between.partial(0, [2], [3, 4]),
        "prior_outcome": between.partial(1, [2], [0, 3, 4]),
        "held": held,
        "held_error": held_error,
        "robustness": omitted.robustness_value(r2),
        "significance": omitted.robustness_value(r2, critical=omitted.critical_f(df)),
    }


def lead(gamma: float) -> dict[str, float]:
    """Bound on the one-sided p of the lead in 33 children's blood, exposed less control."""
    exposed = (
        "38 23 41 18 37 36 23 62 31 34 24 14 21 17 16 20 15 10 45 39 22 35 49 48 44 35 43 39 34"
    )
    control = "16 18 18 24 19 11 10 15 16 18 18 13 19 10 16 16 24 13 9 14 21 19 7 18 19 12 11 22 25"
    one, two = (
        np.array([*map(float, text.split()), *rest])
        for text, rest in ((exposed, (13, 73, 25, 27)), (control, (16, 13, 11, 13)))
    )
    return {"p": pairs.upper_p(pairs.signed_rank(one - two), gamma)}


def signed_ranks() -> dict[str, float]:
    data = golden_table("recovery").sort_values("prior", kind="stable")
    recovered, loyalty = data["recovered"].to_numpy(), data["loyalty"].to_numpy()
    first = np.flatnonzero((recovered[:-1] == 1) & (recovered[1:] == 0))
    found = pairs.signed_rank(loyalty[first] - loyalty[first + 1])
    return {
        "p": pairs.upper_p(found, 1.0),
        "p_at_one_and_a_half": pairs.upper_p(found, 1.5),
        "gamma": pairs.sensitivity_value(found),
    }


def intensity(chosen: float) -> dict[str, float]:
    return {"lambda": selection.intensity(chosen)}


def detectable(first: int, second: int, design_effect: float) -> dict[str, float]:
    found = detectable_g(first, second, key="g", name="g", design_effect=design_effect)
    return {"difference": found.value}
