"""How surely respondents are put into their likeliest type, and what that makes of later steps.

The classification table holds the probability to be put into each type given one's true type. It
is estimated from the posteriors, so that every corrected number depends on it and through it on the
measurement model; `Classification.influence` carries this into the errors of the third step.
Sources: Bolck, Croon & Hagenaars (2004), Political Analysis 12(1):3-27; Vermunt (2010), Political
Analysis 18(4):450-469; Bakk, Tekle & Vermunt (2013), Sociological Methodology 43(1):272-311.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import sparse, stats

from crmresearch.archetypes.information import Layout, through_parameters
from crmresearch.archetypes.types import Types
from crmresearch.methods.domains import joint_covariance
from crmresearch.methods.proportions import wilson
from crmresearch.methods.weighting import (
    Design,
    kish,
    linearised_variance,
    method_words,
    t_interval,
)
from crmresearch.report.estimates import NAN

_CERTAIN = 1e-12  # a posterior this close to 1 leaves nothing to correct
_KEPT = 5_000_000  # numbers in `Classification.cells`, above which they are made anew in each step
_ALIKE = 1e6  # condition of a table from which types are put into the same place


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """Likeliest types of n respondents, and the table of their errors.

    Parameters
    ----------
    table : (K, K) probability that a respondent of the row's type is put into the column's type
    inverse : (K, K) of the table; None where a type gets no respondent, or two types the same
        ones, so that nothing can be undone
    assigned : (n,) the likeliest type of each respondent, -1 where there is none
    design : of the n rows
    """

    types: Types
    table: np.ndarray
    inverse: np.ndarray | None
    assigned: np.ndarray
    design: Design
    _cells: list[np.ndarray] = field(default_factory=list, repr=False)

    @property
    def placed(self) -> np.ndarray:
        """(n,) True for respondents with a likeliest type."""
        return self.assigned >= 0

    @property
    def certain(self) -> bool:
        """True where everybody's type is known, so that there is nothing to correct."""
        return bool(self.types.model.posterior.max(axis=1).min() > 1 - _CERTAIN)

    def weights(self) -> np.ndarray | None:
        """(n, K) how much each respondent counts for each type (BCH), zero where not placed."""
        if self.inverse is None:
            return None
        return np.where(self.placed[:, None], self.inverse[self.assigned], 0.0)

    def influence(self, effect: np.ndarray) -> np.ndarray:
        """(n,) what each respondent adds to a number by way of the table, or (n, q) to q numbers.

        Parameters
        ----------
        effect : (K, K) slope of the number in each cell of the table, or (q, K, K)
        """
        row = self.types.model.patterns.row
        weight = np.where(row >= 0, self.types.model.patterns.row_weight, 0.0)
        by_pattern = np.tensordot(self.cells(), effect, axes=([1, 2], [-2, -1]))[row]
        return by_pattern * (weight if effect.ndim == 2 else weight[:, None])

    def cells(self) -> np.ndarray:
        """(G, K, K) what a respondent of each pattern adds to each cell, per unit of weight."""
        if not self._cells:
            size = (*self.types.model.posterior.shape, len(self.table))
            found = np.zeros(size) if self.certain else _cell_influence(self.types, self.table)
            self._cells.append(found)
        return self._cells[0]


def classify(types: Types) -> Classification:
    """Put everybody into the likeliest type and count how often that is wrong."""
    if "classification" in types.kept:
        return types.kept["classification"]
    model = types.model
    mass = model.posterior * model.patterns.weight[:, None]
    table = mass.T @ np.eye(model.classes)[model.modal] / mass.sum(axis=0)[:, None]
    told = np.isfinite(table).all() and np.linalg.cond(table) < _ALIKE
    inverse = np.linalg.inv(table) if told else None
    found = Classification(types, table, inverse, types.of_row, types.indicators.design)
    if model.posterior.size * model.classes <= _KEPT:
        types.kept["classification"] = found
    return found


