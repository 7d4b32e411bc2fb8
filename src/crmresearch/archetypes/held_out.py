"""How well models of the types foretell answers that they were not fitted to."""

from dataclasses import dataclass, field

import numpy as np

from crmresearch.archetypes.em import posterior
from crmresearch.archetypes.enumeration import Enumeration
from crmresearch.archetypes.indicators import Indicators
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.patterns import Patterns
from crmresearch.archetypes.refits import refit, starts_near
from crmresearch.methods.weighting import t_interval, weighted_mean
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count

FOLDS = 5
_RANDOM, _LEAST = 20, 3  # starts beside the solution for all respondents, fewer of a long table
_WORK = 1_000_000  # folds times starts times classes times patterns, beyond which they are fewer
_MANY = 100_000  # respondents, of whom four fifths have no other best solution than all


@dataclass(frozen=True, slots=True, kw_only=True)
class Folds:
    """Respondents in parts that are held out in turn, whole clusters together.

    Parameters
    ----------
    fold : (n,) part of each row of the data, -1 where it is not used
    training : (F, G) weights of the patterns among the rows outside each part
    """

    indicators: Indicators
    fold: np.ndarray = field(repr=False)
    training: np.ndarray = field(repr=False)

    def contrast(self, first: np.ndarray, second: np.ndarray | None) -> tuple[float, float, int]:
        """Mean over respondents of `first` less `second`, its standard error and its freedom.

        Both are (F, G) log densities of each pattern where its respondent is in that part; None
        stands for zero. The error is that of the design, and takes the fits as given.
        """
        apart = first if second is None else first - second
        values = np.full(len(self.fold), np.nan)
        used = self.fold >= 0
        values[used] = apart[self.fold[used], self.indicators.patterns.row[used]]
        value, error, freedom, _ = weighted_mean(values, self.indicators.design)
        return value, error, freedom


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Held-out log densities (F, G) of models by their number of types."""

    folds: Folds
    densities: dict[int, np.ndarray] = field(repr=False)

    def mean(self, classes: int) -> float:
        """Mean log-likelihood of a respondent who was held out."""
        return self.folds.contrast(self.densities[classes], None)[0]

    def gain(self, classes: int, over: int) -> tuple[float, float, int]:
        """Its difference from that under `over` types, standard error and degrees of freedom."""
        return self.folds.contrast(self.densities[classes], self.densities[over])


def hold_out(found: Enumeration, indicators: Indicators, *, seed: int = 20260101) -> HeldOut | None:
    """Fit every number of types to four fifths of the respondents and foretell the others.

    Each model starts from its solution for all respondents and from random points, and keeps what
    fits the four fifths best; with very many respondents there are no random points. None with a
    single number of types or too few respondents.
    """
    patterns = found.chosen.patterns
    if len(found.models) < 2 or patterns.n < 2 * FOLDS:
        return None
    folds = split(indicators, np.random.default_rng([seed, 101]))
    if folds is None:
        return None
    return HeldOut(
        folds=folds,
        densities={
            model.classes: _densities(
                model, folds, np.random.default_rng([seed, 101, model.classes])
            )
            for model in found.models
        },
    )


def split(indicators: Indicators, rng: np.random.Generator) -> Folds | None:
    """Parts of nearly equal size at random, whole clusters together; None where one is empty."""
    patterns, design = indicators.patterns, indicators.design
    used = patterns.row >= 0
    fold = np.full(len(patterns.row), -1)
    if design.clusters is None:
        fold[used] = rng.permutation(np.arange(int(used.sum())) % FOLDS)
    else:
        part = rng.permutation(np.arange(int(design.clusters.max()) + 1) % FOLDS)
        fold[used] = part[design.clusters[used]]
    size = len(patterns.codes)
    within = np.bincount(
        fold[used] * size + patterns.row[used], patterns.row_weight[used], FOLDS * size
    ).reshape(FOLDS, size)
    if not within.any(axis=1).all():
        return None
    training = np.maximum(patterns.weight - within, 0.0)
    training[training < 1e-9 * patterns.weight] = 0.0  # rounding left of a pattern held out whole
    return Folds(indicators=indicators, fold=fold, training=training)


def by_number(found: Enumeration, held: HeldOut | None, *, level: float = 0.95) -> list[Estimate]:
    """Mean held-out log-likelihood a respondent of each number of types, and less the chosen one.

    ``types.held_out.K`` and ``types.held_out.less_chosen.K``, the second with an interval: the
    spread between respondents is in both of its parts and drops out.
    """
    if held is None:
        return []
    chosen, estimates = found.chosen.classes, []
    for number in held.densities:
        estimates.append(
            _estimate(
                held,
                key=f"types.held_out.{number}",
                name=f"{count(number, 'type')}, held out",
                value=held.mean(number),
                unit="held-out",
                what="mean log-likelihood a respondent",
            )
        )
        if number != chosen:
            estimates.append(
                _difference(
                    held,
                    (number, chosen),
                    level,
                    key=f"types.held_out.less_chosen.{number}",
                    name=f"{count(number, 'type')} less {chosen}, held out",
                    what="difference in mean log-likelihood a respondent",
                )
            )
    return estimates


def gain_over_one(
    found: Enumeration, held: HeldOut | None, *, level: float = 0.95
) -> list[Estimate]:
    """How much better the types foretell answers than a single type does, a respondent.

    The mean log-likelihood of held-out answers under several types less that under one. It is not
    inflated by the number of parameters, so that it is negative where there is only one type.
    Decided for the chosen number of types, or for two where one was chosen.
    """
    if held is None:
        return []
    number = max(2, found.chosen.classes)
    return [
        _difference(
            held,
            (number, 1),
            level,
            key="type.gain",
            name=f"Held-out gain of {number} types over one",
            what="mean log-likelihood gain a respondent",
        )
    ]


def _difference(held: HeldOut, numbers: tuple[int, int], level: float, **fields) -> Estimate:
    value, error, freedom = held.gain(*numbers)
    low, high = t_interval(value, error, freedom, level)
    unit = "held-out difference"
    return _estimate(held, value=value, low=low, high=high, level=level, unit=unit, **fields)


def _estimate(held: HeldOut, *, what: str, **fields) -> Estimate:
    indicators = held.folds.indicators
    return Estimate(
        **fields,
        n=indicators.patterns.n,
        n_dropped=indicators.patterns.n_dropped,
        method=f"{what}, {FOLDS}-fold cross-validation{design_words(indicators)}",
    )


def design_words(indicators: Indicators) -> str:
    """What was done about weights and clusters, after a comma; empty without."""
    return "" if indicators.design.plain else f", {indicators.design.words}"


def _densities(model: LatentClasses, folds: Folds, rng: np.random.Generator) -> np.ndarray:
    patterns = model.patterns
    shares, probs = starts_near(model, FOLDS, _random(model), rng)
    fitted = refit(patterns, folds.training, shares, probs)
    return np.stack(
        [
            posterior(
                patterns,
                fitted.shares[:, part],
                smoothed(patterns, fitted.shares[:, part], fitted.probs[:, part]),
            )[0]
            for part in range(FOLDS)
        ]
    )


def _random(model: LatentClasses) -> int:
    """How many random starts each fit has: with few, it may end below the best solution."""
    if model.classes == 1 or model.patterns.n >= _MANY:
        return 0
    one = FOLDS * model.classes * len(model.patterns.codes)
    return min(_RANDOM, max(_LEAST, _WORK // one))


def smoothed(patterns: Patterns, shares: np.ndarray, probs: np.ndarray) -> np.ndarray:
    """(K, M) probabilities with one respondent of the marginal kind added to each class.

    Else an answer that nobody in a class gave would be impossible; quantities are left alone.
    """
    mass = shares[:, None] * patterns.n
    marginal = shares @ probs
    mixed = (probs * mass + marginal + 1 / patterns.n) / (
        mass + 1 + np.repeat(patterns.counts, patterns.counts) / patterns.n
    )
    quantity = np.array([kind == "continuous" for kind in patterns.kinds])[patterns.item]
    return np.where(quantity, probs, mixed)
