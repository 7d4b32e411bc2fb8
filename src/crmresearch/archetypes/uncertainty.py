"""Standard errors and intervals of a latent class solution, by linearisation.

From the observed information (see `information`); with weights or clusters the covariance is the
sandwich with cluster sums of the weighted scores in the middle. In simulations of eight signs and
four types, nominal 95% intervals of probabilities held the truth in 94% (n = 800) and 95%
(n = 2,400) of cases, those of shares in 93%.
"""

from dataclasses import dataclass, field, replace
from math import log

import numpy as np
from scipy import stats

from crmresearch.archetypes.edges import profile_bounds
from crmresearch.archetypes.em import TINY
from crmresearch.archetypes.information import inverse_of, moments, through_parameters
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.natural import Layout
from crmresearch.methods.weighting import Design


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """Standard errors beside a `LatentClasses`.

    Parameters
    ----------
    share_error : (K,) of the class shares
    prob_covariance : (K, M, M) of the category probabilities, means and variances within each class
    inverse : of the observed information
    covariance : of the parameters, in the order of `information.Layout`
    identified : False where the data do not determine the parameters; all errors are then NaN
    deff : mean design effect of the parameters, 1 for a simple random sample
    words : how they were made, for `Estimate.method`
    bounds : edges already computed, by level
    """

    model: LatentClasses
    share_error: np.ndarray
    prob_covariance: np.ndarray
    inverse: np.ndarray = field(repr=False)
    covariance: np.ndarray = field(repr=False)
    identified: bool
    deff: float
    words: str
    bounds: dict[float, np.ndarray] = field(default_factory=dict, repr=False)

    def entropy_error(self, design: Design | None = None) -> float:
        """Standard error of the relative entropy, the respondents' own spread included."""
        return _entropy_error(self, design)

    def influence(self, slope: np.ndarray) -> np.ndarray:
        """(G,) influence by way of the fit on a function of the posteriors; see `information`."""
        return through_parameters(self.model, Layout.of(self.model), self.inverse, slope)

    def share_interval(self, k: int, level: float) -> tuple[float, float]:
        """Interval of a class share; see `arcsine_interval`."""
        return arcsine_interval(float(self.model.shares[k]), float(self.share_error[k]), level)

    def prob_interval(self, k: int, column: int, level: float) -> tuple[float, float]:
        """Interval of a category's probability in class `k`; see `arcsine_interval`.

        At 0 or 1, or nearer to them than its error allows, by the profile likelihood.
        """
        value = float(self.model.probs[k, column])
        first = int(self.model.patterns.starts[self.model.patterns.item[column]])
        if self.model.patterns.counts[self.model.patterns.item[column]] == 2 and column == first:
            low, high = self.prob_interval(k, column + 1, level)
            return 1 - high, 1 - low
        low, high = self._edges(level)[k, column]
        if low == low:
            return float(low), float(high)
        return arcsine_interval(value, float(self.prob_errors[k, column]), level)

    @property
    def prob_errors(self) -> np.ndarray:
        """(K, M) standard errors of the category probabilities, means and variances."""
        return np.sqrt(np.diagonal(self.prob_covariance, axis1=1, axis2=2).clip(min=0))

    def near_edge(self, level: float) -> np.ndarray:
        """(K, M) True where a probability is no further from 0 or 1 than its error reaches.

        Only of nominal indicators: the answers of an ordinal one share their parameters.
        """
        reach = stats.norm.ppf(0.5 + level / 2) * self.prob_errors
        probs, patterns = self.model.probs, self.model.patterns
        near = self.model.at_edge | (np.minimum(probs, 1 - probs) < reach)
        return near & patterns.of_kind("nominal")[patterns.item]

    def _edges(self, level: float) -> np.ndarray:
        """(K, M, 2) bounds by profile likelihood near 0 and 1; computed once a level."""
        if level not in self.bounds:
            patterns = self.model.patterns
            wanted = self.near_edge(level)
            wanted[:, patterns.starts[patterns.counts == 2]] = False
            n = np.array([self.answering(k) for k in range(self.model.classes)])
            self.bounds[level] = profile_bounds(self.model, wanted, n, level=level, deff=self.deff)
        return self.bounds[level]

    def mean_error(self, k: int, columns: slice, values: np.ndarray) -> float:
        """Standard error in class `k` of ``probs[k, columns] @ values``.

        That is the mean of an indicator whose answers are `values`, or with `values` (a, b, 0) a
        plus b times the mean of a quantity.
        """
        return float(np.sqrt(values @ self.prob_covariance[k, columns, columns] @ values))

    def answering(self, k: int) -> np.ndarray:
        """(J,) effective number of respondents of class `k` who answered each indicator."""
        patterns = self.model.patterns
        mass = self.model.posterior[:, k] * patterns.weight
        kish = patterns.weight.sum() / patterns.square.sum()
        return (mass @ patterns.answered) * kish


