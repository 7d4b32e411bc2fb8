"""What the cases of time to leave ask of its estimators."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from crmresearch.methods import logrank, standardise, survival
from crmresearch.methods.cox import cox
from crmresearch.methods.moments import summed
from crmresearch.validation.references import golden_table

HELD = ["recovered", "severity", "prior"]


class Followed(NamedTuple):
    """The synthetic customers in time, every five rows an account."""

    table: pd.DataFrame
    whole: np.ndarray  # times rounded up, so that many leave at one
    entry: np.ndarray
    left: np.ndarray
    account: np.ndarray
    band: np.ndarray  # thirds of prior loyalty


def kaplan_meier(part: int) -> dict[str, float]:
    """Survival at 6 and 12 of the customers who were recovered, or of the others."""
    data = _data()
    rows = (data.table["recovered"] == part).to_numpy()
    curve = survival.kaplan_meier(data.table["time"].to_numpy()[rows], data.left[rows])
    middle = survival.median(curve)
    mean, error = survival.restricted_mean(curve, 18.0)
    found = dict(zip(("median", "median_low", "median_high"), middle, strict=True))
    return _at(curve, (6.0, 12.0)) | found | {"mean": mean, "mean_error": error}


def delayed(part: int) -> dict[str, float]:
    """The same with customers who are watched only from some day on."""
    data = _data()
    rows = (data.table["recovered"] == part).to_numpy()
    curve = survival.kaplan_meier(data.whole[rows], data.left[rows], data.entry[rows])
    return _at(curve, (6.0, 12.0))


def between_accounts() -> dict[str, float]:
    """Survival at 3, 9 and 15, and the mean up to 15, with errors between accounts."""
    data, when = _data(), np.array([3.0, 9.0, 15.0])
    curve = survival.kaplan_meier(data.whole, data.left)
    added = survival.influence(curve, data.whole, data.left, when)
    mean = survival.mean_influence(curve, data.whole, data.left, 15.0)
    errors = np.sqrt((summed(added, data.account) ** 2).sum(axis=0))
    found = {"mean_error": float(np.sqrt((summed(mean, data.account) ** 2).sum()))}
    for time, place, error in zip(when, curve.at(when), errors, strict=True):
        found |= {f"stayed_{time:g}": curve.survival[place], f"error_{time:g}": float(error)}
    return found


def log_rank(bands: bool) -> dict[str, float]:
    data = _data()
    if bands:
        return {"chi2": logrank.log_rank(data.whole, data.left, data.band)[0]}
    groups = data.table["recovered"].to_numpy()
    return {"chi2": logrank.log_rank(data.table["time"].to_numpy(), data.left, groups)[0]}


def hazards(times: str) -> dict[str, float]:
    """Cox's model of leaving on recovery, severity and prior loyalty.

    `times` is ``exact``, ``whole`` (many ties) or ``delayed`` (ties and delayed entry).
    """
    data = _data()
    days = data.table["time"].to_numpy(float) if times == "exact" else data.whole
    entry = data.entry if times == "delayed" else None
    x = data.table[HELD].to_numpy(float)
    fit = cox(days, data.left, x, entry=entry, clusters=data.account)
    rows = cox(days, data.left, x, entry=entry)
    n = len(data.left)
    found = {"loglik_0": fit.loglik[0], "loglik": fit.loglik[1], "changing": fit.proportional[-1]}
    for place, name in enumerate(HELD):
        found |= {
            name: fit.coefficients[place],
            f"{name}_error": fit.model[place, place] ** 0.5,
            f"{name}_accounts": fit.robust[place, place] ** 0.5,
            # R takes rows without the factor n / (n - 1)
            f"{name}_rows": (rows.robust[place, place] * (n - 1) / n) ** 0.5,
            f"{name}_changing": fit.proportional[place],
        }
    return {name: float(value) for name, value in found.items()}


def chances() -> dict[str, float]:
    """Chances of having left in three bands, standardised, with errors between accounts."""
    data = _data()
    x = data.table[["severity", "prior"]].to_numpy(float)
    fit = standardise.standardised_chances(data.left, data.band, x)
    totals = summed(fit.influence, data.account)
    covariance = totals.T @ totals * len(totals) / (len(totals) - 1)
    gap = np.array([-1.0, 0.0, 1.0])
    ratio = gap / fit.values
    found = {f"chance_{place}": value for place, value in enumerate(fit.values)}
    found |= {f"error_{place}": covariance[place, place] ** 0.5 for place in range(3)}
    found |= {"gap_error": (gap @ covariance @ gap) ** 0.5}
    found |= {"log_ratio_error": (ratio @ covariance @ ratio) ** 0.5}
    return {name: float(value) for name, value in found.items()}


def _at(curve: survival.Curve, when: tuple[float, ...]) -> dict[str, float]:
    found = {}
    for time, place in zip(when, curve.at(np.array(when)), strict=True):
        value, error = curve.survival[[place]], curve.error[[place]]
        low, high = survival.log_log(value, error, 0.95)
        ends = (("stayed", value), ("error", error), ("low", low), ("high", high))
        found |= {f"{name}_{time:g}": float(part[0]) for name, part in ends}
    return found


def _data() -> Followed:
    table = golden_table("recovery")
    row, whole = np.arange(len(table)), np.ceil(table["time"].to_numpy(float))
    prior = table["prior"].to_numpy()
    return Followed(
        table=table,
        whole=whole,
        entry=np.minimum(whole / 2, row // 5 % 7),
        left=table["churn"].to_numpy() == 1,
        account=row // 5,
        band=np.searchsorted(np.quantile(prior, [1 / 3, 2 / 3]), prior),
    )
