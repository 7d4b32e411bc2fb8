"""A regression in which a contrast interacts with a moderator, numeric or of categories."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import linalg, stats

from crmresearch.methods.moderation import Line, line
from crmresearch.methods.regression import Fit, joint_test, ordinary_least_squares
from crmresearch.report.estimates import NAN, Estimate

CONTRAST = "(contrast)"
MODERATOR = "(moderator)"
PRODUCT = "(contrast x moderator)"


@dataclass(frozen=True, slots=True)
class Moderated:
    """A fit of ``outcome ~ contrast * moderator + others``.

    Parameters
    ----------
    fit : its terms are `CONTRAST`, the contrast at the `centre` or in the first level, and
        `PRODUCT`, its change per unit of the moderator, or ``PRODUCT: level`` a level after the
        first
    centre, spread : the moderator's (weighted) mean and standard deviation; NaN for categories
    levels : of a moderator of categories, the largest first; empty for a numeric one
    """

    fit: Fit
    centre: float
    spread: float
    levels: tuple[str, ...] = ()

    @property
    def products(self) -> list[str]:
        """The terms that are zero where the moderator changes nothing."""
        return [f"{PRODUCT}: {level}" for level in self.levels[1:]] or [PRODUCT]

    @property
    def line(self) -> Line:
        """The contrast along a numeric moderator."""
        return line(self.fit, CONTRAST, PRODUCT, centre=self.centre)

    def effect(self, level: str) -> dict[str, float]:
        """The weights of `regression.contrast` that give the contrast in one level.

        They name all products, so that it is NaN where some level has one of the groups only.
        """
        inside = {term: float(term == f"{PRODUCT}: {level}") for term in self.products}
        return {CONTRAST: 1.0} | inside

    def at(self, value: float) -> dict[str, float]:
        """The weights of `regression.contrast` that give the contrast at one value."""
        return {CONTRAST: 1.0, PRODUCT: value - self.centre}


def moderated(
    outcome: ArrayLike,
    contrast: ArrayLike,
    moderator: pd.Series,
    others: pd.DataFrame,
    *,
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Moderated:
    """Regress `outcome` on a contrast, a moderator, their product and `others`.

    Parameters
    ----------
    outcome : (n,) float; NaN where missing, here and in the rest: such rows are left out
    contrast : (n,) float, 1 for the group and 0 for the one that it is compared with
    moderator : (n,) numeric, or categorical, whose largest level is the reference
    others : frame of n rows to adjust for; what the moderator says already is left out
    cluster, weights : as `regression.ordinary_least_squares` has them; errors are HC3 or
        cluster-robust

    Returns
    -------
    A `Moderated`, its coefficients NaN where they cannot be told.
    """
    member = np.asarray(contrast, dtype=float)
    columns: dict[str, np.ndarray] = {CONTRAST: member}
    centre = spread = NAN
    levels: tuple[str, ...] = ()
    if isinstance(moderator.dtype, pd.CategoricalDtype):
        counts = moderator.value_counts(sort=False)
        names = sorted((x for x in counts.index if counts[x]), key=lambda x: -counts[x])
        levels = tuple(map(str, names))
        inside = {
            str(name): np.where(moderator.isna(), np.nan, moderator == name) for name in names
        }
        columns |= {f"{MODERATOR}: {level}": inside[level] for level in levels[1:]}
        columns |= {f"{PRODUCT}: {level}": member * inside[level] for level in levels[1:]}
    else:
        values = moderator.to_numpy(dtype=float)
        centre, spread = _moments(values, weights)
        columns |= {MODERATOR: values - centre, PRODUCT: member * (values - centre)}
    predictors = pd.DataFrame(columns, index=others.index).join(others)
    fit = ordinary_least_squares(outcome, predictors, cluster=cluster, weights=weights)
    return Moderated(fit=fit, centre=centre, spread=spread, levels=levels)


def joint(found: Moderated, *, key: str, name: str, level: float = 0.95) -> Estimate:
    """Wald's F that the moderator changes nothing: all products are zero."""
    return joint_test(found.fit, found.products, key=key, name=name, level=level)


@dataclass(frozen=True, slots=True)
class Binned:
    """The contrast in parts of the moderator's range, each with a line of its own.

    Parameters
    ----------
    fit : its term ``CONTRAST part`` is the contrast at the median of bin `part`
    medians : of the bins
    bins : (n,) position of each row's bin, -1 where the moderator is missing
    """

    fit: Fit
    medians: tuple[float, ...]
    bins: np.ndarray

    def at(self, part: int) -> dict[str, float]:
        """The weights of `regression.contrast` that give the contrast at a bin's median."""
        return {f"{CONTRAST} {part}": 1.0}


