"""Reliability of scales: Cronbach's alpha, McDonald's omega total and corrected item-rest r.

All take complete answers to every item of the scale; each estimate says how many there were. A
reliability describes these answers of these people, not the questionnaire. Under weights it
describes the population that they stand for. All are functions of the items' covariances, so that
each respondent's influence on them is a quadratic form of the answers, which the sampling design
sums within its clusters (see `weighting.linearised_variance`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from crmresearch.methods.association import fisher, spread_of
from crmresearch.methods.one_factor import fit, omega, omega_gradient
from crmresearch.methods.weighting import Design, method_words
from crmresearch.report.estimates import NAN, Estimate

FEWEST = 5  # degrees of freedom that a linearised interval needs


@dataclass(frozen=True, slots=True, eq=False)
class Complete:
    """The complete answers to a scale with their weights and covariances; made by `complete`.

    Parameters
    ----------
    answers : (n, k), less their weighted means; a column is contiguous
    share : (n,), the weights, summing to 1
    covariance : (k, k), with divisor n
    rows : (m,) bool, which rows of the dataset they are
    design : the design of all m rows
    """

    answers: np.ndarray
    share: np.ndarray
    covariance: np.ndarray
    rows: np.ndarray
    design: Design

    @property
    def n(self) -> int:
        """How many respondents answered every item."""
        return len(self.answers)

    @property
    def spread(self) -> bool:
        """Whether every item was answered in more than one way."""
        return self.n > 1 and bool((self.covariance.diagonal() > 0).all())

    def error(self, slope: np.ndarray, *, standardised: bool = False) -> tuple[float, int]:
        """Standard error and degrees of freedom of a function of the covariances.

        Parameters
        ----------
        slope : (k, k), its derivative by the covariances, the two halves alike; by the
            correlations where `standardised`
        """
        target, columns = self.covariance, self.answers.T
        if standardised:
            scale = np.outer(*[np.sqrt(target.diagonal())] * 2)
            slope = (slope - np.diag((slope * target / scale).sum(axis=1))) / scale
        each = np.einsum("ij,ij->j", slope @ columns, columns) - (slope * target).sum()
        return spread_of(self.share * each, self.rows, self.design)


def complete(items: pd.DataFrame | Complete, design: Design | None = None) -> Complete:
    """The respondents who answered every item and have a weight; as they are if made before."""
    if isinstance(items, Complete):
        return items
    design = design or Design(len(items))
    table = [items[column].to_numpy(float) for column in items.columns]
    rows = design.row_weights() > 0
    for column in table:
        rows = rows & np.isfinite(column)
    weights = design.row_weights()[rows]
    share = weights / weights.sum() if len(weights) else weights
    answers = np.empty((len(table), len(share)))  # an item's answers stand together
    for place, column in enumerate(table):
        known = column[rows]
        constant = not len(known) or known.min() == known.max()  # rounding would leave it a spread
        answers[place] = 0.0 if constant else known - share @ known
    return Complete(answers.T, share, (answers * share) @ answers.T, rows, design)


def alpha(
    items: pd.DataFrame | Complete,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
    group: str = "",
) -> Estimate:
    """Cronbach's alpha with Feldt's exact interval, or a linearised one under a sampling design.

    Feldt's (1965) assumes independent, equally weighted respondents and items that measure the
    same thing equally well. Under weights, strata or clusters the interval is that of
    log(1 - alpha) by linearisation, which assumes neither.

    Parameters
    ----------
    items : (n, k) frame, one column an item, reversed items already reversed, or what `complete`
        made of it (with the design); k of at least 2
    """
    data = complete(items, design)
    n, k = data.answers.shape
    value, interval = NAN, (NAN, NAN)
    total, trace = data.covariance.sum(), np.trace(data.covariance)
    method = f"Cronbach's alpha of {k} items"
    if n > 1 and k > 1 and total > 1e-12 * trace > 0:
        value = float(k / (k - 1) * (1 - trace / total))
        if data.design.plain:
            method += ", Feldt interval"
            interval = feldt(value, n, k, level)
        else:
            slope = k / (k - 1) * (trace / total**2 - np.eye(k) / total)
            error, freedom = data.error(slope)
            method += f", {_words(data.design, freedom)} of log(1 - alpha)"
            interval = bounds(value, error, freedom, level)
    return _estimate(data, value, interval, method, key=key, name=name, level=level, group=group)


def standardised_alpha(
    items: pd.DataFrame | Complete,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
    group: str = "",
) -> Estimate:
    """Alpha of the standardised items; of two items it is the Spearman-Brown coefficient.

    It is the reliability of a sum in which every item has the same spread. Two items tell too
    little of themselves for alpha, which understates them where their spreads differ
    (Eisinga, te Grotenhuis & Pelzer 2013). The interval is that of log(1 - alpha), linearised.
    """
    data = complete(items, design)
    value, interval = NAN, (NAN, NAN)
    k = data.answers.shape[1]
    words = "Spearman-Brown coefficient" if k == 2 else "alpha of standardised items"
    method = f"{words}, {k} items"
    if k > 1 and data.spread:
        scale = np.sqrt(np.diag(data.covariance))
        value, slope = alpha_of(data.covariance / np.outer(scale, scale))
        if np.isfinite(value):
            error, freedom = data.error(slope, standardised=True)
            method += f", {_words(data.design, freedom)} of log(1 - alpha)"
            interval = bounds(value, error, freedom, level)
    return _estimate(data, value, interval, method, key=key, name=name, level=level, group=group)


def alpha_of(correlations: np.ndarray) -> tuple[float, np.ndarray]:
    """Alpha of a correlation matrix (k, k) and its derivative (k, k) by the correlations."""
    k, total = len(correlations), correlations.sum()
    if not total > 1e-9:
        return NAN, np.zeros((k, k))
    slope = np.full((k, k), k / (k - 1) * k / total**2)
    np.fill_diagonal(slope, 0.0)
    return float(k / (k - 1) * (1 - k / total)), slope


def omega_total(
    items: pd.DataFrame | Complete,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
    group: str = "",
) -> Estimate:
    """McDonald's omega total from a one-factor model, with a distribution-free delta interval.

    The share of the sum score's variance that the common factor explains in the model (maximum
    likelihood of the weighted covariances). The interval is that of log(1 - omega), from each
    respondent's influence on the covariance matrix, under the sampling design. It needs neither
    normal answers nor equal loadings.

    Parameters
    ----------
    items : (n, k) frame, one column an item; a model of one factor needs k of at least 3

    Returns
    -------
    Estimate; NaN where there is no model (fewer than 3 items, an item without spread, fewer
    respondents than items), without an interval where the model is improper (a Heywood case).
    """
    data = complete(items, design)
    k = data.answers.shape[1]
    value, interval = NAN, (NAN, NAN)
    method = f"omega total needs three items with spread and more answers than items; {k} items"
    model = fit(data.covariance) if k > 2 and data.n > k and data.spread else None
    if model is not None:
        value = omega(model)
        error, freedom = data.error(omega_gradient(model))
        method = f"omega total of {k} items, one-factor ML model"
        if model.improper:
            method += "; improper solution (a uniqueness at its bound), so no interval"
        else:
            method += f", {_words(data.design, freedom)} of log(1 - omega)"
            interval = bounds(value, error, freedom, level)
    return _estimate(data, value, interval, method, key=key, name=name, level=level, group=group)


def item_rest(
    items: pd.DataFrame,
    *,
    key: str,
    names: dict[str, str],
    design: Design | None = None,
    level: float = 0.95,
) -> list[Estimate]:
    """Correlation of each item with the sum of the other items, under the sampling design.

    Parameters
    ----------
    items : (n, k) frame
    names : column to the item's name for readers; the estimate's key is ``key.column``
    """
    data = complete(items, design)
    k = items.shape[1]
    rest = 1 - np.eye(k)  # a column for each item: which items are its rest
    ours, theirs = data.covariance.diagonal(), (rest * (data.covariance @ rest)).sum(axis=0)
    known = np.minimum(ours, theirs) > 1e-12 * data.covariance.trace()
    total = data.answers.sum(axis=1)
    found = []
    for place, column in enumerate(items.columns):
        value, interval, method = NAN, (NAN, NAN), "correlation; no spread, so none can be told"
        if known[place] and data.n > 1:
            item = data.answers[:, place]
            x, y = item / np.sqrt(ours[place]), (total - item) / np.sqrt(theirs[place])
            value = float(np.clip(data.share @ (x * y), -1.0, 1.0))
            influence = data.share * (x * y - value / 2 * (x**2 + y**2))
            error, freedom = spread_of(influence, data.rows, data.design)
            others_named = "the other item" if k == 2 else f"the sum of the other {k - 1}"
            method = f"correlation with {others_named}"
            method += f", {_words(data.design, freedom)} of Fisher's z"
            interval = fisher(value, error, freedom, level) if data.n > 3 else interval
        settings = {"key": f"{key}.{column}", "name": names.get(column, str(column))}
        settings |= {"unit": "correlation", "level": level}
        found.append(_estimate(data, value, interval, method, **settings))
    return found


def feldt(value: float, n: int, k: int, level: float) -> tuple[float, float]:
    """Feldt's interval of alpha; NaN of fewer than three respondents."""
    if n < 3:
        return NAN, NAN
    tail = (1 - level) / 2
    quantiles = stats.f.ppf([1 - tail, tail], n - 1, (n - 1) * (k - 1))
    low, high = (float(1 - (1 - value) * quantile) for quantile in quantiles)
    return low, high


def bounds(value: float, error: float, freedom: int, level: float) -> tuple[float, float]:
    """The interval of a reliability on the scale of log(1 - value), which keeps it below 1.

    NaN below `FEWEST` degrees of freedom, where the linearised error itself is hardly known.
    """
    if not (np.isfinite(error) and freedom >= FEWEST and 1 - value > 1e-9):
        return NAN, NAN
    reach = stats.t.ppf(0.5 + level / 2, freedom) * error / (1 - value)
    return float(1 - (1 - value) * np.exp(reach)), float(1 - (1 - value) * np.exp(-reach))


def _words(design: Design, freedom: int) -> str:
    words = method_words(design, freedom)
    return f"linearised {words}" if design.plain else words


def _estimate(
    data: Complete, value: float, interval: tuple[float, float], method: str, **given
) -> Estimate:
    low, high = interval
    return Estimate(
        value=value,
        low=low,
        high=high,
        n=data.n,
        n_dropped=len(data.rows) - data.n,
        method=method,
        **({"unit": "coefficient"} | given),
    )
