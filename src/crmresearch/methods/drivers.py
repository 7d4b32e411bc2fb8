"""Drivers of an outcome: their correlations with it and with each other, and the bootstrap of them.

Everything else about drivers (`importance`, `driver_checks`) is computed from what is made here.
Correlations describe what goes with the outcome; nothing here says what would happen if a driver
were improved.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.moments import Contributions, contributions, correlations
from crmresearch.methods.weighting import Design

SOUND = 0.01  # smallest eigenvalue of pairwise correlations that can belong to one population


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Correlations of drivers and outcome, with bootstrap resamples of them.

    Parameters
    ----------
    names : the p drivers' columns
    moving : (p,) bool, the k drivers with any spread; the others explain nothing
    matrix : (k + 1, k + 1) correlations of those and, last, the outcome
    draws : (b, k + 1, k + 1), the same in each resample that had spread in every variable
    means, mean_draws : (k,) and (b, k), the drivers' mean ratings
    parts : the contributions that all this was summed from
    n, n_dropped : rows used, rows left out
    complete : rows with an answer to everything
    words : how rows were weighted and resampled
    """

    names: tuple[str, ...]
    moving: np.ndarray
    matrix: np.ndarray
    draws: np.ndarray
    means: np.ndarray
    mean_draws: np.ndarray
    parts: Contributions
    n: int
    n_dropped: int
    complete: int
    words: str

    @property
    def columns(self) -> list[str]:
        """The drivers with any spread."""
        return [name for name, moves in zip(self.names, self.moving, strict=True) if moves]


def fit(
    drivers: pd.DataFrame,
    outcome: np.ndarray,
    *,
    rng: np.random.Generator,
    design: Design | None = None,
    resamples: int = 1000,
    complete: bool = False,
) -> Fit | None:
    """Correlations of `drivers` and `outcome`, and their bootstrap distribution.

    Each correlation rests on the rows that answered both (pairwise deletion), since a driver that
    many have not met would otherwise leave only the few who met all. Where the correlations so
    made contradict each other, the complete rows are used instead. Rows are resampled, or whole
    clusters where the design has any, within strata; survey weights go along. They are not raked
    anew in each resample, so that margins which they were raked to make no interval narrower.

    Parameters
    ----------
    drivers : (n, p) frame
    outcome : (n,) float; rows without it, or without any driver, are left out
    rng : the generator of the resamples
    complete : whether to use the complete rows only

    Returns
    -------
    None where too little is left to fit (fewer than p + 2 rows or two answers to any pair) or
    where the outcome or every driver is without spread.
    """
    design = design or Design(len(drivers))
    table = np.column_stack([drivers.to_numpy(float), np.asarray(outcome, dtype=float)])
    known = np.isfinite(table)
    counted = known[:, -1] & (design.row_weights() > 0)
    whole = counted & known[:, known.any(axis=0)].all(axis=1)  # of the drivers rated at all
    used = counted & known[:, :-1].any(axis=1)
    names = tuple(str(column) for column in drivers.columns)
    for rows in (whole,) if complete else (used, whole):
        found = _fitted(table, rows, design, rng, resamples, names, int(whole.sum()))
        if found is not None:
            return found
    return None


def _fitted(
    table: np.ndarray,
    rows: np.ndarray,
    design: Design,
    rng: np.random.Generator,
    resamples: int,
    names: tuple[str, ...],
    complete: int,
) -> Fit | None:
    """The fit of some rows; None where they cannot carry it."""
    part, p = table if rows.all() else table[rows], table.shape[1] - 1
    if p < 1 or len(part) < p + 2:
        return None
    spread = np.fmax.reduce(part, axis=0) > np.fmin.reduce(part, axis=0)
    if not (spread[-1] and spread[:-1].any()):
        return None
    part = part if spread.all() else part[:, spread]
    size = part.shape[1]
    parts = contributions(part, design, rows, rng)
    total = parts.total()
    matrix = correlations(total, size)
    if not np.isfinite(matrix).all():
        return None
    pairwise = not np.isfinite(part).all()
    if pairwise and np.linalg.eigvalsh(matrix)[0] < SOUND:
        return None
    draws, mean_draws = _drawn(parts, resamples, rng, pairwise)
    deletion = "pairwise deletion" if pairwise else "complete rows"
    return Fit(
        names=names,
        moving=spread[:-1],
        matrix=matrix,
        draws=draws,
        means=parts.means(total)[:-1],
        mean_draws=mean_draws,
        parts=parts,
        n=int(rows.sum()),
        n_dropped=int(len(table) - rows.sum()),
        complete=complete,
        words=f"{design.words}, {deletion}, {len(draws):,} bootstrap resamples of {parts.unit}",
    )


def _drawn(
    parts: Contributions, resamples: int, rng: np.random.Generator, pairwise: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Correlations and drivers' means in the resamples that have spread in every variable."""
    totals = parts.resamples(resamples, rng)
    draws = correlations(totals, parts.size)
    kept = np.isfinite(draws).all(axis=(1, 2))
    means = parts.means(totals[kept])[:, :-1]
    return _possible(draws[kept]) if pairwise else draws[kept], means


def _possible(matrices: np.ndarray) -> np.ndarray:
    """Pairwise correlations whose smallest eigenvalues are raised to what one population can have.

    A resample may contradict itself a little though the whole sample does not.
    """
    values, vectors = np.linalg.eigh(matrices)
    raised = (vectors * values.clip(min=SOUND)[:, None, :]) @ np.swapaxes(vectors, -1, -2)
    spread = np.sqrt(np.diagonal(raised, axis1=-2, axis2=-1))
    raised /= spread[:, :, None] * spread[:, None, :]
    return np.where(values[:, :1, None] < SOUND, raised, matrices)
