"""Risks of two groups, and their ratio, from a linear regression of a share."""

import math
from collections.abc import Mapping

import numpy as np

from crmresearch.methods.columns import INTERCEPT
from crmresearch.methods.regression import Fit
from crmresearch.methods.student import t_quantile
from crmresearch.report.estimates import NAN, Estimate


def adjusted_risk_ratio(
    fit: Fit,
    term: str,
    *,
    key: str,
    name: str,
    level: float = 0.95,
    opposite: bool = False,
    method: str = "",
) -> Estimate:
    """The adjusted share of the customers with `term` set over that of the others.

    Both are what the fit expects at the means of the other terms, which in a linear regression is
    its average over all customers. The interval is that of the logarithm (delta method) with the
    errors of the fit; the means are held as they are.

    Parameters
    ----------
    fit : of an outcome of 0 and 1
    opposite : take the shares of zeros instead: of leaving, where the outcome is staying

    Returns
    -------
    NaN where a share is not inside 0 and 1, or the term was left out of the fit.
    """
    value = low = high = NAN
    if term in fit.terms and np.isfinite(fit.covariance).all():
        held: Mapping[str, float] = {**fit.means, INTERCEPT: 1.0}
        sides = np.array([[held[name] for name in fit.terms] for _ in range(2)])
        sides[:, fit.terms.index(term)] = 1.0, 0.0
        shares = sides @ fit.coefficients
        risks = 1 - shares if opposite else shares
        if risks.min() > 0 and risks.max() < 1:
            gradient = sides[0] / risks[0] - sides[1] / risks[1]
            error = math.sqrt(max(gradient @ fit.covariance @ gradient, 0.0))
            value = float(risks[0] / risks[1])
            reach = math.exp(t_quantile((1 + level) / 2, fit.df) * error)
            low, high = value / reach, value * reach
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="ratio",
        n=fit.n,
        n_dropped=fit.n_dropped,
        method=f"{method or 'ratio of adjusted shares'}, {fit.errors} errors",
    )
