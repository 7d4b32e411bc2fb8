"""The mix of types within brands, segments or waves, corrected for classification error."""

import numpy as np

from crmresearch.archetypes.outcomes import bch_weights, through_table
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.weighting import (
    Design,
    linearised_variance,
    method_words,
    t_interval,
)
from crmresearch.report.estimates import Estimate


def mix(types: Types, survey: Survey, role: str) -> list[Estimate]:
    """Share of each type within each group of the first variable with `role`.

    The mean of the respondents' BCH weights, which is unbiased where counting likeliest types
    draws the groups together; cut at 0 and 1, which a small group may cross.

    Returns
    -------
    One estimate a group and type, key ``mix.<role>.<number of the type>``; empty where the data
    lack the role or there is one type only.
    """
    weights = bch_weights(types) if role in survey.roles and types.model.classes > 1 else None
    if weights is None:
        return []
    groups = survey.answers[survey.variables(role)[0].variable]
    return [
        _share(
            types, weights, (groups == group).to_numpy(dtype=bool, na_value=False), k, role, group
        )
        for k in range(types.model.classes)
        for group in _names(groups)
    ]


def _share(
    types: Types, weights: np.ndarray, members: np.ndarray, k: int, role: str, group: object
) -> Estimate:
    design, placed = types.indicators.design, types.of_row >= 0
    weight = np.where(members & placed, design.row_weights(), 0.0)
    shares = weight @ weights / weight.sum() if weight.any() else np.full(weights.shape[1], np.nan)
    influence = weight * (weights[:, k] - shares[k]) / weight.sum() if weight.any() else weight
    influence = influence + through_table(types, shares, k)
    if design.plain:
        design, influence, placed = Design(int(placed.sum())), influence[placed], placed[placed]
    variance, freedom = linearised_variance(influence, design, placed)
    bounds = t_interval(float(shares[k]), float(np.sqrt(variance)), freedom, types.level)
    return Estimate(
        key=f"mix.{role}.{k + 1}",
        name=types.labels[k],
        value=float(np.clip(shares[k], 0, 1)),
        low=float(np.clip(bounds[0], 0, 1)),
        high=float(np.clip(bounds[1], 0, 1)),
        level=types.level,
        unit="share",
        n=int((weight > 0).sum()),
        method=f"BCH share, {method_words(design, freedom)}",
        group=f"{role}: {group}",
    )


def _names(groups) -> list:
    present = groups.dropna()
    if hasattr(present, "cat"):
        return [name for name in present.cat.categories if (present == name).any()]
    return sorted(present.unique())