def _cell_influence(types: Types, table: np.ndarray) -> np.ndarray:
    """Directly, as a share among the posteriors, and by way of the fit that gives these."""
    model = types.model
    classes = model.classes
    found = np.zeros((len(model.posterior), classes, classes))
    mass = model.patterns.weight @ model.posterior
    apart = np.eye(classes)[model.modal]
    layout, inverse = Layout.of(model), types.errors.inverse
    for own in range(classes):
        for put in range(classes - 1):
            slope = np.zeros((len(model.posterior), classes))
            slope[:, own] = (apart[:, put] - table[own, put]) / mass[own]
            direct = model.posterior[:, own] * slope[:, own]
            found[:, own, put] = direct + through_parameters(model, layout, inverse, slope)
    found[:, :, -1] = -found[:, :, :-1].sum(axis=2)  # the rows of the table add up to one
    return found


def share_bounds(
    value: float, bounds: tuple[float, float], n: float, level: float
) -> tuple[float, float, str]:
    """Bounds of a corrected share within 0 and 1, and words where Wilson's took part.

    To undo errors may put a share at 0 or beyond, and all of its interval with it, as if it were
    known without error. Where an interval crosses 0 or 1, its other end is no nearer to that than
    Wilson's interval of `n` people whose types are known, and they would tell more.
    """
    low, high = bounds
    if not (np.isfinite(bounds).all() and (low <= 0 or high >= 1)):
        return low, high, ""
    known = float(np.clip(value, 0, 1))
    least, most = wilson(known * n, n, level=level)
    ends = (min(low, least) if high >= 1 else low, max(high, most) if low <= 0 else high)
    words = "" if ends == (low, high) else ", no closer to 0 or 1 than Wilson's"
    return float(np.clip(ends[0], 0, 1)), float(np.clip(ends[1], 0, 1)), words


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Numbers with the influence (n, q) of every row on them.

    Rows that were `placed` in a type have some, through the fit, even where they have no answer to
    what is described; those `used` have one.
    """

    value: np.ndarray
    influence: np.ndarray
    placed: np.ndarray
    used: np.ndarray
    design: Design
    _made: list[tuple[np.ndarray, int]] = field(default_factory=list, init=False, repr=False)

    def interval(self, contrast: np.ndarray, level: float) -> tuple[float, float, float, str]:
        """Bounds and two-sided p of a weighted sum of the numbers, and how they were made."""
        covariance, freedom = self.covariance()
        value, variance = float(self.value @ contrast), float(contrast @ covariance @ contrast)
        if not (variance > 0 and freedom > 0):
            return NAN, NAN, NAN, "no interval"
        error = float(np.sqrt(variance))
        low, high = t_interval(value, error, freedom, level)
        p = float(2 * stats.t.sf(abs(value) / error, freedom))
        return low, high, p, method_words(self.design, freedom)

    def effective(self) -> float:
        """Kish's number of respondents who have an answer."""
        weights = self.design.row_weights()[self.used]
        return kish(weights, len(weights))[0]

    def covariance(self) -> tuple[np.ndarray, int]:
        """(q, q) of the numbers under the design, and its degrees of freedom; made once."""
        if not self._made:
            self._made.append(self._covariance())
        return self._made[0]

    def settled(self) -> "Linear":
        """The same without every row's influence, which is large, once their covariance is made."""
        nothing = self.influence[:0].copy()
        found = Linear(self.value, nothing, self.placed, self.used, self.design)
        found._made.append(self.covariance())
        return found

    def _covariance(self) -> tuple[np.ndarray, int]:
        design, influence, used = self.design, self.influence, self.placed
        if design.plain:  # the others say nothing of these
            design, influence, used = Design(int(used.sum())), influence[used], used[used]
        variance, freedom = linearised_variance(influence[:, 0], design, used)
        size = influence.shape[1]
        if size == 1 or freedom < 1:
            return np.full((size, size), variance), freedom
        if design.strata is None and design.calibration is None:
            units = influence if design.clusters is None else _members(design) @ influence
            apart = units - units.mean(axis=0)
            return apart.T @ apart * (len(units) / max(len(units) - 1, 1)), freedom
        where = np.zeros(len(influence), dtype=np.intp)
        blocks = [(column, where + at) for at, column in enumerate(influence.T)]
        return joint_covariance(blocks, size, design), freedom


@lru_cache(maxsize=2)
def _members(design: Design) -> sparse.csr_matrix:
    """(clusters, n) which rows each cluster has, made once."""
    clusters = design.clusters
    found = (np.ones(len(clusters)), (clusters, np.arange(len(clusters))))
    return sparse.csr_matrix(found, shape=(int(clusters.max()) + 1, len(clusters)))
