"""How many dimensions the answers have, beside how many scales the codebook declares."""

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods import correlations, dimensions
from crmresearch.report.estimates import Estimate, find
from crmresearch.survey.sample import sampling
from crmresearch.survey.scales import declared

TOGETHER = "together"  # the key of all scales' items
ASKED = 0.5  # an item that fewer have answered was asked of some only
DRAWS = 500  # random matrices


def parallel_analysis(
    survey: Survey, *, seed: int, ordinal: bool = False, level: float = 0.95
) -> list[Estimate]:
    """Parallel analysis of all scales' items together, then of each scale of three items or more.

    A scale's own analysis uses the respondents who answered all of it, as its reliability does;
    together each correlation rests on those who answered both, and items that fewer than half
    answered are left out.

    Parameters
    ----------
    ordinal : correlate ratings as ordered categories (polychoric)

    Returns
    -------
    ``declared`` (how many scales the items together belong to), ``dimensions.together``,
    ``dimensions.trust`` and what `methods.dimensions.estimates` gives with each. Together is left
    out with fewer than two scales.
    """
    basis, found = sampling(survey), []
    scales = {key: own for key, own in declared(survey).items() if own[1].shape[1] > 1}
    asked = {
        key: items for key, (_, items) in scales.items() if items.notna().mean().min() >= ASKED
    }
    sets: dict[str, tuple[str, pd.DataFrame]] = {}
    if len(asked) > 1:
        table = pd.concat(asked.values(), axis=1)
        table = table.loc[:, ~table.columns.duplicated()]
        sets[TOGETHER] = (f"all {table.shape[1]} items", table)
    for key, (name, items) in scales.items():
        if items.shape[1] > 2:
            sets[key] = (name, items.where(items.notna().all(axis=1)))
    correlate = correlations.ordinal if ordinal else correlations.pearson
    for key, (name, items) in sets.items():
        rng = np.random.default_rng(seed)
        matrix = correlate(items, rng=rng, design=basis)
        few = matrix.effective < items.shape[1] + 2
        why = matrix.trouble or ("fewer respondents than items" if few else "")
        if why:
            found.append(_none(key, name, why, matrix))
            continue
        made = dimensions.parallel(matrix, rng=rng, draws=DRAWS, level=level)
        if key == TOGETHER:
            found.append(_declared(len(asked), matrix))
        found += dimensions.estimates(matrix, made, key=key, name=name, level=level)
    return found


def _none(key: str, name: str, why: str, matrix: correlations.Correlations) -> Estimate:
    return Estimate(
        key=f"dimensions.{key}",
        name=f"Dimensions of {name}",
        value=float("nan"),
        unit="count",
        n=matrix.n,
        n_dropped=matrix.n_dropped,
        method=f"none can be told: {why}",
    )


def _declared(number: int, matrix: correlations.Correlations) -> Estimate:
    return Estimate(
        key="declared",
        name="Scales that the codebook declares",
        value=float(number),
        unit="count",
        n=matrix.n,
        n_dropped=matrix.n_dropped,
        method="counted, without scales that fewer than half have answered",
    )


def told(estimates: list[Estimate], key: str) -> list[float]:
    """How many dimensions the items of `key` have: as components and as common factors."""
    keys = (f"dimensions.{key}", f"dimensions.{key}.common")
    return [item.value for item in estimates if item.key in keys and item.value == item.value]


def several(estimates: list[Estimate]) -> list[Estimate]:
    """The scales with more than one dimension by every reading of the interval."""
    return [item for item in numbers(estimates) if item.low > 1]


def numbers(estimates: list[Estimate]) -> list[Estimate]:
    """The number of dimensions of each single scale."""
    return [
        item
        for item in estimates
        if item.key.startswith("dimensions.")
        and item.key.count(".") == 1
        and item.key != f"dimensions.{TOGETHER}"
    ]


def eigenvalues(estimates: list[Estimate], key: str) -> list[tuple[Estimate, Estimate]]:
    """Each eigenvalue of the items of `key` with the random one in its place, largest first."""
    pairs, place = [], 1
    while (item := find(estimates, f"eigenvalue.{key}.{place}")) is not None:
        pairs.append((item, find(estimates, f"chance.{key}.{place}")))
        place += 1
    return pairs
