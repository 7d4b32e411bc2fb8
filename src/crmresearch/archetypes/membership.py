"""Multinomial logit of the type on characteristics, freed from classification error.

The third step of a three-step analysis: by maximum likelihood with the classification table held
(Vermunt 2010, Political Analysis 18(4):450-469), by the BCH weights, or plainly by likeliest type,
which draws the slopes towards zero. Errors are linearised through all three steps, as Bakk, Tekle &
Vermunt (2013, Sociological Methodology 43(1):272-311) ask, and respect weights and clusters.
"""

from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.classification import Classification, Linear
from crmresearch.archetypes.em import TINY

METHODS = ("ml", "bch", "modal")
STEPS = 60  # of Newton's method
STILL = 1e-9  # step, in log odds a standard deviation, after which it stops
FAR = 12.0  # log odds a standard deviation from which on a slope has no end
SAMPLE = 20_000  # cells that the first steps are taken on, where there are many more


@dataclass(frozen=True, slots=True, eq=False)
class Crossed:
    """Predictors of the respondents used, each combination once.

    Parameters
    ----------
    matrix : (Z, p) float, the first column ones
    counts : (Z, K) sum of weights of those put into each type
    row : (n,) combination of each respondent; -1 where not used
    """

    matrix: np.ndarray
    counts: np.ndarray
    row: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """Fitted log odds of each type against the first.

    Parameters
    ----------
    coefficients : (p, K - 1)
    chances : (Z, K) of each type in each combination of predictors
    pull : (Z, K, K - 1) residual of a respondent of each combination put into each type
    inverse : (p (K - 1), same) of the information
    by_table : (p, K - 1, K, K) slope of the score in each cell of the table
    method : one of `METHODS`
    eased : whether respondents had to be added for the log odds to have an end
    """

    crossed: Crossed
    classified: Classification
    coefficients: np.ndarray
    chances: np.ndarray
    pull: np.ndarray
    inverse: np.ndarray
    by_table: np.ndarray
    method: str
    eased: bool

    def numbers(self, value: np.ndarray, gradients: np.ndarray, direct: np.ndarray) -> Linear:
        """Functions of the coefficients and the sample with the influence of every row.

        Parameters
        ----------
        value : (q,)
        gradients : (q, p, K - 1) slopes in the coefficients
        direct : (Z, q) what a respondent adds beside the coefficients, per unit of weight
        """
        crossed, classified = self.crossed, self.classified
        used = crossed.row >= 0
        weight = np.where(used, classified.design.row_weights(), 0.0)
        along = (gradients.reshape(len(value), -1) @ self.inverse).reshape(gradients.shape)
        slopes = np.einsum("zp,qpk->qzk", crossed.matrix, along)
        own = np.einsum("zsk,qzk->zsq", self.pull, slopes) + direct[:, None]
        wide = own.shape[1]
        cell = np.where(used, crossed.row * wide + classified.assigned, 0)
        influence = own.reshape(-1, len(value))[cell]
        influence *= weight[:, None]
        if self.method == "modal":
            return Linear(value, influence, used, used, classified.design)
        influence += classified.influence(np.tensordot(along, self.by_table, axes=2))
        return Linear(value, influence, classified.placed, used, classified.design)

    def slopes(self, columns: list[int]) -> Linear:
        """Coefficients of some columns, one type after the other within each column."""
        size = self.coefficients.size
        wide = self.coefficients.shape[1]
        at = [column * wide + k for column in columns for k in range(wide)]
        gradients = np.eye(size)[at].reshape(-1, *self.coefficients.shape)
        nothing = np.zeros((len(self.chances), len(at)))
        return self.numbers(self.coefficients[columns].ravel(), gradients, nothing)

    def shares(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean chance of each type with other predictors: value (K,), gradients, direct (Z, K)."""
        chances = softmax(matrix @ self.coefficients)
        weight = self.crossed.counts.sum(axis=1) / self.crossed.counts.sum()
        value = weight @ chances
        direct = (chances - value) / self.crossed.counts.sum()
        wide = chances.shape[1]
        gradients = np.stack(
            [
                matrix.T @ (weight[:, None] * chances[:, [k]] * (np.eye(wide)[k] - chances)[:, 1:])
                for k in range(wide)
            ]
        )
        return value, gradients, direct


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """What is maximised: counts by assignment, the table and its inverse, respondents added."""

    matrix: np.ndarray
    counts: np.ndarray
    table: np.ndarray
    inverse: np.ndarray
    added: np.ndarray
    method: str

    def some(self, step: int) -> "_Problem":
        """Every `step`-th combination."""
        parts = (self.matrix[::step], self.counts[::step], self.table, self.inverse)
        return _Problem(*parts, self.added[::step], self.method)

    def eased(self) -> "_Problem":
        """With as many respondents added as there are predictors, whose types are those of all."""
        weight = self.counts.sum(axis=1, keepdims=True) / self.counts.sum()
        shares = np.maximum(self.counts.sum(axis=0) @ self.inverse, 0.0)
        added = self.matrix.shape[1] * weight * shares / shares.sum()
        return _Problem(self.matrix, self.counts, self.table, self.inverse, added, self.method)


def fit(crossed: Crossed, classified: Classification, *, method: str = "ml") -> Membership | None:
    """Log odds of the types by one of `METHODS`.

    They have no end where a type does not occur with some answer. Then a few respondents are added,
    spread over predictors and types like all (Clogg et al. 1991, Journal of the American
    Statistical Association 86:68-78), which leaves them finite. None where that does not help: with
    BCH a corrected number of respondents may be too far below zero.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not one of {METHODS}")
    if classified.inverse is None or not crossed.counts.any():
        return None
    own = (classified.table, classified.inverse)
    as_put = np.eye(crossed.counts.shape[1])
    table, inverse = (as_put, as_put) if method == "modal" else own
    nobody = np.zeros_like(crossed.counts)
    problem = _Problem(crossed.matrix, crossed.counts, table, inverse, nobody, method)
    found = _maximum(problem)
    eased = found is None
    if eased:
        problem = problem.eased()
        found = _maximum(problem)
    if found is None:
        return None
    chances = softmax(problem.matrix @ found)
    pull, information = _curvature(problem, chances)
    by_table, inverse = _by_table(problem, chances), np.linalg.inv(information)
    return Membership(crossed, classified, found, chances, pull, inverse, by_table, method, eased)


def _maximum(problem: _Problem) -> np.ndarray | None:
    """Coefficients, first of a sample where there are many combinations."""
    start = np.zeros((problem.matrix.shape[1], problem.counts.shape[1] - 1))
    step = len(problem.matrix) // SAMPLE
    if step > 1:
        first = _newton(problem.some(step), start)
        start = start if first is None else first
    return _newton(problem, start)


def softmax(linear: np.ndarray) -> np.ndarray:
    """(Z, K) chances from log odds (Z, K - 1) against the first."""
    whole = np.zeros((linear.shape[1] + 1, len(linear)))  # sums over types run along memory
    whole[1:] = linear.T
    whole -= whole.max(axis=0)
    np.exp(whole, out=whole)
    whole /= whole.sum(axis=0)
    return whole.T


def _newton(problem: _Problem, rule: np.ndarray) -> np.ndarray | None:
    """Coefficients where the score is zero; steps are halved until the likelihood rises."""
    matrix, weight = problem.matrix, problem.counts.sum(axis=1)
    centre = weight @ matrix / weight.sum()
    scale = np.sqrt(weight @ (matrix - centre) ** 2 / weight.sum())
    scale[0] = 1.0
    best = _likelihood(problem, rule)
    for _ in range(STEPS):
        chances = softmax(matrix @ rule)
        pull, information = _curvature(problem, chances)
        score = np.einsum("zs,zsk->zk", problem.counts, pull)
        score += (problem.added - problem.added.sum(axis=1, keepdims=True) * chances)[:, 1:]
        try:
            move = np.linalg.solve(information, (matrix.T @ score).ravel()).reshape(rule.shape)
        except np.linalg.LinAlgError:
            return None
        after = best
        for _ in range(12):
            after = _likelihood(problem, rule + move)
            if after >= best - 1e-12 * abs(best):
                break
            move = move / 2
        rule, best = rule + move, after
        if np.abs(rule[1:] * scale[1:, None]).max(initial=0.0) > FAR:
            return None
        if np.abs(move * scale[:, None]).max() < STILL:
            return rule
    return None


def _likelihood(problem: _Problem, rule: np.ndarray) -> float:
    chances = np.maximum(softmax(problem.matrix @ rule), TINY)
    known = float((problem.added * np.log(chances)).sum())
    if problem.method == "bch":
        return known + float(((problem.counts @ problem.inverse) * np.log(chances)).sum())
    mixed = np.maximum(chances @ problem.table, TINY)
    return known + float((problem.counts * np.log(mixed)).sum())


def _curvature(problem: _Problem, chances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Residuals (Z, K, K - 1) of each assignment, and the information.

    The observed one where it is positive definite, else that of known types, which always is.
    """
    matrix, counts = problem.matrix, problem.counts
    size, wide = matrix.shape[1], chances.shape[1]
    weight = (counts + problem.added).sum(axis=1)
    likely = _likely(problem, chances)
    pull = likely[:, :, 1:] - chances[:, None, 1:]
    known = np.empty((size, wide - 1, size, wide - 1))
    lost = np.zeros_like(known)
    for k in range(1, wide):
        for other in range(k, wide):
            same = float(k == other)
            full = weight * chances[:, k] * (same - chances[:, other])
            known[:, k - 1, :, other - 1] = (matrix * full[:, None]).T @ matrix
            if problem.method == "ml":
                part = (counts * likely[:, :, k] * (same - likely[:, :, other])).sum(axis=1)
                lost[:, k - 1, :, other - 1] = (matrix * part[:, None]).T @ matrix
            known[:, other - 1, :, k - 1] = known[:, k - 1, :, other - 1].T
            lost[:, other - 1, :, k - 1] = lost[:, k - 1, :, other - 1].T
    flat = size * (wide - 1)
    observed, known = (known - lost).reshape(flat, flat), known.reshape(flat, flat)
    scale = np.sqrt(np.diag(known).clip(min=TINY))
    positive = np.linalg.eigvalsh(observed / np.outer(scale, scale))[0] > 1e-9
    return pull, observed if positive else known


def _likely(problem: _Problem, chances: np.ndarray) -> np.ndarray:
    """(Z, K assigned, K) how much a respondent counts for each type."""
    if problem.method == "bch":
        return np.broadcast_to(problem.inverse, (len(chances), *problem.inverse.shape))
    joint = chances[:, None, :] * problem.table.T
    return joint / np.maximum(joint.sum(axis=2, keepdims=True), TINY)


def _by_table(problem: _Problem, chances: np.ndarray) -> np.ndarray:
    """(p, K - 1, K, K) slope of the score in each cell (type, assigned) of the table."""
    matrix, counts = problem.matrix, problem.counts
    wide = chances.shape[1]
    if problem.method == "bch":
        whole = matrix.T @ (counts @ problem.inverse)
        return -np.einsum("pt,sk->pkts", whole, problem.inverse[:, 1:])
    slopes = np.empty((matrix.shape[1], wide - 1, wide, wide))
    likely = _likely(problem, chances)
    for put in range(wide):
        mixed = np.maximum(chances @ problem.table[:, put], TINY)
        for own in range(wide):
            part = counts[:, put] * chances[:, own] / mixed
            residual = (np.arange(1, wide) == own) - likely[:, put, 1:]
            slopes[:, :, own, put] = matrix.T @ (part[:, None] * residual)
    return slopes
