"""One dimension in place of types: every answer follows the respondent's place on one line.

Log odds of answers are linear in the place, with a slope for each indicator (for each category of
an unordered one), and so are means of quantities. The places are either a few points that are
estimated (located classes: Lindsay, Clogg & Grego 1991, Journal of the American Statistical
Association 86:96-107) or normally distributed over the respondents (for yes-or-no indicators the
two-parameter logistic model: Bock & Aitkin 1981, Psychometrika 46:443-459).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
from scipy.optimize import OptimizeResult, minimize
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.em import posterior
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.measurement import TINY, statistics
from crmresearch.archetypes.patterns import Patterns

NODES = 21  # of the quadrature over a normal distribution
_LIMITS = (  # of intercepts, slopes, logarithms of variances, log odds of shares, and places
    (-40.0, 40.0),
    (-20.0, 20.0),
    (-9.0, 1.0),
    (-12.0, 12.0),
    (-10.0, 10.0),
)
_FAR = 5.0  # log odds at a start, so that the search is not begun at a limit


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDimension:
    """A fitted model with C places on the line.

    Parameters
    ----------
    places : (C,) where they are, and `shares` (C,) how many respondents are there
    probs : (C, M) answers at each place, laid out as in `LatentClasses`
    normal : True where the places stand for a normal distribution, False where they are estimated
    vector : the free parameters, in the order of `_Line`
    """

    patterns: Patterns = field(repr=False)
    places: np.ndarray
    shares: np.ndarray
    probs: np.ndarray = field(repr=False)
    loglik: float
    normal: bool
    vector: np.ndarray = field(repr=False)

    @property
    def parameters(self) -> int:
        """Free parameters; where places are estimated, two only fix the line's origin and unit."""
        return len(self.vector) - (0 if self.normal else 2)

    @property
    def bic(self) -> float:
        """-2 LL + p ln n."""
        return -2 * self.loglik + log(self.patterns.total) * self.parameters

    @property
    def density(self) -> np.ndarray:
        """(G,) log density of each pattern."""
        return posterior(self.patterns, self.shares, self.probs)[0]


def fit_normal(two: LatentClasses, *, nodes: int = NODES) -> OneDimension:
    """Normally distributed places, by quadrature with `nodes` points.

    `two` is a solution with two classes: its contrast is where the search for the direction of
    the line begins.
    """
    line = _Line(two.patterns, nodes, normal=True)
    return _best(line, [line.start(two)], two.patterns.weight)


def fit_located(near: OneDimension, two: LatentClasses, classes: int) -> OneDimension:
    """`classes` estimated places, two or more, searched from `near` and from `two`.

    `near` is a normal distribution fitted to the same answers; see `fit_normal` for `two`.
    """
    line = _Line(two.patterns, classes, normal=False)
    even, alike = np.linspace(-1, 1, classes), np.zeros(classes)
    starts = [line.start(two, even, alike)]
    for end in (-1.0, 1.0):  # the places crowded towards one end
        starts.append(line.start(two, end - 2 * end * np.linspace(0, 1, classes) ** 2, alike))
    for reach in (1.0, 2.0):
        start = line.start(two, reach * even, -((reach * even) ** 2) / 2)
        items = sum(part.stop - part.start for part in line.parts[:3])
        start[:items] = near.vector[:items]
        starts.append(start)
    return _best(line, starts, two.patterns.weight)


def refit(model: OneDimension, weight: np.ndarray) -> OneDimension:
    """The same model fitted to other weights (G,) of the patterns, from where it stands."""
    line = _Line(model.patterns, len(model.places), normal=model.normal)
    return _best(line, [model.vector], weight, still=1e-9)


def _best(
    line: "_Line", starts: Sequence[np.ndarray], weight: np.ndarray, *, still: float = 1e-11
) -> OneDimension:
    """The best end of a short search from each start, followed to its maximum."""
    weight_share = weight / weight.sum()
    with threadpool_limits(1):
        if len(starts) > 1:
            tried = [_search(line, start, weight_share, 150, 1e-9) for start in starts]
            starts = [min(tried, key=lambda item: item.fun).x]
        best = _search(line, starts[0], weight_share, 3000, still)
    places, shares, probs = line.unpack(best.x)
    return OneDimension(
        patterns=line.patterns,
        places=places,
        shares=shares,
        probs=probs,
        loglik=float(-best.fun * weight.sum()),
        normal=line.normal,
        vector=best.x,
    )


def _search(
    line: "_Line", start: np.ndarray, weight: np.ndarray, longest: int, still: float
) -> OptimizeResult:
    return minimize(
        line.loss,
        start,
        args=(weight,),
        jac=True,
        method="L-BFGS-B",
        bounds=line.bounds,
        options={"maxiter": longest, "maxfun": 2 * longest, "maxcor": 20}
        | {"gtol": 1e-6, "ftol": still},
    )


