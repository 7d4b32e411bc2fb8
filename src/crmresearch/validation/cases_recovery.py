"""What the recovery study's cases ask of its estimators."""

import numpy as np
import pandas as pd

from crmresearch.methods import effects, groups, regression
from crmresearch.methods import power as chances
from crmresearch.recovery import rebound
from crmresearch.report.estimates import Estimate
from crmresearch.validation.references import golden_table


def welch_anova() -> dict[str, float]:
    data = golden_table("survey")
    found = groups.welch_anova(data["loyalty"], data["segment"], key="welch", name="welch")
    return {"F": found.value, "p": found.p}


def games_howell() -> dict[str, float]:
    """Every pair, the later segment less the earlier one."""
    data = golden_table("survey")
    pairs = groups.games_howell(data["loyalty"], data["segment"], key="pairs")
    return {
        f"{label}_{part}": value
        for label, pair in zip(("plus_basic", "premium_basic", "premium_plus"), pairs, strict=True)
        for part, value in (_with_ends(pair) | {"p": pair.p}).items()
    }


def hedges_g() -> dict[str, float]:
    premium, basic = _premium_and_basic()
    return _with_ends(effects.hedges_g(premium, basic, key="g", name="g"))


def equivalence() -> dict[str, float]:
    """Welch's and Student's two one-sided tests against 3 points, with the 90% interval."""
    sides = _premium_and_basic()
    found, lower, upper = effects.tost(*sides, bound=3.0, key="gap", name="gap")
    _, pooled_lower, pooled_upper = effects.tost(
        *sides, bound=3.0, pooled=True, key="gap", name="gap"
    )
    return {
        "p_lower": lower.p,
        "p_upper": upper.p,
        "low": found.low,
        "high": found.high,
        "pooled_p_lower": pooled_lower.p,
        "pooled_p_upper": pooled_upper.p,
    }


def equivalence_from_summary(
    means: list[float], sds: list[float], sizes: list[int], bound_sd: float
) -> dict[str, float]:
    """Equivalence from published means, SDs and sizes; the bound in SDs, their root mean square."""
    one, two = (
        groups.Sample(n, mean, sd**2) for n, mean, sd in zip(sizes, means, sds, strict=True)
    )
    bound = bound_sd * ((one.variance + two.variance) / 2) ** 0.5
    found, lower, upper = effects.tost_from_summary(
        means[0], sds[0], sizes[0], means[1], sds[1], sizes[1], bound=bound, key="gap", name="gap"
    )
    return {
        "t_lower": lower.value,
        "p_lower": lower.p,
        "t_upper": upper.value,
        "p_upper": upper.p,
        "low": found.low,
        "high": found.high,
        "degrees_of_freedom": groups.welch_error(one, two)[1],
    }


def ancova(errors: str) -> dict[str, float]:
    """Loyalty of recovered customers with prior loyalty and severity held: coefficients, errors."""
    data = golden_table("recovery")
    terms = ["recovered", "prior", "severity"]
    fit = regression.ordinary_least_squares(data["loyalty"], data[terms], errors=errors)
    found = {}
    for row, term in enumerate(fit.terms):
        name = term.strip("()")
        found[name] = float(fit.coefficients[row])
        found[f"{name}_error"] = float(fit.covariance[row, row]) ** 0.5
    for arm in (0, 1):
        mean = regression.adjusted_mean(fit, {"recovered": arm}, key="mean", name="mean")
        found[f"adjusted_mean_{arm}"] = mean.value
    return found


def clustered_regression() -> dict[str, float]:
    """Overall satisfaction on three drivers, errors clustered by primary sampling unit."""
    data = golden_table("survey")
    fit = regression.ordinary_least_squares(
        data["overall"], data[["x1", "x2", "x3"]], cluster=data["psu"]
    )
    errors = np.sqrt(np.diag(fit.covariance))
    found = zip(fit.terms, fit.coefficients, errors, strict=True)
    return {
        name: float(value)
        for term, coefficient, error in found
        for name, value in ((term, coefficient), (f"{term}_error", error))
    }


def expected_rise(mean: float, sd: float, correlation: float, cutoff: float) -> dict[str, float]:
    return {"rise": rebound.expected_rise(mean, sd, correlation, cutoff)}


def g_from_two_groups(means: list[float], sds: list[float], sizes: list[int]) -> dict[str, float]:
    """d and g of two groups of which only mean, standard deviation and size are printed."""
    one, two = (
        groups.Sample(n, mean, sd**2) for n, mean, sd in zip(sizes, means, sds, strict=True)
    )
    d = (one.mean - two.mean) / effects.pooled_sd(one, two)
    correction = effects.small_sample_factor(one.n + two.n - 2)
    return {"d": d, "J": correction, "g": correction * d}


def power(g: float, size: int) -> dict[str, float]:
    return {"power": chances.power(g, size, size)}


def _premium_and_basic() -> list[pd.Series]:
    data = golden_table("survey")
    return [data.loc[data["segment"] == name, "loyalty"] for name in ("premium", "basic")]


def _with_ends(found: Estimate) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}
