"""The bootstrap likelihood-ratio test: does one type more fit better than chance would make it?

The likelihood-ratio statistic of neighbouring numbers of classes has no known distribution, so
samples are drawn from the model with one class fewer and both models fitted to each of them
(McLachlan 1987, Applied Statistics 36:318-324). Drawing stops as soon as the decision is settled
(Besag & Clifford 1991, Biometrika 78:301-304).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.drawn import samples
from crmresearch.archetypes.em import climb
from crmresearch.archetypes.enumeration import Enumeration
from crmresearch.archetypes.indicators import Indicators
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.patterns import Patterns
from crmresearch.archetypes.refits import Heats, refit, side_by_side
from crmresearch.archetypes.starts import random_starts, with_splits
from crmresearch.archetypes.uncertainty import uncertainty
from crmresearch.methods.weighting import kish
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number

DRAWS = 99
ALPHA = 0.05
_ENOUGH = 2.0  # times the exceeding samples that rule out rejection: p is then known well enough
_FEW, _MORE = 4, 12  # starts for every sample, and for those that come near the statistic
_NEAR = 0.25  # of the observed statistic, after the few starts
_CELLS = 6_000_000  # starts times patterns climbing together
_WORK, _MOST = 1e9, 2e9  # numbers that a test works through with the few starts, and at most
_DEAR = 2  # times the work of a step, where there are scales or quantities
_CYCLES, _LAP = 8, 2  # with the few starts, and after how many what lags is left
_HEATS: Heats = ((_CYCLES, 1e-7, _MORE), (40, 1e-9, 4), (150, 1e-9, 1))
_FEWEST = 19  # draws with which 5% can be reached at all


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test: the statistic, how many samples were drawn and how many of them exceeded it."""

    statistic: float
    drawn: int
    exceeded: int
    p: float


def likelihood_ratio_tests(
    found: Enumeration, indicators: Indicators, *, draws: int = DRAWS, seed: int = 20260101
) -> list[Estimate]:
    """Each number of types against one fewer, up to the first that is no better than chance.

    The number chosen, and one more, are tested in any case. The test takes respondents as
    independent and counting alike: under a design with weights or clusters the statistic is
    divided by the mean design effect of the parameters of the model chosen (a first-order
    correction in the manner of Rao & Scott 1984, Annals of Statistics 12:46-60); that of a model
    with too few types would count its misfit as an effect of the design.

    Parameters
    ----------
    draws : most samples drawn for a test; fewer where a large table of answers would take too long

    Returns
    -------
    For each number K an estimate ``types.blrt.K`` without an interval: the statistic with its p.
    """
    tests: list[Estimate] = []
    deff = design_effect(found.chosen, indicators)
    for null, other in zip(found.models, found.models[1:], strict=False):
        most = affordable(null.patterns, other.classes, draws)
        if not most:
            return tests
        rng = np.random.default_rng([seed, 103, other.classes])
        outcome = bootstrap_test(null, other, draws=most, deff=deff, rng=rng)
        tests.append(_estimate(other, outcome, deff))
        if outcome.p > ALPHA and other.classes > found.chosen.classes:
            break
    return tests


def bootstrap_test(
    null: LatentClasses,
    other: LatentClasses,
    *,
    draws: int = DRAWS,
    alpha: float = ALPHA,
    deff: float = 1.0,
    rng: np.random.Generator,
) -> Outcome:
    """Test `null` against `other`, which has one class more.

    Drawing ends after `draws` samples, or when twice as many exceeded the observed statistic as
    rule out that the test rejects at `alpha`. A sample counts as exceeding when its own statistic
    is at least as large. The p value is the share of exceeding samples where drawing ended early,
    and else that share with the observed sample counted in. Both would hold their level exactly
    if every climb ended at the top. The model with one class more has fewer starts here than the
    observed sample had, and a sample that seems far off is left early: one that is missed counts
    as not exceeding, so p errs towards the small side. What that comes to is simulated in the
    tests: the rate of rejection is that of the level, within what the simulation can tell.
    """
    statistic = max(0.0, 2 * (other.loglik - null.loglik) / deff)
    enough = max(1, int(_ENOUGH * alpha * (draws + 1)))
    exceeded = drawn = 0
    while drawn < draws:
        number = min(draws - drawn, max(enough, drawn))
        for above in _exceeding(null, statistic, number, rng):
            drawn += 1
            exceeded += int(above)
            if exceeded == enough:
                return Outcome(statistic, drawn, exceeded, exceeded / drawn)
    return Outcome(statistic, drawn, exceeded, (exceeded + 1) / (drawn + 1))


