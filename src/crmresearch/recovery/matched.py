"""Pairs of customers alike in what was measured, and the hidden bias that undoes their difference.

The test is that of an experiment with a coin thrown in each pair; Rosenbaum's gamma says how
unfair that coin would have to be. It speaks of the customers in the pairs: weights have no part in
it, and of customers who share an account or person only one is
taken, of the group or at random, whichever makes more pairs.
"""

import numpy as np

from crmresearch.methods.columns import predictor_columns
from crmresearch.methods.pairs import nearest_pairs, sensitivity_value, signed_rank
from crmresearch.methods.student import t_quantile
from crmresearch.recovery.cases import Cases, Outcome, known, withheld
from crmresearch.recovery.contrasts import (
    GROUPS,
    available,
    baseline,
    shown_groups,
    title_of,
)
from crmresearch.report.estimates import NAN, Estimate

MADE = {  # key: end of its name, unit (empty: that of the outcome's differences), method
    "matched": ("", "", "mean difference within pairs, unweighted"),
    "balance": (
        ": largest difference left in a covariate",
        "SD",
        "standardised difference of means",
    ),
    "gamma": (
        ": hidden bias that undoes its significance",
        "ratio",
        "Rosenbaum's gamma, signed ranks, one-sided at {alpha:g}",
    ),
}
CALIPER = 0.2  # SD of the score, within which two of a pair lie


def matched(
    cases: Cases, outcome: Outcome, *, seed: int, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Each contrast within pairs that are alike in the covariates, and its Rosenbaum bound.

    Everyone in the group is paired, once and without replacement, with the nearest customer of the
    other side on the linear discriminant of membership, which is the one combination of the
    covariates in which the two sides differ most; those without anyone within 0.2 SD are left out.

    Returns
    -------
    For each contrast shown ``matched.<outcome>.<contrast>``, the mean difference within pairs in
    the outcome's unit; ``balance…``, the largest standardised difference that is left in a
    covariate; and ``gamma…``, by what factor two of a pair may differ in their odds to be in the
    group before the signed-rank test loses its significance. Empty without covariates.

    Source
    ------
    Rosenbaum, P. R. (2002). Observational Studies, 2nd edition, chapter 4. Springer.
    """
    if not cases.covariates.shape[1]:
        return []
    shown = shown_groups(cases, outcome, min_cell)
    columns = predictor_columns(cases.covariates).to_numpy()
    values = cases.frame[outcome.key].to_numpy()
    usable = np.isfinite(values) & np.isfinite(columns).all(axis=1)
    order = np.random.default_rng(seed).permutation(len(values))
    estimates = []
    for name in available(cases):
        if name not in shown:
            continue
        member = known(cases.frame[GROUPS[name][1]])
        rows = order[((member | baseline(cases)) & usable)[order]]
        chosen = _independent(rows, member, cases.sampling.clusters)
        tried = [(some, _pairs(columns[some], member[some])) for some in chosen]
        rows, pairs = max(tried, key=lambda one: len(one[1][0]))
        found = _described(
            cases, outcome, name, values[rows], columns[rows], pairs, int(member[rows].sum()), level
        )
        estimates += [withheld(item, len(pairs[0]), min_cell) for item in found]
    return estimates


def _independent(
    rows: np.ndarray, member: np.ndarray, clusters: np.ndarray | None
) -> list[np.ndarray]:
    """One row of each cluster: any, or one of the group where it has any."""
    if clusters is None:
        return [rows]
    preferred = np.concatenate([rows[member[rows]], rows[~member[rows]]])
    return [_first(some, clusters) for some in (rows, preferred)]


def _first(rows: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """The first of the rows of each cluster, in the order given."""
    first = np.full(int(clusters.max()) + 1, -1)
    first[clusters[rows][::-1]] = np.arange(len(rows))[::-1]
    return rows[np.sort(first[first >= 0])]


def _pairs(columns: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of members and of those whom they are paired with."""
    ones, others = np.flatnonzero(member), np.flatnonzero(~member)
    if not (len(ones) and len(others)):
        return ones[:0], others[:0]
    apart = columns - columns.mean(axis=0)
    weights = np.linalg.lstsq(apart.T @ apart, apart.T @ member.astype(float), rcond=1e-10)[0]
    score = apart @ weights
    within = [score[side].var() for side in (ones, others)]
    caliper = CALIPER * float(np.mean(within)) ** 0.5
    first, second = nearest_pairs(score[ones], score[others], caliper=caliper)
    return ones[first], others[second]


def _described(
    cases: Cases,
    outcome: Outcome,
    name: str,
    values: np.ndarray,
    columns: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
    members: int,
    level: float,
) -> list[Estimate]:
    one, two = pairs
    differences = values[one] - values[two]
    ranks = signed_rank(differences)
    ranks = ranks if 2 * ranks.statistic >= ranks.ranks else ranks.mirrored()
    alpha, title = (1 - level) / 2, title_of(cases, name, "in pairs")
    words = _words(cases, len(one), members)
    centre, low, high = _mean(differences, level)
    numbers = {
        "matched": {"value": centre, "low": low, "high": high},
        "balance": {"value": _largest_difference(columns, one, two)},
        "gamma": {"value": sensitivity_value(ranks, alpha=alpha)},
    }
    fields = {"level": level, "n": 2 * len(one)}
    return [
        Estimate(
            key=f"{key}.{outcome.key}.{name}",
            name=f"{title}{told}",
            unit=unit or outcome.difference,
            method=f"{method.format(alpha=alpha)}, {words}",
            **numbers[key],
            **fields,
        )
        for key, (told, unit, method) in MADE.items()
    ]


def _words(cases: Cases, pairs: int, members: int) -> str:
    """How pairs were made, for `Estimate.method`."""
    words = f"{pairs:,} pairs of {members:,} in the group, nearest on a linear discriminant"
    if cases.sampling.clusters is None:
        return words
    return f"{words}, one customer of each {cases.sampling.cluster_name}"


def _mean(differences: np.ndarray, level: float) -> tuple[float, float, float]:
    """The mean of differences with its t interval; NaN ends where they do not vary."""
    n = len(differences)
    if n == 0:
        return NAN, NAN, NAN
    centre = float(differences.mean())
    error = float(differences.std(ddof=1)) / n**0.5 if n > 1 else 0.0
    half = t_quantile((1 + level) / 2, n - 1) * error if error > 0 else NAN
    return centre, centre - half, centre + half


def _largest_difference(columns: np.ndarray, one: np.ndarray, two: np.ndarray) -> float:
    """The largest mean difference between pairs in a column, over its SD among all."""
    if not len(one):
        return NAN
    spread = columns.std(axis=0)
    moving = spread > 0
    if not moving.any():
        return 0.0
    apart = np.abs(columns[one].mean(axis=0) - columns[two].mean(axis=0))
    return float((apart[moving] / spread[moving]).max())
