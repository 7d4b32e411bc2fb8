"""Two groups made alike by weights: propensities, and differences of weighted means.

The propensity is the chance to be in the group given the covariates, from a logistic regression.
Each difference comes with the influence of every row on it, in which the estimated propensity is
counted (stacked estimating equations), so that its error can be taken between rows, clusters or
strata. Sources: Lunceford & Davidian (2004), Statistics in Medicine 23, 2937-2960; Li, Morgan &
Zaslavsky (2018), Journal of the American Statistical Association 113, 390-400 (overlap weights).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from crmresearch.methods.influence import Difference
from crmresearch.report.estimates import NAN

STEPS = 50  # of Newton's method
LONG = 0.3  # step, in SD, from which on it is checked that the likelihood rises
STILL = 1e-8  # step after which it stops; the next one would be its square
SAMPLE = 20_000  # rows that the first steps are taken on, where there are many more
FAR = 10.0  # a first coefficient, in SD, beyond which it is no place to start from
FLAT = 1e-9  # eigenvalue of the scaled information below which a direction is not estimated,
# and relative gain in log-likelihood below which a long step leads nowhere
TARGETS = {  # target: whom a difference then speaks for
    "raw": "both groups as they are",
    "ate": "all customers of both groups",
    "att": "the group itself",
    "ato": "customers who could have been in either group",
}


@dataclass(frozen=True, slots=True, eq=False)
class Propensity:
    """Chances to be in the group.

    Parameters
    ----------
    matrix : (n, k) float, a constant and the columns that vary, standardised
    terms : how many of them say something of their own
    chance : (n,) float, NaN where `separated`
    coefficients : (k,), of a constant and the columns that vary, in their own units
    weights : (n,) survey weights
    coefficient_influence : (n, k), of each row on the coefficients of `matrix`
    separated : whether the columns tell the groups apart without error, or one is empty, so that
        nobody of one group is like anybody of the other
    """

    matrix: np.ndarray
    terms: int
    chance: np.ndarray
    coefficients: np.ndarray
    weights: np.ndarray
    coefficient_influence: np.ndarray
    separated: bool


def propensity(
    member: np.ndarray, columns: np.ndarray, *, weights: np.ndarray | None = None
) -> Propensity:
    """Logistic regression of membership on the columns, by Newton's method.

    Parameters
    ----------
    member : (n,) bool
    columns : (n, k) float without gaps; a constant is added
    weights : (n,) survey weights, positive, in any unit; ones when None

    Returns
    -------
    Where a column sets some rows of one group apart (a category that only the comparison has),
    their chance goes to 0 or 1 and that direction carries no error; the rest is as without them.
    Where columns repeat each other, their coefficients are the smallest of those that fit.
    """
    member = np.asarray(member, dtype=float)
    heavy = np.ones(len(member)) if weights is None else np.asarray(weights, dtype=float)
    heavy = heavy / heavy.mean() if len(heavy) else heavy
    matrix, centre, spread = _standardised(columns)
    size = matrix.shape[1]
    rule = np.zeros(size)
    nowhere = Propensity(
        matrix, size, np.full(len(member), NAN), rule * NAN, heavy, np.zeros(matrix.shape), True
    )
    if not 0 < member.sum() < len(member):
        return nowhere
    step = len(member) // SAMPLE
    if step > 1:
        first = _newton(member[::step], matrix[::step], heavy[::step], rule)
        rule = first if np.abs(first).max() < FAR else rule
    rule = _newton(member, matrix, heavy, rule)
    linear = matrix @ rule
    if linear[member == 1].min() > linear[member == 0].max():
        return nowhere
    chance = special.expit(linear)
    inverse, terms = solved(matrix, heavy * chance * (1 - chance))
    influence = (matrix * (heavy * (member - chance))[:, None]) @ inverse
    slopes = rule[1:] / spread
    own = np.concatenate([[rule[0] - slopes @ centre], slopes])
    return Propensity(matrix, terms, chance, own, heavy, influence, False)


def balancing(score: Propensity, member: np.ndarray, target: str) -> np.ndarray:
    """(n,) weights that make the groups alike for one of `TARGETS`, times the survey weights."""
    return score.weights * _balancing(score.chance, np.asarray(member, dtype=bool), target)[0]


def weighted_difference(
    values: np.ndarray, member: np.ndarray, score: Propensity, *, target: str
) -> Difference:
    """Difference of the groups' means, each row counted by its balancing weight.

    Parameters
    ----------
    values : (n,) float without gaps
    member : (n,) bool
    target : one of `TARGETS`; with ``raw`` the propensity does not enter

    Returns
    -------
    Weights are normalised within each group (Hajek). NaN where the groups are separated.
    """
    member = np.asarray(member, dtype=bool)
    if target != "raw" and score.separated or not 0 < member.sum() < len(member):
        return Difference(NAN, np.zeros(len(member)), member, (NAN, NAN))
    weight, slope = _balancing(score.chance, member, target)
    weight, slope = score.weights * weight, score.weights * slope
    values = values - values[0]  # answers that are all alike then differ by nothing, exactly
    value, influence, effective = 0.0, np.zeros(len(member)), []
    for rows, sign in ((member, 1.0), (~member, -1.0)):
        part, total = weight * rows, float(weight[rows].sum())
        mean = float(part @ values) / total
        apart = values - mean
        influence += sign * part * apart / total
        if target != "raw":
            by_rule = score.matrix.T @ (slope * rows * apart) / total
            influence += sign * (score.coefficient_influence @ by_rule)
        value += sign * mean
        effective.append(total**2 / float(part @ part))
    return Difference(value, influence, member, (effective[0], effective[1]))


def _newton(
    member: np.ndarray, matrix: np.ndarray, heavy: np.ndarray, rule: np.ndarray
) -> np.ndarray:
    """Coefficients of the greatest likelihood, or the last ones where it only rises on.

    Long steps are halved until the likelihood rises; short ones need no such care.
    """
    best = -np.inf
    for _ in range(STEPS):
        chance = special.expit(matrix @ rule)
        inverse, _ = solved(matrix, heavy * chance * (1 - chance))
        move = inverse @ (matrix.T @ (heavy * (member - chance)))
        length = float(np.abs(move).max())
        if length < LONG:
            rule = rule + move
            if length < STILL:
                break
            continue
        before = _likelihood(member, heavy, matrix @ rule) if best == -np.inf else best
        for _ in range(10):
            best = _likelihood(member, heavy, matrix @ (rule + move))
            if best >= before:
                break
            move /= 2
        rule = rule + move
        if best - before < FLAT * (abs(best) + 0.1):
            break
    return rule


def _likelihood(member: np.ndarray, heavy: np.ndarray, linear: np.ndarray) -> float:
    return float(heavy @ (member * linear - np.logaddexp(0, linear)))


def solved(matrix: np.ndarray, information: np.ndarray) -> tuple[np.ndarray, int]:
    """Inverse of a weighted cross-product without the directions that it says nothing about.

    Returns
    -------
    (k, k) and how many directions are left.
    """
    square = matrix.T @ (matrix * information[:, None])
    lengths = np.sqrt(np.diag(square))
    lengths = np.where(lengths > 0, lengths, 1.0)
    values, vectors = np.linalg.eigh(square / np.outer(lengths, lengths))
    told = values > FLAT
    inverse = (vectors * np.where(told, 1 / np.where(told, values, 1.0), 0.0)) @ vectors.T
    return inverse / np.outer(lengths, lengths), int(told.sum())


def _standardised(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A constant and the columns that vary, at mean 0 and SD 1; their means and SDs."""
    columns = np.asarray(columns, dtype=float)
    if not len(columns):
        return np.ones((0, 1)), np.zeros(0), np.ones(0)
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    varies = spread > 1e-12 * np.maximum(np.abs(centre), 1e-300)
    matrix = np.empty((len(columns), 1 + int(varies.sum())), order="F")
    matrix[:, 0] = 1.0
    matrix[:, 1:] = (columns[:, varies] - centre[varies]) / spread[varies]
    return matrix, centre[varies], spread[varies]


def _balancing(
    chance: np.ndarray, member: np.ndarray, target: str
) -> tuple[np.ndarray, np.ndarray]:
    """Balancing weights and their slopes in the linear predictor."""
    if target == "raw":
        return np.ones(len(member)), np.zeros(len(member))
    sure = np.clip(chance, 1e-12, 1 - 1e-12)
    other = 1 - sure
    if target == "ate":
        return np.where(member, 1 / sure, 1 / other), np.where(member, -other / sure, sure / other)
    if target == "att":
        odds = sure / other
        return np.where(member, 1.0, odds), np.where(member, 0.0, odds)
    if target == "ato":
        both = sure * other
        return np.where(member, other, sure), np.where(member, -both, both)
    raise ValueError(f"target is one of {sorted(TARGETS)}, not {target!r}")
