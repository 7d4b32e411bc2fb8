"""Random-effects synthesis: one number from several studies, and how much the studies differ.

Every function takes the studies' effects and squared standard errors, shape (k,), and supposes that
the studies are independent: samples that share people are not, and their synthesis is too sure.
The between-study variance is estimated by restricted maximum likelihood unless said otherwise; the
numbers agree with R's metafor.

Sources: DerSimonian & Laird (1986), Controlled Clinical Trials 7, 177-188; Paule & Mandel (1982),
J. Res. Natl. Bur. Stand. 87, 377-385; Viechtbauer (2005), J. Educ. Behav. Stat. 30, 261-293, and
(2007), Statistics in Medicine 26, 37-52 (Q-profile); Knapp & Hartung (2003), Statistics in Medicine
22, 2693-2710; Higgins, Thompson & Spiegelhalter (2009), J. R. Stat. Soc. A 172, 137-159.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

METHODS = ("REML", "DL", "PM", "FE")
FEW = 5  # studies, below which Knapp and Hartung's factor may widen the interval but not shorten it
STEPS = 200  # of Fisher scoring


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """What `pool` found.

    Parameters
    ----------
    coefficients, covariance : (p,), (p, p); the first, and with no moderator the only one, is the
        mean of the studies' true effects
    weights : (k,) the share of each study in the mean, summing to 1
    tau2 : variance of the true effects between studies
    df : of the t distribution of the coefficients; infinite for the normal
    q, q_df, q_p : Cochran's test that all studies share one true effect
    i2 : share of the spread of the observed effects that is not sampling error
    method : ``REML``, ``DL``, ``PM`` or ``FE``
    factor : what Knapp and Hartung's method multiplies the variance by, 1 where it is not used
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    weights: np.ndarray
    tau2: float
    df: float
    q: float
    q_df: int
    q_p: float
    i2: float
    method: str
    factor: float

    @property
    def k(self) -> int:
        """How many studies were pooled."""
        return len(self.weights)

    @property
    def mean(self) -> float:
        """The first coefficient."""
        return float(self.coefficients[0])

    @property
    def error(self) -> float:
        """Its standard error."""
        return math.sqrt(float(self.covariance[0, 0]))

    @property
    def p(self) -> float:
        """Two-sided p of the mean against zero."""
        return float(2 * stats.t.sf(abs(self.mean) / self.error, self.df))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the mean."""
        half = float(stats.t.ppf((1 + level) / 2, self.df)) * self.error
        return self.mean - half, self.mean + half

    def prediction(self, level: float = 0.95, *, df: float | None = None) -> tuple[float, float]:
        """Interval for the true effect of one more study like these.

        `df` of its t distribution is k - 2 unless given (Higgins, Thompson & Spiegelhalter); NaN
        with two studies, which leave none. metafor takes k - 1 after Knapp and Hartung's method
        and the normal (infinity) otherwise. In simulations with 6 and 12 studies a 95% interval
        held the next effect about 93 times in a hundred where the variance between was several
        times the sampling variance, and 87 to 88 times where both were alike, since the variance
        between is often estimated as too small then.
        """
        df = self.k - 2 if df is None else df
        if not df > 0:
            return math.nan, math.nan
        half = float(stats.t.ppf((1 + level) / 2, df)) * math.sqrt(self.tau2 + self.error**2)
        return self.mean - half, self.mean + half


def pool(
    effects: ArrayLike,
    variances: ArrayLike,
    *,
    moderators: ArrayLike | None = None,
    method: str = "REML",
    knapp_hartung: bool = True,
    least_factor: float | None = None,
) -> Pooled:
    """Pool studies under the random-effects model, or regress them on moderators.

    Parameters
    ----------
    effects, variances : (k,) of float; variances are squared standard errors, above 0
    moderators : (k,) or (k, m) of float, optional: meta-regression with an intercept
    method : how the variance between studies is estimated; ``FE`` takes it as none
    knapp_hartung : standard errors from the spread of the studies, with t intervals (Hartung,
        Knapp, Sidik and Jonkman), instead of the normal interval; not used with ``FE``
    least_factor : the least that the squared spread may multiply the variance by. By default 1
        with fewer than `FEW` studies, where a few effects that happen to agree would give an
        interval shorter than that of one study (the "ad hoc" variant), otherwise 0.

    Raises
    ------
    ValueError
        Fewer studies than coefficients and one more, a variance that is not a positive number, or
        an unknown method.
    """
    y, v, x = _checked(effects, variances, moderators, method)
    tau2 = _between(y, v, x, method)
    k, p = x.shape
    weights = 1 / (v + tau2)
    inverse, coefficients = _weighted(y, x, weights)
    factor, df = 1.0, math.inf
    if knapp_hartung and method != "FE":
        least = (1.0 if k < FEW else 0.0) if least_factor is None else least_factor
        spread = float(weights @ (y - x @ coefficients) ** 2) / (k - p)
        factor, df = max(spread, least), float(k - p)
    q = _cochran(y, v, x, 0.0)
    typical = (k - p) / _trace_of_projection(v, x)
    return Pooled(
        coefficients=coefficients,
        covariance=inverse * factor,
        weights=weights / weights.sum(),
        tau2=tau2,
        df=df,
        q=q,
        q_df=k - p,
        q_p=float(stats.chi2.sf(q, k - p)),
        i2=(max(0.0, (q - (k - p)) / q) if method == "FE" and q > 0 else tau2 / (tau2 + typical)),
        method=method,
        factor=factor,
    )


def between_interval(
    effects: ArrayLike,
    variances: ArrayLike,
    *,
    moderators: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[float, float]:
    """Confidence interval of the variance between studies: the Q profile.

    The variances at which Cochran's statistic, with the studies weighted accordingly, is as large
    as its chi-squared distribution allows. An end that would lie below zero is zero; it can hold
    no estimate at all where the studies agree more closely than chance would have them.
    """
    y, v, x = _checked(effects, variances, moderators, "REML")
    df = len(y) - x.shape[1]
    ends = [_solved(y, v, x, float(stats.chi2.ppf(tail, df))) for tail in _tails(level)]
    return ends[0], ends[1]


def inconsistency(
    tau2: float, variances: ArrayLike, *, moderators: ArrayLike | None = None
) -> float:
    """I squared at a variance between studies: its share in it and the typical sampling error."""
    v = np.asarray(variances, dtype=float)
    x = _design(len(v), moderators)
    typical = (len(v) - x.shape[1]) / _trace_of_projection(v, x)
    return tau2 / (tau2 + typical)


def leave_one_out(
    effects: ArrayLike, variances: ArrayLike, *, method: str = "REML", knapp_hartung: bool = True
) -> list[Pooled]:
    """The synthesis without each study in turn, in the studies' order; needs three of them."""
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    rows = np.arange(len(y))
    return [
        pool(y[rows != row], v[rows != row], method=method, knapp_hartung=knapp_hartung)
        for row in rows
    ]


