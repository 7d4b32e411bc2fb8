"""Groups compared on a mean: means, Welch's tests and Games-Howell intervals.

Nothing here assumes equal variances. What cannot be computed (one person, a constant answer) comes
back as an `Estimate` without value or interval, whose `method` says why; nothing raises.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from crmresearch.methods import welch
from crmresearch.methods.ranges import all_pairs
from crmresearch.report.estimates import NAN, Estimate


@dataclass(frozen=True, slots=True)
class Sample:
    """Size, mean and variance (n - 1) of the answers of one group."""

    n: int
    mean: float
    variance: float
    dropped: int = 0

    @property
    def spread_known(self) -> bool:
        """Whether the answers vary at all, so that an interval can be had."""
        return self.n > 1 and self.variance > 0

    @property
    def error(self) -> float:
        """Squared standard error of the mean."""
        return self.variance / self.n


def sample(values: ArrayLike) -> Sample:
    """`values` as a `Sample`; missing ones are left out and counted."""
    known = np.asarray(values, dtype=float).ravel()
    total = known.size
    known = known[np.isfinite(known)]
    n = known.size
    mean = float(known.mean()) if n else NAN
    constant = n > 1 and bool((known == known[0]).all())  # the mean's rounding is not a spread
    variance = 0.0 if constant else float(known.var(ddof=1)) if n > 1 else NAN
    return Sample(n, mean, variance, total - n)


def split(values: ArrayLike, groups: ArrayLike) -> tuple[dict[str, np.ndarray], int]:
    """The known values of each group, in the groups' order, and how many rows were left out.

    The order is that of a categorical, otherwise of first appearance; empty groups are left out.
    """
    frame = pd.DataFrame({"value": np.asarray(values, dtype=float), "group": pd.array(groups)})
    if isinstance(groups, pd.Series):
        frame["group"] = groups.array
    known = frame[np.isfinite(frame["value"]) & frame["group"].notna()]
    names = (
        known["group"].cat.categories
        if isinstance(known["group"].dtype, pd.CategoricalDtype)
        else known["group"].unique()
    )
    parts = {str(name): known.loc[known["group"] == name, "value"].to_numpy() for name in names}
    return {name: part for name, part in parts.items() if part.size}, len(frame) - len(known)


def group_means(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    key: str,
    name: str,
    by: str = "group",
    level: float = 0.95,
    unit: str = "scale points",
) -> list[Estimate]:
    """The mean of each group with its own t interval.

    Parameters
    ----------
    values : array of float, shape (n,); NaN where missing
    groups : array or categorical Series of the same length; missing where unknown
    key, name : of the estimates; `by` is what the groups are of, the part of `Estimate.group`
        before its colon
    level : confidence level, a fraction
    unit : unit of the values

    Returns
    -------
    One estimate a group, in the groups' order. A group of one, or of equal answers, has a mean but
    no interval. Rows left out are counted on every estimate, since those without a group cannot be
    told apart.
    """
    parts, dropped = split(values, groups)
    return [
        _mean(sample(part), key, name, f"{by}: {group}", level, unit, dropped)
        for group, part in parts.items()
    ]


def mean(
    values: ArrayLike, *, key: str, name: str, level: float = 0.95, unit: str = "scale points"
) -> Estimate:
    """The mean of all values with its t interval; see `group_means`."""
    one = sample(values)
    return _mean(one, key, name, "", level, unit, one.dropped)


def _mean(
    one: Sample, key: str, name: str, group: str, level: float, unit: str, dropped: int
) -> Estimate:
    half = NAN
    if one.spread_known:
        half = stats.t.ppf((1 + level) / 2, one.n - 1) * one.error**0.5
    return Estimate(
        key=key,
        name=name,
        group=group,
        value=one.mean,
        low=one.mean - half,
        high=one.mean + half,
        level=level,
        unit=unit,
        n=one.n,
        n_dropped=dropped,
        method="mean, t interval" if half == half else "mean; no spread, so no interval",
    )


def welch_anova(
    values: ArrayLike, groups: ArrayLike, *, key: str, name: str, level: float = 0.95
) -> Estimate:
    """Welch's F test that all groups have one mean, whatever their variances.

    Groups of one person and groups of equal answers have no variance to weigh them by; they are
    left out and their rows counted as dropped. F says that some means differ, not which or by how
    much: see `games_howell`.

    Returns
    -------
    F as a ``statistic`` with its p value; degrees of freedom in `method`. Without two usable
    groups the value is NaN.

    Source
    ------
    Welch, B. L. (1951). On the comparison of several mean values. Biometrika 38, 330-336.
    """
    parts, dropped = split(values, groups)
    usable = [one for one in map(sample, parts.values()) if one.spread_known]
    dropped += sum(len(part) for part in parts.values()) - sum(one.n for one in usable)
    count = len(usable)
    statistic = p = NAN
    method = "Welch's F: not computed, fewer than two groups whose answers vary"
    if count > 1:
        n = np.array([one.n for one in usable])
        means = np.array([one.mean for one in usable])
        weights = n / np.array([one.variance for one in usable])
        found = welch.alike(means, weights, n - 1)
        statistic, p = found.f, found.p
        method = f"Welch's F({found.between}, {found.within:.1f})"
    return Estimate(
        key=key,
        name=name,
        value=statistic,
        level=level,
        unit="statistic",
        n=sum(one.n for one in usable),
        n_dropped=dropped,
        method=method,
        p=p,
    )


def welch_difference(
    first: ArrayLike,
    second: ArrayLike,
    *,
    key: str,
    name: str,
    level: float = 0.95,
    unit: str = "scale difference",
    group: str = "",
    randomised: bool = False,
) -> Estimate:
    """Mean of `first` minus mean of `second`, with Welch's t interval and two-sided p.

    Parameters
    ----------
    first, second : arrays of float, any lengths; NaN where missing
    randomised : True only where chance assigned people to the two

    Returns
    -------
    One estimate, positive where `first` is the higher; no interval where either has fewer than two
    people or neither varies.
    """
    one, two = sample(first), sample(second)
    error, df = welch_error(one, two)
    value = one.mean - two.mean
    half = stats.t.ppf((1 + level) / 2, df) * error
    return Estimate(
        key=key,
        name=name,
        group=group,
        value=value,
        low=value - half,
        high=value + half,
        level=level,
        unit=unit,
        n=one.n + two.n,
        n_dropped=one.dropped + two.dropped,
        method="difference of means, Welch t interval",
        p=float(2 * stats.t.sf(abs(value) / error, df)) if error == error else NAN,
        randomised=randomised,
    )


def welch_error(one: Sample, two: Sample) -> tuple[float, float]:
    """Standard error of a difference of means and Satterthwaite's degrees of freedom, or NaN."""
    if one.n < 2 or two.n < 2 or one.variance + two.variance <= 0:
        return NAN, NAN
    both = one.error + two.error
    return both**0.5, both**2 / (one.error**2 / (one.n - 1) + two.error**2 / (two.n - 1))


