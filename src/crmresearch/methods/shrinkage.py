"""Shrunken means of many small groups: what a group's few answers say of the group.

The mean of a few answers is mostly chance, so a ranking of raw means is led and closed by the
smallest groups. A random-intercept model pulls each mean towards what is expected of the group, the
more the fewer its answers. Intervals and ranks here allow for not knowing how much the groups
really differ: they average over the intraclass correlation, with every value from 0 to 1 taken as
equally likely beforehand and the other parameters given the usual flat priors. Answers are taken as
normal about their group, unweighted.

Source: Searle, Casella & McCulloch (1992), Variance Components, chapters 6 and 7.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

NODES = 25  # values of the intraclass correlation that are averaged over
DEPTH = 16.0  # log units below the mode beyond which a value counts as impossible


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What the model needs of the answers: totals by group and by size of group.

    Parameters
    ----------
    sizes, totals : answers of each group and their sum, shape (groups,)
    columns : sums of the covariates in each group, (groups, p); the first is the constant
    cross, straight, square : X'X (p, p), X'y (p,), y'y
    kinds, counts : the group sizes that occur and how many groups have each
    by_cross, by_straight, by_square : sums over the groups of each size of their s s', s t and t²,
        where s are their covariates' sums and t their total
    typical : (p,) the covariates that every group is given: their mean over all rows
    centre : mean of all values, which was taken from them
    """

    sizes: np.ndarray
    totals: np.ndarray
    columns: np.ndarray
    cross: np.ndarray
    straight: np.ndarray
    square: float
    kinds: np.ndarray
    counts: np.ndarray
    by_cross: np.ndarray
    by_straight: np.ndarray
    by_square: np.ndarray
    typical: np.ndarray
    centre: float

    @property
    def n(self) -> int:
        """Rows used."""
        return int(self.sizes.sum())

    @property
    def freedom(self) -> int:
        """Rows less fixed effects."""
        return self.n - len(self.straight)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The model at one intraclass correlation `rho`.

    Parameters
    ----------
    ratio : variance between groups as a multiple of that within
    variance : the variance within groups
    effects : fixed effects (p,), the constant about the centre of all values
    inverse : (p, p), times `variance` the covariance of the effects
    log_likelihood : restricted, but for a constant
    """

    ratio: float
    variance: float
    effects: np.ndarray
    inverse: np.ndarray
    log_likelihood: float


@dataclass(frozen=True, slots=True, eq=False)
class Shrunken:
    """What is known of every group, averaged over the intraclass correlation.

    Parameters
    ----------
    mean, sd : of each group's score at typical covariates, (groups,)
    shift, shift_sd : the same of how far the group lies from what is expected of it
    below : probability that the group lies below that, (groups,)
    rho, weights : the values of the intraclass correlation averaged over, and their weights
    sums : what it was made from
    """

    mean: np.ndarray
    sd: np.ndarray
    shift: np.ndarray
    shift_sd: np.ndarray
    below: np.ndarray
    rho: np.ndarray
    weights: np.ndarray
    sums: Sums

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Bounds between which each group's score lies with probability `level`."""
        reach = stats.t.ppf(0.5 + level / 2, self.sums.freedom) * self.sd
        return self.mean - reach, self.mean + reach


def collect(
    values: np.ndarray, codes: np.ndarray, covariates: np.ndarray | None = None
) -> Sums | None:
    """`Sums` of values (n,) in groups `codes` (n,), below 0 for none.

    Parameters
    ----------
    covariates : (n, q) float, what a group should not be credited with, such as who answered for
        it; rows with a missing one are left out and columns that add nothing are dropped

    Returns
    -------
    None where no group has two answers, where there are fewer than two groups, or where the
    answers within groups are all alike. Groups without an answer have size 0.
    """
    values, codes = np.asarray(values, dtype=float), np.asarray(codes)
    groups = int(codes.max(initial=-1)) + 1
    known = np.isfinite(values) & (codes >= 0)
    matrix = np.ones((len(values), 1))
    if covariates is not None:
        known &= np.isfinite(covariates).all(axis=1)
        matrix = np.column_stack([matrix, covariates])
    values, codes, matrix = values[known], codes[known], _independent(matrix[known])
    sizes = np.bincount(codes, minlength=groups)
    heard = int((sizes > 0).sum())
    if heard < 2 or values.size <= heard or values.size <= matrix.shape[1] + 1:
        return None
    centre = float(values.mean())
    values = values - centre
    totals = np.bincount(codes, values, minlength=groups)
    means = totals / np.maximum(sizes, 1)
    if not ((values - means[codes]) ** 2).sum() > 1e-12 * (values**2).sum():
        return None
    columns = np.column_stack([np.bincount(codes, x, minlength=groups) for x in matrix.T])
    kinds, place, counts = np.unique(sizes, return_inverse=True, return_counts=True)
    products = columns[:, :, None] * columns[:, None, :]
    return Sums(
        sizes=sizes.astype(float),
        totals=totals,
        columns=columns,
        cross=matrix.T @ matrix,
        straight=matrix.T @ values,
        square=float(values @ values),
        kinds=kinds.astype(float),
        counts=counts,
        by_cross=_added(products, place, kinds.size),
        by_straight=_added(columns * totals[:, None], place, kinds.size),
        by_square=np.bincount(place, totals**2, minlength=kinds.size),
        typical=matrix.mean(axis=0),
        centre=centre,
    )