def _checked(
    effects: ArrayLike, variances: ArrayLike, moderators: ArrayLike | None, method: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, v = np.asarray(effects, dtype=float).ravel(), np.asarray(variances, dtype=float).ravel()
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not one of {', '.join(METHODS)}")
    if len(y) != len(v) or not np.isfinite(y).all():
        raise ValueError("effects and variances are as many, and all are numbers")
    if not (np.isfinite(v).all() and (v > 0).all()):
        raise ValueError("a study's variance is a number above 0")
    x = _design(len(y), moderators)
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError(f"{len(y)} studies do not tell {x.shape[1]} coefficients and their spread")
    return y, v, x


def _design(k: int, moderators: ArrayLike | None) -> np.ndarray:
    if moderators is None:
        return np.ones((k, 1))
    return np.column_stack([np.ones(k), np.asarray(moderators, dtype=float)])


def _weighted(y: np.ndarray, x: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(X'WX)^-1 and the weighted least squares coefficients."""
    inverse = np.linalg.inv((x.T * weights) @ x)
    return inverse, inverse @ (x.T @ (weights * y))


def _between(y: np.ndarray, v: np.ndarray, x: np.ndarray, method: str) -> float:
    df = len(y) - x.shape[1]
    if method == "FE":
        return 0.0
    if method == "PM":
        return _solved(y, v, x, float(df))
    moments = max(0.0, (_cochran(y, v, x, 0.0) - df) / _trace_of_projection(v, x))
    if method == "DL":
        return moments
    starts = {0.0, moments, _solved(y, v, x, float(df)), float(np.var(y))}
    reached = [_scored(y, v, x, start) for start in sorted(starts)]
    return max(reached, key=lambda tau2: _restricted_likelihood(y, v, x, tau2))


def _scored(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float) -> float:
    """Fisher scoring of the restricted likelihood from one start; never below zero."""
    scale = float(v.mean()) + tau2
    for _ in range(STEPS):
        weights = 1 / (v + tau2)
        _, coefficients = _weighted(y, x, weights)
        residual = weights * (y - x @ coefficients)
        trace, squares = _traces(weights, x)
        step = (float(residual @ residual) - trace) / squares
        moved = max(tau2 + step, 0.0)
        if abs(moved - tau2) <= 1e-12 * scale:
            return moved
        tau2 = moved
    return tau2


def _restricted_likelihood(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float) -> float:
    weights = 1 / (v + tau2)
    _, coefficients = _weighted(y, x, weights)
    _, information = np.linalg.slogdet((x.T * weights) @ x)
    spread = float(weights @ (y - x @ coefficients) ** 2)
    return 0.5 * (float(np.log(weights).sum()) - float(information) - spread)


def _traces(weights: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """Traces of P = W - WX (X'WX)^-1 X'W and of its square, without its k by k numbers."""
    inverse = np.linalg.inv((x.T * weights) @ x)
    second, third = (inverse @ ((x.T * weights**power) @ x) for power in (2, 3))
    trace = float(weights.sum() - np.trace(second))
    squares = float((weights**2).sum() - 2 * np.trace(third) + np.trace(second @ second))
    return trace, squares


def _trace_of_projection(v: np.ndarray, x: np.ndarray) -> float:
    return _traces(1 / v, x)[0]


def _cochran(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float) -> float:
    weights = 1 / (v + tau2)
    _, coefficients = _weighted(y, x, weights)
    return float(weights @ (y - x @ coefficients) ** 2)


def _solved(y: np.ndarray, v: np.ndarray, x: np.ndarray, target: float) -> float:
    """The variance between studies at which Cochran's statistic is `target`, zero if below it."""
    if _cochran(y, v, x, 0.0) <= target:
        return 0.0
    high = float(np.var(y)) + float(v.mean())
    while _cochran(y, v, x, high) > target:
        high *= 2
    found = optimize.brentq(
        lambda tau2: _cochran(y, v, x, tau2) - target, 0.0, high, xtol=1e-15 * high, rtol=1e-14
    )
    return float(found)


def _tails(level: float) -> tuple[float, float]:
    return (1 + level) / 2, (1 - level) / 2
