"""A path model fitted to answers: the solution, its bootstrap, and the estimates made of both."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crmresearch.methods import pls, pls_quality
from crmresearch.methods.covariances import Moments, correlation, moments
from crmresearch.methods.moments import percentiles
from crmresearch.methods.pls import PathModel, Solution
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN, Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A path model solved for the data and for every resample that could be solved.

    Parameters
    ----------
    model, scheme, metric, missing : what was solved, and how
    moments : of the items in the data
    solution, draws : for the data, and for the b resamples that were solved
    draw_means, draw_covariances : of the items in those resamples
    n, n_dropped : rows used, rows left out
    resamples, failed : how many resamples were drawn, and how many of them could not be solved
        because an item had no spread or the weights did not settle
    """

    model: PathModel
    scheme: str
    metric: str
    missing: str
    moments: Moments
    solution: Solution
    draws: Solution
    draw_means: np.ndarray
    draw_covariances: np.ndarray
    n: int
    n_dropped: int
    resamples: int
    failed: int

    @property
    def words(self) -> str:
        """How it was fitted, for `Estimate.method`."""
        lost = f", {self.failed:,} of them without a solution left out" if self.failed else ""
        return f"PLS, {self.scheme} scheme, {self.metric} items; {self.moments.words}{lost}"

    def place(self, name: str) -> int:
        """The position of a construct."""
        return self.model.names.index(name)


def fit(
    table: np.ndarray,
    model: PathModel,
    *,
    rng: np.random.Generator,
    design: Design | None = None,
    scheme: str = "path",
    metric: str = "standardised",
    missing: str = "listwise",
    resamples: int = 1000,
) -> Fit | None:
    """Fit a path model and bootstrap it.

    Parameters
    ----------
    table : (n, p) float, the items in the order of ``model.items``, missing answers NaN
    rng : the generator of the resamples
    design : weights go along; rows, or clusters where there are any, are resampled
    scheme, metric : see `pls.solve`
    missing : see `covariances.moments`

    Returns
    -------
    None where the model cannot be solved: fewer rows than the largest equation has predictors
    plus two, an item without spread, or weights that do not settle.
    """
    found = moments(table, rng=rng, design=design, missing=missing, resamples=resamples)
    most = int(model.inner.sum(axis=0).max(initial=0))
    if found is None or int(found.rows.sum()) < most + 2:
        return None
    solution = pls.solve(found.covariance, model, scheme=scheme, metric=metric)
    if not solution.converged or (np.diagonal(found.covariance) <= 1e-12).any():
        return None
    draws = pls.solve(found.draw_covariances, model, scheme=scheme, metric=metric)
    kept = draws.converged
    return Fit(
        model=model,
        scheme=scheme,
        metric=metric,
        missing=missing,
        moments=found,
        solution=solution,
        draws=draws.take(kept),
        draw_means=found.draw_means[kept],
        draw_covariances=found.draw_covariances[kept],
        n=int(found.rows.sum()),
        n_dropped=int(len(table) - found.rows.sum()),
        resamples=len(kept),
        failed=int((~kept).sum()),
    )


def estimate(
    found: Fit, value: float, draws: np.ndarray, *, kind: str, level: float, **names: str
) -> Estimate:
    """One number of the fit with the percentile interval of its draws (b,).

    Parameters
    ----------
    kind : what it is, in words, to begin the method with
    names : ``key``, ``name`` and ``unit`` of the estimate
    """
    low, high = percentiles(draws[np.isfinite(draws)], level)
    return Estimate(
        value=float(value),
        low=low,
        high=high,
        level=level,
        n=found.n,
        n_dropped=found.n_dropped,
        method=f"{kind}; percentile interval; {found.words}",
        **names,
    )


