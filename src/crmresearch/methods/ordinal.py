"""Reliability of ordered categories, from polychoric correlations.

What is judged is the score that the opinions behind the categories would give were they measured
without steps. It is higher than that of the score in use, and describes no score that exists
(Zumbo, Gadermann & Zeisser 2007; Chalmers 2018): a bound on what finer answers could gain.
"""

import numpy as np
import pandas as pd

from crmresearch.methods.one_factor import fit, omega, omega_gradient
from crmresearch.methods.polychoric import Polychoric, polychoric
from crmresearch.methods.scales import alpha_of, bounds
from crmresearch.methods.weighting import Design, method_words
from crmresearch.report.estimates import NAN, Estimate


def ordinal_reliability(
    items: pd.DataFrame,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
    group: str = "",
) -> list[Estimate]:
    """Ordinal alpha, and from three items on ordinal omega total, of complete answers.

    The interval is that of log(1 - value), linearised through the polychoric correlations and
    their thresholds under the sampling design.

    Returns
    -------
    ``ordinal_alpha.{key}`` and ``ordinal_omega.{key}``; NaN, with the reason as the method, where
    there are no polychoric correlations
    """
    complete = items.where(items.notna().all(axis=1))
    fitted = polychoric(complete, design=design)
    found = [("alpha", *_alpha(fitted))]
    if items.shape[1] > 2:
        found.append(("omega", *_omega(fitted)))
    known = complete.notna().all(axis=1).to_numpy() & (fitted.design.row_weights() > 0)
    estimates = []
    for kind, value, slope, remark in found:
        low, high, method = NAN, NAN, f"ordinal {kind} of {items.shape[1]} items{remark}"
        if slope is not None:
            error, freedom = fitted.error(slope)
            low, high = bounds(value, error, freedom, level)
            linear = "linearised " if fitted.design.plain else ""
            method += f", {linear}{method_words(fitted.design, freedom)} of log(1 - {kind})"
        estimates.append(
            Estimate(
                key=f"ordinal_{kind}.{key}",
                name=f"{name}, ordinal {kind}",
                value=value,
                low=low,
                high=high,
                level=level,
                unit="coefficient",
                n=int(known.sum()),
                n_dropped=int((~known).sum()),
                method=method,
                group=group,
            )
        )
    return estimates


def _alpha(fitted: Polychoric) -> tuple[float, np.ndarray | None, str]:
    """Value, slope by the correlations and what to say of how it was made."""
    if fitted.trouble:
        return NAN, None, f"; none, as {fitted.trouble}"
    value, slope = alpha_of(fitted.matrix)
    words = _correlations(fitted)
    return value, slope if np.isfinite(value) and not fitted.smoothed else None, words


def _omega(fitted: Polychoric) -> tuple[float, np.ndarray | None, str]:
    if fitted.trouble:
        return NAN, None, f"; none, as {fitted.trouble}"
    model = fit(fitted.matrix)
    if model is None:
        return NAN, None, "; none, as the correlations are singular"
    slope = omega_gradient(model)
    np.fill_diagonal(slope, 0.0)  # a correlation matrix keeps its diagonal
    words = f"; one-factor ML model{_correlations(fitted)}"
    if model.improper:
        return omega(model), None, f"{words}; improper solution, so no interval"
    return omega(model), None if fitted.smoothed else slope, words


def _correlations(fitted: Polychoric) -> str:
    if fitted.smoothed:
        return ", polychoric correlations that contradict each other, smoothed, so no interval"
    return ", polychoric correlations"
