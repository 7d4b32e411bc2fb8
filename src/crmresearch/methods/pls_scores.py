"""Constructs as an index from 0 to 100, for all and for groups.

The index of a construct is the weighted mean of its items, each from the lowest to the highest
answer that it allows, with the weights of the path model as they apply to the answers themselves
(Fornell, Johnson, Anderson, Cha & Bryant 1996, Journal of Marketing 60(4), 7-18).
"""

from collections.abc import Sequence

import numpy as np

from crmresearch.methods.pls_fit import Fit
from crmresearch.methods.student import t_quantile
from crmresearch.methods.weighting import Design, method_words, weighted_mean
from crmresearch.report.estimates import NAN, Estimate


def index_weights(
    weights: np.ndarray, covariances: np.ndarray, metric: str, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """What one more point of each answer adds to the index of its construct.

    Parameters
    ----------
    weights : (..., p, c) of a `Solution`; covariances : (..., p, p) of the answers
    low, high : (p,), the lowest and highest possible answers

    Returns
    -------
    (..., p, c); NaN for a construct whose weights do not sum to something positive
    """
    if metric == "standardised":
        spread = np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))
        weights = weights / spread[..., None]
    total = (weights * (high - low)[:, None]).sum(axis=-2, keepdims=True)
    return 100 * weights / np.where(total > 1e-12, total, np.nan)


def levels(found: Fit, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The index of every construct, (c,), and in each resample, (b, c)."""
    value = _level(
        found.solution.weights, found.moments.covariance, found.moments.means, found, low, high
    )
    draws = _level(found.draws.weights, found.draw_covariances, found.draw_means, found, low, high)
    return value, draws


def _level(
    weights: np.ndarray,
    covariances: np.ndarray,
    means: np.ndarray,
    found: Fit,
    low: np.ndarray,
    high: np.ndarray,
) -> np.ndarray:
    each = index_weights(weights, covariances, found.metric, low, high)
    return ((means - low)[..., None] * each).sum(axis=-2)


def index(
    found: Fit,
    table: np.ndarray,
    construct: str,
    *,
    low: np.ndarray,
    high: np.ndarray,
    design: Design,
    parts: Sequence[tuple[str, np.ndarray]] = (),
    key: str,
    name: str,
    level: float = 0.95,
) -> list[Estimate]:
    """The index of one construct, weighted by the model and with equal weights, and by group.

    Parameters
    ----------
    table : (n, p) float, the answers that `found` was fitted to
    low, high : (p,), the lowest and highest possible answers
    design : of the n rows
    parts : (group as in ``Estimate.group``, (n,) bool) a group

    Returns
    -------
    ``{key}`` for all, ``{key}.equal`` with every item counting alike, then ``{key}`` of each group
    that has rows. Whoever answered the construct's own items counts, also without an answer to
    the rest of the model. The interval is a t interval of the mean under the design, to which
    the variance is added that the model's weights have among the resamples.
    """
    mine = found.model.blocks[:, found.place(construct)]
    chosen, noise = _chosen(found, construct, low, high)
    if not np.isfinite(chosen).all():
        return []
    known = np.isfinite(table[:, mine])
    told = known.any(axis=1) if found.missing == "mean" else known.all(axis=1)
    answers = np.where(known, table[:, mine], found.moments.means[mine]) - low[mine]
    answers[~told] = np.nan
    equal = 100 / (high - low)[mine] / mine.sum()
    common = {"design": design, "level": level}
    words = f"weights by PLS, {found.scheme} scheme, {found.metric} items, and their variance"
    alike = {"key": f"{key}.equal", "name": f"{name}, items counted alike"}
    rows = [
        _mean(answers, chosen, noise, key=key, name=name, words=words, **common),
        _mean(answers, equal, 0 * noise, words="equal weights", **alike, **common),
    ]
    for group, within in parts:
        names = {"key": key, "name": name, "words": words, "group": group}
        rows.append(_mean(answers, chosen, noise, within=within, **names, **common))
    return [row for row in rows if row.n]


def _chosen(
    found: Fit, construct: str, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The index weights (q,) of a construct's items and their variance (q, q) over resamples."""
    place = found.place(construct)
    mine = found.model.blocks[:, place]
    chosen, drawn = (
        index_weights(solved.weights, matrices, found.metric, low, high)[..., mine, place]
        for solved, matrices in (
            (found.solution, found.moments.covariance),
            (found.draws, found.draw_covariances),
        )
    )
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    size = len(chosen)
    noise = np.cov(drawn.T).reshape(size, size) if len(drawn) > 1 else np.zeros((size, size))
    return chosen, noise


def _mean(
    answers: np.ndarray,
    weights: np.ndarray,
    noise: np.ndarray,
    *,
    design: Design,
    level: float,
    words: str,
    within: np.ndarray | None = None,
    **names: str,
) -> Estimate:
    """The mean of weighted answers (n, q); `noise` (q, q) is the variance of the weights."""
    value, error, freedom, n = weighted_mean(answers @ weights, design, within)
    low = high = NAN
    if n and np.isfinite(error):
        used = np.isfinite(answers[:, 0]) & (design.row_weights() > 0)
        used &= True if within is None else within
        share = design.row_weights()[used]
        centre = share @ answers[used] / share.sum()
        error = float(np.sqrt(error**2 + centre @ noise @ centre))
        reach = t_quantile(0.5 + level / 2, freedom) * error
        low, high = max(value - reach, 0.0), min(value + reach, 100.0)
        low, high = min(low, value), max(high, value)  # negative weights may leave 0 to 100
    total = len(answers) if within is None else int(within.sum())
    return Estimate(
        value=value,
        low=low,
        high=high,
        level=level,
        unit="index",
        n=n,
        n_dropped=total - n,
        method=f"{words}; {method_words(design, freedom)}",
        **names,
    )