def paths(
    found: Fit, *, key: str, names: Mapping[str, str], slugs: Mapping[str, str], level: float
) -> list[Estimate]:
    """Every path and then every R²: ``{key}.path.image.loyalty``, ``{key}.r2.loyalty``.

    Parameters
    ----------
    names, slugs : how each construct is written for readers, and in keys

    Paths are standard deviations of the target for one of the source, the other predictors held.
    R² is the one of the sample, which fitting makes too high by about k / n.
    """
    known, drawn, made = found.solution, found.draws, found.model.names
    rows = [
        estimate(
            found,
            known.paths[s, t],
            drawn.paths[:, s, t],
            kind="path",
            level=level,
            key=f"{key}.path.{slugs[made[s]]}.{slugs[made[t]]}",
            name=f"{names[made[s]]} → {names[made[t]]}",
            unit="coefficient",
        )
        for s, t in found.model.arrows
    ]
    return rows + [
        estimate(
            found,
            known.r2[t],
            drawn.r2[:, t],
            kind="R²",
            level=level,
            key=f"{key}.r2.{slugs[made[t]]}",
            name=f"R² of {names[made[t]]}",
            unit="R2",
        )
        for t in found.model.targets
    ]


def effects(
    found: Fit, *, key: str, names: Mapping[str, str], slugs: Mapping[str, str], level: float
) -> list[Estimate]:
    """Total effects, and the part of them through others where there are such ways.

    Keys are ``{key}.total.image.loyalty`` and ``{key}.indirect.image.loyalty``; a total effect
    without indirect ways is the path itself, and is left out.
    """
    made = found.model.names
    direct, drawn = found.solution.paths, found.draws.paths
    total, totals = pls_quality.total_effects(direct), pls_quality.total_effects(drawn)
    reached = pls_quality.total_effects(found.model.inner.astype(float))
    rows = []
    for s, t in np.argwhere(reached - found.model.inner > 0):
        both = [("total", "total effect", total[s, t], totals[:, s, t])]
        if found.model.inner[s, t]:
            parts = total[s, t] - direct[s, t], totals[:, s, t] - drawn[:, s, t]
            both.append(("indirect", "indirect effect", *parts))
        rows += [
            estimate(
                found,
                value,
                values,
                kind=what,
                level=level,
                key=f"{key}.{word}.{slugs[made[s]]}.{slugs[made[t]]}",
                name=f"{names[made[s]]} → {names[made[t]]}, {what}",
                unit="coefficient",
            )
            for word, what, value, values in both
        ]
    return rows


def exact_fit(found: Fit, *, key: str) -> Estimate:
    """SRMR, with the share of resamples that fit worse though the model holds in them exactly.

    The answers are turned so that their correlations are those that the model implies, and
    resampled (Dijkstra & Henseler 2015); p is NaN where the correlations are not positive
    definite. There is no interval: resampling the answers as they are makes SRMR too large.
    """
    matrix = correlation(found.moments.covariance)
    expected = pls_quality.implied(matrix, found.solution, found.model)
    value = float(pls_quality.srmr(matrix, expected))
    p = NAN
    turn = _turn(matrix, expected)
    if turn is not None and len(found.draws.converged) >= 20:
        spread = np.sqrt(np.diagonal(found.moments.covariance))
        turn = spread[:, None] * turn / spread
        turned = turn @ found.draw_covariances @ turn.T
        again = pls.solve(turned, found.model, scheme=found.scheme, metric=found.metric)
        kept = again.converged
        again, turned = again.take(kept), turned[kept]
        worse = pls_quality.srmr(turned, pls_quality.implied(turned, again, found.model))
        p = float((1 + (worse >= value).sum()) / (1 + len(worse)))
    return Estimate(
        key=key,
        name="SRMR",
        value=value,
        unit="R2",
        n=found.n,
        n_dropped=found.n_dropped,
        p=p,
        method=f"composite model; p: bootstrap test of exact fit; {found.words}",
    )


def _turn(matrix: np.ndarray, expected: np.ndarray) -> np.ndarray | None:
    """What turns answers with one correlation matrix into answers with another; or None."""
    halves = []
    for each, power in ((expected, 0.5), (matrix, -0.5)):
        values, vectors = np.linalg.eigh(each)
        if not values[0] > 1e-9:
            return None
        halves.append((vectors * values**power) @ vectors.T)
    return halves[0] @ halves[1]
