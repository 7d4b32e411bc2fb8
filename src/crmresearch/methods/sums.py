"""Least squares of many outcomes and groups from sums over rows, for large files.

The numbers of `regression.ordinary_least_squares`, which copies its rows and orthogonalises their
columns for every fit. Here rows stay where they are, sorted by cluster once, and a row that is not
used has the weight 0.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.columns import predictor_columns
from crmresearch.methods.regression import Fit, described
from crmresearch.methods.sandwich import MIN_CLUSTERS
from crmresearch.report.estimates import NAN

ALIASED = 1e-10  # share of a column's squares that must be new for it to be kept


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Covariates ready for many fits; made by `rows`.

    Parameters
    ----------
    names : of the covariates' columns, the intercept first
    columns : (1 + k, n) float, each less its centre and over its spread, 0 where missing;
        the second is room for a group's indicator, which every fit overwrites
    complete : (n,) bool, rows without a missing covariate and with a weight
    weights : (n,) float or None
    clusters : (n,) codes, by which the rows are sorted; or None
    starts : (clusters,) where each cluster starts; or None
    centre, spread : (1 + k,) of the columns
    order : (n,) positions of the rows as they were given; outcomes and groups are given so sorted
    """

    names: tuple[str, ...]
    columns: np.ndarray
    complete: np.ndarray
    weights: np.ndarray | None
    clusters: np.ndarray | None
    starts: np.ndarray | None
    centre: np.ndarray
    spread: np.ndarray
    order: np.ndarray


