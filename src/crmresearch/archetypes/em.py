"""Maximum likelihood for latent classes: EM on patterns, many starts at once, accelerated safely.

Arrays are laid out (class, start, pattern), so that sums over classes run along contiguous memory
and one matrix product serves every start. Patterns are taken in blocks that fit the cache.
Acceleration is SQUAREM (Varadhan & Roland 2008, Scandinavian Journal of Statistics 35(2):335-353):
two EM steps give a direction and a length, and the extrapolated point is kept only where its
likelihood is not lower, so that the likelihood rises from cycle to cycle whatever happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.folded import Folded, fold, step
from crmresearch.archetypes.measurement import (
    TINY,
    coefficients,
    coordinates,
    from_coordinates,
    maximise,
    statistics,
)
from crmresearch.archetypes.patterns import Patterns

_POSTERIOR = 2_000_000  # the same where only one solution is computed, once
_BLOCK = 65_536  # numbers in one working array: half a megabyte


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
    patterns: Patterns,
    shares: np.ndarray,
    probs: np.ndarray,
    weight: np.ndarray | None = None,
    folded: Folded | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One EM step of S solutions at once.

    Parameters
    ----------
    shares : (K, S); probs : (K, S, M)
    weight : (G,) or (S, G) weights of patterns instead of their own
    folded : the indicators folded into tables, where that is faster

    Returns
    -------
    (S,) log-likelihood at the parameters given, and the shares and probabilities after the step.
    """
    weight = np.atleast_2d(patterns.weight if weight is None else weight)
    coef = coefficients(patterns, probs)
    log_shares = np.log(np.maximum(shares, TINY))
    expectation = (
        _expectation(patterns, coef, log_shares, weight)
        if folded is None
        else step(folded, coef, log_shares, weight)
    )
    loglik, mass, counts = expectation
    return loglik, mass / weight.sum(axis=1), maximise(patterns, counts, probs)


def _expectation(
    patterns: Patterns, coef: np.ndarray, log_shares: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(S,) log-likelihood, (K, S) weight of each class and (K, S, M) expected statistics."""
    classes, starts, size = coef.shape
    coef, log_shares = coef.reshape(classes * starts, size), log_shares[:, :, None]
    loglik = np.zeros(starts)
    mass = np.zeros((classes, starts))
    counts = np.zeros((classes * starts, size))
    width = max(64, _BLOCK // (classes * starts))
    for first in range(0, patterns.onehot.shape[1], width):
        block = statistics(patterns, first, first + width)
        here = weight[:, first : first + width]
        joint = (coef @ block).reshape(classes, starts, -1)
        joint += log_shares
        peak = joint.max(axis=0)
        joint -= peak
        np.exp(joint, out=joint)
        total = joint.sum(axis=0)
        joint *= here / total
        loglik += ((peak + np.log(total)) * here).sum(axis=1)
        mass += joint.sum(axis=2)
        counts += joint.reshape(classes * starts, -1) @ block.T
    return loglik, mass, counts.reshape(classes, starts, size)


def expected(patterns: Patterns) -> np.ndarray:
    """(M,) sums of the sufficient statistics over all respondents."""
    total = np.zeros(len(patterns.onehot))
    width = max(64, _POSTERIOR // len(total))
    for first in range(0, len(patterns.codes), width):
        part = slice(first, first + width)
        total += statistics(patterns, first, first + width) @ patterns.weight[part]
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
        joint = coef @ statistics(patterns, first, first + width) + log_shares
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
    pin: np.ndarray | None = None,
) -> Solutions:
    """Raise the likelihood of S solutions until it stands still.

    Parameters
    ----------
    cycles : at most so many cycles of three EM steps
    tolerance : a solution is done when a cycle gains less than this share of its log-likelihood
    weight : (G,) or (S, G) weights of patterns instead of their own
    pin : (K, S, M) probabilities that are held at this value, NaN where free; of an ordinal or
        continuous indicator all in all classes, or none
    """
    starts = shares.shape[1]
    done = Solutions(
        shares.copy(), probs.copy(), np.full(starts, -np.inf), np.zeros(starts, dtype=bool)
    )
    active, folded = np.arange(starts), fold(patterns, starts)
    reach = np.full(starts, 4.0)
    for _ in range(cycles):
        if not len(active):
            break
        here = weight if weight is None or weight.ndim == 1 else weight[active]
        held = None if pin is None else pin[:, active]
        before, shares, probs, reach = _cycle(patterns, shares, probs, reach, here, held, folded)
        gain = before - done.loglik[active]
        still = gain <= tolerance * np.maximum(1.0, np.abs(before))
        done.loglik[active], done.shares[:, active], done.probs[:, active] = before, shares, probs
        done.converged[active[still]] = True
        going = ~still
        active, reach = active[going], reach[going]
        shares, probs = shares[:, going], probs[:, going]
    done.loglik = em_step(patterns, done.shares, done.probs, weight, folded)[0]
    return done


def _cycle(
    patterns: Patterns,
    shares: np.ndarray,
    probs: np.ndarray,
    reach: np.ndarray,
    weight: np.ndarray | None,
    pin: np.ndarray | None,
    folded: Folded | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two EM steps, one leap, one EM step from where it landed, or back where it was too far."""
    probs = _pinned(probs, pin)
    before, shares1, probs1 = em_step(patterns, shares, probs, weight, folded)
    probs1 = _pinned(probs1, pin)
    middle, shares2, probs2 = em_step(patterns, shares1, probs1, weight, folded)
    probs2 = _pinned(probs2, pin)
    points = [coordinates(patterns, point) for point in (probs, probs1, probs2)]
    length = _step_length((shares, shares1, shares2), points)
    length = np.minimum(length, reach)
    leap_shares = np.maximum(_leap(shares, shares1, shares2, length), shares2 / 20)
    leap_shares /= leap_shares.sum(axis=0)
    leap_probs = from_coordinates(patterns, _leap(*points, length[:, None]), probs2 / 20)
    leap_probs = _pinned(leap_probs, pin)
    after, shares3, probs3 = em_step(patterns, leap_shares, leap_probs, weight, folded)
    probs3 = _pinned(probs3, pin)
    kept = after >= middle
    reach = np.where(kept, np.where(length == reach, reach * 4, reach), np.maximum(reach / 4, 1.0))
    return (
        before,
        np.where(kept, shares3, shares2),
        np.where(kept[:, None], probs3, probs2),
        reach,
    )


def _pinned(probs: np.ndarray, pin: np.ndarray | None) -> np.ndarray:
    return probs if pin is None else np.where(np.isnan(pin), probs, pin)


def _step_length(shares: Sequence[np.ndarray], probs: Sequence[np.ndarray]) -> np.ndarray:
    """(S,) how far to leap along three points of the shares and of the probabilities."""
    first = ((shares[1] - shares[0]) ** 2).sum(axis=0)
    first = first + ((probs[1] - probs[0]) ** 2).sum(axis=(0, 2))
    bend = ((shares[2] - 2 * shares[1] + shares[0]) ** 2).sum(axis=0)
    bend += ((probs[2] - 2 * probs[1] + probs[0]) ** 2).sum(axis=(0, 2))
    return np.maximum(np.sqrt(first / np.maximum(bend, TINY)), 1.0)


def _leap(
    start: np.ndarray, first: np.ndarray, second: np.ndarray, length: np.ndarray
) -> np.ndarray:
    """The extrapolated point."""
    step = first - start
    return start + 2 * length * step + length**2 * (second - first - step)
