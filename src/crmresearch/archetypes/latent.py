"""Latent class analysis: types of respondent such that within each the answers are independent.

Indicators are nominal, ordinal or continuous, see `patterns`; missing answers are used as they are
(full information under missing at random).
"""

from dataclasses import dataclass, field, replace
from math import log

import numpy as np
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.em import Solutions, climb, posterior
from crmresearch.archetypes.measurement import TINY, columns_of, free_parameters, least_variance
from crmresearch.archetypes.patterns import Patterns
from crmresearch.archetypes.starts import marginals, random_starts, with_splits
from crmresearch.errors import DataError

SAME = 1e-3  # log-likelihoods this close, or within a ten-millionth, are the same solution
EDGE = 1e-4  # a probability closer than this to 0 or 1 lies on the boundary
_ROUNDS = 4  # sets of starts before a best solution found only once is accepted
_HEATS = ((12, 1e-9), (40, 1e-10), (150, 1e-11), (1000, 1e-12))  # cycles and tolerance
_LEFT = 4  # solutions that are followed to the end
_LONG, _LAP = 1000, 100  # patterns from which solutions that lag are dropped, after so many cycles
_POLISH = (3000, 1e-14)  # cycles and tolerance with which a shorter table's solution goes on
_TRIAL = 20_000  # respondents drawn at random, on whom the heats run where patterns are many more


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentClasses:
    """A fitted model of K classes, the largest first.

    Parameters
    ----------
    shares : (K,) class shares
    probs : (K, M) probability of each category of each indicator, columns as in `patterns`; in the
        three columns of a quantity 1, its mean and its variance within the class
    posterior : (G, K) probability of each class for each response pattern
    loglik : log-likelihood, the sum of weights times log densities where there are weights
    starts, finished, replicated : starts tried, how many of them were followed to the end, and
        how many of those ended at `loglik`
    converged : False where the climb was stopped before it stood still
    """

    patterns: Patterns = field(repr=False)
    shares: np.ndarray
    probs: np.ndarray
    posterior: np.ndarray = field(repr=False)
    loglik: float
    starts: int
    finished: int
    replicated: int
    converged: bool

    @property
    def classes(self) -> int:
        """K."""
        return len(self.shares)

    @property
    def parameters(self) -> int:
        """Free parameters: K - 1 shares and those of the indicators.

        Of a nominal indicator all but one category in each class, of an ordinal one as many
        thresholds and a slope for each class but one, of a quantity a mean in each class and one
        variance, or one in each class.
        """
        return parameters(self.patterns, self.classes)

    @property
    def aic(self) -> float:
        """-2 LL + 2 p."""
        return -2 * self.loglik + 2 * self.parameters

    @property
    def bic(self) -> float:
        """-2 LL + p ln n."""
        return -2 * self.loglik + log(self.patterns.total) * self.parameters

    @property
    def abic(self) -> float:
        """-2 LL + p ln((n + 2) / 24): BIC adjusted for sample size (Sclove 1987)."""
        return -2 * self.loglik + log((self.patterns.total + 2) / 24) * self.parameters

    @property
    def caic(self) -> float:
        """-2 LL + p (ln n + 1): consistent AIC."""
        return -2 * self.loglik + (log(self.patterns.total) + 1) * self.parameters

    @property
    def icl(self) -> float:
        """BIC + 2 * sum of weights times uncertainty: integrated completed likelihood.

        Biernacki, Celeux & Govaert (2000), IEEE Transactions on Pattern Analysis and Machine
        Intelligence 22(7):719-725: classes that overlap count against a model.
        """
        return self.bic + 2 * self._doubt

    @property
    def _doubt(self) -> float:
        """Sum of weights times the entropy of the classes given the answers."""
        doubt = -(self.posterior * np.log(np.maximum(self.posterior, TINY))).sum(axis=1)
        return float(self.patterns.weight @ doubt)

    @property
    def entropy(self) -> float:
        """Relative entropy: 1 where every respondent's class is certain, 0 where nobody's is."""
        if self.classes == 1:
            return 1.0
        return 1 - self._doubt / (self.patterns.total * log(self.classes))

    @property
    def modal(self) -> np.ndarray:
        """(G,) the likeliest class of each pattern."""
        return self.posterior.argmax(axis=1)

    @property
    def certainty(self) -> np.ndarray:
        """(K,) mean probability of the class among those assigned to it; NaN where nobody is."""
        own = self.posterior[np.arange(len(self.modal)), self.modal] * self.patterns.weight
        mass = np.bincount(self.modal, self.patterns.weight, self.classes)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.bincount(self.modal, own, self.classes) / mass

    @property
    def at_edge(self) -> np.ndarray:
        """(K, M) True where a parameter lies on its boundary and has no symmetric interval.

        A nominal probability at 0 or 1, all answers of an ordinal indicator where one of them is
        at 1 (a slope that has run away), a variance within a class that is as small as allowed.
        """
        patterns = self.patterns
        edge = (self.probs < EDGE) | (self.probs > 1 - EDGE)
        edge &= np.repeat(patterns.counts > 1, patterns.counts)
        where = columns_of(patterns)
        for columns in where.ordinal:
            gone = (self.probs[:, columns] > 1 - EDGE).any(axis=-1, keepdims=True)
            edge[:, columns] = np.broadcast_to(gone, (*gone.shape[:-1], columns.shape[1]))
        edge[:, where.answered] = edge[:, where.answered + 1] = False
        variance, least = where.answered + 2, least_variance(patterns)[where.item]
        edge[:, variance] = self.probs[:, variance] <= least * (1 + 1e-6)
        return edge


