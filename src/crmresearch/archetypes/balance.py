"""Positive, negative, both or neither: relationships sorted by what each respondent said.

Positive and negative signs are counted on separate scales, since a relationship with neither
(neutral) and one with both (ambivalent) look alike on a single scale from bad to good. How people
are sorted does not rest on the latent classes; how each class divides does. In simulations (seven
signs, four types, n = 1,200) nominal 95% intervals of how a class divides held the truth in 91% of
cases: they are a little too narrow.
"""

import dataclasses

import numpy as np
from scipy import stats

from crmresearch.archetypes.classification import Linear, classify
from crmresearch.archetypes.indicators import Indicators
from crmresearch.archetypes.outcomes import corrected_means
from crmresearch.archetypes.types import Types
from crmresearch.archetypes.uncertainty import arcsine_interval
from crmresearch.methods.proportions import share
from crmresearch.report.estimates import Estimate

KINDS = ("positive", "negative", "ambivalent", "neutral")
BENCHMARK = 0.45  # negative relationships, Fournier (2014)
ANSWERED = 0.5  # of the signs of a side, for a respondent to be sorted


def balance(
    indicators: Indicators, *, endorsed: float = 0.5, level: float = 0.95
) -> list[Estimate]:
    """Shares of positive, negative, ambivalent and neutral relationships.

    Parameters
    ----------
    endorsed : a side is shown from this share of its signs on. A yes counts 1; an answer on a
        scale, or the score of ratings, counts 1 above the middle of the scale.

    Returns
    -------
    Four shares, then the negative share less the published 45% and the smaller of the ambivalent
    and neutral shares, which decide claims; empty without both positive and negative indicators.
    """
    if indicators.side("positive") is None:
        return []
    kind = kinds(indicators, endorsed)
    shares = [_share(indicators, kind, name, endorsed, level) for name in KINDS]
    negative = shares[KINDS.index("negative")]
    return [
        *shares,
        dataclasses.replace(
            negative,
            key="balance.negative.benchmark",
            name="Negative share less 45%",
            value=negative.value - BENCHMARK,
            low=negative.low - BENCHMARK,
            high=negative.high - BENCHMARK,
            unit="share difference",
            method=f"{negative.method}; the benchmark is taken as known",
        ),
        _smaller(indicators, kind, shares[2:], endorsed, level),
    ]


def balance_by_type(types: Types, *, endorsed: float = 0.5) -> list[Estimate]:
    """How the four kinds divide each type, under the keys that all respondents have.

    Where the signs belong to the model, respondents count for each type by their probability of
    it, which the signs have made what it is; otherwise they are corrected by BCH. Empty without
    sides or with one type only.
    """
    indicators, model = types.indicators, types.model
    if indicators.side("positive") is None or model.classes < 2:
        return []
    kind = kinds(indicators, endorsed)
    classified = classify(types)
    found = []
    for name in KINDS:
        yes = np.where(kind == "", np.nan, (kind == name).astype(float))
        means = _by_posterior(yes, types) if indicators.sided else corrected_means(yes, classified)
        if means is not None:
            words = "share by probability of the type" if indicators.sided else "BCH share"
            found += [_of_type(types, means, k, name, words) for k in range(model.classes)]
    return found


def _of_type(types: Types, means: Linear, k: int, name: str, words: str) -> Estimate:
    low, high, _, interval = means.interval(np.eye(types.model.classes)[k], types.level)
    if types.indicators.sided and low == low:
        # a share of one class is as skewed near 0 and 1 as the probability of one sign
        error = (high - low) / 2 / stats.norm.ppf(0.5 + types.level / 2)
        low, high = arcsine_interval(float(means.value[k]), error, types.level)
        interval = f"arcsine of the {interval}"
    return Estimate(
        key=f"balance.{name}",
        name=name.capitalize(),
        value=float(np.clip(means.value[k], 0, 1)),
        low=float(np.clip(low, 0, 1)),
        high=float(np.clip(high, 0, 1)),
        level=types.level,
        unit="share",
        n=int((means.used & (types.of_row == k)).sum()),
        method=f"{words}, {interval}; n is those whose likeliest type it is",
        group=f"type: {types.labels[k]}",
    )


