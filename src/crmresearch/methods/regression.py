"""Linear regression with standard errors that hold when variances differ or answers cluster."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import linalg, stats

from crmresearch.methods.columns import INTERCEPT as INTERCEPT  # the name of a term of every fit
from crmresearch.methods.columns import predictor_columns
from crmresearch.methods.ranges import all_pairs
from crmresearch.methods.sandwich import MIN_CLUSTERS as MIN_CLUSTERS
from crmresearch.methods.sandwich import Prepared, prepare, solved
from crmresearch.methods.student import t_quantile, two_sided_p
from crmresearch.report.estimates import NAN, Estimate


@dataclass(frozen=True, slots=True)
class Fit:
    """A least squares fit; `covariance` is robust as `errors` says."""

    terms: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    df: float  # of the t distribution of contrasts
    n: int
    n_dropped: int
    errors: str
    aliased: tuple[str, ...]  # columns left out because others, or a constant, say the same
    means: Mapping[str, float]  # of the predictors' columns, weighted as the fit is


def ordinary_least_squares(
    outcome: ArrayLike,
    predictors: pd.DataFrame,
    *,
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    errors: str = "HC3",
) -> Fit:
    """Regress `outcome` on `predictors` with an intercept, on the rows where all are known.

    Parameters
    ----------
    outcome : array of float, shape (n,); NaN where missing
    predictors : frame of n rows; numbers enter as they are, categories and text as one indicator a
        level after the first, named ``column: level``. Columns that add nothing to those before
        them (constant, or a combination) are left out and named in `Fit.aliased`: put what is to
        be estimated first.
    cluster : array of n labels such as accounts, optional; errors then hold under any dependence
        within a cluster (CR1, t with clusters - 1 degrees of freedom). A missing label is a
        cluster of its own. With fewer than ten clusters it is not used.
    weights : (n,) survey weights, in any unit, optional. Rows whose weight is missing or not above
        zero are left out. Least squares are then weighted and the errors those of R's sandwich for
        ``lm(weights=)``; with clusters they are ``survey::svyglm``'s times
        sqrt((n - 1) / (n - terms)).
    errors : ``HC3`` or ``classical``, where there is no cluster

    Returns
    -------
    A `Fit`; with no more rows than terms, or an outcome that does not vary, its coefficients and
    covariance are NaN.
    """
    if errors not in ("HC3", "classical"):
        raise ValueError(f"errors is 'HC3' or 'classical', not {errors!r}")
    design = predictor_columns(predictors)
    values = np.asarray(outcome, dtype=float)
    heavy = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    rows = np.isfinite(values) & design.notna().all(axis=1).to_numpy()
    rows &= np.isfinite(heavy) & (heavy > 0)
    prepared = prepare(design, design.to_numpy()[rows], heavy[rows], cluster, rows)
    return _fit(prepared, values[rows], int((~rows).sum()), errors, weights is not None)


def _fit(made: Prepared, values: np.ndarray, dropped: int, errors: str, weighted: bool) -> Fit:
    coefficients, covariance, df = solved(made, values, errors)
    return Fit(
        terms=made.terms,
        coefficients=coefficients,
        covariance=covariance,
        df=df,
        n=len(values),
        n_dropped=dropped,
        errors=described(
            None if made.labels is None else int(made.labels.max()) + 1, errors, weighted
        ),
        aliased=made.aliased,
        means=made.means,
    )


def contrast(
    fit: Fit,
    weights: Mapping[str, float],
    *,
    key: str,
    name: str,
    level: float = 0.95,
    unit: str = "scale difference",
    scale: float = 1.0,
    method: str = "",
    group: str = "",
    n: int | None = None,
    randomised: bool = False,
) -> Estimate:
    """A weighted sum of coefficients with its t interval and two-sided p.

    Parameters
    ----------
    fit : from `ordinary_least_squares`
    weights : term to weight; ``{"delighted": 1}`` is that group's adjusted difference from the
        group that has no indicator, ``{"a": 1, "b": -1}`` the difference of two groups
    scale : what one unit is worth in the outcome's unit, to report in standard deviations
    method : put before the description of the standard errors
    n : people whom the contrast is about, where they are fewer than all in the fit

    Returns
    -------
    One estimate; NaN where a term was left out as aliased or its error is unknown.
    """
    value = error = NAN
    if set(weights) <= set(fit.terms) and scale > 0:
        vector = np.array([weights.get(term, 0.0) for term in fit.terms])
        value = float(vector @ fit.coefficients) / scale
        variance = float(vector @ fit.covariance @ vector)
        error = variance**0.5 / scale if np.isfinite(variance) and variance > 0 else NAN
    half = t_quantile((1 + level) / 2, fit.df) * error if fit.df > 0 else NAN
    return Estimate(
        key=key,
        name=name,
        group=group,
        value=value,
        low=value - half,
        high=value + half,
        level=level,
        unit=unit,
        n=fit.n if n is None else n,
        n_dropped=fit.n_dropped,
        method=f"{method or 'linear regression'}, {fit.errors} errors",
        p=two_sided_p(value / error, fit.df) if error == error else NAN,
        randomised=randomised,
    )


def adjusted_mean(
    fit: Fit, at: Mapping[str, float], *, key: str, name: str, level: float = 0.95, **fields
) -> Estimate:
    """The mean that the fit expects with the terms `at` set and all others at their means."""
    weights = {term: at.get(term, fit.means.get(term, NAN)) for term in fit.terms}
    fields = {"unit": "scale points", "method": "adjusted mean"} | fields
    return contrast(fit, weights, key=key, name=name, level=level, **fields)


def joint_test(
    fit: Fit, terms: Sequence[str], *, key: str, name: str, level: float = 0.95
) -> Estimate:
    """Wald's F test that all these coefficients are zero, with the errors of the fit.

    Returns
    -------
    F as a ``statistic`` with its p; NaN where a term was left out as aliased, or none is given.
    """
    statistic = p = NAN
    method = f"Wald's F, {fit.errors} errors: not computed"
    if terms and set(terms) <= set(fit.terms) and np.isfinite(fit.covariance).all():
        at = [fit.terms.index(term) for term in terms]
        part, size = fit.coefficients[at], len(at)
        solved = linalg.lstsq(fit.covariance[np.ix_(at, at)], part)[0]
        statistic = float(part @ solved) / size
        p = float(stats.f.sf(statistic, size, fit.df))
        method = f"Wald's F({size}, {fit.df:g}), {fit.errors} errors"
    return Estimate(
        key=key,
        name=name,
        value=statistic,
        level=level,
        unit="statistic",
        n=fit.n,
        n_dropped=fit.n_dropped,
        method=method,
        p=p,
    )


def simultaneous(fit: Fit, contrasts: Sequence[Estimate], *, groups: int) -> list[Estimate]:
    """Contrasts of all pairs of groups, their intervals widened to hold together.

    Parameters
    ----------
    contrasts : from `contrast`, one for each pair of the groups, at one level
    groups : number of groups

    Returns
    -------
    The same contrasts with Tukey's simultaneous intervals and adjusted p, on the errors and
    degrees of freedom of the fit.
    """
    if not contrasts:
        return []
    level = contrasts[0].level
    value = np.array([item.value for item in contrasts])
    reach = np.array([item.high - item.low for item in contrasts]) / 2
    error = reach / t_quantile((1 + level) / 2, fit.df) if fit.df > 0 else reach * NAN
    half, p = all_pairs(value, error, np.full(len(value), fit.df), groups=groups, level=level)
    return [
        dataclasses.replace(
            item,
            low=item.value - float(half[row]),
            high=item.value + float(half[row]),
            p=float(p[row]),
            method=f"{item.method}, Tukey-simultaneous for {len(contrasts)} pairs; p adjusted",
        )
        for row, item in enumerate(contrasts)
    ]


def described(clusters: int | None, errors: str, weighted: bool) -> str:
    """Errors in words, for `Estimate.method`; `clusters` is None where they are not clustered."""
    words = "survey-weighted, " if weighted else ""
    return words + (errors if clusters is None else f"cluster-robust ({clusters:,} clusters)")
