"""Mediation: what goes from a cause to an outcome through what lies between, by least squares.

Variables stand in stages, from causes to the outcome. Each is regressed on all of the stages before
it and on the covariates; variables of one stage stand beside each other (parallel), stages follow
each other (serial). What goes along a route is the product of its coefficients. All is computed
from summed cross-products, so that a thousand resamples cost a few products of matrices.
Sources: Preacher & Hayes (2004, 2008), Behavior Research Methods 36, 717-731 and 40, 879-891.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
import pandas as pd

from crmresearch.methods.moments import CELLS, MOST_UNITS, resampled, units
from crmresearch.methods.weighting import Design

ROWS = 20_000  # whose products are held at once
UNITS = 1_000  # left out one by one at once
TOLD = 1e-8  # share of a predictor's variance that the others must leave, for it to have an effect
Route = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Cross-products of k variables, less what the covariates explain, and their spreads.

    Parameters
    ----------
    squares : (..., k, k) of the residuals, in the variables' own units
    deviations : (..., k), standard deviations (divisor n) before adjusting for covariates
    """

    squares: np.ndarray
    deviations: np.ndarray


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted mediation model with its bootstrap; made by `fit`.

    Parameters
    ----------
    names : the k variables, in the order of the stages
    stages : (k,), the stage of each
    whole : moments of the sample
    drawn : moments of the resamples
    sums : (units, columns), what each unit adds to the cross-products of everything
    scale : (columns,), what undoes the standardising of the products
    covariates : number of columns adjusted for, the constant among them
    n, n_dropped : complete rows, and rows left out
    plain : whether rows are independent and count alike
    words : how rows were weighted and resampled
    """

    names: tuple[str, ...]
    stages: np.ndarray
    whole: Moments
    drawn: Moments
    sums: np.ndarray
    scale: np.ndarray
    covariates: int
    n: int
    n_dropped: int
    plain: bool
    words: str

    @cached_property
    def slopes(self) -> np.ndarray:
        """(k, k): what each variable (row) changes by with each of the stages before (column)."""
        return slopes(self.whole.squares, self.stages)

    @cached_property
    def drawn_slopes(self) -> np.ndarray:
        """(b, k, k), `slopes` in each resample."""
        return slopes(self.drawn.squares, self.stages)

    @cached_property
    def without(self) -> Moments:
        """Moments without each unit: of the jackknife."""
        total = self.sums.sum(axis=0)
        parts = [
            _moments(total - self.sums[start : start + UNITS], self.scale, self.covariates)
            for start in range(0, len(self.sums), UNITS)
        ]
        return Moments(
            np.concatenate([one.squares for one in parts]),
            np.concatenate([one.deviations for one in parts]),
        )

    def place(self, name: str) -> int:
        """Where a variable stands."""
        return self.names.index(name)

    def routes(self, source: str, target: str) -> list[Route]:
        """All ways from one variable to another through later stages, the direct one first."""
        first, last = self.place(source), self.place(target)
        between = range(int(self.stages[first]) + 1, int(self.stages[last]))
        found = []
        for length in range(len(between) + 1):
            for chosen in combinations(between, length):
                columns = [np.flatnonzero(self.stages == stage) for stage in chosen]
                found += [(first, *map(int, way), last) for way in product(*columns)]
        return found


def fit(
    variables: pd.DataFrame,
    stages: Sequence[int],
    *,
    rng: np.random.Generator,
    covariates: pd.DataFrame | None = None,
    design: Design | None = None,
    resamples: int = 1000,
) -> Model | None:
    """Cross-products of the complete rows and of bootstrap resamples of them.

    Rows are resampled, or whole clusters where the design has any, within strata; weights go along.

    Parameters
    ----------
    variables : (n, k) float frame, NaN where missing
    stages : (k,), rising: the stage of each variable
    covariates : (n, c) float frame of what every regression is adjusted for; columns that repeat
        others do no harm

    Returns
    -------
    None where too few rows are complete (two more than there are columns) or a variable has no
    spread of its own.
    """
    design = design or Design(len(variables))
    extra = np.empty((len(variables), 0)) if covariates is None else covariates.to_numpy(float)
    table = np.column_stack([np.ones(len(variables)), extra, variables.to_numpy(float)])
    rows = np.isfinite(table).all(axis=1) & (design.row_weights() > 0)
    n, size = int(rows.sum()), table.shape[1]
    if n < size + 2:
        return None
    part = table[rows]
    centre, scale = part.mean(axis=0), part.std(axis=0)
    centre[0] = 0.0
    scale = np.where(scale > 1e-12 * np.abs(centre).clip(min=1.0), scale, 1.0)
    sums, unit, strata = _sums((part - centre) / scale, rows, design, rng)
    ready = {"scale": scale, "covariates": 1 + extra.shape[1]}
    whole = _moments(sums.sum(axis=0)[None], **ready)
    if not _told(whole)[0]:
        return None
    drawn = _moments(resampled(sums, resamples, rng, strata), **ready)
    kept = _told(drawn)
    return Model(
        names=tuple(map(str, variables.columns)),
        stages=np.asarray(stages, dtype=int),
        whole=Moments(whole.squares[0], whole.deviations[0]),
        drawn=Moments(drawn.squares[kept], drawn.deviations[kept]),
        sums=sums,
        n=n,
        n_dropped=len(table) - n,
        plain=design.plain,
        words=f"{design.words}, {int(kept.sum()):,} bootstrap resamples of {unit}",
        **ready,
    )


def slopes(squares: np.ndarray, stages: np.ndarray) -> np.ndarray:
    """Coefficients (..., k, k) of every variable (row) on all of the stages before it (columns)."""
    found = np.zeros_like(squares)
    for stage in np.unique(stages)[1:]:
        before, own = np.flatnonzero(stages < stage), np.flatnonzero(stages == stage)
        among = squares[..., before[:, None], before]
        solved = np.linalg.solve(among, squares[..., before[:, None], own])
        found[..., own[:, None], before] = np.swapaxes(solved, -1, -2)
    return found


def along(coefficients: np.ndarray, routes: Sequence[Route]) -> np.ndarray:
    """What goes along all of some routes together, (...)."""
    total = np.zeros(coefficients.shape[:-2])
    for route in routes:
        part = np.ones_like(total)
        for source, target in zip(route, route[1:], strict=False):
            part = part * coefficients[..., target, source]
        total = total + part
    return total


def _sums(
    table: np.ndarray, rows: np.ndarray, design: Design, rng: np.random.Generator
) -> tuple[np.ndarray, str, np.ndarray | None]:
    """What each unit adds to the products of all pairs of columns; what a unit is; its stratum."""
    first, second = np.triu_indices(table.shape[1])
    most = int(np.clip(CELLS // len(first), 1_000, MOST_UNITS))
    codes, unit, strata = units(design, rows, rng, most=most)
    weights = design.row_weights()[rows]
    if codes is None:
        return table[:, first] * table[:, second] * weights[:, None], unit, strata
    order = np.argsort(codes, kind="stable")
    found = np.zeros((int(codes.max()) + 1, len(first)))
    for start in range(0, len(order), ROWS):
        at = order[start : start + ROWS]
        each = table[at][:, first] * table[at][:, second] * weights[at][:, None]
        starts = np.flatnonzero(np.diff(codes[at], prepend=-1))
        found[codes[at][starts]] += np.add.reduceat(each, starts, axis=0)
    return found, unit, strata


def _moments(sums: np.ndarray, scale: np.ndarray, covariates: int) -> Moments:
    """Moments (b, k, k) of the variables behind `covariates` columns, from summed products."""
    size = len(scale)
    first, second = np.triu_indices(size)
    squares = np.empty((len(sums), size, size))
    squares[:, first, second] = squares[:, second, first] = sums
    own, given = slice(covariates, size), slice(0, covariates)
    number = squares[:, 0, 0]
    mean = squares[:, 0, own] / number[:, None]
    spread = squares[:, range(covariates, size), range(covariates, size)] / number[:, None]
    across = squares[:, given, own]
    inverse = np.linalg.pinv(squares[:, given, given], rcond=1e-10, hermitian=True)
    left = squares[:, own, own] - np.swapaxes(across, 1, 2) @ inverse @ across
    unit = scale[own]
    return Moments(
        left * np.outer(unit, unit),
        np.sqrt((spread - mean**2).clip(min=0.0)) * unit,
    )


def _told(moments: Moments) -> np.ndarray:
    """(b,), whether every variable has spread that the covariates and the others leave to it."""
    spread = np.diagonal(moments.squares, axis1=1, axis2=2)
    total = (moments.deviations**2).clip(min=1e-300)
    ok = (spread > 0).all(axis=1) & (moments.deviations > 0).all(axis=1)
    ok &= (spread / total > TOLD).all(axis=1)
    scale = np.sqrt(np.where(spread > 0, spread, 1.0))
    alike = moments.squares / (scale[:, :, None] * scale[:, None, :])
    alike = np.where(np.isfinite(alike), alike, 0.0)
    return ok & (np.linalg.eigvalsh(alike)[:, 0] > TOLD)
