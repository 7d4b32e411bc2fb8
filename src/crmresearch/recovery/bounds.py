"""What something that was not asked would have to be to explain a contrast away."""

import dataclasses
import math

import numpy as np

from crmresearch.methods.columns import predictor_columns
from crmresearch.methods.omitted import (
    Strength,
    adjusted_for,
    as_strong_as,
    critical_f,
    extreme_value,
    residuals,
    robustness_value,
)
from crmresearch.methods.risks import adjusted_risk_ratio
from crmresearch.methods.sensitivity import e_values
from crmresearch.methods.student import t_quantile
from crmresearch.recovery.cases import PRIOR, Cases, Outcome, known
from crmresearch.recovery.contrasts import (
    GROUPS,
    TARGET,
    Comparison,
    available,
    baseline,
    family,
    fitted,
    judged_unit,
    title_of,
)
from crmresearch.report.estimates import Estimate, find

TIMES = {  # how strong beside a covariate an unmeasured cause is supposed to be
    "half as strong as": 0.5,
    "as strong as": 1.0,
    "twice as strong as": 2.0,
    "three times as strong as": 3.0,
}
METHOD = "omitted-variable bound (Cinelli and Hazlett 2020), {}least squares"
EXPLAIN = "to explain of group and outcome,"


def unmeasured(cases: Cases, outcome: Outcome, estimates: list[Estimate]) -> list[Estimate]:
    """How strong an unmeasured cause of each adjusted contrast would have to be: its E-values.

    Raw contrasts have none: what was measured already explains part of them. A difference in SD is
    read as a risk ratio by VanderWeele and Ding's conversion; for a share, such as staying, the
    risk ratio of the loss (leaving) is taken from the adjusted shares.

    Parameters
    ----------
    estimates : of `contrasts.compare`
    """
    shown = _shown(cases, outcome, estimates)
    if outcome.unit != "share":
        return [strength for item in shown.values() for strength in e_values(item)]
    found = fitted(cases, [outcome], only=("adjusted",)) if shown else []
    ratios = {
        one.name: adjusted_risk_ratio(
            one.fit,
            TARGET,
            key=f"risk_ratio.{outcome.key}.{one.name}.adjusted",
            name=f"{title_of(cases, one.name, 'adjusted')}: risk ratio of not {outcome.name}",
            level=shown[one.name].level,
            opposite=True,
        )
        for one in found
        if one.name in shown
    }
    told = [item for item in ratios.values() if item.low <= item.high]
    return told + [
        dataclasses.replace(strength, name=strength.name.replace(": risk ratio of", ", risk of"))
        for name, item in ratios.items()
        for strength in e_values(item, scale="risk ratio", key=shown[name].key)
    ]


def omitted(
    cases: Cases, outcome: Outcome, estimates: list[Estimate], *, level: float = 0.95
) -> list[Estimate]:
    """What a covariate that was not asked would have to explain to undo each adjusted contrast.

    Cinelli and Hazlett's bounds: shares of the variance that the covariates leave over. The first
    is algebra of least squares, weighted where the data have weights; the second supposes that the
    errors in use (HC3, clustered) would stay the same multiple of classical ones.

    Parameters
    ----------
    estimates : of `contrasts.compare`

    Returns
    -------
    For each contrast shown: ``robustness.<outcome>.<contrast>``, what it would have to explain of
    membership and outcome alike for no difference; ``robustness_limit…``, for an interval that
    includes zero; ``extreme…``, of membership if it explained all of the outcome; and of the
    strongest covariate (prior satisfaction where it was asked) ``benchmark_group…`` and
    ``benchmark_outcome…``, what it explains itself, and ``confounded…``, the contrast had something
    half, once, twice or three times as strong been held too, as far as anything can be that
    strong. Empty without anything to adjust for.
    """
    shown = _shown(cases, outcome, estimates)
    found = fitted(cases, [outcome], only=("adjusted",)) if shown else []
    return [
        item
        for one in found
        if one.name in shown
        for item in _omitted(cases, one, shown[one.name], level)
    ]


def _shown(cases: Cases, outcome: Outcome, estimates: list[Estimate]) -> dict[str, Estimate]:
    """The adjusted contrasts that have an interval, by name, widest first."""
    keys = {name: f"{family(cases)}.{outcome.key}.{name}.adjusted" for name in available(cases)}
    found = {name: find(estimates, key) for name, key in keys.items()}
    return {name: x for name, x in found.items() if x is not None and x.low <= x.high}


