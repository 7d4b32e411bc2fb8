"""What a complaint put right is worth: departures avoided, times what a customer earns, less cost.

Resolved complaints are compared with unresolved ones; companies chose whom to help, so the money is
there only as far as the difference is due to the help.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.products import worth
from crmresearch.methods.regression import Fit, contrast, ordinary_least_squares
from crmresearch.methods.weighting import weighted_mean
from crmresearch.recovery.cases import NO_PROBLEM, Cases, withheld
from crmresearch.recovery.outcomes import OUTCOMES
from crmresearch.recovery.paths import large_paths
from crmresearch.recovery.planned import Sides, allowed, sides
from crmresearch.recovery.prices import Terms
from crmresearch.report.estimates import NAN, Estimate

MEMBER = "money_group"
STAYED = next(item for item in OUTCOMES if item.key == "stayed")
MANY = 1000  # customers or complaints, by which amounts are easier to picture


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of the share who stayed, or a part of it, with its error."""

    value: float
    error: float
    freedom: float
    n: int
    smallest: int  # customers on the smaller side
    method: str


def kept(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Departures avoided: the share who stayed of resolved less that of unresolved complainers.

    Returns
    -------
    ``money.kept``, from a linear regression on the covariates where there are any, and then also
    ``money.kept.raw``. Weighted where the data are; errors hold under unequal variances or
    clusters. Empty where it is not known who left or whose complaint was resolved, or where a side
    is too small to be shown.
    """
    pair = _resolution(cases, min_cell)
    if pair is None:
        return []
    found = []
    for adjusted in [True, False] if cases.covariates.shape[1] else [False]:
        fit, smallest, method = _fitted(cases, pair, adjusted)
        item = contrast(
            fit,
            {MEMBER: 1.0},
            key="money.kept.raw" if found else "money.kept",
            name=f"share who stayed: resolved − unresolved, {'adjusted' if adjusted else 'raw'}",
            level=level,
            unit=STAYED.difference,
            method=method,
        )
        found.append(withheld(item, smallest, min_cell))
    return found


def value(
    cases: Cases, terms: Terms | None, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """What putting a complaint right is worth, what it may cost, and what is at stake.

    The share of departures avoided, as in `kept`, times the margin, less the cost. The interval
    holds the sampling error of the share (Student's t), that of a revenue read from the data
    (normal) and the ranges of what was stated (uniform), independent of each other; the
    distribution of the result is integrated. At stake for every 1,000 customers are departures of
    the unresolved, were they like resolved ones, and of those who told nobody, were they like
    customers without a problem; how much of it could be saved is another question.

    Returns
    -------
    ``money.revenue`` where the margin is read from it; ``money.break_even``, the most that putting
    one complaint right may cost; with a cost ``money.net`` and ``money.net_thousand``; then
    ``money.stake.unresolved`` and ``money.stake.silent``. Empty without a margin, or where `kept`
    is.
    """
    pair = _resolution(cases, min_cell)
    if terms is None or pair is None:
        return []
    gain = _difference(cases, pair)
    known = [] if terms.revenue is None else [terms.revenue]
    told = {"terms": terms, "level": level, "min_cell": min_cell}
    found = [
        _amount(gain, "money.break_even", "worth of a complaint put right, before its cost", **told)
    ]
    if terms.cost is not None:
        found += [
            _amount(gain, "money.net", "a complaint put right, after its cost", net=True, **told),
            _amount(
                gain,
                "money.net_thousand",
                "1,000 complaints put right, after their cost",
                net=True,
                times=MANY,
                **told,
            ),
        ]
    stakes = [("unresolved", "unresolved complaints", pair[0], gain)]
    quiet = _silence(cases, min_cell)
    if quiet is not None:
        loss = _difference(cases, quiet)
        stakes.append(("silent", "customers with a problem who told nobody", quiet[0], loss))
    for key, name, members, difference in stakes:
        lost = _of_all(cases, members, difference)
        name = f"at stake for every 1,000 customers: {name}"
        found.append(_amount(lost, f"money.stake.{key}", name, times=MANY, **told))
    return known + found


def _resolution(cases: Cases, min_cell: int) -> Sides | None:
    """Unresolved and resolved complainers, where that and who left may be shown."""
    if not cases.has("stayed"):
        return None
    key = "resolved-unresolved"
    return sides(cases)[key] if key in allowed(cases, STAYED, min_cell) else None


def _silence(cases: Cases, min_cell: int) -> Sides | None:
    """Customers who told nobody and customers without a problem, where they may be shown."""
    paths = large_paths(cases, STAYED, min_cell)
    pair = tuple((paths == name).to_numpy() for name in ("silent", NO_PROBLEM))
    return pair if all(side.any() for side in pair) else None


def _fitted(cases: Cases, pair: Sides, adjusted: bool) -> tuple[Fit, int, str]:
    """Regression of staying on being of the second side; the smaller side; how it was made."""
    rows = pair[0] | pair[1]
    values, weights = cases.frame["stayed"].to_numpy()[rows], cases.sampling.weights
    predictors = pd.DataFrame({MEMBER: pair[1][rows].astype(float)}, index=cases.frame.index[rows])
    used, method = np.isfinite(values), "difference of shares"
    if adjusted:
        predictors = predictors.join(cases.covariates[rows])
        used &= cases.covariates[rows].notna().all(axis=1).to_numpy()
        names = ", ".join(map(str, cases.covariates))
        method = f"linear regression of staying, adjusted for {names}"
    if weights is not None:
        used &= weights[rows] > 0
    fit = ordinary_least_squares(
        values,
        predictors,
        cluster=cases.cluster[rows].to_numpy() if cases.cluster is not None else None,
        weights=None if weights is None else weights[rows],
    )
    return fit, min(int((side[rows] & used).sum()) for side in pair), method


def _difference(cases: Cases, pair: Sides) -> Difference:
    """The difference, adjusted where there is something to adjust for."""
    fit, smallest, method = _fitted(cases, pair, bool(cases.covariates.shape[1]))
    value = error = NAN
    if MEMBER in fit.terms:
        at = fit.terms.index(MEMBER)
        value, variance = float(fit.coefficients[at]), float(fit.covariance[at, at])
        error = variance**0.5 if variance > 0 else NAN
    return Difference(value, error, fit.df, fit.n, smallest, f"{method}, {fit.errors} errors")


def _of_all(cases: Cases, members: np.ndarray, difference: Difference) -> Difference:
    """The difference times the share of all customers who are such, errors by the delta method."""
    values = np.where(members, 1.0, np.where(cases.path.notna(), 0.0, np.nan))
    size, error, _, n = weighted_mean(values, cases.sampling)
    both = ((size * difference.error) ** 2 + (difference.value * error) ** 2) ** 0.5
    return dataclasses.replace(
        difference,
        value=size * difference.value,
        error=both,
        n=n,
        method=f"{difference.method}, times the share of customers",
    )


def _amount(
    difference: Difference,
    key: str,
    name: str,
    *,
    terms: Terms,
    level: float,
    min_cell: int,
    net: bool = False,
    times: int = 1,
) -> Estimate:
    found = worth(
        difference.value,
        difference.error,
        difference.freedom,
        factor=terms.margin,
        less=terms.cost if net else None,
        level=level,
    )
    amount, low, high = (float(part) * times for part in found)
    item = Estimate(
        key=key,
        name=name,
        value=amount,
        low=low,
        high=high,
        level=level,
        unit="amount",
        n=difference.n,
        method=f"{difference.method}; times {terms.told}"
        + (f", less the cost as stated, {terms.range}" if net else "")
        + "; distribution of the result integrated",
    )
    return withheld(item, difference.smallest, min_cell)
