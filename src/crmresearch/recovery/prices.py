"""What a customer who stays earns and what a complaint costs to put right, as far as is known."""

from dataclasses import dataclass

import numpy as np

from crmresearch.methods.products import Amount
from crmresearch.methods.student import t_quantile
from crmresearch.methods.weighting import mean_contrast, method_words
from crmresearch.recovery.cases import Cases
from crmresearch.report.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Terms:
    """What money figures rest on besides the answers; `prices` makes it.

    Parameters
    ----------
    margin : what a customer who stays earns
    cost : of putting one complaint right; None where it was not stated
    told : how the margin came about, in words
    range : how far what was stated may be off, in words
    revenue : the estimate behind the margin where it was read from the data, else None
    """

    margin: Amount
    cost: Amount | None
    told: str
    range: str
    revenue: Estimate | None = None


def prices(
    cases: Cases,
    *,
    margin: float,
    cost: float,
    spread: float,
    level: float = 0.95,
    min_cell: int = 10,
) -> Terms | None:
    """The margin and the cost, each with how far it may be off; None without a margin.

    Without a stated margin (0), the revenue of customers who stayed less that of customers who
    left, where the data have both: what a departure took away in the period of the revenue. It is
    revenue, from which nothing has been paid yet, so what rests on it is a ceiling.

    Parameters
    ----------
    margin, cost : amounts in one currency, 0 where not known
    spread : share of either by which it may be off, every value in that range as likely
    """
    paid = Amount(cost, off=abs(cost) * spread) if cost else None
    words = f"±{spread:.0%} at the most"
    if margin:
        stated = Amount(margin, off=abs(margin) * spread)
        return Terms(stated, paid, f"a margin as stated, {words}", words)
    found = _revenue(cases, level, min_cell)
    if found is None:
        return None
    revenue, error = found
    told = "the revenue of those who stayed less that of those who left"
    return Terms(Amount(revenue.value, error=error), paid, told, words, revenue)


def _revenue(cases: Cases, level: float, min_cell: int) -> tuple[Estimate, float] | None:
    """What customers who stayed brought in more than those who left, and its standard error."""
    if not cases.has("stayed", "revenue"):
        return None
    stayed, revenue = cases.frame["stayed"].to_numpy(), cases.frame["revenue"].to_numpy()
    parts = [(1.0, stayed == 1), (-1.0, stayed == 0)]
    if any((rows & np.isfinite(revenue)).sum() < min_cell for _, rows in parts):
        return None
    value, error, freedom, n = mean_contrast(revenue, cases.sampling, parts)
    if not error > 0:
        return None
    half = t_quantile((1 + level) / 2, freedom) * error
    estimate = Estimate(
        key="money.revenue",
        name="revenue of a customer who stayed less that of one who left",
        value=value,
        low=value - half,
        high=value + half,
        level=level,
        unit="amount",
        n=n,
        n_dropped=cases.sampling.n - n,
        method=f"difference of means, {method_words(cases.sampling, freedom)}",
    )
    return estimate, error
