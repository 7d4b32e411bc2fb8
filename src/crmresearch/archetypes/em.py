"""Maximum likelihood for latent classes: EM on patterns, many starts at once, accelerated safely.

Acceleration is SQUAREM (Varadhan & Roland 2008, Scandinavian Journal of Statistics 35(2):335-353):
two EM steps give a direction and a length, and the extrapolated point is kept only where its
likelihood is not lower, so that the likelihood rises from cycle to cycle whatever happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.expectation import Weighed, expectation, weighed
from crmresearch.archetypes.measurement import (
    TINY,
    coefficients,
    coordinates,
    from_coordinates,
    maximise,
    statistics,
)
from crmresearch.archetypes.patterns import Patterns

_POSTERIOR = 2_000_000  # numbers in one working array of what is computed once


@dataclass(slots=True)
class Solutions:
    """S solutions with K classes: `shares` (K, S), `probs` (K, S, M), `loglik` (S,)."""

    shares: np.ndarray
    probs: np.ndarray
    loglik: np.ndarray
    converged: np.ndarray

    def take(self, index: np.ndarray) -> "Solutions":
        """Some of the solutions."""
        return Solutions(
            self.shares[:, index], self.probs[:, index], self.loglik[index], self.converged[index]
        )

    def best(self, number: int) -> "Solutions":
        """So many of the highest likelihood, the highest first."""
        return self.take(np.argsort(-self.loglik, kind="stable")[:number])


def em_step(
    seen: Weighed, shares: np.ndarray, probs: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One EM step of S solutions at once.

    Parameters
    ----------
    seen : the patterns with their weights
    shares : (K, S); probs : (K, S, M)

    Returns
    -------
    (S,) log-likelihood at the parameters given, and the shares and probabilities after the step.
    """
    loglik, mass, counts = expectation(seen, shares, probs)
    return loglik, mass / seen.total, maximise(seen.patterns, counts, probs)


def expected(patterns: Patterns) -> np.ndarray:
    """(M,) sums of the sufficient statistics over all respondents."""
    total = np.zeros(len(patterns.onehot))
    width = max(64, _POSTERIOR // len(total))
    for first in range(0, len(patterns.codes), width):
        part = slice(first, first + width)
        total += statistics(patterns, slice(first, first + width)) @ patterns.weight[part]
    return total


def posterior(
    patterns: Patterns, shares: np.ndarray, probs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(G,) log-likelihood of each pattern and (G, K) probability of each class given it.

    `shares` is (K,) and `probs` (K, M).
    """
    coef = coefficients(patterns, probs)
    log_shares = np.log(np.maximum(shares, TINY))[:, None]
    size = patterns.onehot.shape[1]
    density, likely = np.empty(size), np.empty((size, len(shares)))
    width = max(64, _POSTERIOR // len(patterns.onehot))
    for first in range(0, size, width):
        part = slice(first, first + width)
        joint = coef @ statistics(patterns, slice(first, first + width)) + log_shares
        peak = joint.max(axis=0)
        joint = np.exp(joint - peak)
        total = joint.sum(axis=0)
        density[part] = peak + np.log(total)
        likely[part] = (joint / total).T
    return density, likely


def climb(
    patterns: Patterns,
    shares: np.ndarray,
    probs: np.ndarray,
    *,
    cycles: int,
    tolerance: float = 1e-12,
    weight: np.ndarray | None = None,
    of: np.ndarray | None = None,
    pin: np.ndarray | None = None,
) -> Solutions:
    """Raise the likelihood of S solutions until it stands still.

    Parameters
    ----------
    cycles : at most so many cycles of three EM steps
    tolerance : a solution is done when a cycle gains less than this share of its log-likelihood
    weight : (G,) or (R, G) weights of patterns instead of their own
    of : (S,) row of `weight` that each solution is fitted to, ascending; one row each without
    pin : (K, S, M) probabilities that are held at this value, NaN where free; of an ordinal or
        continuous indicator all in all classes, or none
    """
    starts = shares.shape[1]
    done = Solutions(
        shares.copy(), probs.copy(), np.full(starts, -np.inf), np.zeros(starts, dtype=bool)
    )
    every = seen = weighed(patterns, starts, weight, of)
    active, reach = np.arange(starts), np.full(starts, 4.0)
    for _ in range(cycles):
        before, shares, probs, reach = _cycle(seen, shares, probs, reach, pin)
        still = before - done.loglik[active] <= tolerance * np.maximum(1.0, np.abs(before))
        done.loglik[active], done.shares[:, active], done.probs[:, active] = before, shares, probs
        if not still.any():
            continue
        done.converged[active[still]] = True
        going = ~still
        active, reach, seen = active[going], reach[going], seen.take(going)
        shares, probs = shares[:, going], probs[:, going]
        pin = None if pin is None else pin[:, going]
        if not len(active):
            break
    done.loglik = expectation(every, done.shares, done.probs)[0]
    return done


def _cycle(
    seen: Weighed,
    shares: np.ndarray,
    probs: np.ndarray,
    reach: np.ndarray,
    pin: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two EM steps, one leap, one EM step from where it landed, or back where it was too far."""
    patterns = seen.patterns
    probs = _pinned(probs, pin)
    before, shares1, probs1 = em_step(seen, shares, probs)
    probs1 = _pinned(probs1, pin)
    middle, shares2, probs2 = em_step(seen, shares1, probs1)
    probs2 = _pinned(probs2, pin)
    points = [
        np.concatenate([coordinates(patterns, probs_), shares_[:, :, None]], axis=2)
        for probs_, shares_ in ((probs, shares), (probs1, shares1), (probs2, shares2))
    ]
    length, leap = _leap(points, reach)
    leap_shares = np.maximum(leap[:, :, -1], shares2 / 20)
    leap_shares /= leap_shares.sum(axis=0)
    leap_probs = _pinned(from_coordinates(patterns, leap[:, :, :-1], probs2 / 20), pin)
    after, shares3, probs3 = em_step(seen, leap_shares, leap_probs)
    probs3 = _pinned(probs3, pin)
    kept = after >= middle
    reach = np.where(kept, np.where(length == reach, reach * 4, reach), np.maximum(reach / 4, 1.0))
    if kept.all():
        return before, shares3, probs3, reach
    return (
        before,
        np.where(kept, shares3, shares2),
        np.where(kept[:, None], probs3, probs2),
        reach,
    )


def _pinned(probs: np.ndarray, pin: np.ndarray | None) -> np.ndarray:
    return probs if pin is None else np.where(np.isnan(pin), probs, pin)


def _leap(points: Sequence[np.ndarray], reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S,) how far to leap along three points (K, S, .), and where that leads."""
    step = points[1] - points[0]
    bend = points[2] - points[1] - step
    first, second = (np.vecdot(one, one).sum(axis=0) for one in (step, bend))
    length = np.maximum(np.sqrt(first / np.maximum(second, TINY)), 1.0)
    length = np.minimum(length, reach)
    far = length[:, None]
    step *= 2 * far
    bend *= far**2
    step += bend
    step += points[0]
    return length, step
