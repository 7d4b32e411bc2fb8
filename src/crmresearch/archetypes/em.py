"""Maximum likelihood for latent classes: EM on patterns, many starts at once, accelerated safely.

Arrays are laid out (class, start, pattern), so that sums over classes run along contiguous memory
and one matrix product serves every start. Patterns are taken in blocks that fit the cache.
Acceleration is SQUAREM (Varadhan & Roland 2008, Scandinavian Journal of Statistics 35(2):335-353):
two EM steps give a direction and a length, and the extrapolated point is kept only where its
likelihood is not lower, so that the likelihood rises from cycle to cycle whatever happens.
"""

from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.patterns import Patterns

TINY = 1e-300  # keeps the logarithm of an impossible answer finite
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


def em_step(
    patterns: Patterns, shares: np.ndarray, probs: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One EM step of S solutions at once.

    Parameters
    ----------
    shares : (K, S); probs : (K, S, M)
    weight : (G,) or (S, G) weights of patterns instead of their own

    Returns
    -------
    (S,) log-likelihood at the parameters given, and the shares and probabilities after the step.
    """
    classes, starts, size = probs.shape
    weight = np.atleast_2d(patterns.weight if weight is None else weight)
    log_probs = np.log(np.maximum(probs, TINY)).reshape(classes * starts, size)
    log_shares = np.log(np.maximum(shares, TINY))[:, :, None]
    loglik = np.zeros(starts)
    mass = np.zeros((classes, starts))
    counts = np.zeros((classes * starts, size))
    step = max(64, _BLOCK // (classes * starts))
    for first in range(0, patterns.onehot.shape[1], step):
        block = np.asarray(patterns.onehot[:, first : first + step], dtype=float)
        here = weight[:, first : first + step]
        joint = (log_probs @ block).reshape(classes, starts, -1)
        joint += log_shares
        peak = joint.max(axis=0)
        joint -= peak
        np.exp(joint, out=joint)
        total = joint.sum(axis=0)
        joint *= here / total
        loglik += ((peak + np.log(total)) * here).sum(axis=1)
        mass += joint.sum(axis=2)
        counts += joint.reshape(classes * starts, -1) @ block.T
    return loglik, mass / weight.sum(axis=1), _by_item(patterns, counts.reshape(probs.shape))


def posterior(
    patterns: Patterns, shares: np.ndarray, probs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(G,) log-likelihood of each pattern and (G, K) probability of each class given it.

    `shares` is (K,) and `probs` (K, M).
    """
    joint = np.log(np.maximum(probs, TINY)) @ patterns.onehot
    joint += np.log(np.maximum(shares, TINY))[:, None]
    peak = joint.max(axis=0)
    joint = np.exp(joint - peak)
    total = joint.sum(axis=0)
    return peak + np.log(total), (joint / total).T


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
    pin : (K, S, M) probabilities that are held at this value, NaN where free
    """
    starts = shares.shape[1]
    done = Solutions(
        shares.copy(), probs.copy(), np.full(starts, -np.inf), np.zeros(starts, dtype=bool)
    )
    active = np.arange(starts)
    reach = np.full(starts, 4.0)
    for _ in range(cycles):
        if not len(active):
            break
        here = weight if weight is None or weight.ndim == 1 else weight[active]
        held = None if pin is None else pin[:, active]
        before, shares, probs, reach = _cycle(patterns, shares, probs, reach, here, held)
        gain = before - done.loglik[active]
        still = gain <= tolerance * np.maximum(1.0, np.abs(before))
        done.loglik[active], done.shares[:, active], done.probs[:, active] = before, shares, probs
        done.converged[active[still]] = True
        going = ~still
        active, reach = active[going], reach[going]
        shares, probs = shares[:, going], probs[:, going]
    done.loglik = em_step(patterns, done.shares, done.probs, weight)[0]
    return done


def _cycle(
    patterns: Patterns,
    shares: np.ndarray,
    probs: np.ndarray,
    reach: np.ndarray,
    weight: np.ndarray | None,
    pin: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two EM steps, one leap, one EM step from where it landed, or back where it was too far."""
    probs = _pinned(probs, pin)
    before, shares1, probs1 = em_step(patterns, shares, probs, weight)
    probs1 = _pinned(probs1, pin)
    middle, shares2, probs2 = em_step(patterns, shares1, probs1, weight)
    probs2 = _pinned(probs2, pin)
    length = _step_length(shares, probs, shares1, probs1, shares2, probs2)
    length = np.minimum(length, reach)
    leap_shares = _leap(shares, shares1, shares2, length)
    leap_shares /= leap_shares.sum(axis=0)
    leap_probs = _by_item(patterns, _leap(probs, probs1, probs2, length[:, None]))
    leap_probs = _pinned(leap_probs, pin)
    after, shares3, probs3 = em_step(patterns, leap_shares, leap_probs, weight)
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


def _step_length(*points: np.ndarray) -> np.ndarray:
    shares, probs, shares1, probs1, shares2, probs2 = points
    first = ((shares1 - shares) ** 2).sum(axis=0) + ((probs1 - probs) ** 2).sum(axis=(0, 2))
    bend = ((shares2 - 2 * shares1 + shares) ** 2).sum(axis=0)
    bend += ((probs2 - 2 * probs1 + probs) ** 2).sum(axis=(0, 2))
    return np.maximum(np.sqrt(first / np.maximum(bend, TINY)), 1.0)


def _leap(
    start: np.ndarray, first: np.ndarray, second: np.ndarray, length: np.ndarray
) -> np.ndarray:
    """The extrapolated point; never below a twentieth of where EM stands, so nothing is lost."""
    step = first - start
    point = start + 2 * length * step + length**2 * (second - first - step)
    return np.maximum(point, second / 20)


def _by_item(patterns: Patterns, counts: np.ndarray) -> np.ndarray:
    """`counts` (K, S, M) as probabilities that add up to one within each indicator."""
    total = np.add.reduceat(counts, patterns.starts, axis=2)
    per_item = patterns.counts
    empty = total <= 0
    if empty.any():  # no answer of this class to this indicator: any value has the same likelihood
        counts = counts + np.repeat(empty, per_item, axis=2)
        total = np.where(empty, per_item, total)
    return counts / np.repeat(total, per_item, axis=2)
