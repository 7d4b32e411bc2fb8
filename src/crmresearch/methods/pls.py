"""Partial least squares path modelling on covariance matrices: composites joined by regressions.

Each construct is a weighted sum of its items. The weights are found by turns: every construct is
predicted by its neighbours in the model (the inner proxy), and every item is weighted by how it
goes with the proxy of its construct. All of it needs only the items' covariances, so that any
number of matrices, such as those of bootstrap resamples, are solved at once.

Sources: Lohmöller (1989), Latent Variable Path Modeling with Partial Least Squares; Tenenhaus,
Esposito Vinzi, Chatelin & Lauro (2005), Computational Statistics & Data Analysis 48, 159-205.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crmresearch.methods.covariances import correlation

SCHEMES = ("centroid", "factorial", "path")
METRICS = ("standardised", "raw")
TOLERANCE = 1e-11  # largest change of a weight at which the iterations stop
MOST_ITERATIONS = 300
SEPARATE = 1e-6  # determinant of predictors' correlations below which they cannot be told apart


@dataclass(frozen=True, slots=True, eq=False)
class PathModel:
    """Which items belong to which construct and which constructs predict which; see `path_model`.

    Parameters
    ----------
    names : the c constructs, each after its predictors
    items : the columns of the matrices, construct by construct
    blocks : (p, c) bool, the items of each construct
    inner : (c, c) bool, True where the construct of the row predicts that of the column
    formative : (c,) bool, constructs weighted by regression on their items (mode B)
    """

    names: tuple[str, ...]
    items: tuple[str, ...]
    blocks: np.ndarray
    inner: np.ndarray
    formative: np.ndarray

    def predictors(self, target: int) -> np.ndarray:
        """Positions of the constructs that predict the construct at `target`."""
        return np.flatnonzero(self.inner[:, target])

    @property
    def targets(self) -> list[int]:
        """Positions of the constructs that others predict."""
        return [place for place in range(len(self.names)) if self.inner[:, place].any()]

    @property
    def arrows(self) -> list[tuple[int, int]]:
        """(source, target) of every path, target by target."""
        return [(int(s), t) for t in self.targets for s in self.predictors(t)]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """The path model solved for one matrix, or for b of them (every shape then begins with b).

    Parameters
    ----------
    weights : (p, c), with which the items, in the metric they were given in, make composites of
        variance 1; 0 outside an item's construct
    loadings : (p,), correlation of each item with its own composite
    correlations : (c, c), of the composites
    paths : (c, c), standardised coefficient of the row's construct in the regression of the
        column's
    r2 : (c,), explained variance; NaN for constructs without predictors
    converged : bool, whether the weights settled and everything is finite
    iterations : int
    """

    weights: np.ndarray
    loadings: np.ndarray
    correlations: np.ndarray
    paths: np.ndarray
    r2: np.ndarray
    converged: np.ndarray
    iterations: np.ndarray

    def take(self, chosen: np.ndarray | int) -> "Solution":
        """Some of b solutions (mask, positions, or one position)."""
        return Solution(*(getattr(self, name)[chosen] for name in self.__slots__))


def path_model(
    blocks: Mapping[str, Sequence[str]],
    arrows: Sequence[tuple[str, str]],
    formative: Sequence[str] = (),
) -> PathModel:
    """A `PathModel` from the items of each construct and the (source, target) arrows.

    Raises
    ------
    ValueError
        If an arrow names no construct, the arrows run in a circle, or a construct has no items.
    """
    order = in_order(list(blocks), arrows)
    if any(not blocks[name] for name in order):
        raise ValueError("every construct needs an item")
    items = tuple(item for name in order for item in blocks[name])
    owner = np.repeat(np.arange(len(order)), [len(blocks[name]) for name in order])
    inner = np.zeros((len(order), len(order)), dtype=bool)
    for source, target in arrows:
        inner[order.index(source), order.index(target)] = True
    return PathModel(
        names=tuple(order),
        items=items,
        blocks=owner[:, None] == np.arange(len(order)),
        inner=inner,
        formative=np.array([name in formative for name in order]),
    )


def in_order(names: Sequence[str], arrows: Sequence[tuple[str, str]]) -> list[str]:
    """`names` so that every construct comes after its predictors, otherwise as they stand."""
    unknown = {name for arrow in arrows for name in arrow} - set(names)
    if unknown:
        raise ValueError(f"no construct is named {', '.join(sorted(unknown))}")
    waiting, placed = list(names), []
    while waiting:
        ready = next(
            (x for x in waiting if all(s in placed for s, target in arrows if target == x)), None
        )
        if ready is None:
            raise ValueError(f"the paths between {', '.join(waiting)} run in a circle")
        waiting.remove(ready)
        placed.append(ready)
    return placed


def solve(
    covariances: np.ndarray,
    model: PathModel,
    *,
    scheme: str = "path",
    metric: str = "standardised",
) -> Solution:
    """Solve the path model for one covariance matrix (p, p) or for b of them (b, p, p).

    Parameters
    ----------
    covariances : of the items in the order of ``model.items``
    scheme : how a construct is predicted by its neighbours: ``centroid`` (signs of the
        correlations), ``factorial`` (correlations), ``path`` (regression coefficients of its
        predictors, correlations with those it predicts)
    metric : ``standardised`` gives every item variance 1; ``raw`` leaves the items' variances as
        they are, for scales that are comparable, so that an item that varies more counts for more.
        The composites have variance 1 in both, and paths are standardised

    Returns
    -------
    A construct points the way most of its items' loadings do, as its own sign is arbitrary.
    Predictors that cannot be told apart share their coefficient (minimum norm).

    Raises
    ------
    ValueError
        If `scheme` or `metric` is unknown.
    """
    if scheme not in SCHEMES or metric not in METRICS:
        raise ValueError(f"no scheme {scheme!r} or metric {metric!r}")
    single = covariances.ndim == 2
    given = covariances[None] if single else covariances
    matrices = correlation(given) if metric == "standardised" else given
    sound = np.isfinite(matrices).all(axis=(1, 2))
    weights, settled, iterations = _iterate(
        np.where(sound[:, None, None], matrices, np.eye(len(model.items))), model, scheme
    )
    weights[~sound] = np.nan
    solution = _outer_and_inner(matrices, weights, model, settled & sound, iterations)
    return solution.take(0) if single else solution


def _iterate(
    matrices: np.ndarray, model: PathModel, scheme: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights (b, p, c), whether they settled, and after how many iterations."""
    number = len(matrices)
    inverse = _formative_inverse(matrices, model)
    weights = _unit(matrices, np.broadcast_to(model.blocks * 1.0, (number, *model.blocks.shape)))
    iterations = np.zeros(number, dtype=int)
    settled = np.zeros(number, dtype=bool)
    active = np.arange(number)
    for step in range(1, MOST_ITERATIONS + 1):
        part, old = matrices[active], weights[active]
        covered = part @ old  # of the items with the composites
        proxies = covered @ _neighbours(np.swapaxes(old, -1, -2) @ covered, model, scheme)
        if inverse is not None:
            proxies = inverse[active] @ (model.blocks * proxies)
        new = _unit(part, model.blocks * proxies)
        weights[active] = new
        iterations[active] = step
        change = np.abs(new - old).max(axis=(1, 2))
        settled[active] = change < TOLERANCE
        active = active[change >= TOLERANCE]  # a weight that is no number cannot settle either
        if not len(active):
            break
    return weights, settled, iterations