def _omitted(cases: Cases, one: Comparison, judged: Estimate, level: float) -> list[Estimate]:
    strengths, r2, df = _strengths(cases, one)
    if not 0 < r2 < 1 or df <= 1:
        return []
    fit = one.fit
    at = fit.terms.index(TARGET)
    value = fit.coefficients[at] / one.scale
    error = abs(value) / math.sqrt(r2 / (1 - r2) * df)
    inflation = fit.covariance[at, at] ** 0.5 / one.scale / error
    limit = critical_f(df, alpha=1 - level, inflation=inflation, freedom=fit.df - (fit.df == df))
    ends, title = f"{one.outcome.key}.{one.name}", title_of(cases, one.name, "adjusted")
    fields = {"level": level, "n": judged.n, "n_dropped": judged.n_dropped}
    fields["method"] = METHOD.format("weighted " if cases.weighted else "")
    made = _robustness(r2, limit, ends, title, fields)
    if not strengths:
        return made
    name, strength = _strongest(strengths)
    made += [
        Estimate(
            key=f"benchmark_{side}.{ends}",
            name=f"{title}: explained of the {side}",
            value=getattr(strength, side),
            unit="share",
            group=f"covariate: {name}",
            **fields,
        )
        for side in ("group", "outcome")
    ]
    fields |= {"key": f"confounded.{ends}", "name": title, "unit": judged_unit(one.outcome)}
    crit = t_quantile((1 + level) / 2, fit.df)
    moved = _moved((value, error, df, inflation), strength)
    return made + [
        Estimate(
            value=x, low=x - crit * left, high=x + crit * left, group=f"{words} {name}", **fields
        )
        for words, x, left in moved
    ]


def _robustness(r2: float, limit: float, ends: str, title: str, fields: dict) -> list[Estimate]:
    """What would have to be explained, of group and outcome alike and of the group alone."""
    return [
        Estimate(key=f"{key}.{ends}", name=f"{title}: {of}", value=x, unit="share", **fields)
        for key, x, of in (
            ("robustness", robustness_value(r2), f"{EXPLAIN} to leave no difference"),
            (
                "robustness_limit",
                robustness_value(r2, critical=limit),
                f"{EXPLAIN} for the interval to include zero",
            ),
            (
                "extreme",
                extreme_value(r2),
                "to explain of the group, if it explained all of the outcome",
            ),
        )
    ]


def _moved(
    found: tuple[float, float, float, float], strength: Strength
) -> list[tuple[str, float, float]]:
    """The coefficient and its error beside something so much as strong, as far as that can be."""
    value, error, df, inflation = found
    made = []
    for words, times in TIMES.items():
        most = as_strong_as(strength, times)
        if not most.outcome < 1:  # nothing can explain more than there is
            break
        moved = adjusted_for(value, error, df, most, inflation=inflation)
        made.append((f"something not asked: {words}", *moved))
    return made


def _strengths(cases: Cases, one: Comparison) -> tuple[dict[str, Strength], float, float]:
    """Each covariate's partial R2 with group and outcome; the group's with the outcome; and df."""
    values = cases.frame[one.outcome.key].to_numpy()
    weights = cases.sampling.row_weights()
    member = known(cases.frame[GROUPS[one.name][1]])
    rows = (member | baseline(cases)) & np.isfinite(values) & (weights > 0)
    rows &= cases.covariates.notna().all(axis=1).to_numpy()
    columns = predictor_columns(cases.covariates[rows]).iloc[:, 1:]
    owners = [_owner(str(column), list(cases.covariates)) for column in columns]
    matrix = np.column_stack([member[rows], values[rows], columns.to_numpy()])
    between = residuals(matrix, weights[rows] if cases.weighted else None)
    everything = list(range(2, matrix.shape[1]))
    strengths = {}
    for name in dict.fromkeys(owners):
        own = [place for place, owner in zip(everything, owners, strict=True) if owner == name]
        rest = [place for place in everything if place not in own]
        found = Strength(between.partial(0, own, rest), between.partial(1, own, [0, *rest]))
        if found.group == found.group and found.outcome == found.outcome:
            strengths[name] = found
    df = between.n - 1 - between.rank([0, *everything])
    return strengths, between.partial(1, [0], everything), float(df)


def _owner(column: str, covariates: list) -> str:
    """The covariate that a column of the regression belongs to."""
    names = [str(name) for name in covariates]
    return column if column in names else next(x for x in names if column.startswith(f"{x}: "))


def _strongest(strengths: dict[str, Strength]) -> tuple[str, Strength]:
    """Prior satisfaction where it was asked, otherwise what explains most of both."""
    if PRIOR in strengths:
        return PRIOR, strengths[PRIOR]
    return max(strengths.items(), key=lambda item: item[1].group * item[1].outcome)
