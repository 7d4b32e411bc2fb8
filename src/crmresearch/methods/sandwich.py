"""Least squares on prepared predictors, with errors robust to unequal variances or to clusters."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import linalg

from crmresearch.methods.columns import ALIASED, orthonormal
from crmresearch.report.estimates import NAN

MIN_CLUSTERS = 10  # below this cluster-robust errors are too small to be trusted


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """The rows of a regression without its outcome; `basis` spans the weighted columns kept."""

    terms: tuple[str, ...]
    aliased: tuple[str, ...]
    matrix: np.ndarray
    root: np.ndarray  # of the weights
    basis: np.ndarray
    labels: np.ndarray | None
    means: Mapping[str, float]


def prepare(
    design: pd.DataFrame,
    matrix: np.ndarray,
    heavy: np.ndarray,
    cluster: ArrayLike | None,
    rows: np.ndarray,
) -> Prepared:
    """The predictors of the rows that are used.

    Parameters
    ----------
    design : of all rows, for the names of its columns
    matrix, heavy : (n, k) columns and (n,) weights above zero of the rows used
    cluster : a label for all rows, or None
    rows : (all,) bool, those used
    """
    root = np.sqrt(heavy / heavy.mean()) if len(heavy) else heavy
    positions, basis = orthonormal(matrix * root[:, None])
    kept = [str(design.columns[position]) for position in positions] or list(design.columns)
    matrix = matrix[:, positions]
    means = (heavy @ matrix / heavy.sum()).tolist() if len(heavy) else []
    return Prepared(
        terms=tuple(kept),
        aliased=tuple(name for name in design.columns if name not in kept),
        matrix=matrix,
        root=root,
        basis=basis,
        labels=_clusters(cluster, rows),
        means=dict(zip(kept, means, strict=True)) if means else {},
    )


def solved(made: Prepared, values: np.ndarray, errors: str) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients of the (n,) outcome, their covariance, and the degrees of freedom of its t."""
    n, size, labels = len(values), len(made.terms), made.labels
    df = float(n - size)
    if df <= 0 or np.ptp(values) == 0:
        return np.full(size, NAN), np.full((size, size), NAN), df
    triangle = made.basis.T @ (made.matrix * made.root[:, None])
    inverse = linalg.solve_triangular(triangle, np.eye(size))
    coefficients = inverse @ (made.basis.T @ (values * made.root))
    left = (values - made.matrix @ coefficients) * made.root
    df = df if labels is None else float(labels.max())
    return coefficients, _covariance(made.basis, inverse, left, labels, errors), df


def _covariance(
    basis: np.ndarray, inverse: np.ndarray, left: np.ndarray, labels: np.ndarray | None, errors: str
) -> np.ndarray:
    """Covariance of the coefficients, from weighted residuals and an orthonormal design."""
    n, size = basis.shape
    if labels is not None:
        number = int(labels.max()) + 1
        scores = np.column_stack([np.bincount(labels, column * left) for column in basis.T])
        factor = number / (number - 1) * (n - 1) / (n - size)
    elif errors == "classical":
        return inverse @ inverse.T * (left @ left) / (n - size)
    else:
        room = 1 - np.einsum("ij,ij->i", basis, basis)  # NaN where a row alone decides a term
        scores = basis * (left / np.where(room > ALIASED, room, NAN))[:, None]
        factor = 1.0
    return inverse @ (scores.T @ scores * factor) @ inverse.T


def _clusters(cluster: ArrayLike | None, known: np.ndarray) -> np.ndarray | None:
    if cluster is None:
        return None
    codes, names = pd.factorize(pd.Series(cluster).array[known])
    alone = codes < 0
    codes = codes.copy()
    codes[alone] = len(names) + np.arange(alone.sum())
    return codes if codes.size and codes.max() + 1 >= MIN_CLUSTERS else None