def affordable(patterns: Patterns, classes: int, draws: int) -> int:
    """How many samples a test may draw, from the size of the work alone; 0 where too few."""
    one = len(patterns.codes) * len(patterns.item) * classes * _FEW * _CYCLES * 3
    if one * _FEWEST > _MOST:
        return 0
    dear = 1 if set(patterns.kinds) == {"nominal"} else _DEAR
    return int(min(draws, max(_FEWEST, _WORK // (one * dear))))


def design_effect(model: LatentClasses, indicators: Indicators) -> float:
    """By how much the design inflates the statistic: the mean design effect of the parameters."""
    design = indicators.design
    if design.plain:
        return 1.0
    deff = uncertainty(model, design=design).deff
    rows = design.row_weights()[model.patterns.row >= 0]
    return deff if np.isfinite(deff) and deff > 0 else float(kish(rows, len(rows))[1])


def _exceeding(
    null: LatentClasses, statistic: float, number: int, rng: np.random.Generator
) -> np.ndarray:
    """(number,) whether the statistic of each sample drawn from `null` is at least `statistic`."""
    size = min(null.patterns.n, 4 * len(null.patterns.codes))  # about as many patterns in a sample
    together = max(1, _CELLS // (size * _MORE))
    parts = []
    for first in range(0, number, together):
        patterns, counts = samples(null, min(together, number - first), rng)
        with threadpool_limits(1):
            parts.append(_exceed(null, patterns, counts, statistic, rng))
    return np.concatenate(parts)


def _exceed(
    null: LatentClasses,
    patterns: Patterns,
    counts: np.ndarray,
    statistic: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """(R,) whether the samples reach `statistic`, climbed no further than it takes to tell.

    Where no model whatever could, nothing is climbed. What comes near is measured from the end of
    the smaller model's climb, lest that only lag behind; where the larger model is then not far
    enough above it, it climbs to the end as well, from more starts.
    """
    exceed = np.zeros(len(counts), dtype=bool)
    base = _base(null, patterns, counts, _LAP)
    open_ = np.flatnonzero(2 * (_saturated(patterns, counts) - base) >= statistic)
    if len(open_):
        near, higher = _glimpsed(null, patterns, counts[open_], base[open_], statistic, rng)
        open_ = open_[near]
    if not len(open_):
        return exceed
    base = _base(null, patterns, counts[open_], _HEATS[-1][0])
    exceed[open_] = 2 * (higher - base) >= statistic
    short = np.flatnonzero(~exceed[open_])
    if len(short):
        own = counts[open_[short]]
        starts = _starts(null, patterns, len(own), _MORE, rng)
        further = refit(patterns, own, *starts, heats=_HEATS).loglik
        exceed[open_[short]] = 2 * (further - base[short]) >= statistic
    return exceed


def _glimpsed(
    null: LatentClasses,
    patterns: Patterns,
    counts: np.ndarray,
    base: np.ndarray,
    statistic: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Which samples come near `statistic` with few starts and cycles, and how high those climb.

    A sample is left as soon as its best start, at the pace of the last cycles, would not get there.
    Climbs slow down as a rule; of one that still gathers pace a sample may be left that exceeds.
    """
    other = side_by_side(*_starts(null, patterns, len(counts), _FEW, rng))
    going, enough = np.arange(len(counts)), base + _NEAR * statistic / 2
    for left in range(_CYCLES // _LAP - 1, -1, -1):
        before = other.loglik
        other = climb(
            patterns, other.shares, other.probs, cycles=_LAP, tolerance=_HEATS[0][1],
            weight=counts[going], of=np.repeat(np.arange(len(going)), _FEW),
        )  # fmt: skip
        ahead = other.loglik + ((other.loglik - before) * left if left else 0.0)
        on = ahead.reshape(-1, _FEW).max(axis=1) >= enough[going]
        going, other = going[on], other.take(np.repeat(on, _FEW))
        if not len(going):
            break
    return going, other.loglik.reshape(-1, _FEW).max(axis=1)


def _saturated(patterns: Patterns, counts: np.ndarray) -> np.ndarray:
    """(R,) log-likelihood of each sample at the shares that it has of the answers in it.

    No model of the answers is likelier, given which questions were left out.
    """
    if "continuous" in patterns.kinds:
        return np.full(len(counts), np.inf)
    kind = np.unique(patterns.answered, axis=0, return_inverse=True)[1].ravel()
    alike = counts @ (kind[:, None] == np.arange(kind.max() + 1))
    return xlogy(counts, counts).sum(axis=1) - xlogy(alike, alike).sum(axis=1)


def _base(null: LatentClasses, patterns: Patterns, counts: np.ndarray, cycles: int) -> np.ndarray:
    """(R,) log-likelihood of the true model fitted to each sample, from the truth."""
    many = len(counts)
    shares = np.repeat(null.shares[:, None], many, axis=1)
    probs = np.repeat(null.probs[:, None], many, axis=1)
    return climb(patterns, shares, probs, cycles=cycles, tolerance=1e-9, weight=counts).loglik


def _starts(
    null: LatentClasses, patterns: Patterns, many: int, starts: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Starts with one class more: half of them random, half classes of `null` split in two."""
    none = np.empty((null.classes + 1, 0)), np.empty((null.classes + 1, 0, null.probs.shape[1]))
    split = with_splits(null, *none)
    kept = rng.permutation(null.classes)[: starts // 2]
    random = starts - len(kept)
    drawn = random_starts(patterns, null.classes + 1, many * random, rng)
    shares, probs = (
        np.concatenate(
            [
                np.repeat(ready[:, None, kept], many, axis=1),
                fresh.reshape(len(fresh), many, random, *fresh.shape[2:]),
            ],
            axis=2,
        )
        for ready, fresh in zip(split, drawn, strict=True)
    )
    return shares, probs


def _estimate(other: LatentClasses, outcome: Outcome, deff: float) -> Estimate:
    drawn = count(outcome.drawn, "sample")
    scaled = "" if deff == 1 else f", divided by a design effect of {format_number(deff, 'ratio')}"
    return Estimate(
        key=f"types.blrt.{other.classes}",
        name=f"{other.classes} types against {other.classes - 1}",
        value=outcome.statistic,
        unit="statistic",
        n=other.patterns.n,
        n_dropped=other.patterns.n_dropped,
        method=f"bootstrap likelihood-ratio test, {drawn} drawn with {other.classes - 1}, "
        f"{outcome.exceeded} of them with a larger statistic{scaled}",
        p=outcome.p,
    )


def caveats(found: Enumeration, indicators: Indicators, tests: Iterable[Estimate]) -> list[Caveat]:
    """What the tests leave out: the design but for a factor, or a table too large to refit."""
    if len(found.models) < 2:
        return []
    if not list(tests):
        return [
            Caveat(
                key="classes.untested",
                text="The number of types was not tested against chance: the answers are too many "
                "and too varied to draw and fit samples like them.",
            )
        ]
    if indicators.design.plain:
        return []
    return [
        Caveat(
            key="classes.design",
            text="The bootstrap test of the number of types takes respondents as independent and "
            "counting alike. Its statistic was divided by the mean design effect of the model's "
            "parameters, which allows for the design on average and not exactly.",
        )
    ]
