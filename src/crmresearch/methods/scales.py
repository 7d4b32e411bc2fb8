"""Reliability of scales: Cronbach's alpha, McDonald's omega total and corrected item-rest r.

All take complete answers to every item of the scale; each estimate says how many there were. A
reliability describes these answers of these people, not the questionnaire.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import minimize

from crmresearch.methods.weighting import Design, linearised_variance
from crmresearch.report.estimates import NAN, Estimate

SMALLEST = 0.005  # lower bound of a uniqueness, as in R's factanal


@dataclass(frozen=True, slots=True, eq=False)
class OneFactor:
    """A one-factor model fitted by maximum likelihood.

    Parameters
    ----------
    loadings, uniquenesses : (k,), in the items' own units
    covariance : (k, k), with divisor n
    improper : True where a uniqueness ran into its lower bound (a Heywood case)
    """

    loadings: np.ndarray
    uniquenesses: np.ndarray
    covariance: np.ndarray
    improper: bool


def alpha(
    items: pd.DataFrame, *, key: str, name: str, level: float = 0.95, group: str = ""
) -> Estimate:
    """Cronbach's alpha with Feldt's exact interval.

    The interval (Feldt 1965) assumes independent respondents and items that measure the same thing
    equally well; `omega_total` asks for neither.

    Parameters
    ----------
    items : (n, k) frame, one column an item, reversed items already reversed; k of at least 2
    """
    answers = items.dropna().to_numpy(float)
    n, k = answers.shape
    value, low, high = NAN, NAN, NAN
    total = answers.sum(axis=1).var(ddof=1) if n > 1 else 0.0
    if n > 1 and k > 1 and total > 0:
        value = float(k / (k - 1) * (1 - answers.var(axis=0, ddof=1).sum() / total))
    if np.isfinite(value) and n > 2:
        tail = (1 - level) / 2
        quantiles = stats.f.ppf([1 - tail, tail], n - 1, (n - 1) * (k - 1))
        low, high = (float(1 - (1 - value) * quantile) for quantile in quantiles)
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="coefficient",
        n=n,
        n_dropped=len(items) - n,
        method=f"Cronbach's alpha of {k} items, Feldt interval",
        group=group,
    )


def omega_total(
    items: pd.DataFrame,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
    group: str = "",
) -> Estimate:
    """McDonald's omega total from a one-factor model, with a distribution-free delta interval.

    The share of the sum score's variance that the common factor explains in the model (maximum
    likelihood). The interval is that of log(1 - omega), from each respondent's influence on the
    covariance matrix, summed within the design's clusters; weights are not used. It needs neither
    normal answers nor equal loadings.

    Parameters
    ----------
    items : (n, k) frame, one column an item; a model of one factor needs k of at least 3
    design : the rows' `Design`, for its clusters and strata

    Returns
    -------
    Estimate; NaN where there is no model (fewer than 3 items, an item without spread, fewer
    respondents than items), without an interval where the model is improper (a Heywood case).
    """
    design = (design or Design(len(items))).unweighted()
    complete = items.notna().all(axis=1).to_numpy()
    answers = items[complete].to_numpy(float)
    n, k = answers.shape
    value, low, high = NAN, NAN, NAN
    method = f"omega total of {k} items, one-factor ML model, delta interval ({design.words})"
    model = one_factor(answers)
    if model is None:
        method = f"omega total needs three items with spread and more answers than items; {k} items"
    else:
        value = _omega(model)
        if model.improper:
            method += "; improper solution (a uniqueness at its bound), so no interval"
        elif value < 1:
            error = _omega_error(model, answers, design, complete)
            reach = stats.norm.ppf(0.5 + level / 2) * error / (1 - value)
            low, high = 1 - (1 - value) * np.exp([reach, -reach])
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=float(low),
        high=float(high),
        level=level,
        unit="coefficient",
        n=n,
        n_dropped=len(items) - n,
        method=method,
        group=group,
    )


def item_rest(
    items: pd.DataFrame, *, key: str, names: dict[str, str], level: float = 0.95
) -> list[Estimate]:
    """Correlation of each item with the sum of the other items, with Fisher's z interval.

    Parameters
    ----------
    items : (n, k) frame
    names : column to the item's name for readers; the estimate's key is ``key.column``
    """
    answers = items.dropna()
    n = len(answers)
    found = []
    for column in items.columns:
        rest = answers.drop(columns=column).sum(axis=1)
        value, low, high = correlation(answers[column].to_numpy(float), rest.to_numpy(float), level)
        found.append(
            Estimate(
                key=f"{key}.{column}",
                name=names.get(column, str(column)),
                value=value,
                low=low,
                high=high,
                level=level,
                unit="correlation",
                n=n,
                n_dropped=len(items) - n,
                method=f"correlation with the sum of the other {items.shape[1] - 1}, Fisher z",
            )
        )
    return found


def correlation(x: np.ndarray, y: np.ndarray, level: float) -> tuple[float, float, float]:
    """Pearson's r of complete pairs with Fisher's z interval; NaN where a side has no spread."""
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return NAN, NAN, NAN
    value = float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))
    if len(x) < 4 or abs(value) > 1 - 1e-12:
        return value, NAN, NAN
    reach = stats.norm.ppf(0.5 + level / 2) / np.sqrt(len(x) - 3)
    low, high = np.tanh(np.arctanh(value) + np.array([-reach, reach]))
    return value, float(low), float(high)


def one_factor(answers: np.ndarray) -> OneFactor | None:
    """Fit one factor to complete answers (n, k) by maximum likelihood; None where it cannot be.

    The likelihood is concentrated on the uniquenesses of the correlation matrix (Lawley & Maxwell
    1971; the same function as R's ``factanal``), then put back on the items' own units.
    """
    n, k = answers.shape
    if k < 3 or n <= k or (np.ptp(answers, axis=0) == 0).any():
        return None
    covariance = np.cov(answers, rowvar=False, ddof=0)
    spread = np.sqrt(np.diag(covariance))
    correlations = covariance / np.outer(spread, spread)
    if np.linalg.eigvalsh(correlations)[0] < 1e-9:
        return None  # an item repeats another, or is the sum of others
    start = np.clip((1 - 0.5 / k) / np.diag(np.linalg.inv(correlations)), SMALLEST, 1.0)
    best = minimize(
        _misfit,
        start,
        args=(correlations,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(SMALLEST, 1.0)] * k,
        options={"ftol": 1e-16, "gtol": 1e-9, "maxiter": 2000},
    )
    loadings = _loadings(best.x, correlations)
    loadings *= np.sign(loadings.sum()) or 1.0
    return OneFactor(
        loadings * spread, best.x * spread**2, covariance, bool((best.x <= SMALLEST * 1.001).any())
    )


def _loadings(uniquenesses: np.ndarray, correlations: np.ndarray) -> np.ndarray:
    root = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(correlations / np.outer(root, root))
    return root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))


def _misfit(uniquenesses: np.ndarray, correlations: np.ndarray) -> tuple[float, np.ndarray]:
    root = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(correlations / np.outer(root, root))
    rest = np.maximum(values[:-1], 1e-300)
    loadings = root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
    implied = loadings**2 + uniquenesses
    gradient = (implied - np.diag(correlations)) / uniquenesses**2
    return float((rest - np.log(rest) - 1).sum()), gradient


def _omega(model: OneFactor) -> float:
    common = model.loadings.sum() ** 2
    return float(common / (common + model.uniquenesses.sum()))


def _omega_error(
    model: OneFactor, answers: np.ndarray, design: Design, complete: np.ndarray
) -> float:
    """Standard error of omega: each respondent's influence through the covariance matrix."""
    slope = omega_gradient(model)
    centred = answers - answers.mean(axis=0)
    influence = np.zeros(design.n)
    each = np.einsum("ij,jk,ik->i", centred, slope, centred) - (slope * model.covariance).sum()
    influence[complete] = each / len(answers)
    if design.plain:
        design, influence = Design(len(answers)), influence[complete]
        complete = np.ones(len(answers), dtype=bool)
    return float(np.sqrt(linearised_variance(influence, design, complete)[0]))


def omega_gradient(model: OneFactor) -> np.ndarray:
    """Derivative (k, k) of omega by the sample covariance matrix, by the implicit function theorem.

    At the maximum the score of the 2k parameters is 0 whatever the covariances, so that their
    derivative is the inverse Hessian times the derivative of the score. The Hessian is the
    observed one, so the result also holds where one factor fits badly.
    """
    loadings, k = model.loadings, len(model.loadings)
    inverse = np.linalg.inv(np.outer(loadings, loadings) + np.diag(model.uniquenesses))
    unit = np.eye(k)
    slopes = np.concatenate(
        [
            unit[:, :, None] * loadings + loadings[:, None] * unit[:, None, :],
            unit[:, :, None] * unit[:, None, :],
        ]
    )  # derivative of the implied covariances by each loading, then by each uniqueness
    left = inverse @ slopes  # (2k, k, k)
    gap = inverse @ model.covariance
    hessian = -np.einsum("sij,tji->st", left, left)
    hessian += 2 * np.einsum("sij,tjk,ki->st", left, left, gap, optimize=True)
    weighted = inverse - inverse @ model.covariance @ inverse
    hessian[:k, :k] += 2 * weighted
    hessian = (hessian + hessian.T) / 2
    common, unique = loadings.sum(), model.uniquenesses.sum()
    by_parameter = (
        np.concatenate([np.full(k, 2 * common * unique), np.full(k, -(common**2))])
        / (common**2 + unique) ** 2
    )
    pull = np.linalg.lstsq(hessian, by_parameter, rcond=None)[0]
    return np.einsum("t,tij->ij", pull, left @ inverse)
