"""The mix of types within brands, segments or waves, corrected for classification error."""

import numpy as np

from crmresearch.archetypes.outcomes import bch_weights
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.means import mean
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
    variable = survey.variables(role)[0]
    groups = survey.answers[variable.variable]
    placed = types.of_row >= 0
    return [
        mean(
            np.where(placed, weights[:, k], np.nan),
            key=f"mix.{role}.{k + 1}",
            name=label,
            design=types.indicators.design,
            within=(groups == group).to_numpy(dtype=bool, na_value=False),
            unit="share",
            level=types.level,
            group=f"{role}: {group}",
            low=0.0,
            high=1.0,
        )
        for k, label in enumerate(types.labels)
        for group in _names(groups)
    ]


def _names(groups) -> list:
    present = groups.dropna()
    if hasattr(present, "cat"):
        return [name for name in present.cat.categories if (present == name).any()]
    return sorted(present.unique())
