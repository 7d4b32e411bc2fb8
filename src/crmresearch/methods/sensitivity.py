"""How strong something that was not measured would have to be to explain a difference away."""

import dataclasses
import math

from crmresearch.report.estimates import NAN, Estimate

RATIO_PER_SD = 0.91  # of the logarithm of a risk ratio, for a standardised difference


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


def e_values(difference: Estimate) -> list[Estimate]:
    """The E-values of a standardised difference and of the end of its interval nearest to zero.

    Parameters
    ----------
    difference : an estimate in SD, read as the risk ratio exp(0.91 d)

    Returns
    -------
    Two estimates without interval, ``e_value.<key>`` and ``e_value_limit.<key>``; the second is 1
    where the interval includes zero. Empty where there is no interval.
    """
    low, high = difference.low, difference.high
    if not low <= high:
        return []
    limit = 0.0 if low <= 0 <= high else min(low, high, key=abs)
    return [
        dataclasses.replace(
            difference,
            key=f"{start}.{difference.key}",
            name=f"{difference.name}: {of}",
            value=e_value(math.exp(RATIO_PER_SD * d)),
            low=NAN,
            high=NAN,
            p=NAN,
            unit="ratio",
            method="E-value of exp(0.91 d)",
        )
        for start, of, d in (
            ("e_value", "E-value", difference.value),
            ("e_value_limit", "E-value of the interval's nearer end", limit),
        )
    ]
