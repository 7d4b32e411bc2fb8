"""Customers of one path, followed in time: what their curve gives, and how sure it is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.regression import MIN_CLUSTERS
from crmresearch.methods.survival import (
    Curve,
    influence,
    kaplan_meier,
    mean_influence,
    restricted_mean,
)
from crmresearch.recovery.cases import Cases
from crmresearch.recovery.following import Following
from crmresearch.report.suppression import hidden_groups


@dataclass(frozen=True, slots=True, eq=False)
class FollowedPath:
    """The customers of one path, followed."""

    name: str
    curve: Curve
    days: np.ndarray
    left: np.ndarray
    entry: np.ndarray | None
    clusters: np.ndarray | None
    until: float  # the last day with enough customers at risk

    def error(self, added: np.ndarray) -> np.ndarray:
        """Standard errors (t,) from what each customer adds (n, t), summed within clusters."""
        if self.clusters is None:
            return np.sqrt((added**2).sum(axis=0))
        totals = (np.bincount(self.clusters, column) for column in added.T)
        return np.sqrt([float(total @ total) for total in totals])


def shown_paths(path: pd.Series, usable: np.ndarray, min_cell: int) -> list[str]:
    """The paths that may be told by the customers who are usable."""
    counts = path[usable].value_counts()
    hidden = hidden_groups(counts.to_dict(), min_cell, total=int(usable.sum()))
    return [x for x in path.cat.categories if counts.get(x, 0) >= 2 and x not in hidden]


def clusters_of(cases: Cases) -> np.ndarray | None:
    """The account or person of each customer as codes; None without, or where they are too few."""
    enough = cases.sampling.cluster_count >= MIN_CLUSTERS
    return cases.sampling.clusters if enough else None


def followed_paths(cases: Cases, following: Following, min_cell: int) -> list[FollowedPath]:
    """The paths that may be shown, up to the last day with `min_cell` customers at risk."""
    found = []
    clusters = clusters_of(cases)
    for name in shown_paths(cases.path, following.usable, min_cell):
        rows = following.usable & (cases.path == name).to_numpy()
        days, left = following.days[rows], following.left[rows]
        entry = None if following.entry is None else following.entry[rows]
        curve = kaplan_meier(days, left, entry)
        enough = np.flatnonzero(curve.at_risk >= min_cell)
        own = None if clusters is None else clusters[rows]
        if len(enough):
            until = float(curve.times[enough[-1]])
            found.append(FollowedPath(name, curve, days, left, entry, own, until))
    return found


def still_there(path: FollowedPath, when: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Survival at some days with its standard error, and how that was made."""
    place = path.curve.at(when)
    value = np.where(place >= 0, path.curve.survival[np.maximum(place, 0)], 1.0)
    if path.clusters is None:
        error = np.where(place >= 0, path.curve.error[np.maximum(place, 0)], 0.0)
        return value, error, "Greenwood"
    added = influence(path.curve, path.days, path.left, when, path.entry)
    return value, path.error(added), "infinitesimal jackknife between clusters"


def mean_stayed(path: FollowedPath, until: float) -> tuple[float, float]:
    value, error = restricted_mean(path.curve, until)
    if path.clusters is not None:
        added = mean_influence(path.curve, path.days, path.left, until, path.entry)
        error = float(path.error(added[:, None])[0])
    return value, error


def error_apart(one: FollowedPath, two: FollowedPath, until: float) -> float:
    if one.clusters is None:
        return float(np.hypot(mean_stayed(one, until)[1], mean_stayed(two, until)[1]))
    added = np.concatenate(
        [
            sign * mean_influence(path.curve, path.days, path.left, until, path.entry)
            for sign, path in ((1.0, one), (-1.0, two))
        ]
    )
    codes = np.concatenate([one.clusters, two.clusters])
    return float(np.sqrt((np.bincount(codes, added) ** 2).sum()))
