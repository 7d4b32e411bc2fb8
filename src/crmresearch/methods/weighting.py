"""Sampling designs: weights, strata and clusters, and the linearised variance that respects them.

A mean is linearised into one contribution a respondent; contributions are summed within clusters
and their variance taken between clusters within strata (with-replacement approximation, Taylor
series). Several contacts of one account, or several answers of one person, are clusters. Source:
Lumley (2010), *Complex Surveys*, chapters 2 and 3; the results agree with R's survey package.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmresearch.methods.calibration import Calibration
from crmresearch.methods.student import t_quantile
from crmresearch.report.estimates import NAN
from crmresearch.report.numbers import count


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """How the rows of a dataset came to be there; made by `design`.

    Parameters
    ----------
    n : number of rows
    weights : float array (n,), not negative, or None where all rows count alike
    strata, clusters : integer codes (n,), or None
    cluster_name : what a cluster is, in words: ``account``
    calibration : the margins that the weights were raked to, or None
    """

    n: int
    weights: np.ndarray | None = None
    strata: np.ndarray | None = None
    clusters: np.ndarray | None = None
    cluster_name: str = "cluster"
    calibration: Calibration | None = None
    _counted: list[int] = field(default_factory=list, init=False, repr=False)

    @property
    def cluster_count(self) -> int:
        """How many clusters the rows are from, counted once; every row is one where none are."""
        if not self._counted:
            self._counted.append(self.n if self.clusters is None else _different(self.clusters))
        return self._counted[0]

    @property
    def plain(self) -> bool:
        """True where every row counts alike and none is related to another."""
        parts = (self.weights, self.strata, self.clusters, self.calibration)
        return all(part is None for part in parts)

    @property
    def words(self) -> str:
        """The design as a methods section would name it: ``weighted, clustered by account``."""
        raked = self.calibration is not None
        parts = [
            "weighted" if self.weights is not None or raked else "unweighted",
            f"raked to {count(self.calibration.number, 'margin')}" if raked else "",
            "stratified" if self.strata is not None else "",
            f"clustered by {self.cluster_name}" if self.clusters is not None else "",
        ]
        return ", ".join(part for part in parts if part)

    def row_weights(self) -> np.ndarray:
        """One weight a row; ones where the design has none."""
        return np.ones(self.n) if self.weights is None else self.weights

    def unweighted(self) -> "Design":
        """The same strata and clusters with every row counted alike, and so without margins."""
        return Design(self.n, None, self.strata, self.clusters, self.cluster_name)

    def without_margins(self) -> "Design":
        """The same design for contributions that are residuals from the margins already."""
        return dataclasses.replace(self, calibration=None)

    def take(self, rows: np.ndarray) -> "Design":
        """The design of some rows (boolean mask or positions) on their own.

        Their weights are not raked among themselves, so what the margins explain stays in their
        error; give a mask to the estimator instead to describe a part of the sample.
        """
        parts = [
            None if part is None else part[rows]
            for part in (self.weights, self.strata, self.clusters)
        ]
        size = len(np.arange(self.n)[rows])
        return design(size, *parts, cluster_name=self.cluster_name)


def design(
    n: int,
    weights: Sequence[float] | None = None,
    strata: Sequence | None = None,
    clusters: Sequence | None = None,
    *,
    cluster_name: str = "cluster",
    calibration: Calibration | None = None,
) -> Design:
    """A `Design` of `n` rows.

    Constant weights, a single stratum and clusters of one row each change nothing and are left
    out. A missing or negative weight counts as 0; a row without a cluster is a cluster of its own;
    rows without a stratum form one. Clusters are nested in strata.
    """
    kept = None
    if weights is not None:
        kept = np.nan_to_num(np.asarray(weights, dtype=float), nan=0.0).clip(min=0.0)
        if not kept.any() or np.ptp(kept) <= 1e-12 * kept.max():
            kept = None
    strata_codes = None
    if strata is not None:
        codes = pd.factorize(pd.Series(strata), use_na_sentinel=False)[0]
        strata_codes = codes if codes.size and codes.max() > 0 else None
    cluster_codes = None
    if clusters is not None:
        codes = _numbered(clusters)
        alone = codes < 0
        codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
        if strata_codes is not None:
            codes = pd.factorize(codes * (int(strata_codes.max()) + 1) + strata_codes)[0]
        cluster_codes = codes if _different(codes) < n else None
    return Design(n, kept, strata_codes, cluster_codes, cluster_name, calibration)


def linearised_variance(
    influence: np.ndarray, design: Design, used: np.ndarray
) -> tuple[float, int]:
    """Variance of a sum of contributions, and its degrees of freedom.

    Parameters
    ----------
    influence : (n,), the contribution of each row to the estimate's error: its weight times its
        linearised value, 0 where it is not used
    used : (n,) bool, the rows that the estimate rests on

    Returns
    -------
    The variance and the number of clusters less the number of strata among the used rows; the
    variance is NaN without a degree of freedom. A stratum with one cluster is centred on the mean
    of all, which overstates the variance rather than leaving it out.
    """
    clusters, strata = design.clusters, design.strata
    units = int(np.count_nonzero(used)) if clusters is None else _units(design, used)
    freedom = units - (1 if strata is None else _different(strata[used]))
    if freedom < 1:
        return NAN, 0
    if design.calibration is not None:
        influence = design.calibration.residuals(influence, design.row_weights())
    totals = influence if clusters is None else np.bincount(clusters, weights=influence)
    if strata is None:
        factor = len(totals) / max(len(totals) - 1, 1)
        apart = totals - totals.mean()
        return float(factor * (apart @ apart)), freedom
    stratum_of = strata
    if clusters is not None:
        stratum_of = np.zeros(len(totals), dtype=int)
        stratum_of[clusters] = strata
    sizes = np.bincount(stratum_of)
    means = np.bincount(stratum_of, weights=totals) / np.maximum(sizes, 1)
    means[sizes == 1] = totals.mean()
    factors = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    return float((factors[stratum_of] * (totals - means[stratum_of]) ** 2).sum()), freedom


def _numbered(labels: Sequence) -> np.ndarray:
    """Labels as new codes from 0, -1 for a missing one."""
    if isinstance(labels, np.ndarray) and labels.dtype.kind == "i" and labels.size:
        low, high = int(labels.min()), int(labels.max())
        if low >= 0 and high < 16 * labels.size:  # codes already: no table of labels is needed
            present = np.zeros(high + 1, dtype=bool)
            present[labels] = True
            return (np.cumsum(present) - 1)[labels]
    return pd.factorize(pd.Series(labels))[0].astype(np.int64)


def _units(design: Design, used: np.ndarray) -> int:
    """How many clusters have a row that is used."""
    if used.all():
        return design.cluster_count
    found = np.zeros(int(design.clusters.max(initial=-1)) + 1, dtype=bool)
    found[design.clusters[used]] = True
    return int(np.count_nonzero(found))


def _different(codes: np.ndarray) -> int:
    """How many different codes there are; they are small integers."""
    return int(np.count_nonzero(np.bincount(codes)))


def weighted_mean(
    values: np.ndarray, design: Design, within: np.ndarray | None = None
) -> tuple[float, float, int, int]:
    """Mean of `values` with its linearised standard error.

    Parameters
    ----------
    values : (n,) float; rows with NaN are left out
    within : (n,) bool, the part of the sample to describe; all of it when None. The rest of the
        design still counts, as R's ``svyby`` has it, unless the design is plain.

    Returns
    -------
    mean, standard error (NaN where it cannot be told), degrees of freedom, rows used
    """
    return mean_contrast(values, design, [(1.0, rows_of(within, design.n))])


def mean_contrast(
    values: np.ndarray, design: Design, parts: Sequence[tuple[float, np.ndarray]]
) -> tuple[float, float, int, int]:
    """A weighted sum of the means of several parts of the sample, such as one wave less another.

    The same cluster in several parts is counted once, so that answers of the same people or
    accounts in two waves are not taken as independent.

    Parameters
    ----------
    parts : (coefficient, (n,) bool mask) a part; the masks do not overlap

    Returns
    -------
    As `weighted_mean`.
    """
    values = np.asarray(values, dtype=float)
    if design.plain:  # others say nothing of these parts
        rows = np.logical_or.reduce([mask for _, mask in parts]) & np.isfinite(values)
        values, design = values[rows], Design(int(rows.sum()))
        parts = [(coefficient, mask[rows]) for coefficient, mask in parts]
    weights = design.row_weights()
    answered = np.isfinite(values) & (weights > 0)
    influence, total = np.zeros(design.n), 0.0
    used = np.zeros(design.n, dtype=bool)
    for coefficient, mask in parts:
        rows = answered & mask
        if not rows.any():
            return NAN, NAN, 0, int(np.count_nonzero(used))
        # rows left out have the weight 0 and, for the ends of the range, a value that is in it
        share = np.where(rows, weights, 0.0)
        share /= share.sum()
        known = np.where(rows, values, values[rows.argmax()])
        # a mean lies among its values; rounding alone may put it just outside
        centre = float(np.clip(share @ known, known.min(), known.max()))
        known -= centre
        known *= share
        influence += known if coefficient == 1.0 else coefficient * known
        total += coefficient * centre
        used |= rows
    variance, freedom = linearised_variance(influence, design, used)
    return total, float(np.sqrt(variance)), freedom, int(np.count_nonzero(used))


def t_interval(value: float, error: float, freedom: int, level: float) -> tuple[float, float]:
    """`value` with its Student t interval; NaN without a standard error."""
    if not (np.isfinite(error) and freedom > 0):
        return NAN, NAN
    reach = t_quantile(0.5 + level / 2, freedom) * error
    return value - reach, value + reach


def kish(weights: np.ndarray | None, n: int) -> tuple[float, float]:
    """Kish's effective number of respondents and the design effect of weighting, 1 + cv².

    It tells what unequal weights cost when they have nothing to do with the answers; it is not the
    design effect of clusters.
    """
    if n < 1:
        return NAN, NAN
    if weights is None:
        return float(n), 1.0
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return effective, float((weights > 0).sum()) / effective


def method_words(design: Design, freedom: int) -> str:
    """How the interval of a mean was made, for `Estimate.method`."""
    if design.plain:
        return f"t interval, {freedom:,} df"
    clusters = ""
    if design.clusters is not None:
        clusters = f", {count(design.cluster_count, design.cluster_name)}"
    return f"{design.words}{clusters}, linearised variance, t interval, {freedom:,} df"


def rows_of(within: np.ndarray | None, n: int) -> np.ndarray:
    """The part of the sample that is meant, as an (n,) mask; all of it when None."""
    return np.ones(n, dtype=bool) if within is None else np.asarray(within, dtype=bool)
