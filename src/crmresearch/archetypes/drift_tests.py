"""Tests of new answers against a saved model, in which the saved numbers have errors of their own.

The two samples are taken as independent; where the same people answered in both, true errors are
smaller than these.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.em import climb
from crmresearch.archetypes.frozen import frozen_model, profile_covariance, to_parameters
from crmresearch.archetypes.information import Layout, moments, observed_scores
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.saved_model import SavedModel, told
from crmresearch.archetypes.score_tests import Scores
from crmresearch.archetypes.types import Types
from crmresearch.methods.wald import equal_means
from crmresearch.methods.weighting import t_interval
from crmresearch.report.estimates import NAN

MANY = 1e9  # degrees of freedom of a normal distribution
_CYCLES = 1000
_SMALL = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """Shares of K types before and after.

    Parameters
    ----------
    covariance : (K, K) of the differences; NaN where they cannot be told
    how : the estimator in words
    """

    before: np.ndarray
    after: np.ndarray
    covariance: np.ndarray
    freedom: float
    how: str

    @property
    def moved(self) -> np.ndarray:
        """(K,) later less earlier shares."""
        return self.after - self.before

    def interval(self, k: int, level: float) -> tuple[float, float, float]:
        """Bounds of the change of one share, and its p."""
        error, value = float(np.sqrt(self.covariance[k, k])), float(self.moved[k])
        if not error > 0:
            return NAN, NAN, NAN
        p = float(2 * stats.t.sf(abs(value) / error, self.freedom))
        return *t_interval(value, error, self.freedom, level), p

    def joint(self) -> float:
        """p of no change in any share: all are equal, and add up to 0."""
        return equal_means(self.moved, self.covariance, self.freedom)[3]


def share_change(types: Types, saved: SavedModel) -> Change:
    """Shares among new respondents, all profiles as saved, beside the saved shares.

    The saved profiles move both: a new share follows them by way of the fit, and the saved ones
    were estimated with them.
    """
    model = types.model
    layout, size = Layout.of(model), model.classes - 1
    slope = layout.share_jacobian(model)
    information = moments(model, layout, None)[0]
    through = -types.errors.inverse[:size, :size] @ information[:size, size:]
    back = to_parameters(layout, model)
    profiles = profile_covariance(saved, layout, model)
    saved_part = np.vstack([-np.ones(size), np.eye(size)])
    passed = np.hstack([-saved_part, slope[:, :size] @ through @ back])
    own = types.errors.covariance[:size, :size] - through @ profiles @ through.T
    return Change(
        before=saved.shares,
        after=model.shares,
        covariance=slope[:, :size] @ own @ slope[:, :size].T + passed @ saved.covariance @ passed.T,
        freedom=MANY,
        how=f"maximum likelihood, {types.errors.words}, errors of the saved model counted",
    )


def saved_scores(types: Types, saved: SavedModel) -> Scores | None:
    """Scores of the new answers beside the saved profiles, as of two groups.

    The first group is the saved model, of which its profiles and their covariance are all that is
    known. Scores are taken between the two, since from either of them a probability near 0 or 1
    would be carried too far. None where the profiles are not determined.
    """
    model, design = _between(types, saved), types.indicators.design
    layout, size = Layout.of(model), model.classes - 1
    back, kept = to_parameters(layout, model), told(model.patterns)
    information, meat = moments(model, layout, design)
    through = np.linalg.pinv(information[:size, :size], hermitian=True) @ information[:size, size:]
    apart = np.hstack([-through.T, np.eye(layout.size - size)])  # less what the shares explain
    own = apart @ information @ apart.T
    known = back @ _profiles(saved) @ back.T
    if not (np.isfinite(own).all() and np.isfinite(known).all()):
        return None
    known = np.linalg.pinv(known, hermitian=True)
    spread = np.zeros((2 * len(own),) * 2)
    spread[: len(own), : len(own)] = known
    spread[len(own) :, len(own) :] = own if design.plain else apart @ meat @ apart.T
    away = back @ (saved.probs - model.probs)[:, kept].ravel()
    score = apart @ (model.patterns.weight @ observed_scores(model, layout))
    return Scores(
        layout=layout,
        part=model,
        value=np.array([known @ away, score]),
        information=np.array([known, own]),
        spread=spread,
        freedom=MANY,
        people=np.column_stack([saved.shares * saved.n, model.shares * model.patterns.n]),
    )


def _between(types: Types, saved: SavedModel) -> LatentClasses:
    """Profiles between the saved ones and those that fit the new answers best, and new shares."""
    patterns, model = types.model.patterns, types.model
    with threadpool_limits(1):
        freed = climb(patterns, model.shares[:, None], saved.probs[:, None], cycles=_CYCLES)
    part = patterns.n / (patterns.n + saved.n)
    new, old = freed.probs[:, 0], saved.probs
    probs = (1 - part) * old + part * new
    for j in np.flatnonzero(patterns.of_kind("ordinal")):  # whose logarithms keep their form
        at = slice(patterns.starts[j], patterns.starts[j] + patterns.counts[j])
        logs = [np.log(np.maximum(each[:, at], _SMALL)) for each in (old, new)]
        mixed = np.exp((1 - part) * logs[0] + part * logs[1])
        probs[:, at] = mixed / mixed.sum(axis=1, keepdims=True)
    return frozen_model(patterns, replace(saved, probs=probs))


def _profiles(saved: SavedModel) -> np.ndarray:
    """Covariance of the saved profiles.

    A probability at 0 or 1 was held fixed and has none; it gets that of one answer in all.
    """
    size, kept = len(saved.shares) - 1, told(saved.patterns)
    covariance = saved.covariance[size:, size:].copy()
    people = np.repeat(saved.shares * saved.n, len(kept))
    nominal = saved.patterns.of_kind("nominal")[saved.patterns.item][kept]
    fixed = (np.diag(covariance) == 0) & np.tile(nominal, len(saved.shares))
    covariance[fixed, fixed] = (1 / (people[fixed] + 2)) / (people[fixed] + 2)
    return covariance
