"""What the cases of the scales' structure ask of the estimators."""

import numpy as np
import pandas as pd

from crmresearch.methods import cfa, invariance, validity
from crmresearch.methods.cfa_fit import Fit, fit_measures
from crmresearch.methods.cfa_robust import robust
from crmresearch.methods.cfa_rows import complete_rows
from crmresearch.methods.cfa_saturated import saturated
from crmresearch.methods.weighting import design
from crmresearch.validation.references import answers_of, golden_table

MODELS = {
    "right": {"tr": 0, "sa": 1, "co": 2},
    "wrong": {"tr1": 0, "tr2": 0, "sa": 0, "tr3": 1, "tr4": 1, "co": 1},
}


def single(model: str, clusters: str = "", weights: str = "") -> dict[str, float]:
    """One group: fit and errors, normal and robust, in the terms of marker loadings."""
    items, factor, data = _model(model)
    basis = design(
        len(data), data[weights] if weights else None, None, data[clusters] if clusters else None
    )
    rows = complete_rows(data[items], basis)
    solution = cfa.fit(cfa.model(factor, marker=True), rows.moments)
    free = saturated(rows)
    sandwich = robust(solution, rows, free)
    normal = np.linalg.inv(solution.information(observed=False))
    plain = validity.standardised(solution, normal)
    sure = validity.standardised(solution, sandwich.covariance)
    part = solution.group(0)
    return {
        **_fit("", fit_measures(solution)),
        **_fit(
            "robust_", fit_measures(solution, trace=sandwich.trace, independence=free.independence)
        ),
        **_listed("loading", solution.values[0, : len(items)]),
        **_listed("unique", part.uniques),
        **_listed("standardised", plain.loadings.values),
        **_listed("standardised_error", plain.loadings.errors),
        **_listed("robust_standardised_error", sure.loadings.errors),
        **_listed("correlation", plain.correlations.values),
        **_listed("robust_error", _errors(solution, sandwich.covariance)),
        **_listed("error", _errors(solution, normal)),
        **_listed("extracted", plain.extracted.values),
        **_listed("reliability", plain.reliability.values),
    }


def htmt() -> dict[str, float]:
    """HTMT of arithmetic means, and HTMT2 of geometric ones."""
    items, factor, data = _model("right")
    found = validity.htmt(complete_rows(data[items], design(len(data))), np.array(factor))
    correlations = np.corrcoef(data[items].to_numpy(float).T)
    second = validity.htmt_of(correlations, np.array(factor), geometric=True)[0]
    return _listed("htmt", found.values) | _listed("htmt2", second)


def steps(model: str, group: str) -> dict[str, float]:
    """Steps of invariance: fit, scaled and plain differences, and the factors' means."""
    items, factor, data = _model(model)
    codes = pd.factorize(data[group], sort=True)[0]
    rows = complete_rows(data[items], design(len(data)), codes)
    found = invariance.steps(rows, factor, names=cfa.STEPS)
    numbers: dict[str, float] = {}
    plain = [fit_measures(step.solution) for step in found]
    for place, (step, fit) in enumerate(zip(found, plain, strict=True)):
        numbers |= _fit(f"{step.name}_", fit) | _fit(f"{step.name}_robust_", step.fit)
        if step.difference is not None:
            numbers[f"{step.name}_difference"] = step.difference.chi2
            numbers[f"{step.name}_p"] = step.difference.p
            numbers[f"{step.name}_normal_difference"] = fit.chi2 - plain[place - 1].chi2
    scalar = cfa.model(factor, groups=len(rows.moments.sizes), step="scalar", marker=True)
    last = cfa.fit(scalar, rows.moments).group(len(rows.moments.sizes) - 1)
    return numbers | _listed("mean", last.means)


def published_fit() -> dict[str, float]:
    """Image, quality and satisfaction of the published mobile phone customers."""
    factors = {"IMAG": 0, "PERQ": 1, "CUSA": 2}
    data = answers_of("ecsi_correlations", 250)
    items = [name for name in data.columns if name[:4] in factors]
    rows = complete_rows(data[items], design(len(data)))
    solution = cfa.fit(cfa.model([factors[name[:4]] for name in items]), rows.moments)
    found = fit_measures(solution)
    return {**_fit("", found), "freedom": float(found.freedom)}


def _model(name: str) -> tuple[list[str], list[int], pd.DataFrame]:
    """Items ordered by factor, the factor of each, and the data."""
    data = golden_table("survey")
    columns = [f"{start}{place}" for start in ("tr", "sa", "co") for place in (1, 2, 3, 4)]
    known = MODELS[name]
    factor = {column: known[column] if column in known else known[column[:2]] for column in columns}
    items = sorted(columns, key=lambda column: factor[column])
    return items, [factor[column] for column in items], data


def _fit(start: str, fit: Fit) -> dict[str, float]:
    fields = (
        "chi2",
        "p",
        "scaling",
        "cfi",
        "tli",
        "rmsea",
        "rmsea_low",
        "rmsea_high",
        "srmr",
        "bic",
    )
    return {f"{start}{field}": float(getattr(fit, field)) for field in fields}


def _errors(solution: cfa.Solution, covariance: np.ndarray) -> np.ndarray:
    """Standard errors of the loadings; 0 for those fixed at 1."""
    numbers = solution.model.numbers[0, solution.model.slots.loadings]
    return np.where(numbers < 0, 0.0, np.sqrt(np.diag(covariance))[numbers])


def _listed(name: str, values: np.ndarray) -> dict[str, float]:
    return {f"{name}_{place}": float(value) for place, value in enumerate(values, start=1)}
