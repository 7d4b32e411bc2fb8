"""What the cases of the recovery study's ladder of adjustment ask of its estimators."""

import numpy as np
import pandas as pd

from crmresearch.methods import balance, doubly_robust, panel, propensity
from crmresearch.methods.influence import Difference
from crmresearch.methods.propensity import Propensity
from crmresearch.validation.references import golden_table

COVARIATES = ["severity", "prior", "premium", "tenure"]


def propensities() -> dict[str, float]:
    """Chance to be recovered: the intercept, then the covariates."""
    score = _recovery()[2]
    names = ["intercept", *COVARIATES]
    return dict(zip(names, score.coefficients.tolist(), strict=True))


def standardised() -> dict[str, float]:
    """Differences of the covariates in SD, before and under weights for everybody."""
    _, member, score = _recovery()
    columns = golden_table("recovery")[COVARIATES].to_numpy(float)
    found = {}
    for kind, target in (("before", "raw"), ("after", "ate")):
        weights = propensity.balancing(score, member, target)
        values = balance.standardised_differences(columns, member, weights)
        found |= {
            f"{name}_{kind}": float(value) for name, value in zip(COVARIATES, values, strict=True)
        }
    return found


def weighted(target: str) -> dict[str, float]:
    """Recovered less others, weighted; errors of the stacked equations without corrections."""
    values, member, score = _recovery()
    found = propensity.weighted_difference(values, member, score, target=target)
    return _with_error(found) | {"effective": found.effective[0]}


def doubly(target: str, stacked: bool) -> dict[str, float]:
    """The same, doubly robust; the plain error divides by n - 1 as R's standard deviation does."""
    values, member, score = _recovery()
    found = doubly_robust.augmented_difference(
        values, member, score, target=target, stacked=stacked
    )
    if stacked:
        return _with_error(found)
    n = len(values)
    return {"value": found.value, "error": _with_error(found)["error"] * (n / (n - 1)) ** 0.5}


def surveyed(target: str) -> dict[str, float]:
    """Premium customers less others under survey weights, errors between sampling units."""
    data = golden_table("survey")
    member = (data["segment"] == "premium").to_numpy()
    score = propensity.propensity(
        member, data[["x1", "x2", "x3"]].to_numpy(), weights=data["w"].to_numpy()
    )
    values = data["loyalty"].to_numpy()
    if target == "aipw":
        found = doubly_robust.augmented_difference(values, member, score)
    else:
        found = propensity.weighted_difference(values, member, score, target=target)
    return _with_error(found, data["psu"])


def changes() -> dict[str, float]:
    """Loyalty now less before, recovered less others; the error without corrections."""
    data = golden_table("recovery")
    change = (data["loyalty"] - data["prior"]).to_numpy()
    return _with_error(panel.difference_in_changes(change, data["recovered"].to_numpy() == 1))


def _recovery() -> tuple[np.ndarray, np.ndarray, Propensity]:
    data = golden_table("recovery")
    member = (data["recovered"] == 1).to_numpy()
    score = propensity.propensity(member, data[COVARIATES].to_numpy(float))
    return data["loyalty"].to_numpy(), member, score


def _with_error(found: Difference, cluster: pd.Series | None = None) -> dict[str, float]:
    influence = found.influence if cluster is None else np.bincount(cluster, found.influence)
    return {"value": found.value, "error": float(influence @ influence) ** 0.5}