def games_howell(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    key: str,
    name: str = "",
    level: float = 0.95,
    unit: str = "scale difference",
    randomised: bool = False,
) -> list[Estimate]:
    """Every pair of groups compared: simultaneous intervals, p adjusted for all the pairs.

    The intervals hold together at `level` for all pairs at once, so any of them may be read.

    Parameters
    ----------
    values, groups : as in `group_means`
    key : start of each key; the two groups follow, as in ``paths.resolved-silent``
    name : what was measured, put before the pair; may be empty
    randomised : True only where the groups are arms that chance assigned

    Returns
    -------
    One estimate a pair, the later group minus the earlier one; empty with fewer than two groups.

    Source
    ------
    Games, P. A. & Howell, J. F. (1976). Pairwise multiple comparison procedures with unequal N's
    and/or variances. Journal of Educational Statistics 1, 113-125.
    """
    parts, _ = split(values, groups)
    samples = {group: sample(part) for group, part in parts.items()}
    pairs = list(combinations(samples, 2))
    errors = np.array([welch_error(samples[a], samples[b]) for a, b in pairs]).reshape(-1, 2)
    value = np.array([samples[b].mean - samples[a].mean for a, b in pairs])
    half, p = all_pairs(value, errors[:, 0], errors[:, 1], groups=len(samples), level=level)
    return [
        Estimate(
            key=f"{key}.{slug(b)}-{slug(a)}",
            name=f"{name}: {b} − {a}" if name else f"{b} − {a}",
            value=float(value[row]),
            low=float(value[row] - half[row]),
            high=float(value[row] + half[row]),
            level=level,
            unit=unit,
            n=samples[a].n + samples[b].n,
            method=f"Games-Howell, simultaneous for {len(pairs)} pairs; p adjusted",
            p=float(p[row]),
            randomised=randomised,
        )
        for row, (a, b) in enumerate(pairs)
    ]


def slug(text: str) -> str:
    """A group's name as part of a key: ``no problem`` becomes ``no_problem``."""
    kept = "".join(letter if letter.isalnum() else "_" for letter in text.lower())
    return "_".join(part for part in kept.split("_") if part) or "group"
