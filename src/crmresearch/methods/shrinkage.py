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

NODES = 15  # values of the intraclass correlation that are averaged over
DEPTH = 8.0  # log units below the mode beyond which a value counts as impossible: four errors


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What the model needs of the answers.

    Groups of the same size and the same covariates' sums have the same variances; each such kind is
    a profile, so that hundreds of thousands of groups need only their totals.

    Parameters
    ----------
    totals : sum of the answers of each group about `centre`, (groups,)
    profile : the profile of each group, (groups,) int
    columns : sums of the covariates in a group of each profile, (profiles, p); the first, of the
        constant, is its size
    counts, added, squared : groups of each profile, the sum of their totals, and of the squares
    cross, straight, square : X'X (p, p), X'y (p,), y'y
    typical : (p,) the covariates that every group is given: their mean over all rows
    centre : mean of all values, which was taken from them
    """

    totals: np.ndarray
    profile: np.ndarray
    columns: np.ndarray
    counts: np.ndarray
    added: np.ndarray
    squared: np.ndarray
    cross: np.ndarray
    straight: np.ndarray
    square: float
    typical: np.ndarray
    centre: float

    @property
    def sizes(self) -> np.ndarray:
        """Answers of each group, (groups,)."""
        return self.columns[self.profile, 0]

    @property
    def freedom(self) -> int:
        """Rows less fixed effects."""
        return int(self.cross[0, 0]) - len(self.straight)


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
    profile, first = _alike(columns)
    return Sums(
        totals=totals,
        profile=profile,
        columns=columns[first],
        counts=np.bincount(profile),
        added=np.bincount(profile, totals),
        squared=np.bincount(profile, totals**2),
        cross=matrix.T @ matrix,
        straight=matrix.T @ values,
        square=float(values @ values),
        typical=matrix.mean(axis=0),
        centre=centre,
    )


def fit(sums: Sums, rho: float) -> Fit:
    """The random-intercept model with this share of the variance between groups."""
    ratio = rho / (1 - rho)
    growth = 1 + sums.columns[:, 0] * ratio
    pull = ratio / growth
    cross = sums.cross - (sums.columns * (pull * sums.counts)[:, None]).T @ sums.columns
    inverse = np.linalg.inv(cross)
    straight = sums.straight - (pull * sums.added) @ sums.columns
    effects = inverse @ straight
    left = sums.square - float(pull @ sums.squared) - float(straight @ effects)
    log_likelihood = -0.5 * (
        sums.freedom * np.log(left)
        + float(sums.counts @ np.log(growth))
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
    pull = one.ratio / (1 + sums.columns[:, 0] * one.ratio)
    expected = pull * (sums.columns @ one.effects)
    shift = pull[sums.profile] * sums.totals - expected[sums.profile]
    return shift, (one.variance * pull)[sums.profile]


def shrink(sums: Sums) -> Shrunken:
    """Every group's score and shift, averaged over the intraclass correlation."""
    rho, weights = _nodes(sums)
    mean, second, joint, below = np.zeros((4, len(sums.totals)))  # of shifts; with the constant
    constant, spreads = np.zeros(2), np.zeros((2, len(sums.counts)))  # of scores and shifts
    for value, weight in zip(rho, weights, strict=True):
        one = fit(sums, value)
        shift = predictions(sums, one)[0]
        level = float(sums.typical @ one.effects)
        variances = _variances(sums, one)
        mean += weight * shift
        second += weight * shift**2
        joint += weight * level * shift
        constant += weight * np.array([level, level**2])
        spreads += weight * variances
        error = np.sqrt(np.maximum(variances[1], 1e-300))
        below += weight * special.ndtr(-shift / error[sums.profile])
    of_scores, of_shifts = spreads[:, sums.profile]
    own = of_shifts + second - mean**2
    scores = of_scores + second + 2 * joint + constant[1] - (constant[0] + mean) ** 2
    return Shrunken(
        mean=sums.centre + constant[0] + mean,
        sd=np.sqrt(np.maximum(scores, 0.0)),
        shift=mean,
        shift_sd=np.sqrt(np.maximum(own, 0.0)),
        below=below,
        rho=rho,
        weights=weights,
        sums=sums,
    )


def _variances(sums: Sums, one: Fit) -> np.ndarray:
    """Variance of the score and of the shift of a group of each profile, (2, profiles)."""
    pull = one.ratio / (1 + sums.columns[:, 0] * one.ratio)
    lean = pull[:, None] * sums.columns
    sides = (sums.typical - lean, lean)
    forms = [((side @ one.inverse) * side).sum(axis=1) for side in sides]
    return one.variance * (pull + np.array(forms))


def _independent(matrix: np.ndarray) -> np.ndarray:
    """The columns that are no combination of earlier ones; the first is kept."""
    moments = matrix.T @ matrix
    scale = np.sqrt(np.maximum(np.diag(moments), 1e-300))
    moments = moments / np.outer(scale, scale)
    kept: list[int] = []
    for column in range(matrix.shape[1]):
        chosen = [*kept, column]
        if np.linalg.matrix_rank(moments[np.ix_(chosen, chosen)], tol=1e-9) == len(chosen):
            kept.append(column)
    return matrix[:, kept or [0]]


def _alike(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows are alike, as codes (rows,), and the position of one row of each."""
    codes = np.zeros(len(columns), dtype=np.int64)
    for column in columns.T:
        values, place = np.unique(column, return_inverse=True)
        codes = np.unique(codes * len(values) + place, return_inverse=True)[1]
    first = np.empty(int(codes.max()) + 1, dtype=np.int64)
    first[codes] = np.arange(len(codes))
    return codes, first


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
