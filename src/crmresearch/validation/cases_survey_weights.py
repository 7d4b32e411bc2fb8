"""What the cases of weights and designs ask of the survey study's estimators."""

import dataclasses

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.weighting import Raking, raked
from crmresearch.methods import proportions
from crmresearch.methods.calibration import calibration
from crmresearch.methods.design_effects import design_effect, weighting_shift
from crmresearch.methods.domains import domain_means
from crmresearch.methods.wald import equal_means
from crmresearch.methods.weighting import Design, design, kish, mean_contrast, weighted_mean
from crmresearch.validation.references import golden_table

MARGINS = {
    "age": {"18-34": 300.0, "35-54": 380.0, "55+": 320.0},
    "region": {"E": 210.0, "N": 290.0, "S": 260.0, "W": 240.0},
}


def raking() -> dict[str, float]:
    """The first respondents' raked weights, and what the raked mean is."""
    data = golden_table("survey")
    made = _raked(data, data["w"].to_numpy())
    weights = made.weights / made.weights.sum() * 1000
    mean = weighted_mean(data["loyalty"].to_numpy(), design(len(data), weights))[0]
    deff = kish(weights, len(data))[1]
    first = {f"weight_{row + 1}": weights[row] for row in (0, 1, 2, 82, 359)}
    return first | {"mean": mean, "kish": deff}


def under(weights: str = "equal", clusters: bool = False, margins: str = "") -> dict[str, float]:
    """Everything the study says of a mean and a share, under one design.

    Parameters
    ----------
    weights : ``equal`` or the name of a column
    clusters : whether there are strata and clusters
    margins : ``equal`` or ``base``, the weights of the regression on the margins; empty for no
        raking
    """
    data = golden_table("survey")
    basis = _design(data, weights, clusters, margins)
    loyalty, promoter = data["loyalty"].to_numpy(), (data["nps"] >= 9).to_numpy(float)
    mean, error, freedom, _ = weighted_mean(loyalty, basis)
    share = proportions.share(promoter, key="share", name="share", design=basis)
    found = {
        "mean": mean,
        "error": error,
        "degrees_of_freedom": freedom,
        "design_effect": design_effect(loyalty, basis),
        "promoters": share.value,
        "promoters_low": share.low,
        "promoters_high": share.high,
    }
    for segment in ("basic", "plus", "premium"):
        rows = (data["segment"] == segment).to_numpy()
        found[segment], found[f"{segment}_error"] = weighted_mean(loyalty, basis, rows)[:2]
    waves = [(1.0, (data["wave"] == 2).to_numpy()), (-1.0, (data["wave"] == 1).to_numpy())]
    for name, values in (("change", loyalty), ("share_change", promoter)):
        found[name], found[f"{name}_error"] = mean_contrast(values, basis, waves)[:2]
    return found


def gaps(margins: str = "") -> dict[str, float]:
    """A mean where some did not answer and some have no weight."""
    data = golden_table("survey")
    data.loc[6::11, "loyalty"] = np.nan
    data.loc[4::13, "w"] = 0.0
    basis = _design(data, "w", True, margins)
    mean, error, *_ = weighted_mean(data["loyalty"].to_numpy(), basis)
    return {"mean": mean, "error": error}


def lonely() -> dict[str, float]:
    """A mean where one stratum has a single cluster."""
    data = golden_table("survey")
    third = data["stratum"] == 3
    data = data[~third | (data["psu"] == data.loc[third, "psu"].min())].reset_index(drop=True)
    mean, error, *_ = weighted_mean(data["loyalty"].to_numpy(), _design(data, "w", True, ""))
    return {"n": len(data), "mean": mean, "error": error}


def shift(clusters: bool = False, margins: str = "") -> dict[str, float]:
    """Weighted less unweighted."""
    data = golden_table("survey")
    basis = _design(data, "w", clusters, margins)
    mean, mean_error, *_ = weighting_shift(data["loyalty"].to_numpy(), basis)
    share, share_error, *_ = weighting_shift((data["nps"] >= 9).to_numpy(float), basis)
    return {"mean": mean, "mean_error": mean_error, "share": share, "share_error": share_error}


def wald(by: str) -> dict[str, float]:
    """Whether a share is the same in all groups."""
    data = golden_table("survey")
    basis = _design(data, "w", True, "")
    high, codes = (data["loyalty"] > 55).to_numpy(float), pd.factorize(data[by])[0]
    means = domain_means(high, codes, int(codes.max()) + 1, basis)
    freedom = weighted_mean(high, basis)[2]
    statistic, groups, rest, p = equal_means(means.means, means.covariance, freedom)
    return {"statistic": statistic, "groups": groups, "rest": rest, "p": p}


def _raked(data: pd.DataFrame, base: np.ndarray) -> Raking:
    book = {name: Variable(variable=name, label=name, type="category") for name in MARGINS}
    answers = data[list(MARGINS)].astype("category")
    return raked(answers, book, MARGINS, base)


def _design(data: pd.DataFrame, weights: str, clusters: bool, margins: str) -> Design:
    base = np.ones(len(data)) if weights == "equal" else data[weights].to_numpy()
    parts = (data["stratum"], data["psu"]) if clusters else (None, None)
    if not margins:
        return design(len(data), base, *parts)
    made = _raked(data, base)
    if margins == "equal":
        made = dataclasses.replace(made, base=np.ones(len(data)))
    return design(len(data), made.weights, *parts, calibration=calibration(made))
