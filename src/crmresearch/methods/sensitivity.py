"""How strong something that was not measured would have to be to explain a difference away."""

import dataclasses
import math
from typing import Literal

from crmresearch.report.estimates import NAN, Estimate

RATIO_PER_SD = 0.91  # of the logarithm of a risk ratio, for a standardised difference
Scale = Literal["SD", "risk ratio", "odds ratio", "hazard ratio"]


def e_value(ratio: float) -> float:
    """The E-value of a risk ratio, above or below 1.

    An unmeasured cause that explains the ratio away must go with both the group and the outcome by
    risk ratios of at least this size, beyond everything adjusted for; 1 needs no such cause.

    Source
    ------
    VanderWeele, T. J. & Ding, P. (2017). Sensitivity analysis in observational research. Annals of
    Internal Medicine 167, 268-274. doi:10.7326/M16-2607
    """
    if not ratio > 0:
        return NAN
    above = max(ratio, 1 / ratio)
    return above + math.sqrt(above * (above - 1))


def risk_ratio(value: float, scale: Scale, *, common: bool = True) -> float:
    """An effect on another scale as the risk ratio that it is about worth.

    Parameters
    ----------
    value : a standardised difference, a risk ratio, an odds ratio or a hazard ratio
    common : whether the outcome befell more than about 15% by the end; where it is rarer, odds and
        hazard ratios are as good as risk ratios

    Returns
    -------
    ``exp(0.91 d)``; the ratio itself; the root of the odds ratio; or of the hazard ratio h
    ``(1 - 0.5^sqrt(h)) / (1 - 0.5^sqrt(1/h))``. NaN where there is no such ratio.

    Source
    ------
    VanderWeele & Ding (2017), table 2.
    """
    if scale == "SD":
        return math.exp(RATIO_PER_SD * value) if math.isfinite(value) else NAN
    if not 0 < value < math.inf:
        return NAN
    if scale == "risk ratio" or not common:
        return value
    root = math.sqrt(value)
    return root if scale == "odds ratio" else (1 - 0.5**root) / (1 - 0.5 ** (1 / root))


def e_values(
    difference: Estimate, *, scale: Scale = "SD", common: bool = True, key: str = ""
) -> list[Estimate]:
    """The E-values of an effect and of the end of its interval nearest to none.

    Parameters
    ----------
    difference : an estimate with its interval, on `scale`
    scale, common : how it is read as a risk ratio, see `risk_ratio`
    key : what the keys end with, the estimate's own where it is empty

    Returns
    -------
    Two estimates without interval, ``e_value.<key>`` and ``e_value_limit.<key>``; the second is 1
    where the interval includes no effect. Empty where there is no interval.
    """
    if not difference.low <= difference.high:
        return []
    value, low, high = (
        risk_ratio(number, scale, common=common)
        for number in (difference.value, difference.low, difference.high)
    )
    limit = 1.0 if low <= 1 <= high else min(low, high, key=lambda ratio: abs(math.log(ratio)))
    return [
        dataclasses.replace(
            difference,
            key=f"{start}.{key or difference.key}",
            name=f"{difference.name}: {of}",
            value=e_value(ratio),
            low=NAN,
            high=NAN,
            p=NAN,
            unit="ratio",
            method=f"E-value of {_read_as(scale, common)}",
        )
        for start, of, ratio in (
            ("e_value", "E-value", value),
            ("e_value_limit", "E-value of the interval's nearer end", limit),
        )
    ]


def _read_as(scale: Scale, common: bool) -> str:
    if scale == "SD":
        return "exp(0.91 d)"
    if scale == "risk ratio":
        return "the risk ratio"
    if not common:
        return f"the {scale}, read as a risk ratio, for a rare outcome"
    formula = "its root" if scale == "odds ratio" else "(1 − 0.5^√h) / (1 − 0.5^√(1/h))"
    return f"the {scale}, read as {formula}, for a common outcome"