def parameters(patterns: Patterns, classes: int) -> int:
    """Free parameters of a model with so many classes."""
    return classes - 1 + free_parameters(patterns, classes)


def fit(
    patterns: Patterns,
    classes: int,
    *,
    starts: int = 20,
    rng: np.random.Generator,
    near: LatentClasses | None = None,
) -> LatentClasses:
    """The maximum likelihood solution with `classes` classes.

    The starts climb in heats, of which the better half goes on to a longer one. Where the best
    solution was found only once, another set of starts is tried, up to four sets in all. With very
    many patterns the heats run on random samples of respondents, the best solution of each goes on
    to all, and there is one set: a climb takes minutes there where classes are too many.

    Parameters
    ----------
    starts : random starts of one set
    near : a solution with one class fewer; splitting each of its classes gives further starts,
        so that more classes never fit worse

    Raises
    ------
    DataError
        With more classes than distinct response patterns.
    """
    if classes < 1:
        raise ValueError(f"a model has at least one class, not {classes}")
    if classes > len(patterns.codes):
        raise DataError(
            f"{classes} classes cannot be told apart: the {patterns.n} respondents gave only "
            f"{len(patterns.codes)} different answers. Ask for at most {len(patterns.codes)}."
        )
    with threadpool_limits(1):  # small products: threads only wait for one another
        if classes == 1:
            return _result(patterns, [climb(patterns, *marginals(patterns), cycles=9)], 1)
        found: list[Solutions] = []
        tried = 0
        for _ in range(_ROUNDS if len(patterns.codes) < 2 * _TRIAL else 1):
            shares, probs = random_starts(patterns, classes, starts, rng)
            if near is not None and not found:
                shares, probs = with_splits(near, shares, probs)
            found.append(_search(patterns, shares, probs, rng))
            tried += shares.shape[1]
            if _at_best(found) > 1:
                break
        return _result(patterns, found, tried)