def rows(
    covariates: pd.DataFrame,
    *,
    clusters: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> Rows:
    """The covariates of many fits.

    Parameters
    ----------
    covariates : (n, p) frame, as `ordinary_least_squares` takes its predictors; may have no column
    clusters : (n,) integer codes, optional
    weights : (n,) survey weights, optional
    """
    design = predictor_columns(covariates)
    values = design.to_numpy(dtype=float).T
    complete = np.isfinite(values).all(axis=0)
    if weights is not None:
        weights = np.asarray(weights, dtype=float)
        complete &= np.isfinite(weights) & (weights > 0)
    order, found, starts = np.arange(len(design)), None, None
    if clusters is not None:
        order = np.argsort(clusters, kind="stable")
        found = clusters[order]
        starts = np.flatnonzero(np.r_[len(found) > 0, found[1:] != found[:-1]])
    complete = complete[order]
    columns = np.where(complete, values[:, order], 0.0)
    size = max(int(complete.sum()), 1)
    centre = columns.sum(axis=1) / size
    columns -= np.where(complete, centre[:, None], 0.0)
    spread = np.sqrt(np.einsum("kn,kn->k", columns, columns) / size)
    spread[spread <= 1e-9 * np.maximum(np.abs(centre), 1e-300)] = 1.0
    columns /= spread[:, None]
    columns[0], centre[0], spread[0] = complete, 0.0, 1.0
    return Rows(
        names=tuple(map(str, design.columns)),
        columns=np.insert(columns, 1, 0.0, axis=0),
        complete=complete,
        weights=None if weights is None else np.where(complete, weights[order], 0.0),
        clusters=found,
        starts=starts,
        centre=np.insert(centre, 1, 0.0),
        spread=np.insert(spread, 1, 1.0),
        order=order,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Rows of a comparison, ready for every outcome that they answered; made by `group`.

    Parameters
    ----------
    terms : of the columns kept, the intercept first and the group's indicator second
    aliased : columns left out because others say the same
    kept : their places; columns (k, n), weighted (k, n), heavy (n,) weights of mean 1 or 0
    inverse : (k, k) of the products of the columns; means (k,) of the columns
    n, number : rows, and clusters among them (None where errors are not clustered)
    fewest : customers or, where errors are clustered, clusters on the smaller side
    """

    terms: tuple[str, ...]
    aliased: tuple[str, ...]
    kept: list[int]
    columns: np.ndarray
    weighted: np.ndarray
    heavy: np.ndarray
    used: np.ndarray
    inverse: np.ndarray
    means: np.ndarray
    n: int
    number: int | None
    fewest: int


def group(made: Rows, used: np.ndarray, members: np.ndarray, term: str) -> Group:
    """What the fits of several outcomes on one group share.

    Parameters
    ----------
    used, members : (n,) bool in the order of `made`, the rows that are used, and the group's
    term : name of the group's indicator, the second term

    A group holds until the next is made from the same rows, which have room for one indicator.
    """
    n = int(used.sum())
    heavy = used.astype(float) if made.weights is None else made.weights * used
    heavy *= n / heavy.sum() if n else 1.0
    columns = made.columns
    columns[1] = members
    names = (made.names[0], term, *made.names[1:])
    weighted = columns * heavy
    products = weighted @ columns.T
    kept = _independent(products) or list(range(len(names)))
    products = products[np.ix_(kept, kept)]
    if len(kept) < len(names):
        columns, weighted = columns[kept], weighted[kept]
    terms = tuple(names[place] for place in kept)
    number = _clusters_used(made, used)
    return Group(
        terms=terms,
        aliased=tuple(name for name in names if name not in terms),
        kept=kept,
        columns=columns,
        weighted=weighted,
        heavy=heavy,
        used=used,
        inverse=np.linalg.inv(products) if n > len(kept) else np.full_like(products, NAN),
        means=products[0] / n if n else np.empty(0),
        n=n,
        number=number,
        fewest=min(_units(made, used & side, number) for side in (members, ~members)),
    )


def fit(made: Rows, shared: Group, outcome: np.ndarray, asked: int) -> Fit:
    """Least squares of an outcome on membership of a group and the covariates.

    Parameters
    ----------
    shared : the rows, of which every one answered the outcome
    outcome : (n,) float in the order of `made`, NaN where missing
    asked : rows that might have been used, for `Fit.n_dropped`

    Returns
    -------
    As `ordinary_least_squares` has it, CR1 errors where there are clusters, HC3 otherwise; but with
    no more degrees of freedom than the smaller side has customers, or clusters, less one: the error
    is mostly that side's, and 12 customers beside 400 do not tell it as 412 would.
    """
    kept, n = shared.kept, shared.n
    coefficients, covariance = np.full(len(kept), NAN), np.full((len(kept),) * 2, NAN)
    df = float(n - len(kept))
    spread, centre = made.spread[kept], made.centre[kept]
    if df > 0 and _varies(outcome, shared.used):
        values = np.where(shared.used, outcome, 0.0)
        solution = shared.inverse @ (shared.weighted @ values)
        left = solution @ shared.columns
        np.subtract(values, left, out=left)
        left *= shared.heavy
        meat = _meat(made, shared, left)
        df = df if shared.number is None else float(shared.number - 1)
        back = np.diag(1 / spread)
        back[0] -= centre / spread
        coefficients = back @ solution
        covariance = back @ shared.inverse @ meat @ shared.inverse @ back.T
    means = shared.means * spread + centre if n else []
    return Fit(
        terms=shared.terms,
        coefficients=coefficients,
        covariance=covariance,
        df=min(df, shared.fewest - 1.0),
        n=n,
        n_dropped=asked - n,
        errors=described(shared.number, "HC3", made.weights is not None),
        aliased=shared.aliased,
        means=dict(zip(shared.terms, map(float, means), strict=True)) if n else {},
    )


def _varies(outcome: np.ndarray, used: np.ndarray) -> bool:
    """Whether the rows used have two answers."""
    first = outcome[used.argmax()]
    return bool(np.logical_and(outcome != first, used).any())


def _independent(products: np.ndarray) -> list[int]:
    """The columns that are no combination of those before them, from their products."""
    kept: list[int] = []
    for place in range(len(products)):
        length = products[place, place]
        if not length > 0:
            continue
        if kept:
            beside = products[kept, place]
            known = np.linalg.solve(products[np.ix_(kept, kept)], beside)
            if not length - beside @ known > ALIASED * length:
                continue
        kept.append(place)
    return kept


def _clusters_used(made: Rows, used: np.ndarray) -> int | None:
    """How many clusters have a row that is used; None where errors are not clustered."""
    if made.starts is None or not len(made.starts):
        return None
    number = _clusters_of(made, used)
    return number if number >= MIN_CLUSTERS else None


def _units(made: Rows, side: np.ndarray, number: int | None) -> int:
    """How many customers there are on a side or, where errors are clustered, how many clusters."""
    if number is None:
        return int(np.count_nonzero(side))
    return _clusters_of(made, side)


def _clusters_of(made: Rows, side: np.ndarray) -> int:
    """How many clusters have a row on a side; those of one are next to each other."""
    found = made.clusters[side]
    return int(np.count_nonzero(found[1:] != found[:-1])) + bool(len(found))


def _meat(made: Rows, shared: Group, left: np.ndarray) -> np.ndarray:
    """The middle of the sandwich; NaN where a row alone decides a term."""
    columns, heavy, number, n = shared.columns, shared.heavy, shared.number, shared.n
    if number is not None:
        scores = np.stack([np.add.reduceat(column * left, made.starts) for column in columns])
        return scores @ scores.T * (number / (number - 1) * (n - 1) / (n - len(columns)))
    room = 1 - heavy * np.einsum("kn,kn->n", columns, shared.inverse @ columns)
    scores = columns * np.where(heavy > 0, left / np.where(room > 1e-9, room, NAN), 0.0)
    return scores @ scores.T
