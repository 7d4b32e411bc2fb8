"""Adjacent-category logits: categories share thresholds, classes shift them by a slope.

log p_k(m) / p_k(m - 1) = tau_m + beta_k for the categories m = 1, 2, ... of an ordinal indicator
(Goodman 1979, Journal of the American Statistical Association 74:537-552): each class leans
towards the upper or the lower answers, by one parameter. The logarithms of the probabilities are
linear in the parameters, so that a weighted sum of them, made to add up to one, is in the family.
"""

import numpy as np

_STEPS = 1  # Newton steps of one maximisation: near the end one is enough, and before it wasted
_HALVINGS = 6
_LONGEST = 4.0  # of a step in a log odds: a slope on its way to infinity gets there in time
_RIDGE = 1e-9
SMALLEST = 1e-250


def improve(counts: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """Probabilities in the family under which `counts` are no less likely than under `before`.

    Parameters
    ----------
    counts : (K, S, J, C) expected answers in each category, of J indicators and S solutions
    before : (K, S, J, C) probabilities in the family; the mean of the classes when None

    Returns
    -------
    (K, S, J, C) probabilities.
    """
    size = counts.shape[-1]
    if before is None:
        total = counts.sum(axis=0, keepdims=True) + 1e-3
        before = np.broadcast_to(total / total.sum(axis=-1, keepdims=True), counts.shape)
    logs = np.log(np.maximum(before, SMALLEST))
    fit = _likelihood(counts, logs)
    for _ in range(_STEPS):
        step, gain = _newton(counts, np.exp(logs))
        open_ = gain > 1e-13 * (1 + np.abs(fit))
        if not open_.any():
            break
        score = np.arange(size)
        change = step[0][None] + step[1][..., None] * score
        logs, fit = _safe(counts, logs, change * open_[None, ..., None], fit)
    return np.exp(logs)


def _likelihood(counts: np.ndarray, logs: np.ndarray) -> np.ndarray:
    return np.einsum("ksjc,ksjc->sj", counts, logs)


def _newton(
    counts: np.ndarray, probs: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Step of the thresholds' sums (S, J, C) and of the slopes (K, S, J), and the gain expected.

    The slope of the first class is left where it is: thresholds take it up.
    """
    classes, starts, items, size = counts.shape
    score = np.arange(size, dtype=float)
    n = counts.sum(axis=-1)
    residual = counts - n[..., None] * probs
    free = size - 1 + classes - 1
    gradient = np.concatenate(
        [residual.sum(axis=0)[..., 1:], np.moveaxis((residual @ score)[1:], 0, -1)], axis=-1
    )
    mean = probs @ score
    spread = n[..., None] * probs * (score - mean[..., None])  # (K, S, J, C)
    hessian = np.zeros((starts, items, free, free))
    categories, slopes = slice(0, size - 1), slice(size - 1, free)
    upper = probs[..., 1:]
    hessian[..., categories, categories] = -np.einsum("ksj,ksja,ksjb->sjab", n, upper, upper)
    diagonal = np.arange(free)
    hessian[..., diagonal[categories], diagonal[categories]] += np.einsum("ksj,ksja->sja", n, upper)
    cross = np.moveaxis(spread[1:, ..., 1:], 0, -1)  # (S, J, C - 1, K - 1)
    hessian[..., categories, slopes] = cross
    hessian[..., slopes, categories] = np.swapaxes(cross, -1, -2)
    hessian[..., diagonal[slopes], diagonal[slopes]] = np.moveaxis((spread @ score)[1:], 0, -1)
    hessian[..., diagonal, diagonal] += _RIDGE * (n.sum(axis=0)[..., None] + 1)
    step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
    gain = (gradient * step).sum(axis=-1)
    longest = np.abs(step).max(axis=-1, keepdims=True) if free else step
    step = step * np.minimum(1.0, _LONGEST / np.maximum(longest, _LONGEST))
    thresholds = np.concatenate([np.zeros((starts, items, 1)), step[..., categories]], axis=-1)
    betas = np.concatenate([np.zeros((1, starts, items)), np.moveaxis(step[..., slopes], -1, 0)])
    return (thresholds, betas), gain


def _safe(
    counts: np.ndarray, logs: np.ndarray, change: np.ndarray, fit: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The step, halved where it lowers the likelihood, and not taken where that does not help."""
    length = np.ones(fit.shape)
    for _ in range(_HALVINGS):
        trial = normalised(logs + length[None, ..., None] * change)
        reached = _likelihood(counts, trial)
        worse = ~(reached >= fit)
        if not worse.any():
            return trial, reached
        length = np.where(worse, length / 4, length)
    return (
        np.where(worse[None, ..., None], logs, trial),
        np.where(worse, fit, reached),
    )


def normalised(logs: np.ndarray) -> np.ndarray:
    """`logs` less a constant, so that their exponentials add up to one over the last axis."""
    peak = logs.max(axis=-1, keepdims=True)
    return logs - peak - np.log(np.exp(logs - peak).sum(axis=-1, keepdims=True))


def slopes(probs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Thresholds and slopes of probabilities in the family.

    Parameters
    ----------
    probs : (K, C) probabilities of the categories of one indicator

    Returns
    -------
    (C - 1,) thresholds of the average class and (K,) slopes that add up to zero.
    """
    steps = np.diff(np.log(np.maximum(probs, SMALLEST)), axis=-1)
    thresholds = steps.mean(axis=0)
    return thresholds, (steps - thresholds).mean(axis=-1)
