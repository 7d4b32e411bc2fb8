"""Relative importance of correlated drivers: Johnson's relative weights, with bootstrap.

Relative weights divide the explained variance of an outcome among its predictors. They describe
what goes with the outcome; a driver with no effect of its own takes a share from those it is
correlated with, and nothing here says what would happen if a driver were improved.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.moments import (
    correlations,
    pair_sums,
    percentiles,
    resampled,
    resampling_units,
)
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN, Estimate

SOUND = 0.01  # smallest eigenvalue of pairwise correlations that can belong to one population


@dataclass(frozen=True, slots=True, eq=False)
class RelativeWeights:
    """Relative weights with their bootstrap draws.

    Parameters
    ----------
    names : the drivers' columns
    raw : (p,), each driver's part of R²; they sum to R²
    draws : (b, p), the same in each resample that had spread in every variable
    n, n_dropped : rows used, rows left out
    complete : rows with an answer to everything
    words : how rows were weighted and resampled
    """

    names: tuple[str, ...]
    raw: np.ndarray
    draws: np.ndarray
    n: int
    n_dropped: int
    complete: int
    words: str

    @property
    def r2(self) -> float:
        """The share of the outcome's variance that the drivers explain together."""
        return float(self.raw.sum())


def johnson(correlations: np.ndarray) -> np.ndarray:
    """Raw relative weights from correlation matrices whose last variable is the outcome.

    Parameters
    ----------
    correlations : (..., p + 1, p + 1)

    Returns
    -------
    (..., p), summing to R². Johnson (2000), Multivariate Behavioral Research 35(1), 1-19: the
    predictors' closest orthogonal counterparts carry the outcome's variance back to them. Drivers
    that repeat each other share their part.
    """
    among, outcome = correlations[..., :-1, :-1], correlations[..., :-1, -1]
    values, vectors = np.linalg.eigh(among)
    smallest = values.max(axis=-1, keepdims=True) * 1e-10
    kept = values > smallest
    roots = np.sqrt(np.where(kept, values, 0.0))
    inverse = np.where(kept, 1 / np.where(kept, roots, 1.0), 0.0)
    transposed = np.swapaxes(vectors, -1, -2)
    half = (vectors * roots[..., None, :]) @ transposed
    slopes = (vectors * inverse[..., None, :]) @ transposed @ outcome[..., None]
    return ((half**2) @ (slopes**2))[..., 0]


def relative_weights(
    drivers: pd.DataFrame,
    outcome: np.ndarray,
    *,
    rng: np.random.Generator,
    design: Design | None = None,
    resamples: int = 1000,
) -> RelativeWeights | None:
    """Relative weights of `drivers` for `outcome`, and their bootstrap distribution.

    Each correlation rests on the rows that answered both (pairwise deletion), since a driver that
    many have not met would otherwise leave only the few who met all. Where the correlations so
    made contradict each other, the complete rows are used instead. Rows are resampled, or whole
    clusters where the design has any; survey weights go along.

    Parameters
    ----------
    drivers : (n, p) frame
    outcome : (n,) float; rows without it, or without any driver, are left out
    rng : the generator of the resamples

    Returns
    -------
    None where too little is left to fit (fewer than p + 2 rows or two answers to any pair) or
    where the outcome or every driver is without spread. A driver without spread keeps a weight
    of 0.
    """
    design = design or Design(len(drivers))
    table = np.column_stack([drivers.to_numpy(float), np.asarray(outcome, dtype=float)])
    known = np.isfinite(table)
    whole = known.all(axis=1) & (design.row_weights() > 0)
    used = known[:, -1] & known[:, :-1].any(axis=1) & (design.row_weights() > 0)
    for rows in (used, whole):
        found = _fit(table, rows, design, rng, resamples)
        if found is not None:
            raw, draws, words = found
            return RelativeWeights(
                names=tuple(str(column) for column in drivers.columns),
                raw=raw,
                draws=draws,
                n=int(rows.sum()),
                n_dropped=int(len(table) - rows.sum()),
                complete=int(whole.sum()),
                words=words,
            )
    return None


