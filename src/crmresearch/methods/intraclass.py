"""Intraclass correlations: how much of the spread of answers lies between groups of people.

Groups may have any sizes. They are unweighted: variance components describe the groups that
answered, and survey weights have no agreed meaning in them.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from crmresearch.report.estimates import NAN, Estimate


@dataclass(frozen=True, slots=True, eq=False)
class OneWay:
    """Analysis of variance of groups of any sizes, groups of one size added up.

    Parameters
    ----------
    sizes, counts : the group sizes that occur, and how many groups have each
    centres, spreads : mean of the means of these groups, and their sum of squares about it
    within : sum of squares within groups
    n : rows used
    """

    sizes: np.ndarray
    counts: np.ndarray
    centres: np.ndarray
    spreads: np.ndarray
    within: float
    n: int

    @property
    def groups(self) -> int:
        """How many groups have an answer."""
        return int(self.counts.sum())

    @property
    def usual(self) -> float:
        """The group size that stands for unequal ones in the expected mean squares, n0."""
        if self.groups < 2:
            return NAN
        squares = float((self.counts * self.sizes**2).sum())
        return (self.n - squares / self.n) / (self.groups - 1)

    @property
    def mean_squares(self) -> tuple[float, float]:
        """Mean squares between and within groups; NaN without a degree of freedom."""
        between = NAN
        if self.groups > 1:
            between = self.ratio(0.0) / (self.groups - 1)
        freedom = self.n - self.groups
        return between, self.within / freedom if freedom > 0 else NAN

    def ratio(self, rho: float) -> float:
        """Weighted sum of squares between groups if the intraclass correlation were `rho`."""
        weights = self.sizes * (1 - rho) / (1 + (self.sizes - 1) * rho)
        total = float((self.counts * weights).sum())
        centre = float((self.counts * weights * self.centres).sum()) / total
        squares = self.counts * (self.centres - centre) ** 2 + self.spreads
        return float((weights * squares).sum())


def one_way(values: np.ndarray, codes: np.ndarray) -> OneWay:
    """`OneWay` of values (n,) in groups `codes` (n,), below 0 for none; NaN rows are left out."""
    values, codes = np.asarray(values, dtype=float), np.asarray(codes)
    known = np.isfinite(values) & (codes >= 0)
    values, codes = values[known], codes[known]
    values = values - (values.mean() if values.size else 0.0)
    sizes = np.bincount(codes)
    means = np.bincount(codes, values) / np.maximum(sizes, 1)
    within = float(((values - means[codes]) ** 2).sum())
    means, sizes = means[sizes > 0], sizes[sizes > 0]
    kinds, place, counts = np.unique(sizes, return_inverse=True, return_counts=True)
    centres = np.bincount(place, means, minlength=kinds.size) / np.maximum(counts, 1)
    spreads = np.bincount(place, (means - centres[place]) ** 2, minlength=kinds.size)
    return OneWay(kinds.astype(float), counts, centres, spreads, within, int(known.sum()))


def icc_one_way(
    values: np.ndarray,
    codes: np.ndarray,
    *,
    key: str,
    name: str,
    level: float = 0.95,
    group: str = "",
) -> list[Estimate]:
    """ICC(1) and ICC(2) of groups of any sizes, each with an exact interval.

    ICC(1) is the share of the variance that lies between groups; ICC(2) the reliability of the
    mean of a group of usual size. Values are those of the analysis of variance and may be
    negative where people of one group are less alike than people of different ones. The interval
    is Wald's, exact for normal answers whatever the sizes; for equal sizes it is that of Shrout
    and Fleiss.

    Parameters
    ----------
    values : (n,) float, NaN where not answered
    codes : (n,) int; below 0 for rows without a group
    key : the estimates are ``{key}.icc1`` and ``{key}.icc2``

    Returns
    -------
    Two estimates; NaN where no group has two answers, where there is a single group or no spread;
    without an interval where answers are alike within every group.

    Source
    ------
    Wald (1940), Annals of Mathematical Statistics 11, 96-100; Burdick & Graybill (1992),
    Confidence Intervals on Variance Components, chapter 4.
    """
    table = one_way(values, codes)
    between, within = table.mean_squares
    one, two, ends = NAN, NAN, (NAN, NAN)
    if between + within > 0:
        one = (between - within) / (between + (table.usual - 1) * within)
        two = (between - within) / between if between > 0 else NAN
        if within > 0:
            ends = _wald(table, within, level)
    usual = table.usual
    means = [usual * end / (1 + (usual - 1) * end) for end in ends]
    words = f"one-way analysis of variance, {table.groups:,} groups of usual size {usual:.2f}"
    return [
        Estimate(
            key=f"{key}.icc{kind}",
            name=f"{name}, ICC({kind})",
            value=found,
            low=low,
            high=high,
            level=level,
            unit="coefficient",
            n=table.n,
            n_dropped=len(values) - table.n,
            method=f"{words}; Wald's exact interval; unweighted",
            group=group,
        )
        for kind, found, (low, high) in ((1, one, ends), (2, two, means))
    ]


def _wald(table: OneWay, within: float, level: float) -> tuple[float, float]:
    """The intraclass correlations at which F would be as improbable as the level allows."""
    freedom = table.groups - 1, table.n - table.groups
    lowest = -1 / (table.sizes.max() - 1) + 1e-9

    def excess(rho: float, limit: float) -> float:
        return table.ratio(rho) / freedom[0] / within - limit

    ends = []
    for chance in (0.5 + level / 2, 0.5 - level / 2):
        limit = float(stats.f.ppf(chance, *freedom))
        if excess(lowest, limit) <= 0:
            ends.append(lowest)
        else:
            ends.append(optimize.brentq(excess, lowest, 1 - 1e-12, args=(limit,), xtol=1e-12))
    return ends[0], ends[1]


def shrout_fleiss(
    ratings: np.ndarray, *, key: str, name: str, level: float = 0.95
) -> list[Estimate]:
    """The six intraclass correlations of targets that the same judges rated.

    ``{key}.icc1`` has every target rated by other judges, ``icc2`` by judges drawn from many and
    counts their differences in level as disagreement, ``icc3`` by these judges and leaves their
    levels out; ``icc1k`` to ``icc3k`` are the same for the mean of all judges.

    Parameters
    ----------
    ratings : (targets, judges) float; targets with a missing rating are left out

    Returns
    -------
    Six estimates; NaN with fewer than two targets or judges, or without spread.

    Source
    ------
    Shrout & Fleiss (1979), Psychological Bulletin 86, 420-428; McGraw & Wong (1996).
    """
    ratings = np.asarray(ratings, dtype=float)
    complete = ratings[np.isfinite(ratings).all(axis=1)]
    found = _six(complete, level) if min(complete.shape) > 1 else {}
    kinds = ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k")
    return [
        Estimate(
            key=f"{key}.{kind}",
            name=f"{name}, ICC({kind[3]},{'k' if kind.endswith('k') else 1})",
            value=value,
            low=low,
            high=high,
            level=level,
            unit="coefficient",
            n=len(complete),
            n_dropped=len(ratings) - len(complete),
            method=f"analysis of variance, {ratings.shape[1]} judges; F interval",
        )
        for kind in kinds
        for value, low, high in [found.get(kind, (NAN, NAN, NAN))]
    ]


def _six(ratings: np.ndarray, level: float) -> dict[str, tuple[float, float, float]]:
    n, k = ratings.shape
    rows, columns = ratings.mean(axis=1), ratings.mean(axis=0)
    between = k * float(rows.var(ddof=1))
    judges = n * float(columns.var(ddof=1))
    within = float(((ratings - rows[:, None]) ** 2).sum()) / (n * (k - 1))
    error = (within * n * (k - 1) - judges * (k - 1)) / ((n - 1) * (k - 1))
    if not (between > 0 and within > 1e-12 * between and error > 1e-12 * between):
        return {}
    first = _from_f(between / within, n - 1, n * (k - 1), k, level)
    third = _from_f(between / error, n - 1, (n - 1) * (k - 1), k, level)
    second = (between - error) / (between + (k - 1) * error + k * (judges - error) / n)
    tops = n * k * (1 + (k - 1) * second)
    parts = k * second * judges / error, tops / k - k * second
    freedom = (k - 1) * (n - 1) * sum(parts) ** 2 / ((n - 1) * parts[0] ** 2 + parts[1] ** 2)
    high_f = stats.f.ppf(0.5 + level / 2, n - 1, freedom)
    low_f = stats.f.ppf(0.5 + level / 2, freedom, n - 1)
    rest = k * judges + (n * k - n - k) * error
    ends = (
        n * (between - high_f * error) / (high_f * rest + n * between),
        n * (low_f * between - error) / (rest + n * low_f * between),
    )
    single = {"icc1": first, "icc2": (second, *ends), "icc3": third}
    return single | {
        f"{kind}k": tuple(float(k * x / (1 + (k - 1) * x)) for x in values)
        for kind, values in single.items()
    }


def _from_f(
    ratio: float, above: int, below: int, k: int, level: float
) -> tuple[float, float, float]:
    """An intraclass correlation (F - 1) / (F + k - 1) with the interval that F gives."""
    ends = (
        ratio / stats.f.ppf(0.5 + level / 2, above, below),
        ratio * stats.f.ppf(0.5 + level / 2, below, above),
    )
    return tuple(float((x - 1) / (x + k - 1)) for x in (ratio, *ends))