def binned(
    outcome: ArrayLike,
    contrast: ArrayLike,
    moderator: ArrayLike,
    others: pd.DataFrame,
    *,
    number: int = 3,
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Binned | None:
    """The contrast in `number` bins of about equal size: is its change along the moderator a line?

    Each bin has its own level and slope of the moderator in both groups, so that the contrast at
    its median owes nothing to the other bins; `others` are adjusted for in common. Ties fall into
    one bin, so that a moderator of few values has bins of unequal size, or fewer of them.

    Returns
    -------
    None where the moderator falls into fewer than two bins.

    Source
    ------
    Hainmueller, J., Mummolo, J. & Xu, Y. (2019). How much should we trust estimates from
    multiplicative interaction models? Political Analysis 27, 163-192.
    """
    member, values = np.asarray(contrast, dtype=float), np.asarray(moderator, dtype=float)
    bins = bins_of(values, number)
    parts = range(int(bins.max(initial=-1)) + 1)
    if len(parts) < 2:
        return None
    medians = [float(np.median(values[bins == part])) for part in parts]
    inside = [np.where(bins < 0, np.nan, bins == part) for part in parts]
    away = [inside[part] * (values - medians[part]) for part in parts]
    columns = {f"{MODERATOR} {part}": inside[part] for part in parts[1:]}
    columns |= {f"{MODERATOR} {part} slope": away[part] for part in parts}
    columns |= {f"{CONTRAST} {part}": member * inside[part] for part in parts}
    columns |= {f"{PRODUCT} {part}": member * away[part] for part in parts}
    predictors = pd.DataFrame(columns, index=others.index).join(others)
    fit = ordinary_least_squares(outcome, predictors, cluster=cluster, weights=weights)
    return Binned(fit=fit, medians=tuple(medians), bins=bins)


def straight(found: Binned, *, key: str, name: str, level: float = 0.95) -> Estimate:
    """Wald's F that the contrasts in the bins, and their slopes, lie on one line.

    Returns
    -------
    F as a ``statistic`` with its p: a small one speaks against a line, a large one does not show
    that there is one. NaN where the bins leave nothing to test, as two bins of one value each.
    """
    parts = range(len(found.medians))
    terms = [f"{CONTRAST} {part}" for part in parts]
    basis = [(1.0, median) for median in found.medians]
    kept = [part for part in parts if f"{PRODUCT} {part}" in found.fit.terms]
    terms += [f"{PRODUCT} {part}" for part in kept]
    free = linalg.null_space(np.array(basis + [(0.0, 1.0)] * len(kept)).T).T
    statistic = p = NAN
    if set(terms) <= set(found.fit.terms) and len(free) and np.isfinite(found.fit.covariance).all():
        at = [found.fit.terms.index(term) for term in terms]
        bent = free @ found.fit.coefficients[at]
        spread = free @ found.fit.covariance[np.ix_(at, at)] @ free.T
        statistic = float(bent @ linalg.lstsq(spread, bent)[0]) / len(free)
        p = float(stats.f.sf(statistic, len(free), found.fit.df))
    return Estimate(
        key=key,
        name=name,
        value=statistic,
        level=level,
        unit="statistic",
        n=found.fit.n,
        n_dropped=found.fit.n_dropped,
        method=f"Wald's F({len(free)}, {found.fit.df:g}) of {len(parts)} bins against one line, "
        f"{found.fit.errors} errors",
        p=p,
    )


def bins_of(values: np.ndarray, number: int) -> np.ndarray:
    """The bin of each value, ties together, from 0 without gaps; -1 where missing."""
    known = np.isfinite(values)
    bins = np.full(len(values), -1)
    if known.any():
        cuts = np.quantile(values[known], np.arange(1, number) / number)
        found = np.searchsorted(cuts, values[known], side="left")
        bins[known] = np.unique(found, return_inverse=True)[1]
    return bins


def _moments(values: np.ndarray, weights: ArrayLike | None) -> tuple[float, float]:
    heavy = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    used = np.isfinite(values) & (heavy > 0)
    if used.sum() < 2:
        return NAN, NAN
    values, heavy = values[used], heavy[used]
    centre = float(np.average(values, weights=heavy))
    variance = float(np.average((values - centre) ** 2, weights=heavy))
    return centre, (variance * used.sum() / (used.sum() - 1)) ** 0.5
