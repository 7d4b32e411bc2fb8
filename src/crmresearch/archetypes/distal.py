"""Means and shares by type by maximum likelihood, the classification table held.

A mixture in which the likeliest type is one more answer, whose chances given the true type are
known: Vermunt (2010), Political Analysis 18(4):450-469; Gudicha & Vermunt (2013). An outcome is
normal with a variance of its own for each type, or yes and no. It is more precise than BCH where
that holds and goes wrong where it does not. Errors are linearised through all three steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from crmresearch.archetypes.classification import Classification, Linear
from crmresearch.archetypes.em import TINY

STEPS = 200  # of Newton's method, or of EM where that is not on its way
EM_STEPS = 10  # in place of one of Newton's
STILL = 1e-9  # gain in log-likelihood, as a share of it, after which it stops
NO_SPREAD = 1e-4  # of the outcome's variance: a type that one answer has taken over
MANY = 10_000  # different answers, beyond which they are rounded
FINE = 0.001  # to this part of their standard deviation
BLOCK = 50_000  # values whose scores are held at once


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """Distinct answers (Y,) and the weight (Y, K) of those put into each type."""

    value: np.ndarray
    counts: np.ndarray
    table: np.ndarray
    share: bool

    def blocks(self) -> Iterator["_Answers"]:
        for first in range(0, len(self.value), BLOCK):
            rows = slice(first, first + BLOCK)
            yield _Answers(self.value[rows], self.counts[rows], self.table, self.share)


@dataclass(frozen=True, slots=True, eq=False)
class _Mixture:
    """Shares, means and variances (K,) of the types."""

    shares: np.ndarray
    means: np.ndarray
    variances: np.ndarray

    def moved(self, step: np.ndarray, share: bool) -> "_Mixture":
        """After a step in log odds of the shares, the means and log variances, or log odds."""
        wide = len(self.shares)
        shares = self.shares * np.exp(np.concatenate([[0.0], step[: wide - 1]]))
        along, spread = step[wide - 1 : 2 * wide - 1], step[2 * wide - 1 :]
        if share:
            means = expit(np.log(self.means / (1 - self.means)) + along)
            return _Mixture(shares / shares.sum(), means, means * (1 - means))
        return _Mixture(shares / shares.sum(), self.means + along, self.variances * np.exp(spread))


def likelihood_means(
    values: np.ndarray, classified: Classification, *, share: bool = False
) -> Linear | None:
    """Means of `values` (n,) by type; rows with NaN are left out.

    Parameters
    ----------
    share : values are 0 and 1 and their mean is a share

    Returns
    -------
    None where the likelihood has no proper maximum near the BCH means: a type of equal answers, a
    share of 0 or 1, or types that these answers do not tell apart.
    """
    design, placed = classified.design, classified.placed
    used = np.isfinite(values) & placed & (design.row_weights() > 0)
    if classified.inverse is None or not used.any():
        return None
    weight, wide = design.row_weights()[used], len(classified.table)
    value, code = np.unique(values[used], return_inverse=True)
    if len(value) < 2:
        return None
    if len(value) > MANY:
        grain = FINE * values[used].std()
        value, code = np.unique(np.round(values[used] / grain), return_inverse=True)
        value = value * grain
    cell = code * wide + classified.assigned[used]
    counts = np.bincount(cell, weight, len(value) * wide).reshape(-1, wide)
    answers = _Answers(value, counts, classified.table, share)
    start = _start(answers, classified.inverse)
    found = None if start is None else _climb(answers, start)
    information = None if found is None else _information(answers, found)
    if information is None or not _definite(information):
        return None
    along = np.linalg.inv(information)[wide - 1 : 2 * wide - 1]
    if share:
        along = along * found.variances[:, None]  # from log odds
    own = np.concatenate([_scores(part, found) @ along.T for part in answers.blocks()])
    by_table = np.tensordot(along, _by_table(answers, found), axes=1)
    influence = classified.influence(by_table)
    influence[used] += own[cell] * weight[:, None]
    return Linear(found.means, influence, placed, used, design)


def _start(answers: _Answers, inverse: np.ndarray) -> _Mixture | None:
    """The BCH shares, means and variances, where these are possible."""
    undone = answers.counts @ inverse
    total = undone.sum(axis=0)
    if (total <= 0).any():
        return None
    means = answers.value @ undone / total
    if answers.share:
        means = means.clip(0.02, 0.98)
        return _Mixture(total / total.sum(), means, means * (1 - means))
    weight = answers.counts.sum(axis=1)
    centre = weight @ answers.value / weight.sum()
    whole = weight @ (answers.value - centre) ** 2 / weight.sum()
    variances = (answers.value[:, None] - means) ** 2
    variances = (undone * variances).sum(axis=0) / total
    return _Mixture(total / total.sum(), means, variances.clip(whole / 10, whole * 2))


def _climb(answers: _Answers, found: _Mixture) -> _Mixture | None:
    """The maximum near the start: by Newton's steps where they rise, by steps of EM elsewhere."""
    weight = answers.counts.sum(axis=1)
    centre = weight @ answers.value / weight.sum()
    whole = weight @ (answers.value - centre) ** 2 / weight.sum()
    best = _likelihood(answers, found)
    least = NO_SPREAD * whole
    for _ in range(STEPS):
        after = _newton(answers, found, best) or _several(answers, found, least)
        if after.variances.min() < least or after.shares.min() < NO_SPREAD:
            return None
        now = _likelihood(answers, after)
        if now - best < STILL * abs(best):
            return after
        found, best = after, now
    return None


