"""Types and who has them fitted at once: the one-step model with covariates of the type.

The class shares of a latent class model follow a multinomial logit (Dayton & Macready 1988, Journal
of the American Statistical Association 83:173-178). It is the most precise where the model is
right, but characteristics then take part in what the types are, so that the three-step estimates
are the ones to report and this one their check.
"""

from dataclasses import dataclass, replace

import numpy as np

from crmresearch.archetypes.classification import Linear
from crmresearch.archetypes.information import Layout, complete_score, inverse_of, moments
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.measurement import (
    TINY,
    coefficients,
    coordinates,
    from_coordinates,
    maximise,
    statistics,
)
from crmresearch.archetypes.membership import softmax
from crmresearch.methods.weighting import Design

CYCLES = 500
STILL = 1e-11  # gain in log-likelihood, as a share of it, after which it stops
MOST = 20_000  # combinations of answers and characteristics, beyond which it takes too long


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OneStep:
    """A fitted one-step model.

    Parameters
    ----------
    coefficients : (p, K - 1) log odds of each class against the first
    probs : (K, M) as in `LatentClasses`
    slopes : `coefficients`, row by row, with the influence of every respondent; None where the
        data do not determine the parameters
    loglik : log-likelihood of those used
    moved : share of respondents whose likeliest class is not that of the model without covariates
    """

    coefficients: np.ndarray
    probs: np.ndarray
    slopes: Linear | None
    loglik: float
    moved: float


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Combinations of pattern (C,) and predictors (C,) that occur, with their weight."""

    pattern: np.ndarray
    predictor: np.ndarray
    weight: np.ndarray
    row: np.ndarray
    statistics: np.ndarray
    matrix: np.ndarray


def one_step(
    model: LatentClasses,
    matrix: np.ndarray,
    row: np.ndarray,
    design: Design,
    *,
    start: np.ndarray | None = None,
) -> OneStep | None:
    """Fit the classes and their covariates at once, from the solution without covariates.

    Parameters
    ----------
    matrix : (Z, p) combinations of predictors, the first column ones
    row : (n,) combination of each respondent, -1 where one is missing; these are left out
    start : (p, K - 1) log odds to start from, such as those of three steps

    Returns
    -------
    None with too many combinations, or where the likelihood still rises at the end.
    """
    cells = _cells(model, matrix, row)
    if not 0 < len(cells.weight) <= MOST:
        return None
    rule = np.zeros((matrix.shape[1], model.classes - 1)) if start is None else start
    if start is None:
        rule[0] = np.log(model.shares[1:] / model.shares[0])
    found = _climb(model, cells, rule)
    if found is None:
        return None
    rule, probs = found
    likely, loglik = _expect(model, cells, rule, probs)
    modal = model.modal[cells.pattern]
    moved = float(cells.weight @ (likely.argmax(axis=1) != modal) / cells.weight.sum())
    slopes = _slopes(model, cells, rule, probs, likely, design)
    return OneStep(coefficients=rule, probs=probs, slopes=slopes, loglik=loglik, moved=moved)


def _climb(
    model: LatentClasses, cells: _Cells, rule: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Cycles of two EM steps and a leap along them, kept where it lands no lower (SQUAREM)."""
    patterns, probs, best = model.patterns, model.probs, -np.inf
    for _ in range(CYCLES):
        rule1, probs1, loglik = _em(model, cells, rule, probs)
        if loglik - best < STILL * abs(loglik):
            return rule, probs
        best = loglik
        rule2, probs2, middle = _em(model, cells, rule1, probs1)
        places = [coordinates(patterns, x[:, None])[:, 0] for x in (probs, probs1, probs2)]
        step = [rule1 - rule, places[1] - places[0]]
        bend = [rule2 - rule1 - step[0], places[2] - places[1] - step[1]]
        far = sum((x**2).sum() for x in step) / max(sum((x**2).sum() for x in bend), TINY)
        length = max(1.0, float(np.sqrt(far)))
        leap = [
            x + 2 * length * y + length**2 * z
            for x, y, z in zip((rule, places[0]), step, bend, strict=True)
        ]
        least = np.maximum(probs2 / 20, TINY)  # EM could not leave zero again
        leaped = from_coordinates(patterns, leap[1][:, None], least[:, None])[:, 0]
        rule3, probs3, after = _em(model, cells, leap[0], leaped)
        rule, probs = (rule3, probs3) if after >= middle else (rule2, probs2)
    return None


