"""How far two groups of respondents lie apart in what a type says, at the most."""

from itertools import combinations

import numpy as np
from scipy import stats

from crmresearch.archetypes.multigroup import Multigroup
from crmresearch.archetypes.patterns import Patterns
from crmresearch.archetypes.score_tests import Scores
from crmresearch.archetypes.uncertainty import Uncertainty
from crmresearch.methods.multiplicity import widest
from crmresearch.report.estimates import NAN

CELL = 10  # expected respondents of a type in a group, for its profile to be compared
_SD = 4.0  # standard deviations that are taken for the range of a quantity


def largest_gap(
    scores: Scores, patterns: Patterns, j: int, level: float
) -> tuple[float, float, float]:
    """Largest difference between two groups in a type's answers to indicator `j`."""
    change, covariance = scores.changes(j)
    groups, size = change.shape
    own = scores.places[scores.item == j]
    first, count = patterns.starts[j], patterns.counts[j]
    readings, contrasts = _readings(patterns, j), []
    for k, enough in _enough(scores):
        slope = (
            readings @ scores.layout.prob_jacobian(scores.part, k)[first : first + count][:, own]
        )
        for one, other in combinations(enough, 2):
            block = np.zeros((len(slope), groups, size))
            block[:, one], block[:, other] = slope, -slope
            contrasts.append(block.reshape(len(slope), -1))
    if not (contrasts and size):
        return NAN, NAN, NAN
    contrast = np.vstack(contrasts)
    variance = np.einsum("ia,ab,ib->i", contrast, covariance, contrast)
    return _bounded(contrast @ change.ravel(), variance, scores.freedom, level)


def freed_gap(
    freed: Multigroup, errors: Uncertainty, scores: Scores, j: int, level: float
) -> tuple[float, float, float]:
    """The same of an indicator that was freed, as it was fitted.

    A probability at 0 or 1, which has no error of its own, is taken to vary as half a respondent.
    """
    patterns = freed.model.patterns
    places = [freed.copy_of(j, group) for group in range(freed.groups.number)]
    copy = int(np.searchsorted(patterns.starts, places[0].start))
    readings, values, variances = _readings(patterns, copy), [], []
    for k, enough in _enough(scores):
        for pair in combinations(enough, 2):
            where = [places[group] for group in pair]
            both = np.hstack([readings, -readings])
            probs = np.concatenate([freed.model.probs[k, part] for part in where])
            columns = np.r_[tuple(where)]
            spread = errors.prob_covariance[k][np.ix_(columns, columns)]
            edge = freed.model.at_edge[k, columns]
            half = 0.5 / (np.repeat(scores.people[k, list(pair)], readings.shape[1]) + 1) ** 2
            values.append(both @ probs)
            variances.append(((both @ spread) * both).sum(axis=1) + both**2 @ (edge * half))
    if not values:
        return NAN, NAN, NAN
    return _bounded(np.concatenate(values), np.concatenate(variances), scores.freedom, level)


def _enough(scores: Scores) -> list[tuple[int, np.ndarray]]:
    """Each type with the groups that have enough respondents of it."""
    return [(k, np.flatnonzero(people >= CELL)) for k, people in enumerate(scores.people)]


def _bounded(
    value: np.ndarray, variance: np.ndarray, freedom: float, level: float
) -> tuple[float, float, float]:
    """The largest of several differences with Bonferroni bounds."""
    reach = stats.t.ppf(1 - (1 - level) / 2 / len(value), freedom) * np.sqrt(variance.clip(min=0))
    low, high = widest(zip(value - reach, value + reach, strict=True))
    return float(min(np.abs(value).max(), 1.0)), float(min(low, 1.0)), float(min(high, 1.0))


def _readings(patterns: Patterns, j: int) -> np.ndarray:
    """What is compared of indicator `j`, from 0 to 1, as sums of its columns (readings, m)."""
    count = patterns.counts[j]
    if patterns.kinds[j] == "continuous":
        return np.array([[0.0, 1 / (_SD * patterns.scale[j]), 0.0]])
    if patterns.kinds[j] == "ordinal":
        return np.arange(count)[None] / (count - 1)
    return np.eye(count)[1:] if count == 2 else np.eye(count)