def _search(
    patterns: Patterns, shares: np.ndarray, probs: np.ndarray, rng: np.random.Generator
) -> Solutions:
    """What is left of the starts after all heats.

    With very many patterns a part of the starts climbs on one sample, the next on another, and the
    best of each go on to all: one sample alone might prefer a solution that is not the best.
    """
    if len(patterns.codes) < 2 * _TRIAL:
        return _heated(patterns, shares, probs, _LEFT)
    parts = [slice(first, None, _LEFT) for first in range(min(_LEFT, shares.shape[1]))]
    best = [
        _heated(_sample(patterns, rng), shares[:, part], probs[:, part], 1).best(1)
        for part in parts
    ]
    cycles, tolerance = _HEATS[-1]
    return climb(
        patterns,
        np.concatenate([one.shares for one in best], axis=1),
        np.concatenate([one.probs for one in best], axis=1),
        cycles=cycles,
        tolerance=tolerance,
    )


def _heated(patterns: Patterns, shares: np.ndarray, probs: np.ndarray, left: int) -> Solutions:
    """The better half of the solutions goes on to the next heat, no fewer than `left`."""
    found = Solutions(shares, probs, np.zeros(shares.shape[1]), np.zeros(shares.shape[1], bool))
    for heat, (cycles, tolerance) in enumerate(_HEATS):
        if heat:
            found = found.best(max(left, -(-len(found.loglik) // 2)))
        if heat == len(_HEATS) - 1 and len(patterns.codes) > _LONG:
            return _raced(patterns, found, cycles, tolerance)
        found = climb(patterns, found.shares, found.probs, cycles=cycles, tolerance=tolerance)
    return found


def _raced(patterns: Patterns, found: Solutions, cycles: int, tolerance: float) -> Solutions:
    """A climb that leaves behind what could not catch up at the pace of its last cycles."""
    rounds = cycles // _LAP
    for left in range(rounds - 1, -1, -1):
        before = found.loglik
        found = climb(patterns, found.shares, found.probs, cycles=_LAP, tolerance=tolerance)
        if found.converged.all():
            break
        ahead = found.loglik + np.maximum(found.loglik - before, 0) * left
        ahead[found.converged] = found.loglik[found.converged]
        best = found.loglik.max()
        found = found.take(np.flatnonzero(ahead >= best - max(SAME, 1e-7 * abs(best))))
    return found


def _sample(patterns: Patterns, rng: np.random.Generator) -> Patterns:
    """The answers of some respondents, drawn with their weights."""
    chances = patterns.weight / patterns.total
    drawn, times = np.unique(rng.choice(len(chances), _TRIAL, p=chances), return_counts=True)
    return replace(
        patterns,
        codes=patterns.codes[drawn],
        onehot=np.asarray(patterns.onehot[:, drawn], dtype=float),
        weight=times.astype(float),
        square=times.astype(float),
        rows=times,
    )


def _at_best(found: list[Solutions]) -> int:
    loglik = np.concatenate([item.loglik for item in found])
    best = loglik.max()
    return int((loglik >= best - max(SAME, 1e-7 * abs(best))).sum())


def _result(patterns: Patterns, found: list[Solutions], starts: int) -> LatentClasses:
    best = _polished(patterns, max(found, key=lambda item: item.loglik.max()).best(1))
    shares, probs = best.shares[:, 0], best.probs[:, 0]
    keys = [*np.round(probs.T[::-1], 6), -np.round(shares, 8)]  # by size, ties by their answers
    order = np.lexsort(keys)
    shares, probs = shares[order], probs[order]
    return LatentClasses(
        patterns=patterns,
        shares=shares,
        probs=probs,
        posterior=posterior(patterns, shares, probs)[1],
        loglik=float(best.loglik[0]),
        starts=starts,
        finished=sum(len(item.loglik) for item in found),
        replicated=_at_best(found),
        converged=bool(best.converged[0]),
    )


def _polished(patterns: Patterns, best: Solutions) -> Solutions:
    """The solution climbed on until rounding stops it.

    On a flat ridge posteriors still move where the likelihood hardly does, so that their digits
    would hang on the order in which a machine adds.
    """
    if len(patterns.codes) > _LONG or not best.converged[0]:
        return best
    further = climb(patterns, best.shares, best.probs, cycles=_POLISH[0], tolerance=_POLISH[1])
    return replace(further, converged=best.converged)
