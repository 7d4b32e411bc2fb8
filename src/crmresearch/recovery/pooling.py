"""One contrast of several groups or reports, pooled: the estimates that a synthesis shows."""

import dataclasses
import math
import re

import numpy as np
from scipy import optimize, stats

from crmresearch.methods import meta
from crmresearch.methods.student import t_quantile
from crmresearch.recovery.cases import Outcome
from crmresearch.report.estimates import NAN, Estimate

_CLUSTERS = re.compile(r"\(([\d,]+) clusters\)")
LEAST, MANY = 0.5, 1e7  # degrees of freedom that are looked among; beyond, t is the normal
UNTOLD = 1e-6  # by how much log p must change over all of them for it to tell which


def standard_error(item: Estimate) -> float:
    """The standard error behind a symmetric t interval, exact where its p is known.

    The interval reaches t standard errors and p is that of the value over the same error, so that
    both together tell the degrees of freedom. Where they do not (no p, a value of zero, an interval
    that ends at zero) these are taken as the clusters less one where the method names clusters,
    otherwise as the rows less two, which at worst makes a small group's error somewhat too large.
    """
    if not item.low < item.high:
        return NAN
    half = (item.high - item.low) / 2
    found = _CLUSTERS.search(item.method)
    df = _told(item, half) or (int(found[1].replace(",", "")) - 1 if found else item.n - 2)
    return half / _reach(item.level, df) if df > LEAST else NAN


def _told(item: Estimate, half: float) -> float:
    """The degrees of freedom at which interval and p agree; 0 where they do not tell."""
    ratio = abs(item.value) / half
    if not (0 < item.p < 1 and 0 < ratio < math.inf):
        return 0.0

    def apart(log_df: float) -> float:
        df = math.exp(log_df)
        return float(stats.t.logsf(ratio * _reach(item.level, df), df)) - math.log(item.p / 2)

    ends = math.log(LEAST), math.log(MANY)
    at_ends = [apart(end) for end in ends]
    if not all(map(math.isfinite, at_ends)) or at_ends[0] * at_ends[1] >= 0:
        return 0.0
    if abs(at_ends[0] - at_ends[1]) < UNTOLD:
        return 0.0
    return math.exp(float(optimize.brentq(apart, *ends, xtol=1e-12)))


def _reach(level: float, df: float) -> float:
    """How many standard errors an interval reaches."""
    return t_quantile((1 + level) / 2, df)


def usable(item: Estimate | None) -> bool:
    """Whether an estimate has a value and a standard error, and so can be pooled."""
    if item is None or item.value != item.value:
        return False
    error = standard_error(item)
    return 0 < error * error < math.inf


def synthesised(
    parts: list[Estimate], start: str, outcome: Outcome, level: float
) -> list[Estimate]:
    """Each part, the mean, the prediction, the spread, and the synthesis without each part.

    Returns
    -------
    ``<start>.effect`` a part, as it came; ``<start>.weight``, its share in the mean;
    ``<start>.mean`` with Hartung and Knapp's interval; ``<start>.predicted``, the true effect in
    one more part; ``<start>.between``, the SD of the true effects with its Q-profile interval;
    ``<start>.inconsistency``, I squared with the same; ``<start>.test``, Cochran's Q;
    ``<start>.without`` a part, the mean of the others, with three parts or more.
    """
    effects = np.array([item.value for item in parts])
    variances = np.array([standard_error(item) for item in parts]) ** 2
    pooled = meta.pool(effects, variances)
    name = f"{outcome.name}, {parts[0].name}"
    shown = [
        dataclasses.replace(item, key=f"{start}.effect", name=name, study="") for item in parts
    ]
    whole = Estimate(
        key=start,
        name=name,
        value=pooled.mean,
        level=level,
        unit=parts[0].unit,
        n=sum(item.n for item in parts),
        n_dropped=sum(item.n_dropped for item in parts),
        method=f"random effects, REML, k = {pooled.k}",
    )
    return [
        *shown,
        *_pooled(whole, pooled),
        *_spread(whole, pooled, effects, variances),
        *_weights(shown, pooled, start),
        *_without_each(shown, effects, variances, start, level),
    ]


def _pooled(whole: Estimate, pooled: meta.Pooled) -> list[Estimate]:
    """The mean of the true effects, and what to expect of one more."""
    low, high = pooled.interval(whole.level)
    ahead = pooled.prediction(whole.level)
    factor = ", factor at least 1" if pooled.k < meta.FEW else ""
    return [
        dataclasses.replace(
            whole,
            key=f"{whole.key}.mean",
            name=f"{whole.name}: mean of all",
            low=low,
            high=high,
            method=f"{whole.method}, Hartung-Knapp t({pooled.df:.0f}) interval{factor}",
            p=pooled.p,
        ),
        dataclasses.replace(
            whole,
            key=f"{whole.key}.predicted",
            name=f"{whole.name}: one more like these",
            low=ahead[0],
            high=ahead[1],
            method=f"{whole.method}, prediction interval, t({pooled.k - 2})",
        ),
    ]


def _spread(
    whole: Estimate, pooled: meta.Pooled, effects: np.ndarray, variances: np.ndarray
) -> list[Estimate]:
    """How much the true effects vary, and what share of the observed spread that is."""
    ends = meta.between_interval(effects, variances, level=whole.level)
    inside = [meta.inconsistency(end, variances) for end in ends]
    return [
        dataclasses.replace(
            whole,
            key=f"{whole.key}.between",
            name=f"{whole.name}: SD of the true differences",
            value=pooled.tau2**0.5,
            low=ends[0] ** 0.5,
            high=ends[1] ** 0.5,
            unit="number" if whole.unit == "SD" else "percentage points",
            method="tau in the unit of the contrast, REML, Q-profile interval",
        ),
        dataclasses.replace(
            whole,
            key=f"{whole.key}.inconsistency",
            name=f"{whole.name}: spread that is not sampling error (I²)",
            value=pooled.i2,
            low=inside[0],
            high=inside[1],
            unit="share",
            method="I² at the REML variance, Q-profile interval",
        ),
        dataclasses.replace(
            whole,
            key=f"{whole.key}.test",
            name=f"{whole.name}: any variation (Cochran's Q)",
            value=pooled.q,
            unit="statistic",
            p=pooled.q_p,
            method=f"Q({pooled.q_df}), chi-squared; has little power with few groups",
        ),
    ]


def _weights(shown: list[Estimate], pooled: meta.Pooled, start: str) -> list[Estimate]:
    return [
        dataclasses.replace(
            item,
            key=f"{start}.weight",
            name="weight in the synthesis",
            value=float(weight),
            low=NAN,
            high=NAN,
            p=NAN,
            unit="share",
            method="inverse of sampling variance plus variance between",
        )
        for item, weight in zip(shown, pooled.weights, strict=True)
    ]


def _without_each(
    shown: list[Estimate], effects: np.ndarray, variances: np.ndarray, start: str, level: float
) -> list[Estimate]:
    if len(shown) < 3:
        return []
    estimates = []
    for item, left in zip(shown, meta.leave_one_out(effects, variances), strict=True):
        low, high = left.interval(level)
        others = sum(x.n for x in shown) - item.n
        estimates.append(
            Estimate(
                key=f"{start}.without",
                name="mean without",
                group=item.group,
                value=left.mean,
                low=low,
                high=high,
                level=level,
                unit=item.unit,
                n=others,
                method=f"as the mean, k = {left.k}",
                p=left.p,
            )
        )
    return estimates
