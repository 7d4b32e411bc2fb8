"""What a solved path model implies: effects through others, how well constructs are measured, fit.

Every function takes one `Solution` or b of them, with the matrices that they solve.
"""

import dataclasses

import numpy as np

from crmresearch.methods.covariances import correlation
from crmresearch.methods.pls import PathModel, Solution, structural


def total_effects(paths: np.ndarray) -> np.ndarray:
    """Direct and indirect effects together: the sum over every way along the arrows.

    Parameters
    ----------
    paths : (..., c, c), the coefficient of the row's construct for the column's, without circles

    Returns
    -------
    (..., c, c); subtract `paths` for the indirect effects
    """
    total = step = paths
    for _ in range(paths.shape[-1] - 1):
        step = step @ paths
        total = total + step
    return total


def communality(solution: Solution, model: PathModel) -> np.ndarray:
    """Mean squared loading of each construct's items, (..., c): its average variance extracted."""
    return solution.loadings**2 @ model.blocks / model.blocks.sum(axis=0)


def rho_a(covariances: np.ndarray, solution: Solution, model: PathModel) -> np.ndarray:
    """Reliability of each composite, (..., c), if its items share one factor.

    Parameters
    ----------
    covariances : the matrices solved, in the metric solved: correlations where standardised

    Returns
    -------
    1 for a single item, whose reliability cannot be told, and for a formative construct. It may
    leave 0 to 1 where the items of a construct do not go together.

    Source
    ------
    Dijkstra & Henseler (2015), MIS Quarterly 39(2), 297-316, equation 3, for mode A.
    """
    found = np.ones((*covariances.shape[:-2], len(model.names)))
    for place in np.flatnonzero((model.blocks.sum(axis=0) > 1) & ~model.formative):
        mine = model.blocks[:, place]
        weights = solution.weights[..., mine, place]
        among = covariances[..., mine, :][..., mine]
        squares = weights**2
        off = _quadratic(among, weights) - (squares * np.diagonal(among, axis1=-2, axis2=-1)).sum(
            axis=-1
        )
        expected = squares.sum(axis=-1) ** 2 - (squares**2).sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            found[..., place] = squares.sum(axis=-1) ** 2 * off / expected
    return found


def _quadratic(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return (vector * (matrix @ vector[..., None])[..., 0]).sum(axis=-1)


def consistent(solution: Solution, reliability: np.ndarray, model: PathModel) -> Solution:
    """The paths among constructs freed of measurement error, as far as `rho_a` tells it.

    Correlations of composites are divided by the root of both reliabilities. NaN paths where a
    reliability is not positive. Source: Dijkstra & Henseler (2015), as `rho_a`.
    """
    single = solution.correlations.ndim == 2
    roots = np.sqrt(np.where(reliability > 0, reliability, np.nan))
    freed = solution.correlations / roots[..., :, None] / roots[..., None, :]
    size = len(model.names)
    freed[..., range(size), range(size)] = 1.0
    paths, r2 = structural(freed[None] if single else freed, model)
    return dataclasses.replace(
        solution,
        correlations=freed,
        paths=paths[0] if single else paths,
        r2=r2[0] if single else r2,
    )


def implied(covariances: np.ndarray, solution: Solution, model: PathModel) -> np.ndarray:
    """Correlations of the items that the model implies, (..., p, p).

    Items of one construct keep the correlations they have; items of two constructs go together
    only through their composites, and composites only through the paths (the composite model,
    Henseler 2015, Structural Equation Modeling 22, 1-14).
    """
    measured = correlation(covariances)
    spread = implied_composites(solution, model)
    outer = model.blocks * solution.loadings[..., None]
    between = outer @ spread @ np.swapaxes(outer, -1, -2)
    together = model.blocks @ model.blocks.T
    return np.where(together > 0, measured, between)


def implied_composites(solution: Solution, model: PathModel) -> np.ndarray:
    """Correlations (..., c, c) of the composites that the paths imply.

    Constructs that nothing predicts keep the correlations they have.
    """
    measured = solution.correlations
    done = [place for place in range(len(model.names)) if not model.inner[:, place].any()]
    found = np.zeros_like(measured)
    found[..., np.ix_(done, done)[0], np.ix_(done, done)[1]] = measured[..., done, :][..., done]
    for place in model.targets:  # after everything that predicts them
        sources = model.predictors(place)
        through = solution.paths[..., sources, place][..., None, :]
        row = (through @ found[..., sources, :][..., done])[..., 0, :]
        found[..., place, done] = found[..., done, place] = row
        found[..., place, place] = 1.0
        done.append(place)
    return found


def srmr(covariances: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Standardised root mean square residual: of the p (p + 1) / 2 distinct correlations."""
    residual = correlation(covariances) - correlation(expected)
    first, second = np.triu_indices(residual.shape[-1])
    return np.sqrt((residual[..., first, second] ** 2).mean(axis=-1))


def inflation(correlations: np.ndarray, model: PathModel) -> dict[tuple[int, int], float]:
    """Variance inflation of each arrow's coefficient among the predictors of its target.

    Infinite where a predictor is made of the others.
    """
    found = {}
    for target in model.targets:
        sources = model.predictors(target)
        among = correlations[np.ix_(sources, sources)]
        values, vectors = np.linalg.eigh(among)
        kept = values > 1e-9
        with np.errstate(divide="ignore"):
            factors = (vectors**2 / np.where(kept, values, 0.0)).sum(axis=1)
            touched = (vectors**2 > 1e-9)[:, ~kept].any(axis=1)
        for source, factor, lost in zip(sources, factors, touched, strict=True):
            found[int(source), target] = np.inf if lost else float(factor)
    return found