def _newton(answers: _Answers, found: _Mixture, best: float) -> _Mixture | None:
    information = _information(answers, found)
    if not _definite(information):
        return None
    score = sum(part.counts.ravel() @ _scores(part, found) for part in answers.blocks())
    step = np.linalg.solve(information, score)
    for _ in range(4):
        after = found.moved(step, answers.share)
        if _likelihood(answers, after) >= best:
            return after
        step = step / 4
    return None


def _several(answers: _Answers, found: _Mixture, least: float) -> _Mixture:
    """A few steps of EM, fewer where a variance vanishes."""
    for _ in range(EM_STEPS):
        found = _em(answers, found)
        if found.variances.min() < least:
            break
    return found


def _em(answers: _Answers, found: _Mixture) -> _Mixture:
    density = _density(answers, found) * found.shares
    mixed = np.maximum(density @ answers.table, TINY)
    mass = density * ((answers.counts / mixed) @ answers.table.T)
    total = mass.sum(axis=0)
    means = answers.value @ mass / total
    if answers.share:
        return _Mixture(total / total.sum(), means, means * (1 - means))
    spread = (mass * (answers.value[:, None] - means) ** 2).sum(axis=0) / total
    return _Mixture(total / total.sum(), means, spread)


def _likelihood(answers: _Answers, found: _Mixture) -> float:
    mixed = (_density(answers, found) * found.shares) @ answers.table
    return float((answers.counts * np.log(np.maximum(mixed, TINY))).sum())


def _density(answers: _Answers, found: _Mixture) -> np.ndarray:
    """(Y, K) of each answer in each type."""
    value = answers.value[:, None]
    if answers.share:
        return np.where(value > 0, found.means, 1 - found.means)
    away = (value - found.means) ** 2 / found.variances
    return np.exp(-0.5 * away) / np.sqrt(2 * np.pi * found.variances)


def _complete(answers: _Answers, found: _Mixture) -> np.ndarray:
    """(Y, K, c) slopes of an answer's log density, were its type known: 1 for the share first."""
    value = answers.value[:, None]
    if answers.share:
        return np.stack(np.broadcast_arrays(1.0, value - found.means), axis=2)
    away = (value - found.means) / found.variances
    spread = (away**2 * found.variances - 1) / 2
    return np.stack(np.broadcast_arrays(1.0, away, spread), axis=2)


def _likely(answers: _Answers, found: _Mixture) -> np.ndarray:
    """(Y, K assigned, K) chance of each type given the answer and the likeliest type."""
    joint = (_density(answers, found) * found.shares)[:, None, :] * answers.table.T
    return joint / np.maximum(joint.sum(axis=2, keepdims=True), TINY)


def _weighted(answers: _Answers, found: _Mixture) -> np.ndarray:
    """(Y K, K c) slopes times the chance of each type, one row an answer and likeliest type."""
    slopes = _likely(answers, found)[..., None] * _complete(answers, found)[:, None]
    return slopes.swapaxes(2, 3).reshape(answers.counts.size, -1)  # shares, means, spreads


def _scores(answers: _Answers, found: _Mixture) -> np.ndarray:
    """(Y K, q) slopes of the log-likelihood of each answer and likeliest type."""
    scores = _weighted(answers, found)
    wide = len(found.shares)
    scores[:, :wide] -= found.shares
    return scores[:, 1:]


def _information(answers: _Answers, found: _Mixture) -> np.ndarray:
    """(q, q) observed: that of known types less what is lost because they are not seen."""
    wide = len(found.shares)
    size = wide * (2 if answers.share else 3)
    lost, whole = np.zeros((size, size)), np.zeros((size, size))
    for part in answers.blocks():
        mass = np.einsum("ys,ysk->yk", part.counts, _likely(part, found))
        complete = _complete(part, found)
        products = np.einsum("yk,ykc,ykd->kcd", mass, complete, complete)
        among = _weighted(part, found)
        lost -= (among * part.counts.reshape(-1, 1)).T @ among
        for k in range(wide):
            lost[k::wide, k::wide] += products[k]
        total = mass.sum(axis=0)
        means = np.arange(wide, 2 * wide)
        whole[means, means] += total * (found.variances if answers.share else 1 / found.variances)
        if not answers.share:
            spreads, away = np.arange(2 * wide, 3 * wide), part.value[:, None] - found.means
            cross = (mass * away).sum(axis=0) / found.variances
            whole[means, spreads] += cross
            whole[spreads, means] += cross
            whole[spreads, spreads] += (mass * away**2).sum(axis=0) / (2 * found.variances)
    count = answers.counts.sum()
    whole[:wide, :wide] = count * (np.diag(found.shares) - np.outer(found.shares, found.shares))
    return (whole - lost)[1:, 1:]


def _by_table(answers: _Answers, found: _Mixture) -> np.ndarray:
    """(q, K, K) slope of the score in each cell (type, assigned) of the table."""
    wide = len(found.shares)
    slopes = np.zeros((wide * (2 if answers.share else 3), wide, wide))
    for part in answers.blocks():
        density = _density(part, found) * found.shares
        complete = _complete(part, found)
        parts = complete.shape[2]
        among = _weighted(part, found).reshape(len(part.value), wide, -1)
        for put in range(wide):
            chance = density / np.maximum(density @ part.table[:, [put]], TINY)
            chance = chance * part.counts[:, [put]]  # (Y, K)
            slopes[:, :, put] -= among[:, put].T @ chance
            own = np.einsum("yk,ykc->ck", chance, complete)
            for k in range(wide):
                slopes[k::wide, k, put][:parts] += own[:, k]
    return slopes[1:]


def _definite(information: np.ndarray) -> bool:
    scale = np.diag(information)
    if not (np.isfinite(information).all() and (scale > 0).all()):
        return False
    return bool(np.linalg.eigvalsh(information / np.sqrt(np.outer(scale, scale)))[0] > 1e-8)