def _unit(matrices: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weights (b, p, c) scaled so that every composite has variance 1."""
    variances = ((matrices @ weights) * weights).sum(axis=1)
    return weights / np.sqrt(np.where(variances > 1e-20, variances, np.nan))[:, None, :]


def _formative_inverse(matrices: np.ndarray, model: PathModel) -> np.ndarray | None:
    """Block-diagonal (b, p, p): the inverse of a formative block, otherwise the identity."""
    if not model.formative.any():
        return None
    found = np.broadcast_to(np.eye(len(model.items)), matrices.shape).copy()
    for place in np.flatnonzero(model.formative):
        block = np.ix_(model.blocks[:, place], model.blocks[:, place])
        found[(slice(None), *block)] = np.linalg.pinv(
            matrices[(slice(None), *block)], rcond=1e-10, hermitian=True
        )
    return found


def _neighbours(correlations: np.ndarray, model: PathModel, scheme: str) -> np.ndarray:
    """How much each construct (row) counts in the inner proxy of each other (column): (b, c, c)."""
    joined = model.inner | model.inner.T
    if scheme == "centroid":
        return joined * np.sign(correlations)
    if scheme == "factorial":
        return joined * correlations
    found = correlations * model.inner.T
    for target in model.targets:
        sources = model.predictors(target)
        found[:, sources, target] = regress(correlations, sources, target)
    return found


def regress(correlations: np.ndarray, sources: np.ndarray, target: int) -> np.ndarray:
    """Coefficients (b, k) of the regression of one composite on others, from (b, c, c)."""
    outcome = correlations[:, sources, target]
    if len(sources) == 1:
        return outcome
    among = correlations[:, sources[:, None], sources]
    known = np.isfinite(among).all(axis=(1, 2))
    among = np.where(known[:, None, None], among, np.eye(len(sources)))
    apart = np.linalg.det(among) > SEPARATE
    found = np.empty(outcome.shape)
    found[apart] = np.linalg.solve(among[apart], outcome[apart][..., None])[..., 0]
    if not apart.all():
        shared = np.linalg.pinv(among[~apart], rcond=1e-9, hermitian=True)
        found[~apart] = (shared @ outcome[~apart][..., None])[..., 0]
    found[~known] = np.nan
    return found


def _outer_and_inner(
    matrices: np.ndarray,
    weights: np.ndarray,
    model: PathModel,
    settled: np.ndarray,
    iterations: np.ndarray,
) -> Solution:
    deviations = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    with np.errstate(invalid="ignore", divide="ignore"):
        loadings = (matrices @ weights * model.blocks).sum(axis=2) / deviations
    signs = np.where(loadings @ model.blocks < 0, -1.0, 1.0)
    weights = weights * signs[:, None, :]
    loadings = loadings * (signs @ model.blocks.T)
    correlations = np.swapaxes(weights, 1, 2) @ matrices @ weights
    paths, r2 = structural(correlations, model)
    finite = np.isfinite(paths).all(axis=(1, 2)) & np.isfinite(loadings).all(axis=1)
    return Solution(weights, loadings, correlations, paths, r2, settled & finite, iterations)


def structural(correlations: np.ndarray, model: PathModel) -> tuple[np.ndarray, np.ndarray]:
    """Standardised paths (b, c, c) and R² (b, c) from the composites' correlations (b, c, c)."""
    paths = np.zeros_like(correlations)
    r2 = np.full(correlations.shape[:2], np.nan)
    for target in model.targets:
        sources = model.predictors(target)
        found = regress(correlations, sources, target)
        paths[:, sources, target] = found
        r2[:, target] = (found * correlations[:, sources, target]).sum(axis=1)
    return paths, r2
