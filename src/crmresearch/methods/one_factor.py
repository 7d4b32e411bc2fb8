"""A one-factor model by maximum likelihood, and how its omega moves with the covariances."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

SMALLEST = 0.005  # lower bound of a uniqueness, as in R's factanal


@dataclass(frozen=True, slots=True, eq=False)
class OneFactor:
    """A one-factor model fitted by maximum likelihood.

    Parameters
    ----------
    loadings, uniquenesses : (k,), in the items' own units
    covariance : (k, k), with divisor n
    improper : True where a uniqueness ran into its lower bound (a Heywood case)
    """

    loadings: np.ndarray
    uniquenesses: np.ndarray
    covariance: np.ndarray
    improper: bool


def one_factor(answers: np.ndarray, weights: np.ndarray | None = None) -> OneFactor | None:
    """Fit one factor to complete answers (n, k), weighted (n,) or not; None where it cannot be."""
    n, k = answers.shape
    if k < 3 or n <= k or (np.ptp(answers, axis=0) == 0).any():
        return None
    return fit(np.cov(answers, rowvar=False, ddof=0, aweights=weights))


def fit(covariance: np.ndarray) -> OneFactor | None:
    """The model of a covariance matrix (k, k); None where that is singular or k is below 3.

    The likelihood is concentrated on the uniquenesses of the correlation matrix (Lawley & Maxwell
    1971; the same function as R's ``factanal``), then put back on the items' own units.
    """
    k = len(covariance)
    spread = np.sqrt(np.diag(covariance))
    if k < 3 or not (spread > 0).all():
        return None
    correlations = covariance / np.outer(spread, spread)
    if np.linalg.eigvalsh(correlations)[0] < 1e-9:
        return None  # an item repeats another, or is the sum of others
    start = np.clip((1 - 0.5 / k) / np.diag(np.linalg.inv(correlations)), SMALLEST, 1.0)
    best = minimize(
        _misfit,
        start,
        args=(correlations,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(SMALLEST, 1.0)] * k,
        options={"ftol": 1e-16, "gtol": 1e-9, "maxiter": 2000},
    )
    loadings = _loadings(best.x, correlations)
    loadings *= np.sign(loadings.sum()) or 1.0
    return OneFactor(
        loadings * spread, best.x * spread**2, covariance, bool((best.x <= SMALLEST * 1.001).any())
    )


def _loadings(uniquenesses: np.ndarray, correlations: np.ndarray) -> np.ndarray:
    root = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(correlations / np.outer(root, root))
    return root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))


def _misfit(uniquenesses: np.ndarray, correlations: np.ndarray) -> tuple[float, np.ndarray]:
    root = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(correlations / np.outer(root, root))
    rest = np.maximum(values[:-1], 1e-300)
    loadings = root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
    implied = loadings**2 + uniquenesses
    gradient = (implied - np.diag(correlations)) / uniquenesses**2
    return float((rest - np.log(rest) - 1).sum()), gradient


def omega(model: OneFactor) -> float:
    """McDonald's omega total: the common part of the variance of the sum of the items."""
    common = model.loadings.sum() ** 2
    return float(common / (common + model.uniquenesses.sum()))


def omega_gradient(model: OneFactor) -> np.ndarray:
    """Derivative (k, k) of omega by the sample covariance matrix, by the implicit function theorem.

    At the maximum the score of the 2k parameters is 0 whatever the covariances, so that their
    derivative is the inverse Hessian times the derivative of the score. The Hessian is the
    observed one, so the result also holds where one factor fits badly.
    """
    loadings, k = model.loadings, len(model.loadings)
    inverse = np.linalg.inv(np.outer(loadings, loadings) + np.diag(model.uniquenesses))
    unit = np.eye(k)
    slopes = np.concatenate(
        [
            unit[:, :, None] * loadings + loadings[:, None] * unit[:, None, :],
            unit[:, :, None] * unit[:, None, :],
        ]
    )  # derivative of the implied covariances by each loading, then by each uniqueness
    left = inverse @ slopes  # (2k, k, k)
    gap = inverse @ model.covariance
    hessian = -np.einsum("sij,tji->st", left, left)
    hessian += 2 * np.einsum("sij,tjk,ki->st", left, left, gap, optimize=True)
    weighted = inverse - inverse @ model.covariance @ inverse
    hessian[:k, :k] += 2 * weighted
    hessian = (hessian + hessian.T) / 2
    common, unique = loadings.sum(), model.uniquenesses.sum()
    by_parameter = (
        np.concatenate([np.full(k, 2 * common * unique), np.full(k, -(common**2))])
        / (common**2 + unique) ** 2
    )
    pull = np.linalg.lstsq(hessian, by_parameter, rcond=None)[0]
    return np.einsum("t,tij->ij", pull, left @ inverse)
