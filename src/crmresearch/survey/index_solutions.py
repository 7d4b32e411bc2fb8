"""The same path model solved in other ways: how far its coefficients rest on the choice of one."""

import pandas as pd

from crmresearch.methods import pls, pls_quality
from crmresearch.methods.covariances import correlation
from crmresearch.report.estimates import Estimate
from crmresearch.survey.index import Index, paths


def solutions(index: Index | None) -> pd.DataFrame:
    """Paths and R² (rows, by their key) under every scheme and metric, side by side.

    The last column, ``consistent``, is among constructs freed of measurement error. A path beyond
    1 there says that constructs can hardly be told apart.
    """
    if index is None:
        return pd.DataFrame()
    found = index.fit
    model, covariance = found.model, found.moments.covariance
    columns = {
        f"{scheme}, {metric}": _numbers(
            pls.solve(covariance, model, scheme=scheme, metric=metric), index
        )
        for metric in pls.METRICS
        for scheme in pls.SCHEMES
    }
    matrix = correlation(covariance)
    solved = pls.solve(matrix, model, scheme=found.scheme)
    reliable = pls_quality.rho_a(matrix, solved, model)
    columns["consistent"] = _numbers(pls_quality.consistent(solved, reliable, model), index)
    return pd.DataFrame(columns)


def _numbers(solved: pls.Solution, index: Index) -> dict[str, float]:
    model, slugs = index.fit.model, index.structure.slugs
    slug = [slugs[name] for name in model.names]
    return {
        **{f"path.{slug[s]}.{slug[t]}": float(solved.paths[s, t]) for s, t in model.arrows},
        **{f"r2.{slug[t]}": float(solved.r2[t]) for t in model.targets},
    }


def others(index: Index | None) -> list[Estimate]:
    """Paths to the target and its R² by every other solution, ``solution: centroid, raw`` a group.

    They have no interval: each is made of the same answers as the solution reported.
    """
    if index is None:
        return []
    table = solutions(index)
    last = f".{index.structure.slugs[index.target]}"
    known = {item.key.removeprefix("index."): item for item in paths(index)}
    chosen = [key for key in table.index if key.endswith(last)]
    return [
        Estimate(
            key=f"index.{key}",
            name=known[key].name,
            value=float(table.loc[key, column]),
            unit=known[key].unit,
            n=index.fit.n,
            n_dropped=index.fit.n_dropped,
            method=f"PLS, {column}: the same answers solved in another way",
            group=f"solution: {column}",
        )
        for key in chosen
        for column in table.columns
        if column != f"{index.fit.scheme}, {index.fit.metric}"
    ]


def stability(index: Index | None) -> str:
    """How far any path or R² moves between the schemes and metrics, in a sentence."""
    if index is None:
        return ""
    table = solutions(index).drop(columns="consistent")
    spread = table.max(axis=1) - table.min(axis=1)
    widest = str(spread.idxmax())
    name = {item.key.removeprefix("index."): item.name for item in paths(index)}[widest]
    low, high = table.loc[widest].min(), table.loc[widest].max()
    return (
        f"Over {len(table.columns)} schemes and metrics no path or R² moves by more than "
        f"{spread.max():.3f} ({name}, {low:.3f} to {high:.3f})."
    )