def _by_posterior(values: np.ndarray, types: Types) -> Linear | None:
    """Means by type of what the model's own indicators decide, the same in all rows of a pattern.

    Each respondent counts by the probability of the type. The influence of a row is its own part
    and, by way of the fit, its part in everybody's probability.
    """
    patterns, posterior = types.model.patterns, types.model.posterior
    row, placed = patterns.row, patterns.row >= 0
    by_pattern = np.full(len(posterior), np.nan)
    by_pattern[row[placed]] = values[placed]
    known = np.isfinite(by_pattern)
    weight = np.where(known, patterns.weight, 0.0)
    mass = weight @ posterior
    if not (mass > 0).all():
        return None
    kept = np.where(known, by_pattern, 0.0)
    value = (weight * kept) @ posterior / mass
    apart = np.where(known[:, None], (kept[:, None] - value) / mass, 0.0)
    influence = apart * posterior
    for k in range(types.model.classes):
        slope = np.zeros_like(posterior)
        slope[:, k] = apart[:, k]
        influence[:, k] += types.errors.influence(slope)
    by_row = np.where(placed[:, None], influence[row], 0.0) * patterns.row_weight[:, None]
    return Linear(value, by_row, placed, placed & known[row], types.indicators.design)


def _smaller(
    indicators: Indicators, kind: np.ndarray, two: list[Estimate], endorsed: float, level: float
) -> Estimate:
    """The smaller of two shares, picked afterwards.

    The true smaller one lies above the lower of the lower bounds as surely as its own share does,
    and below the lower of the upper bounds where these hold for both shares at once.
    """
    strict = 1 - (1 - level) / 2
    wider = [_share(indicators, kind, KINDS[at], endorsed, strict) for at in (2, 3)]
    middle = min(two, key=lambda item: item.value)
    return dataclasses.replace(
        middle,
        key="balance.middle",
        name=f"Smaller of the ambivalent and neutral shares: {middle.name.lower()}",
        low=min(item.low for item in two),
        high=min(item.high for item in wider),
        method=f"{middle.method}; bounds allow for the smaller share having been picked",
    )


def kinds(indicators: Indicators, endorsed: float) -> np.ndarray:
    """(n,) one of `KINDS` for each respondent, empty text where too little was answered."""
    positive, negative = (_shown(indicators, side) for side in ("positive", "negative"))
    known = np.isfinite(positive) & np.isfinite(negative)
    warm, cold = positive >= endorsed - 1e-9, negative >= endorsed - 1e-9
    sorted_ = np.select(
        [warm & cold, warm, cold], ["ambivalent", "positive", "negative"], default="neutral"
    )
    return np.where(known, sorted_, "")


def _shown(indicators: Indicators, valence: str) -> np.ndarray:
    """(n,) share of the answered signs of one side that the respondent shows."""
    position = indicators.side(valence)
    position = position[:, np.isfinite(position).any(axis=0)]
    answered = np.isfinite(position)
    count = answered.sum(axis=1)
    enough = count >= max(1.0, ANSWERED * position.shape[1])
    yes = (np.where(answered, position, 0.0) > 0.5).sum(axis=1)
    return np.where(enough, yes / np.maximum(count, 1), np.nan)


def _share(
    indicators: Indicators, kind: np.ndarray, name: str, endorsed: float, level: float
) -> Estimate:
    found = share(
        np.where(kind == "", np.nan, (kind == name).astype(float)),
        key=f"balance.{name}",
        name=name.capitalize(),
        design=indicators.design,
        level=level,
    )
    rule = f"a side counts from {endorsed:.0%} of its signs on"
    return dataclasses.replace(found, method=f"{found.method}; {rule}")