class _Line:
    """The shape of a model: where each parameter stands in the vector that is searched over.

    In this order: intercepts of the log odds of all categories but an indicator's first, and of
    the means of quantities; slopes, one of an ordered indicator or quantity and one a category of
    an unordered one; logarithms of the variances of quantities; and, where places are estimated,
    log odds of their shares, and all of the places: that two of them could be anything does not
    keep the search from ending.
    """

    def __init__(self, patterns: Patterns, classes: int, *, normal: bool) -> None:
        self.patterns, self.classes, self.normal = patterns, classes, normal
        self.statistics = statistics(patterns, slice(None))
        self.starts, self.counts = patterns.starts, patterns.counts
        quantity = patterns.of_kind("continuous")
        self.first = self.starts[quantity]  # of the three columns of each quantity
        self.centre, self.scale = patterns.centre[quantity], patterns.scale[quantity]
        self.intercepts, self.slopes = _maps(patterns)
        free = 0 if normal else classes
        sizes = [
            self.intercepts.shape[1],
            self.slopes.shape[1],
            len(self.first),
            max(0, free - 1),
            free,
        ]
        ends = np.cumsum(sizes)
        self.parts = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        self.bounds = [
            limits for limits, size in zip(_LIMITS, sizes, strict=True) for _ in range(size)
        ]
        nodes, weights = np.polynomial.hermite_e.hermegauss(classes)
        self.nodes, self.node_shares = nodes, weights / weights.sum()

    def start(
        self, two: LatentClasses, places: np.ndarray | None = None, odds: np.ndarray | None = None
    ) -> np.ndarray:
        """Where the first class of `two` lies at -1 and the second at 1."""
        values = np.log(np.maximum(two.probs, TINY))
        values -= np.repeat(values[:, self.starts], self.counts, axis=1)
        values = np.clip(values, -_FAR, _FAR)
        values[:, self.first + 1] = (two.probs[:, self.first + 1] - self.centre) / self.scale
        vector = np.zeros(len(self.bounds))
        for part, mapped, wanted in (
            (self.parts[0], self.intercepts, values.mean(axis=0)),
            (self.parts[1], self.slopes, (values[1] - values[0]) / 2),
        ):
            vector[part] = np.linalg.lstsq(mapped, wanted, rcond=None)[0]
        vector[self.parts[2]] = -0.5
        if places is not None and odds is not None:
            vector[self.parts[3]] = odds[1:] - odds[0]
            vector[self.parts[4]] = places
        return vector

    def unpack(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places (C,), shares (C,) and answers (C, M) at a vector."""
        places, shares = self.nodes, self.node_shares
        if not self.normal:
            places = vector[self.parts[4]]
            odds = np.concatenate([[0.0], vector[self.parts[3]]])
            shares = np.exp(odds - odds.max())
            shares /= shares.sum()
        values = self.intercepts @ vector[self.parts[0]]
        values = values + places[:, None] * (self.slopes @ vector[self.parts[1]])
        peaks = np.maximum.reduceat(values, self.starts, axis=1)
        weights = np.exp(values - np.repeat(peaks, self.counts, axis=1))
        total = np.add.reduceat(weights, self.starts, axis=1)
        probs = weights / np.repeat(total, self.counts, axis=1)
        probs[:, self.first] = 1.0
        probs[:, self.first + 1] = self.centre + self.scale * values[:, self.first + 1]
        probs[:, self.first + 2] = self.scale**2 * np.exp(vector[self.parts[2]])
        return places, shares, probs

    def loss(self, vector: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log-likelihood under `weight` (G,), and its gradient.

        The gradient is that of the expected complete log-likelihood (Fisher's identity).
        """
        places, shares, probs = self.unpack(vector)
        loglik, member = posterior(self.patterns, shares, probs)
        expected = ((self.statistics * weight) @ member).T  # (C, M)
        pull, narrowing = self._pull(expected, probs)
        gradient = np.zeros(len(vector))
        gradient[self.parts[0]] = pull.sum(axis=0) @ self.intercepts
        gradient[self.parts[1]] = (places @ pull) @ self.slopes
        gradient[self.parts[2]] = narrowing
        if not self.normal:
            mass = weight @ member
            gradient[self.parts[3]] = (mass - shares * mass.sum())[1:]
            gradient[self.parts[4]] = pull @ (self.slopes @ vector[self.parts[1]])
        return -float(weight @ loglik), -gradient

    def _pull(self, expected: np.ndarray, probs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Derivatives by what is linear in the place (C, M), and by the logs of variances."""
        answering = np.add.reduceat(expected, self.starts, axis=1)
        pull = expected - np.repeat(answering, self.counts, axis=1) * probs
        first = self.first
        n, total, square = (expected[:, first + part] for part in range(3))
        mean = (probs[:, first + 1] - self.centre) / self.scale
        variance = probs[:, first + 2] / self.scale**2
        pull[:, first] = pull[:, first + 2] = 0.0
        pull[:, first + 1] = (total - n * mean) / variance
        around = square - 2 * mean * total + mean**2 * n
        return pull, 0.5 * (around / variance - n).sum(axis=0)


def _maps(patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """(M, .) matrices that put intercepts and slopes into the columns they belong to."""
    size = len(patterns.item)
    intercepts, slopes = [], []
    for kind, start, count in zip(patterns.kinds, patterns.starts, patterns.counts, strict=True):
        unit = np.eye(size)[start : start + count]
        if kind == "continuous":
            intercepts.append(unit[1:2])
            slopes.append(unit[1:2])
        else:
            intercepts.append(unit[1:])
            slopes.append(np.arange(count)[None] @ unit if kind == "ordinal" else unit[1:])
    return np.concatenate(intercepts).T, np.concatenate(slopes).T
