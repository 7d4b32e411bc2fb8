"""How the items of a fitted path model make their constructs, and how well."""

from collections.abc import Mapping

import numpy as np

from crmresearch.methods import pls_quality
from crmresearch.methods.covariances import correlation
from crmresearch.methods.pls_fit import Fit, estimate
from crmresearch.report.estimates import Estimate


def items(found: Fit, *, key: str, names: Mapping[str, str], level: float) -> list[Estimate]:
    """Loading and weight of every item, construct by construct.

    ``{key}.loading.CUSA1`` is the item's correlation with its own composite, and
    ``{key}.weight.CUSA1`` what one standard deviation of the item adds to it. A loading with the
    composite that the item is part of is too high where a construct has few items.

    Parameters
    ----------
    names : how each item is written for readers
    """
    rows = []
    weights, drawn = (
        _standard(solved.weights, matrices, found.metric).sum(axis=-1)
        for solved, matrices in (
            (found.solution, found.moments.covariance),
            (found.draws, found.draw_covariances),
        )
    )
    for place, item in enumerate(found.model.items):
        for word, value, draws in (
            ("loading", found.solution.loadings[place], found.draws.loadings[:, place]),
            ("weight", weights[place], drawn[:, place]),
        ):
            rows.append(
                estimate(
                    found,
                    value,
                    draws,
                    kind=word,
                    level=level,
                    key=f"{key}.{word}.{item}",
                    name=f"{names[item]}, {word}",
                    unit="coefficient",
                )
            )
    return rows


def _standard(weights: np.ndarray, covariances: np.ndarray, metric: str) -> np.ndarray:
    """Weights (..., p, c) for items of variance 1, whatever metric they were solved in."""
    if metric == "standardised":
        return weights
    return weights * np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))[..., None]


def constructs(
    found: Fit, *, key: str, names: Mapping[str, str], slugs: Mapping[str, str], level: float
) -> list[Estimate]:
    """Communality (average variance extracted) and rho_A of every construct of several items.

    ``{key}.ave.image`` and ``{key}.rho_a.image``. The communality of a composite is higher than
    the average variance extracted of a common factor measured by the same items.
    """
    rows = []
    communality = [
        pls_quality.communality(solved, found.model) for solved in (found.solution, found.draws)
    ]
    reliability = [
        pls_quality.rho_a(
            correlation(matrices) if found.metric == "standardised" else matrices,
            solved,
            found.model,
        )
        for solved, matrices in (
            (found.solution, found.moments.covariance),
            (found.draws, found.draw_covariances),
        )
    ]
    for place, made in enumerate(found.model.names):
        if found.model.blocks[:, place].sum() < 2:
            continue
        for word, name, (value, draws) in (
            ("ave", "communality (AVE)", communality),
            ("rho_a", "rho_A", reliability),
        ):
            if word == "rho_a" and found.model.formative[place]:
                continue
            rows.append(
                estimate(
                    found,
                    value[place],
                    draws[:, place],
                    kind=name,
                    level=level,
                    key=f"{key}.{word}.{slugs[made]}",
                    name=f"{names[made]}, {name}",
                    unit="coefficient",
                )
            )
    return rows