def _fit(
    table: np.ndarray, rows: np.ndarray, design: Design, rng: np.random.Generator, resamples: int
) -> tuple[np.ndarray, np.ndarray, str] | None:
    """Raw weights, draws and words for some rows; None where they cannot carry them."""
    part, p = table[rows], table.shape[1] - 1
    if p < 1 or len(part) < p + 2:
        return None
    part = np.where(np.isfinite(part).any(axis=0), part, 0.0)  # never rated: without spread
    spread = np.nanmax(part, axis=0) > np.nanmin(part, axis=0)
    if not (spread[-1] and spread[:-1].any()):
        return None
    size = int(spread.sum())
    sums = pair_sums(part[:, spread], design.row_weights()[rows])
    sums, unit = resampling_units(sums, design, rows, rng)
    matrix = correlations(sums.sum(axis=0), size)
    if not np.isfinite(matrix).all():
        return None
    pairwise = not np.isfinite(part).all()
    if pairwise and np.linalg.eigvalsh(matrix)[0] < SOUND:
        return None
    raw = np.zeros(p)
    raw[spread[:-1]] = johnson(matrix)
    matrices = correlations(resampled(sums, resamples, rng), size)
    matrices = matrices[np.isfinite(matrices).all(axis=(1, 2))]
    draws = np.zeros((len(matrices), p))
    draws[:, spread[:-1]] = johnson(matrices)
    deletion = "pairwise deletion" if pairwise else "complete rows"
    words = f"{design.words}, {deletion}, {len(draws):,} bootstrap resamples of {unit}"
    return raw, draws, words


def importance(
    weights: RelativeWeights, *, key: str, names: dict[str, str], level: float = 0.95
) -> list[Estimate]:
    """R² and each driver's share of it, with percentile intervals, largest share first.

    The keys are ``{key}.r2`` and ``{key}.{driver}``. The bootstrap interval of R² is not corrected
    for the optimism of fitting and judging on the same answers.
    """
    shares = weights.draws / weights.draws.sum(axis=1, keepdims=True)
    common = {"level": level, "n": weights.n, "n_dropped": weights.n_dropped}
    low, high = percentiles(weights.draws.sum(axis=1), level)
    found = [
        Estimate(
            key=f"{key}.r2",
            name="Variance that all drivers explain together",
            value=weights.r2,
            low=low,
            high=high,
            unit="R2",
            method=f"R² of a linear model, percentile interval, {weights.words}",
            **common,
        )
    ]
    for position in np.argsort(-weights.raw, kind="stable"):
        column = weights.names[position]
        low, high = percentiles(shares[:, position], level)
        found.append(
            Estimate(
                key=f"{key}.{column}",
                name=names.get(column, column),
                value=float(weights.raw[position] / weights.r2) if weights.r2 > 0 else NAN,
                low=low,
                high=high,
                unit="share",
                method=f"relative weight (Johnson), percentile interval, {weights.words}",
                **common,
            )
        )
    return found


def lead(weights: RelativeWeights, *, key: str, name: str, level: float = 0.95) -> Estimate | None:
    """How far the largest share lies above the largest of the others; None with a single driver.

    The leader is the one in the data; in each resample it is held against whichever other driver
    is largest there, so that picking the winner afterwards does not make it look safer. Where two
    drivers truly tie for the first place, a 95% interval lies above zero in about 5% of samples,
    whichever of them leads, and less often where more tie.
    """
    if len(weights.names) < 2 or not weights.r2 > 0:
        return None
    top = int(np.argmax(weights.raw))
    shares = weights.draws / weights.draws.sum(axis=1, keepdims=True)
    others = np.delete(shares, top, axis=1).max(axis=1)
    low, high = percentiles(shares[:, top] - others, level)
    rest = np.delete(weights.raw, top).max()
    return Estimate(
        key=key,
        name=name,
        value=float((weights.raw[top] - rest) / weights.r2),
        low=low,
        high=high,
        level=level,
        unit="share difference",
        n=weights.n,
        n_dropped=weights.n_dropped,
        method=f"difference of relative weights, percentile interval, {weights.words}",
    )


def rank_probabilities(weights: RelativeWeights) -> pd.DataFrame:
    """How often each driver took each rank among the resamples: drivers by ranks 1 to p."""
    p = len(weights.names)
    order = np.argsort(-weights.draws, axis=1, kind="stable")
    ranks = np.argsort(order, axis=1)
    counts = [(ranks == rank).mean(axis=0) if len(ranks) else np.full(p, NAN) for rank in range(p)]
    return pd.DataFrame(np.array(counts).T, index=list(weights.names), columns=range(1, p + 1))
