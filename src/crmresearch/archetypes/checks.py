"""Whether the types can be trusted: fit of pairs, levels or kinds, certainty, stability, gain."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy import stats

from crmresearch.archetypes.em import posterior
from crmresearch.archetypes.enumeration import Enumeration
from crmresearch.archetypes.latent import LatentClasses, fit
from crmresearch.archetypes.patterns import Patterns
from crmresearch.archetypes.residuals import pair_residuals
from crmresearch.archetypes.types import Types
from crmresearch.methods.weighting import kish
from crmresearch.report.estimates import NAN, Estimate, find
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number

FOLDS = 5
HALVES = 10
MISFIT = 3.84  # bivariate residual, a chi-squared per degree of freedom
MISFIT_SHARE = 0.02  # of respondents in a cell of the pair's table, so that large n is no alarm
UNSURE = 0.7  # mean certainty of a type's members
STABLE = 0.7  # adjusted Rand index of the types of two halves
FEW = 50  # expected respondents of a type


def type_caveats(types: Types, trust: Iterable[Estimate] = ()) -> list[Caveat]:
    """What in these types asks for care; `trust` holds the estimate of `stability`."""
    if types.model.classes == 1:
        return []
    found = [
        _unidentified(types),
        _unstable(find(trust, "type.stability")),
        _dependence(types),
        _levels(types),
        _unsure(types),
        _small(types),
    ]
    return [caveat for caveat in found if caveat is not None]


def held_out_gain(
    found: Enumeration, *, level: float = 0.95, starts: int = 5, seed: int = 20260101
) -> list[Estimate]:
    """How much better the types foretell answers that they were not fitted to than one type does.

    Five parts of the respondents are held out in turn; the gain is the mean log-likelihood of
    their answers under several types less that under one. It is not inflated by the number of
    parameters, so that it is negative where there is only one type. Decided for the chosen number
    of types, or for two where one was chosen.
    """
    patterns = found.chosen.patterns
    classes = max(2, found.chosen.classes)
    if len(found.models) < 2 or patterns.n < 2 * FOLDS:
        return []
    rng = np.random.default_rng([seed, 101])
    used = np.flatnonzero(patterns.row >= 0)
    fold = np.full(len(patterns.row), -1)
    fold[used] = rng.permutation(np.arange(len(used)) % FOLDS)
    gain = np.full(len(patterns.row), np.nan)
    for part in range(FOLDS):
        training = _reweighted(patterns, fold != part)
        densities = [
            _density(patterns, fit(training, number, starts=starts, rng=rng))
            for number in (1, min(classes, len(training.codes)))
        ]
        rows = fold == part
        gain[rows] = (densities[1] - densities[0])[patterns.row[rows]]
    value, error = _weighted_mean(gain[used], patterns.row_weight[used])
    reach = float(stats.norm.ppf(0.5 + level / 2)) * error
    return [
        Estimate(
            key="type.gain",
            name=f"Held-out gain of {classes} types over one",
            value=value,
            low=value - reach,
            high=value + reach,
            level=level,
            unit="number",
            n=len(used),
            n_dropped=patterns.n_dropped,
            method=f"mean log-likelihood gain a respondent, {FOLDS}-fold cross-validation",
        )
    ]


def stability(types: Types, *, starts: int = 10, seed: int = 20260101) -> list[Estimate]:
    """Agreement of the types that random halves of the respondents give: median adjusted Rand.

    Each half gives its own types, everybody is placed by both, and 1 means the same partition, 0
    no more agreement than chance. How the splits vary is told in `method`; there is no interval.
    """
    patterns, classes = types.model.patterns, types.model.classes
    if classes == 1 or patterns.n < 4 * FOLDS:
        return []
    rng = np.random.default_rng([seed, 102])
    used = np.flatnonzero(patterns.row >= 0)
    scores = []
    for _ in range(HALVES):
        first = np.zeros(len(patterns.row), dtype=bool)
        first[rng.permutation(used)[: len(used) // 2]] = True
        placed = [
            _placed(patterns, fit(half, min(classes, len(half.codes)), starts=starts, rng=rng))
            for half in (_reweighted(patterns, first), _reweighted(patterns, ~first))
        ]
        scores.append(adjusted_rand(*placed, patterns.weight))
    return [
        Estimate(
            key="type.stability",
            name="Agreement of types from two halves",
            value=float(np.median(scores)),
            level=types.level,
            unit="coefficient",
            n=patterns.n,
            n_dropped=patterns.n_dropped,
            method=f"median adjusted Rand index of {HALVES} random splits, from "
            f"{format_number(min(scores), 'coefficient')} to "
            f"{format_number(max(scores), 'coefficient')}",
        )
    ]


def adjusted_rand(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> float:
    """Agreement of two partitions, 1 for the same and 0 on average for unrelated ones."""
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), weight)
    together = (table * (table - 1)).sum() / 2
    rows = (table.sum(axis=1) * (table.sum(axis=1) - 1)).sum() / 2
    columns = (table.sum(axis=0) * (table.sum(axis=0) - 1)).sum() / 2
    chance = rows * columns / (weight.sum() * (weight.sum() - 1) / 2)
    most = (rows + columns) / 2
    return 1.0 if most == chance else float((together - chance) / (most - chance))


def _unstable(agreement: Estimate | None) -> Caveat | None:
    if agreement is None or agreement.value >= STABLE:
        return None
    return Caveat(
        key="types.stability",
        text="Types found in two halves of these data agree only to "
        f"{format_number(agreement.value, agreement.unit)} (adjusted Rand index; {STABLE:g} or "
        "more would be steady): a new sample may give somewhat different types.",
    )


def _dependence(types: Types) -> Caveat | None:
    residual, largest = pair_residuals(types.model)
    bad = np.triu((residual > MISFIT) & (largest > MISFIT_SHARE), 1)
    if not bad.any():
        return None
    row, column = np.unravel_index(np.where(bad, residual, 0.0).argmax(), bad.shape)
    names = [item.name for item in types.indicators.variables]
    pairs = count(int(bad.sum()), "pair of signs goes", "pairs of signs go")
    return Caveat(
        key="types.dependence",
        text=f"{pairs} together more, or less, than the types explain (bivariate residual over "
        f"{MISFIT:g}, and {MISFIT_SHARE:.0%} of respondents or more): most of all “{names[row]}” "
        f"with “{names[column]}”. More types, or dropping a sign that repeats another, may "
        "describe the answers better.",
    )


def _levels(types: Types) -> Caveat | None:
    """Whether every sign puts the types in one order, a reversal within errors not counting."""
    if types.model.classes < 3:
        return None
    position = types.position[:, np.isfinite(types.overall)]
    if not position.size:
        return None
    if types.indicators.sided:
        order = np.argsort(types.balance)
    else:  # the direction in which the types differ most
        centred = position - position.mean(axis=0)
        order = np.argsort(np.linalg.svd(centred, full_matrices=False)[0][:, 0])
    steps = np.diff(position[order], axis=0)
    rising = steps.sum(axis=0) >= 0
    reversals = np.where(rising, -steps, steps).max()
    if reversals > 0.05:
        return None
    return Caveat(
        key="types.levels",
        text=f"Every sign puts the {types.model.classes} types in the same order: they are degrees "
        "of one feeling rather than different kinds, and a single scale may say as much.",
    )


def _unsure(types: Types) -> Caveat | None:
    certainty = types.model.certainty
    unsure = [k for k in range(types.model.classes) if not certainty[k] >= UNSURE]
    if not unsure:
        return None
    texts = [f"{types.labels[k]} ({format_number(certainty[k], 'probability')})" for k in unsure]
    return Caveat(
        key="types.certainty",
        text=f"Respondents cannot be placed with confidence in {', '.join(texts)}: in brackets, "
        f"the mean probability of belonging there, which should be {UNSURE:g} or more. Use the "
        "corrected means and shares, never lists of people by type.",
    )


def _small(types: Types) -> Caveat | None:
    expected = types.model.shares * types.model.patterns.n
    small = [k for k in range(types.model.classes) if expected[k] < FEW]
    if not small:
        return None
    texts = [f"{types.labels[k]} (about {expected[k]:.0f})" for k in small]
    return Caveat(
        key="types.small",
        text=f"Few respondents carry {', '.join(texts)}; types this small often vanish in a new "
        "sample.",
    )


def _unidentified(types: Types) -> Caveat | None:
    if types.errors.identified:
        return None
    return Caveat(
        key="types.identified",
        text=f"These answers do not determine the {types.model.classes} types: other shares and "
        "profiles fit equally well, so no intervals are given. Ask for fewer types.",
    )


def _reweighted(patterns: Patterns, rows: np.ndarray) -> Patterns:
    """The same data with only some rows, patterns that are left without a row removed."""
    chosen = rows & (patterns.row >= 0)
    size = len(patterns.codes)
    weight = np.bincount(patterns.row[chosen], patterns.row_weight[chosen], size)
    kept = weight > 0
    number = np.cumsum(kept) - 1
    row = np.where(chosen, number[patterns.row], -1)
    return replace(
        patterns,
        codes=patterns.codes[kept],
        weight=weight[kept],
        square=np.bincount(row[chosen], patterns.row_weight[chosen] ** 2, int(kept.sum())),
        rows=np.bincount(row[chosen], minlength=int(kept.sum())),
        row=row,
        onehot=patterns.onehot[:, kept],
    )


def _density(patterns: Patterns, model: LatentClasses) -> np.ndarray:
    """(G,) log density of every pattern; an answer never seen in training counts as rare."""
    return posterior(patterns, model.shares, _smoothed(patterns, model))[0]


def _placed(patterns: Patterns, model: LatentClasses) -> np.ndarray:
    return posterior(patterns, model.shares, _smoothed(patterns, model))[1].argmax(axis=1)


def _smoothed(patterns: Patterns, model: LatentClasses) -> np.ndarray:
    """Probabilities with one respondent of the marginal kind added to each class."""
    mass = model.shares[:, None] * model.patterns.total
    marginal = model.shares @ model.probs
    return (model.probs * mass + marginal + 1 / patterns.n) / (
        mass + 1 + np.repeat(patterns.counts, patterns.counts) / patterns.n
    )


def _weighted_mean(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    value = float(np.average(values, weights=weight))
    spread = float(np.average((values - value) ** 2, weights=weight))
    size = kish(weight, len(weight))[0]
    return value, (spread / max(size - 1, 1)) ** 0.5 if size > 1 else NAN
