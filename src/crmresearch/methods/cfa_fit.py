"""How well a factor model fits: chi-squared, CFI, TLI, RMSEA with its interval, SRMR.

Each from the likelihood of normal answers, and robust: scaled by what the answers' kurtosis,
weights and clusters do to the test (Brosseau-Liard & Savalei 2014, Multivariate Behavioral Research
49, 460-470, for CFI and TLI; Li & Bentler 2006 for RMSEA), as R's lavaan gives them.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats
from scipy.optimize import brentq

from crmresearch.methods.cfa import Moments, Solution
from crmresearch.report.estimates import NAN

RMSEA_LEVEL = 0.90  # by convention, so that each end is a test at 5%


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The fit of one model.

    Parameters
    ----------
    chi2, freedom, p : the test of the model against free moments; scaled where `scaling` is not 1
    scaling : what the normal-theory test is divided by; NaN without degrees of freedom
    cfi, tli : against the model in which all items are unrelated
    rmsea, rmsea_low, rmsea_high : with the interval at `RMSEA_LEVEL`
    srmr : of covariances; of means too in several groups
    bic : of the normal likelihood
    """

    chi2: float
    freedom: int
    p: float
    scaling: float
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmr: float
    bic: float


def fit_measures(
    solution: Solution, *, trace: float | None = None, independence: float | None = None
) -> Fit:
    """Fit of a solution.

    Parameters
    ----------
    trace, independence : of the scaled tests of the model and of the independence model, from
        `cfa_robust.robust` and `cfa_saturated.saturated`; the normal-theory fit without them
    """
    model, moments = solution.model, solution.moments
    freedom, n = model.freedom, moments.total
    plain = chi_squared(solution)
    null, null_freedom = baseline(moments)
    scaling, null_scaling = 1.0, 1.0
    if trace is not None and independence is not None:
        scaling = trace / freedom if freedom and trace > 0 else NAN
        null_scaling = independence / null_freedom
    excess, null_excess = plain - scaling * freedom, null - null_scaling * null_freedom
    chi2 = plain / scaling if freedom else plain
    reach = rmsea(chi2, freedom, n, groups=model.groups, scaling=scaling)
    likelihood = -0.5 * n * (model.slots.items * np.log(2 * np.pi) + 2 * solution.discrepancy)
    return Fit(
        chi2=chi2,
        freedom=freedom,
        p=float(stats.chi2.sf(chi2, freedom)) if freedom else NAN,
        scaling=scaling,
        cfi=_cfi(excess, null_excess) if freedom else 1.0,
        tli=_tli(excess, null_excess, freedom, null_freedom),
        rmsea=reach[0],
        rmsea_low=reach[1],
        rmsea_high=reach[2],
        srmr=srmr(solution),
        bic=float(-2 * likelihood + model.free * np.log(n)),
    )


def chi_squared(solution: Solution) -> float:
    """The likelihood-ratio statistic against free means and covariances; never below 0."""
    moments = solution.moments
    p = solution.model.slots.items
    logs = np.linalg.slogdet(moments.covariances)[1]
    free = float((moments.sizes / moments.total) @ (0.5 * (logs + p)))
    return max(2 * moments.total * (solution.discrepancy - free), 0.0)


def baseline(moments: Moments) -> tuple[float, int]:
    """Chi-squared and degrees of freedom of the model in which all items are unrelated."""
    p = moments.means.shape[1]
    logs = np.linalg.slogdet(moments.covariances)[1]
    apart = np.log(np.einsum("gii->gi", moments.covariances)).sum(axis=1)
    return float(moments.sizes @ (apart - logs)), len(logs) * p * (p - 1) // 2


def rmsea(
    chi2: float,
    freedom: int,
    n: float,
    *,
    groups: int = 1,
    scaling: float = 1.0,
    level: float = RMSEA_LEVEL,
) -> tuple[float, float, float]:
    """RMSEA with the interval of its non-centrality; NaN without degrees of freedom.

    Parameters
    ----------
    chi2 : scaled; of a difference of models it gives the RMSEA of what was added (Savalei, Brace &
        Fouladi 2023, Psychological Methods, doi:10.1037/met0000537)
    scaling : which the estimate is multiplied with again, since it describes the misfit itself
    """
    if freedom < 1 or not np.isfinite(chi2) or not np.isfinite(scaling):
        return NAN, NAN, NAN
    unit = scaling * groups / (n * freedom)
    ends = (
        noncentrality(chi2, freedom, 0.5 + level / 2),
        noncentrality(chi2, freedom, 0.5 - level / 2),
    )
    low, high = (float(np.sqrt(end * unit)) for end in ends)
    return float(np.sqrt(max(chi2 - freedom, 0.0) * unit)), low, high


def noncentrality(chi2: float, freedom: int, share: float) -> float:
    """The non-centrality at which this share of the distribution lies below `chi2`; at least 0."""

    def gap(center: float) -> float:
        return float(special.chndtr(chi2, freedom, center)) - share

    if gap(0.0) <= 0:
        return 0.0
    top = max(2 * chi2, 10.0)
    while gap(top) > 0:
        top *= 2
    return float(brentq(gap, 0.0, top, xtol=1e-10, rtol=1e-12))


def srmr(solution: Solution) -> float:
    """Root mean squared standardised residual; of means too where there are several groups."""
    moments = solution.moments
    found = []
    for g, (covariance, mean) in enumerate(zip(moments.covariances, moments.means, strict=True)):
        implied = solution.group(g)
        root = np.sqrt(np.diag(covariance))
        gaps = (covariance - implied.covariance) / np.outer(root, root)
        squares = list(gaps[np.tril_indices(len(root))] ** 2)
        if moments.sizes.size > 1:
            squares += list(((mean - implied.mean) / root) ** 2)
        found.append(np.sqrt(np.mean(squares)))
    return float(np.array(found) @ moments.sizes / moments.total)


def _cfi(excess: float, null_excess: float) -> float:
    worst = max(excess, null_excess, 0.0)
    return 1.0 if worst <= 0 else 1 - max(excess, 0.0) / worst


def _tli(excess: float, null_excess: float, freedom: int, null_freedom: int) -> float:
    if not freedom or not null_excess:
        return 1.0
    return 1 - excess * null_freedom / (null_excess * freedom)
