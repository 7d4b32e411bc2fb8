"""Our numbers for the reliability of scales, by the survey study's own functions."""

import numpy as np
import pandas as pd
from scipy import stats

from crmresearch.methods import (
    association,
    correlations,
    dimensions,
    ordinal,
    polychoric,
    scales,
)
from crmresearch.methods.weighting import Design, design
from crmresearch.report.estimates import Estimate
from crmresearch.validation.references import answers_of, golden_table

ITEMS = ["sa1", "sa2", "sa3", "sa4"]


def alpha_design() -> dict[str, float]:
    items, basis = _items(), _design()
    plain = scales.alpha(items, key="alpha", name="alpha", design=basis)
    standardised = scales.standardised_alpha(items, key="alpha", name="alpha", design=basis)
    return {
        "alpha": plain.value,
        "alpha_error": _error(plain, basis),
        "standardised": standardised.value,
        "standardised_error": _error(standardised, basis),
    }


def published_alpha(items: str) -> dict[str, float]:
    """Of the published mobile phone items whose names start with `items`."""
    data = answers_of("ecsi_correlations", 250)
    chosen = data[[name for name in data.columns if name.startswith(items)]]
    kinds = {"raw": scales.alpha, "standardised": scales.standardised_alpha}
    return {word: kind(chosen, key="alpha", name="alpha").value for word, kind in kinds.items()}


def spearman_brown_design() -> dict[str, float]:
    basis = _design()
    found = scales.standardised_alpha(_items()[ITEMS[:2]], key="sb", name="sb", design=basis)
    return {"value": found.value, "error": _error(found, basis)}


def correlation_design() -> dict[str, float]:
    items, basis = _items(), _design()
    pair = association.correlation(items["sa1"], items["sa2"], key="r", name="r", design=basis)
    rest = scales.item_rest(items, key="rest", names={}, design=basis)[0]
    return {
        "r": pair.value,
        "r_error": _error(pair, basis),
        "item_rest": rest.value,
        "item_rest_error": _error(rest, basis),
    }


def omega_design(*, weighted: bool, clustered: bool) -> dict[str, float]:
    """With errors that divide by n where there are no clusters, as lavaan's do."""
    basis = _design(weighted=weighted, clustered=clustered, stratified=False)
    found = scales.omega_total(_items(), key="omega", name="omega", design=basis)
    divisor = 1.0 if clustered else np.sqrt((found.n - 1) / found.n)
    return {"value": found.value, "error": _error(found, basis) * divisor}


def standardised() -> dict[str, float]:
    return {"value": scales.standardised_alpha(_items(), key="alpha", name="alpha").value}


def polychoric_pairs() -> dict[str, float]:
    matrix = polychoric.polychoric(_twelve()).matrix
    pairs = [(1, 2), (1, 12), (3, 7), (5, 6), (8, 9), (11, 12)]
    return {f"items_{i}_{j}": matrix[i - 1, j - 1] for i, j in pairs}


def polychoric_satisfaction() -> dict[str, float]:
    return {"value": polychoric.polychoric(_items()[ITEMS[:2]]).matrix[0, 1]}


def tetrachoric() -> dict[str, float]:
    above = (_items()[ITEMS[:2]] > 3).astype(int)
    return {"value": polychoric.polychoric(above).matrix[0, 1]}


def ordinal_reliability() -> dict[str, float]:
    alpha, omega = ordinal.ordinal_reliability(_items(), key="ordinal", name="ordinal")
    return {"alpha": alpha.value, "omega": omega.value}


def dimensions_of_items() -> dict[str, float]:
    rng = np.random.default_rng(1)
    found = correlations.pearson(_twelve(), rng=rng)
    made = dimensions.parallel(found, rng=rng)
    reduced = np.linalg.eigvalsh(dimensions.reduced(found.matrix))[::-1]
    return {
        "components": made.suggested,
        "factors": made.common,
        **{f"eigenvalue_{place + 1}": made.observed[place] for place in range(4)},
        **{f"reduced_{place + 1}": reduced[place] for place in range(4)},
    }


def _twelve() -> pd.DataFrame:
    """The items on trust, satisfaction and commitment."""
    return golden_table("survey").iloc[:, 1:13]


def _items() -> pd.DataFrame:
    return golden_table("survey")[ITEMS]


def _design(*, weighted: bool = True, clustered: bool = True, stratified: bool = True) -> Design:
    data = golden_table("survey")
    return design(
        len(data),
        data["w"] if weighted else None,
        data["stratum"] if stratified else None,
        data["psu"] if clustered else None,
    )


def _error(found: Estimate, basis: Design) -> float:
    """The standard error that an interval on the scale of log(1 - value), or of z, was made of."""
    clusters = basis.n if basis.clusters is None else len(np.unique(basis.clusters))
    freedom = clusters - (1 if basis.strata is None else len(np.unique(basis.strata)))
    width = 2 * stats.t.ppf(0.5 + found.level / 2, freedom)
    if found.unit == "correlation":
        return (np.arctanh(found.high) - np.arctanh(found.low)) / width * (1 - found.value**2)
    return float(np.log((1 - found.low) / (1 - found.high)) / width * (1 - found.value))
