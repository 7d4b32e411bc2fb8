"""Differences adjusted twice: by the propensity and by a regression of the outcome.

The difference is right where either of the two models is. Its error counts that both were
estimated (stacked estimating equations) and so holds where only one of them is right; the plain
one, the spread of the influence function as if both were known, holds where both are.
Source: Robins, Rotnitzky & Zhao (1994), Journal of the American Statistical Association 89,
846-866.
"""

import numpy as np

from crmresearch.methods.influence import Difference
from crmresearch.methods.propensity import Propensity, solved
from crmresearch.report.estimates import NAN


def augmented_difference(
    values: np.ndarray,
    member: np.ndarray,
    score: Propensity,
    *,
    target: str = "att",
    stacked: bool = True,
) -> Difference:
    """Augmented inverse-probability-weighted difference (AIPW) of the group and the comparison.

    Parameters
    ----------
    values : (n,) float without gaps
    member : (n,) bool
    score : its columns are also those of the linear regressions of the outcome
    target : ``att``, for the group itself, where the comparison's outcome is regressed and its
        weights normalised; ``ate``, for all, with a regression in each group
    stacked : whether the error counts that the models were estimated

    Returns
    -------
    NaN where the groups are separated, or the comparison is no larger than the number of columns
    (for ``ate``: either group).
    """
    member = np.asarray(member, dtype=bool)
    smallest = (~member).sum() if target == "att" else min(member.sum(), (~member).sum())
    if score.separated or smallest <= score.terms:
        return Difference(NAN, np.zeros(len(member)), member, (NAN, NAN))
    values = values - values[0]  # answers that are all alike then differ by nothing, exactly
    if target == "att":
        return _of_the_group(values, member, score, stacked)
    if target == "ate":
        return _of_all(values, member, score, stacked)
    raise ValueError(f"target is 'att' or 'ate', not {target!r}")


def _of_the_group(
    values: np.ndarray, member: np.ndarray, score: Propensity, stacked: bool
) -> Difference:
    matrix, heavy, chance = score.matrix, score.weights, _inside(score.chance)
    expected, regression = _regression(values, ~member, matrix, heavy)
    left = values - expected
    ours, theirs = heavy * member, heavy * ~member * chance / (1 - chance)
    above, below = float(ours.sum()), float(theirs.sum())
    first, second = float(ours @ left) / above, float(theirs @ left) / below
    influence = ours * (left - first) / above - theirs * (left - second) / below
    if stacked:
        by_rule = matrix.T @ (theirs * (left - second)) / below
        influence -= score.coefficient_influence @ by_rule
        influence += regression @ (theirs @ matrix / below - ours @ matrix / above)
    effective = above**2 / float(ours @ ours), below**2 / float(theirs @ theirs)
    return Difference(first - second, influence, member, effective)


def _of_all(values: np.ndarray, member: np.ndarray, score: Propensity, stacked: bool) -> Difference:
    matrix, heavy, chance = score.matrix, score.weights, _inside(score.chance)
    total = float(heavy.sum())
    each, influence, effective = np.zeros(len(values)), np.zeros(len(values)), []
    for rows, odds, sign in ((member, chance, 1.0), (~member, 1 - chance, -1.0)):
        expected, regression = _regression(values, rows, matrix, heavy)
        inverse = rows / odds
        left = inverse * (values - expected)
        each += sign * (expected + left)
        if stacked:
            # d(1 / odds) = -(1 - odds) / odds for the group, its negative for the comparison
            by_rule = matrix.T @ (heavy * left * (1 - odds)) / total
            influence -= score.coefficient_influence @ by_rule
            influence += sign * (regression @ ((heavy * (1 - inverse)) @ matrix / total))
        weight = heavy * inverse
        effective.append(float(weight.sum()) ** 2 / float(weight @ weight))
    value = float(heavy @ each) / total
    influence += heavy * (each - value) / total
    return Difference(value, influence, member, (effective[0], effective[1]))


def _regression(
    values: np.ndarray, rows: np.ndarray, matrix: np.ndarray, heavy: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Expected values of all rows from a regression on some, and its coefficients' influence."""
    chosen, some = matrix[rows], heavy[rows]
    inverse, _ = solved(chosen, some)
    expected = matrix @ (inverse @ (chosen.T @ (some * values[rows])))
    return expected, (matrix * (heavy * rows * (values - expected))[:, None]) @ inverse


def _inside(chance: np.ndarray) -> np.ndarray:
    return np.clip(chance, 1e-12, 1 - 1e-12)