def arcsine_interval(value: float, error: float, level: float) -> tuple[float, float]:
    """Interval of a probability, symmetric in the arcsine of its square root.

    On that scale the spread hardly depends on the value, so that near 0 or 1 the interval neither
    crosses the bound nor, as on the logit scale, grows to cover everything. NaN without an error.
    """
    if not (np.isfinite(error) and 0 < value < 1):
        return np.nan, np.nan
    angle = np.arcsin(np.sqrt(value))
    reach = stats.norm.ppf(0.5 + level / 2) * error / (2 * np.sqrt(value * (1 - value)))
    low, high = max(0.0, angle - reach), min(np.pi / 2, angle + reach)
    return float(np.sin(low) ** 2), float(np.sin(high) ** 2)


def uncertainty(model: LatentClasses, *, design: Design | None = None) -> Uncertainty:
    """Standard errors of `model`.

    Parameters
    ----------
    design : weights and clusters of the rows that the patterns were made from; a simple random
        sample when None. Strata and margins that weights were raked to are not used, which leaves
        the errors on the large side.
    """
    layout = Layout.of(model)
    information, meat = moments(model, layout, design)
    inverse = inverse_of(information)
    identified = inverse is not None
    if inverse is None:
        inverse = np.full_like(information, np.nan)
    robust = design is not None and not design.plain
    covariance = inverse @ meat @ inverse if robust else inverse
    share_jacobian = layout.share_jacobian(model)
    per_class = [layout.prob_jacobian(model, k) for k in range(model.classes)]
    return Uncertainty(
        model=model,
        share_error=np.sqrt(
            np.einsum("ij,jk,ik->i", share_jacobian, covariance, share_jacobian).clip(min=0)
        ),
        prob_covariance=np.stack([jacobian @ covariance @ jacobian.T for jacobian in per_class]),
        inverse=inverse,
        covariance=covariance,
        identified=identified,
        deff=_design_effect(covariance, inverse) if robust and identified else 1.0,
        words=sandwich_words(design) if robust else "observed information",
    )


def sandwich_words(design: Design) -> str:
    """What of the design is in a sandwich, for `Estimate.method`: not its strata and margins."""
    return f"{replace(design, strata=None, calibration=None).words}, sandwich"


def _design_effect(covariance: np.ndarray, inverse: np.ndarray) -> float:
    """Mean ratio of the variances under the design to those of a simple random sample."""
    if not inverse.size:
        return 1.0
    return float(np.mean(np.diag(covariance) / np.diag(inverse)))


def _entropy_error(found: Uncertainty, design: Design | None) -> float:
    """Linearised: what each respondent adds directly, and through the parameters."""
    model = found.model
    if model.classes == 1:
        return np.nan
    patterns = model.patterns
    logs = np.log(np.maximum(model.posterior, TINY))
    doubt = -(model.posterior * logs).sum(axis=1)
    influence = found.influence(logs) - (doubt - patterns.weight @ doubt / patterns.total)
    influence /= patterns.total * log(model.classes)
    if design is None or design.clusters is None:
        return float(np.sqrt((patterns.square * influence**2).sum()))
    used = patterns.row >= 0
    totals = np.bincount(
        design.clusters[used], influence[patterns.row[used]] * patterns.row_weight[used]
    )
    return float(np.sqrt((totals**2).sum()))