def _em(
    model: LatentClasses, cells: _Cells, rule: np.ndarray, probs: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Log odds and probabilities after one step, and the log-likelihood before it."""
    likely, loglik = _expect(model, cells, rule, probs)
    mass = likely * cells.weight[:, None]
    expected = (cells.statistics @ _summed(mass, cells.pattern, len(model.posterior))).T
    better = maximise(model.patterns, expected[:, None], probs[:, None])[:, 0]
    counts = _summed(mass, cells.predictor, len(cells.matrix))
    return _improved(rule, cells.matrix, counts), better, loglik


def _cells(model: LatentClasses, matrix: np.ndarray, row: np.ndarray) -> _Cells:
    patterns = model.patterns
    used = (row >= 0) & (patterns.row >= 0)
    key, cell = np.unique(patterns.row[used] * len(matrix) + row[used], return_inverse=True)
    rows = np.full(len(row), -1)
    rows[used] = cell
    return _Cells(
        pattern=key // len(matrix),
        predictor=key % len(matrix),
        weight=np.bincount(cell, patterns.row_weight[used], len(key)),
        row=rows,
        statistics=statistics(patterns, slice(None)),
        matrix=matrix,
    )


def _expect(
    model: LatentClasses, cells: _Cells, rule: np.ndarray, probs: np.ndarray
) -> tuple[np.ndarray, float]:
    """(C, K) chance of each class given answers and predictors, and the log-likelihood."""
    joint = (coefficients(model.patterns, probs) @ cells.statistics)[:, cells.pattern]
    joint += np.log(np.maximum(softmax(cells.matrix @ rule), TINY)).T[:, cells.predictor]
    peak = joint.max(axis=0)
    joint = np.exp(joint - peak)
    total = joint.sum(axis=0)
    return (joint / total).T, float(cells.weight @ (peak + np.log(total)))


def _summed(mass: np.ndarray, to: np.ndarray, size: int) -> np.ndarray:
    return np.column_stack([np.bincount(to, column, size) for column in mass.T])


def _improved(rule: np.ndarray, matrix: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """One Newton step of the multinomial logit, halved until the expected likelihood rises."""
    chances = softmax(matrix @ rule)
    weight = counts.sum(axis=1, keepdims=True)
    score = matrix.T @ (counts - weight * chances)[:, 1:]
    move = np.linalg.lstsq(_known(matrix, weight[:, 0], chances), score.ravel(), rcond=1e-12)[0]
    move = move.reshape(rule.shape)
    before = (counts * np.log(np.maximum(chances, TINY))).sum()
    for _ in range(12):
        after = np.log(np.maximum(softmax(matrix @ (rule + move)), TINY))
        if (counts * after).sum() >= before:
            return rule + move
        move = move / 2
    return rule


def _known(matrix: np.ndarray, weight: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Information on the log odds, were the classes known."""
    size, wide = matrix.shape[1], chances.shape[1] - 1
    whole, across = np.empty((size, wide, size, wide)), np.ascontiguousarray(matrix.T)
    for k in range(wide):
        mine = weight * chances[:, k + 1]
        for other in range(k, wide):
            block = (across * (mine * (float(k == other) - chances[:, other + 1]))) @ matrix
            whole[:, k, :, other], whole[:, other, :, k] = block, block.T
    return whole.reshape(size * wide, size * wide)


def _slopes(
    model: LatentClasses,
    cells: _Cells,
    rule: np.ndarray,
    probs: np.ndarray,
    likely: np.ndarray,
    design: Design,
) -> Linear | None:
    """The log odds with their influences, from the observed information (Louis's identity)."""
    given = _spread_out(model, cells, probs, likely)
    layout = Layout.of(given)
    shares, size = len(layout.shares), rule.size
    predictors = cells.matrix[cells.predictor]
    chances = softmax(predictors @ rule)
    score = np.zeros((len(likely), layout.size - shares))
    cross = np.zeros((size, layout.size - shares))
    for k in range(model.classes):
        places = layout.places[k] - shares
        answers = complete_score(given, layout, k, slice(0, len(likely)))[:, shares:]
        part = likely[:, [k]] * answers
        score[:, places] += part
        side = (np.arange(1, model.classes) == k) - likely[:, 1:]
        weighted = cells.weight[:, None, None] * predictors[:, :, None] * side[:, None, :]
        cross[:, places] -= weighted.reshape(len(likely), size).T @ part
    known, lost = (_known(predictors, cells.weight, x) for x in (chances, likely))
    answers = moments(given, layout, None)[0][shares:, shares:]
    inverse = inverse_of(np.block([[known - lost, cross], [cross.T, answers]]))
    if inverse is None:
        return None
    odds = (predictors[:, :, None] * (likely - chances)[:, None, 1:]).reshape(len(likely), size)
    by_cell = np.hstack([odds, score]) @ inverse[:, :size]
    used = cells.row >= 0
    influence = np.where(used, model.patterns.row_weight, 0.0)[:, None] * by_cell[cells.row]
    return Linear(rule.ravel(), influence, used, used, design)


def _spread_out(
    model: LatentClasses, cells: _Cells, probs: np.ndarray, likely: np.ndarray
) -> LatentClasses:
    """The model with a pattern of its own for each combination of answers and predictors."""
    patterns = replace(
        model.patterns,
        codes=model.patterns.codes[cells.pattern],
        onehot=model.patterns.onehot[:, cells.pattern],
        weight=cells.weight,
        square=cells.weight**2,
        rows=np.ones(len(cells.weight), dtype=int),
        row=cells.row,
    )
    return replace(model, patterns=patterns, probs=probs, posterior=likely)
