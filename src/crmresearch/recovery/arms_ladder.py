"""The last rung: arms that chance assigned, raw and with covariates held."""

import numpy as np
import pandas as pd

from crmresearch.methods.columns import predictor_columns
from crmresearch.methods.groups import slug
from crmresearch.methods.regression import contrast as coefficient
from crmresearch.methods.regression import ordinary_least_squares
from crmresearch.recovery.alike import in_unit, named, sd_of
from crmresearch.recovery.arms import large_arms
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.report.estimates import Estimate

ARM = "arm"


def randomised(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Each arm against the first, raw and with the covariates held, in their pooled SD.

    Chance made the arms alike, so holding covariates changes what an effect is estimated from,
    not whose effect it is; it narrows the interval where they tell the outcome.

    Returns
    -------
    ``ladder.<outcome>.<arm>.randomised`` and, with covariates, ``….randomised_ancova``, on the
    same customers. Empty unless chance assigned the arms.
    """
    if not cases.randomised:
        return []
    columns = predictor_columns(cases.covariates).iloc[:, 1:]
    series, arms = large_arms(cases, outcome, min_cell)
    values = series.to_numpy(dtype=float)
    complete = np.isfinite(values) & columns.notna().all(axis=1).to_numpy()
    complete &= cases.sampling.row_weights() > 0
    kept = arms.where(complete).astype("category").cat.remove_unused_categories()
    counts = kept.value_counts()
    names = [x for x in kept.cat.categories if counts[x] >= max(min_cell, 2)]
    found = []
    for name in names[1:]:
        rows = kept.isin([names[0], name]).to_numpy()
        member = (kept == name).to_numpy()[rows]
        for rung in ("randomised", "randomised_ancova")[: 1 + bool(columns.shape[1])]:
            found.append(
                _arm(
                    cases,
                    outcome,
                    values[rows],
                    member,
                    columns[rows] if rung == "randomised_ancova" else None,
                    rows,
                    key=f"ladder.{outcome.key}.{slug(str(name))}.{rung}",
                    name=_named(str(name), str(names[0]), rung),
                    level=level,
                )
            )
    return found


def _named(arm: str, first: str, rung: str) -> str:
    words = "randomised" if rung == "randomised" else "randomised, regression"
    return f"{arm} − {first}, {words} (for participants of the experiment)"


def _arm(
    cases: Cases,
    outcome: Outcome,
    values: np.ndarray,
    member: np.ndarray,
    columns: pd.DataFrame | None,
    rows: np.ndarray,
    *,
    key: str,
    name: str,
    level: float,
) -> Estimate:
    predictors = pd.DataFrame({ARM: member.astype(float)})
    method = "difference of means"
    if columns is not None:
        held = columns.reset_index(drop=True).rename(columns=lambda text: f"by {text}")
        predictors = predictors.join(held)
        method = f"linear regression adjusted for {named(cases)}"
    clusters, weights = cases.sampling.clusters, cases.sampling.weights
    fit = ordinary_least_squares(
        values,
        predictors,
        cluster=None if clusters is None else clusters[rows],
        weights=None if weights is None else weights[rows],
    )
    scale = sd_of(values, cases.sampling.row_weights()[rows], member)
    return coefficient(
        fit,
        {ARM: 1.0},
        key=key,
        name=name,
        level=level,
        **in_unit(outcome, scale),
        method=f"{method}{'' if outcome.unit == 'share' else ', in pooled SD'}, each arm by itself",
        randomised=True,
    )
