"""One measurement of the types for several groups of respondents, or one for each.

The groups have their own shares of the types. That all have the same profiles is one latent class
model in which the group is one more answer, given independently of the others within a type; an
indicator with its own profiles in each group is then as many indicators, each of them asked in one
group only. So the same engine estimates all these models and their errors.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.em import climb, posterior
from crmresearch.archetypes.groupings import Groups
from crmresearch.archetypes.latent import LatentClasses, parameters
from crmresearch.archetypes.natural import Layout
from crmresearch.archetypes.patterns import Patterns
from crmresearch.archetypes.uncertainty import Uncertainty

_CYCLES = 2000
_TOLERANCE = 1e-12
_ALL = -1  # in place of a group: an indicator that is asked in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Multigroup:
    """Types in g groups with their own shares, and the same profiles but for some indicators.

    Parameters
    ----------
    model : of the answers and the group together, see the module
    freed : indicators that have their own profiles in each group
    shares : (K, g) of the types within the groups
    loglik : of the answers given the group
    parameters : how many are free
    """

    groups: Groups
    model: LatentClasses
    freed: tuple[int, ...]
    shares: np.ndarray
    loglik: float
    parameters: int

    @property
    def bic(self) -> float:
        """-2 LL + p ln n."""
        return -2 * self.loglik + np.log(self.model.patterns.total) * self.parameters

    def copy_of(self, j: int, group: int) -> slice:
        """The columns of a freed indicator in one group."""
        patterns = self.model.patterns
        first = j + sum(other < j for other in self.freed) * (self.groups.number - 1) + group
        return slice(patterns.starts[first], patterns.starts[first] + patterns.counts[first])

    def profiles(self, group: int) -> np.ndarray:
        """(K, M) probabilities and means of the indicators in one group."""
        patterns, probs, at, parts = self.model.patterns, self.model.probs, 0, []
        while at < len(patterns.names) - 1:
            j = len(parts)
            place = at + group if j in self.freed else at
            first = patterns.starts[place]
            parts.append(probs[:, first : first + patterns.counts[place]])
            at += self.groups.number if j in self.freed else 1
        return np.hstack(parts)

    def share_errors(self, errors: Uncertainty) -> np.ndarray:
        """(K, g) standard errors of `shares` from those of `model`; NaN where these are unknown."""
        layout, size = Layout.of(self.model), self.groups.number
        slope = layout.share_jacobian(self.model) / self.model.shares[:, None]
        own = [layout.prob_jacobian(self.model, k)[-size:] for k in range(len(slope))]
        logs = np.stack(own) / self.model.probs[:, -size:, None].clip(min=1e-12) + slope[:, None]
        mean = np.einsum("kg,kgp->gp", self.shares, logs)
        jacobian = self.shares[:, :, None] * (logs - mean)
        variance = np.einsum("kgp,pq,kgq->kg", jacobian, errors.covariance, jacobian)
        return np.sqrt(variance.clip(min=0))


def multigroup(start: LatentClasses, groups: Groups, freed: Collection[int] = ()) -> Multigroup:
    """Fit the types to several groups, from a common solution on.

    Parameters
    ----------
    start : of the same rows without regard to groups; its types keep their order
    freed : positions of the indicators that may have other profiles in each group
    """
    patterns = _joined(start.patterns, groups, freed)
    size = groups.number
    chance = patterns.onehot[-size:] @ patterns.weight / patterns.total
    parts = [
        np.tile(start.probs[:, first : first + count], size if j in freed else 1)
        for j, (first, count) in enumerate(
            zip(start.patterns.starts, start.patterns.counts, strict=True)
        )
    ]
    probs = np.hstack([*parts, np.tile(chance, (start.classes, 1))])
    model = _climbed(patterns, start.shares, probs)
    weight = patterns.onehot[-size:] @ patterns.weight
    joint = model.shares[:, None] * model.probs[:, -size:]
    return Multigroup(
        groups=groups,
        model=model,
        freed=tuple(sorted(freed)),
        shares=joint / joint.sum(axis=0),
        loglik=model.loglik - float(weight @ np.log(weight / weight.sum())),
        parameters=model.parameters - (size - 1),
    )


def all_freed(start: Multigroup, patterns: Patterns) -> tuple[float, int]:
    """Log-likelihood and free parameters with shares and profiles of its own in each group.

    Parameters
    ----------
    start : where to start from
    patterns : of the answers without the group
    """
    groups, size = start.groups, start.groups.number
    weight = groups.weights(patterns)
    shares = start.shares.clip(min=1e-6)
    probs = np.stack([start.profiles(group) for group in range(size)], axis=1)
    with threadpool_limits(1):
        found = climb(
            patterns, shares / shares.sum(axis=0), probs,
            cycles=_CYCLES, tolerance=_TOLERANCE, weight=weight,
        )  # fmt: skip
    return float(found.loglik.sum()), size * parameters(patterns, len(shares))


def part_of(start: Multigroup, patterns: Patterns, group: int) -> tuple[LatentClasses, np.ndarray]:
    """The profiles and shares of one group, and its log density of each pattern.

    Parameters
    ----------
    patterns : of the answers without the group
    """
    return _solution(patterns, start.shares[:, group], start.profiles(group))


def _climbed(patterns: Patterns, shares: np.ndarray, probs: np.ndarray) -> LatentClasses:
    with threadpool_limits(1):
        found = climb(
            patterns, shares[:, None], probs[:, None], cycles=_CYCLES, tolerance=_TOLERANCE
        )
    model, _ = _solution(patterns, found.shares[:, 0], found.probs[:, 0])
    return replace(model, loglik=float(found.loglik[0]), converged=bool(found.converged[0]))


def _solution(
    patterns: Patterns, shares: np.ndarray, probs: np.ndarray
) -> tuple[LatentClasses, np.ndarray]:
    density, likely = posterior(patterns, shares, probs)
    model = LatentClasses(
        patterns=patterns, shares=shares, probs=probs, posterior=likely,
        loglik=float(patterns.weight @ density),
        starts=1, finished=1, replicated=1, converged=True,
    )  # fmt: skip
    return model, density


def _joined(patterns: Patterns, groups: Groups, freed: Collection[int]) -> Patterns:
    """The patterns with the group as a last indicator and freed ones once a group."""
    size = groups.number
    used = groups.within(patterns)
    pair = patterns.row[used] * size + groups.codes[used]
    pairs, row = np.unique(pair, return_inverse=True)
    old, group = np.divmod(pairs, size)
    every = np.full(len(patterns.row), -1)
    every[used] = row
    weight = patterns.row_weight[used]
    copies = [
        (j, h) for j in range(len(patterns.names)) for h in (range(size) if j in freed else (_ALL,))
    ]
    parts = [_copy(patterns, old, j, (h == _ALL) | (group == h)) for j, h in copies]
    item = [j for j, _ in copies]
    names = [patterns.names[j] if h == _ALL else f"{patterns.names[j]} in {h}" for j, h in copies]
    return Patterns(
        codes=np.column_stack([*(codes for codes, _ in parts), group]).astype(np.int16),
        names=(*names, groups.role),
        categories=(*(patterns.categories[j] for j in item), np.arange(size)),
        kinds=(*(patterns.kinds[j] for j in item), "nominal"),
        spread=patterns.spread,
        centre=np.r_[patterns.centre[item], 0.0],
        scale=np.r_[patterns.scale[item], 1.0],
        weight=np.bincount(row, weight),
        square=np.bincount(row, weight**2),
        rows=np.bincount(row),
        row=every,
        row_weight=patterns.row_weight,
        weighted=patterns.weighted,
        onehot=np.vstack([*(seen for _, seen in parts), group == np.arange(size)[:, None]]),
    )


def _copy(
    patterns: Patterns, old: np.ndarray, j: int, here: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Codes and statistics of indicator `j` in the patterns `old`, asked only `here`."""
    first = patterns.starts[j]
    columns = slice(first, first + patterns.counts[j])
    return np.where(here, patterns.codes[old, j], -1), patterns.onehot[columns][:, old] * here
