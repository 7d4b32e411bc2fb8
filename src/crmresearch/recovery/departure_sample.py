"""Customers whose departures are compared, path by path, and the ratio of two paths."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.groups import slug
from crmresearch.methods.indicators import indicators
from crmresearch.methods.student import t_quantile, two_sided_p
from crmresearch.recovery.cases import Cases
from crmresearch.recovery.followed_paths import clusters_of, shown_paths
from crmresearch.recovery.following import Following
from crmresearch.report.estimates import NAN, Estimate

LOST = 5  # departures of a path below which its ratio is not told
PATHS, RECOVERY = "leaving_ratio", "leaving_recovery"  # how the keys of the two comparisons start


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Customers whose fate and covariates are known; `groups` number the paths in `names`."""

    names: tuple[str, ...]
    groups: np.ndarray
    rows: np.ndarray  # (n,) bool of all customers
    covariates: pd.DataFrame
    left: np.ndarray
    clusters: np.ndarray | None
    dropped: int


def sample_of(
    cases: Cases, following: Following | None, path: pd.Series, min_cell: int
) -> Sample | None:
    columns = indicators(cases.covariates)
    left = (1 - cases.frame["stayed"]).to_numpy()
    usable = np.isfinite(left) if following is None else following.usable
    usable = usable & columns.notna().all(axis=1).to_numpy()
    names = [
        name
        for name in shown_paths(path, usable, min_cell)
        if left[usable & (path == name).to_numpy()].sum() >= LOST
    ]
    if cases.reference not in names or len(names) < 2:
        return None
    names = [cases.reference, *(name for name in names if name != cases.reference)]
    codes = path.cat.set_categories(names).cat.codes.to_numpy()
    rows = usable & (codes >= 0)
    clusters = clusters_of(cases)
    return Sample(
        names=tuple(names),
        groups=codes[rows].astype(int),
        rows=rows,
        covariates=columns[rows],
        left=left[rows] == 1,
        clusters=None if clusters is None else clusters[rows],
        dropped=int((path.notna() & ~usable).sum()),
    )


def pairs_of(sample: Sample, start: str) -> list[tuple[int, int]]:
    """Which paths are compared: each with the reference; for recovery also the two complaints."""
    pairs = [(place, 0) for place in range(1, len(sample.names))]
    if start == RECOVERY and {"resolved", "unresolved"} <= set(sample.names):
        pairs.insert(0, (sample.names.index("resolved"), sample.names.index("unresolved")))
    return pairs


def ratio(
    sample: Sample,
    pair: tuple[int, int],
    log: float,
    error: float,
    df: int,
    level: float,
    start: str,
    how: str,
) -> Estimate:
    one, other = (sample.names[place] for place in pair)
    half = t_quantile(0.5 + level / 2, df) * error if df > 0 else NAN
    whether = ", delighted or not" if start == RECOVERY else ""
    return Estimate(
        key=f"{start}.{slug(one)}-{slug(other)}",
        name=f"leaving: {one}{whether} against {other}",
        value=float(np.exp(log)),
        low=float(np.exp(log - half)),
        high=float(np.exp(log + half)),
        level=level,
        unit="ratio",
        n=int(np.isin(sample.groups, pair).sum()),
        n_dropped=sample.dropped,
        method=how,
        p=two_sided_p(log / error, df) if error > 0 and df > 0 else NAN,
    )


def adjusted(cases: Cases) -> str:
    """What was held, for `Estimate.method`."""
    held = ", ".join(map(str, cases.covariates))
    return f", adjusted for {held}" if held else ", not adjusted"


def errors(sample: Sample) -> str:
    """Between what errors are taken, for `Estimate.method`."""
    if sample.clusters is None:
        return "robust errors"
    number = np.count_nonzero(np.bincount(sample.clusters))
    return f"cluster-robust errors ({number:,} clusters)"