def fit(sums: Sums, rho: float) -> Fit:
    """The random-intercept model with this share of the variance between groups."""
    ratio = rho / (1 - rho)
    pull = ratio / (1 + sums.kinds * ratio)
    cross = sums.cross - np.tensordot(pull, sums.by_cross, axes=1)
    inverse = np.linalg.inv(cross)
    straight = sums.straight - pull @ sums.by_straight
    effects = inverse @ straight
    left = sums.square - float(pull @ sums.by_square) - float(straight @ effects)
    log_likelihood = -0.5 * (
        sums.freedom * np.log(left)
        + float((sums.counts * np.log1p(sums.kinds * ratio)).sum())
        + np.linalg.slogdet(cross)[1]
    )
    return Fit(ratio, left / sums.freedom, effects, inverse, float(log_likelihood))


def reml(sums: Sums) -> float:
    """The intraclass correlation of the highest restricted likelihood, from 0 to 1."""
    found = optimize.minimize_scalar(
        lambda rho: -fit(sums, rho).log_likelihood,
        bounds=(0.0, 1 - 1e-9),
        method="bounded",
        options={"xatol": 1e-10},
    )
    zero = fit(sums, 0.0).log_likelihood
    return 0.0 if zero >= -found.fun else float(found.x)


def predictions(sums: Sums, one: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Best linear unbiased predictions of the groups' shifts, and their variances given effects.

    At the REML correlation these are R's ``ranef(lmer(...), condVar = TRUE)``.
    """
    pull = one.ratio / (1 + sums.sizes * one.ratio)
    return pull * (sums.totals - sums.columns @ one.effects), one.variance * pull


def shrink(sums: Sums) -> Shrunken:
    """Every group's score and shift, averaged over the intraclass correlation."""
    rho, weights = _nodes(sums)
    groups = len(sums.sizes)
    first, second = np.zeros((2, groups)), np.zeros((2, groups))  # score and shift
    below = np.zeros(groups)
    for value, weight in zip(rho, weights, strict=True):
        one = fit(sums, value)
        shift, spread = predictions(sums, one)
        pull = spread / one.variance
        lean = pull[:, None] * sums.columns
        apart = sums.typical - lean
        sides = (
            (sums.typical @ one.effects + shift, spread + one.variance * _forms(apart, one)),
            (shift, spread + one.variance * _forms(lean, one)),
        )
        for row, (mean, variance) in enumerate(sides):
            first[row] += weight * mean
            second[row] += weight * (variance + mean**2)
        error = np.sqrt(np.maximum(sides[1][1], 1e-300))
        below += weight * special.ndtr(-shift / error)
    spread = np.sqrt(np.maximum(second - first**2, 0.0))
    return Shrunken(
        mean=sums.centre + first[0],
        sd=spread[0],
        shift=first[1],
        shift_sd=spread[1],
        below=below,
        rho=rho,
        weights=weights,
        sums=sums,
    )


def _independent(matrix: np.ndarray) -> np.ndarray:
    """The columns that are no combination of earlier ones; the first is kept."""
    kept: list[int] = []
    for column in range(matrix.shape[1]):
        chosen = matrix[:, [*kept, column]]
        moments = chosen.T @ chosen
        scale = np.sqrt(np.maximum(np.diag(moments), 1e-300))
        if np.linalg.matrix_rank(moments / np.outer(scale, scale), tol=1e-9) == len(kept) + 1:
            kept.append(column)
    return matrix[:, kept or [0]]


def _added(values: np.ndarray, place: np.ndarray, kinds: int) -> np.ndarray:
    """Sums of the rows of `values` by `place`."""
    flat = values.reshape(len(values), -1)
    sums = np.column_stack([np.bincount(place, column, minlength=kinds) for column in flat.T])
    return sums.reshape(kinds, *values.shape[1:])


def _forms(rows: np.ndarray, one: Fit) -> np.ndarray:
    return ((rows @ one.inverse) * rows).sum(axis=1)


def _nodes(sums: Sums) -> tuple[np.ndarray, np.ndarray]:
    """Values of the intraclass correlation with their posterior weights (Gauss-Legendre)."""
    mode = reml(sums)
    peak = fit(sums, mode).log_likelihood

    def above(rho: float) -> float:
        return fit(sums, rho).log_likelihood - peak + DEPTH

    highest = 1 - 1e-9
    low = optimize.brentq(above, 0.0, mode) if mode > 0 and above(0.0) < 0 else 0.0
    high = optimize.brentq(above, mode, highest) if above(highest) < 0 else highest
    places, weights = np.polynomial.legendre.leggauss(NODES)
    rho = low + (high - low) * (places + 1) / 2
    logs = np.array([fit(sums, value).log_likelihood for value in rho])
    weights = weights * np.exp(logs - logs.max())
    return rho, weights / weights.sum()
