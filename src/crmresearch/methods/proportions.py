"""Shares and the Net Promoter Score, with intervals that hold in small samples."""

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from crmresearch.methods.student import two_sided_p
from crmresearch.methods.weighting import (
    Design,
    kish,
    mean_contrast,
    method_words,
    rows_of,
    t_interval,
    weighted_mean,
)
from crmresearch.report.estimates import NAN, Estimate

Moments = tuple[float, float, int, int]  # mean, standard error, degrees of freedom, rows used
PSEUDO = 0.75, 1.5, 0.75  # Rocks (2016): added to promoters, passives and detractors


def wilson(successes: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share; NaN when `n` is 0."""
    if not n > 0:
        return NAN, NAN
    low, high = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    return float(max(low, 0.0)), float(min(high, 1.0))


def newcombe_difference(
    successes_first: int, n_first: int, successes_second: int, n_second: int, *, level: float = 0.95
) -> tuple[float, float, float]:
    """First share minus second share, with Newcombe's hybrid score interval (his method 10).

    Returns
    -------
    difference, low, high; NaN where a side is empty
    """
    if not (n_first > 0 and n_second > 0):
        return NAN, NAN, NAN
    low, high = confint_proportions_2indep(
        successes_first,
        n_first,
        successes_second,
        n_second,
        method="newcomb",
        compare="diff",
        alpha=1 - level,
    )
    return successes_first / n_first - successes_second / n_second, float(low), float(high)


def share(
    yes: np.ndarray,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    within: np.ndarray | None = None,
    level: float = 0.95,
    group: str = "",
    moments: Moments | None = None,
) -> Estimate:
    """Share of rows where `yes` is 1.

    Wilson's interval for a simple random sample; under another design the logit of the linearised
    interval, as R's ``svyciprop`` has it, and Wilson's on the effective number where the share is
    0 or 1, which has no logit.

    Parameters
    ----------
    yes : (n,) float or bool: 1, 0, or NaN where not answered
    within : (n,) bool, the part of the sample that is meant; all of it when None
    moments : what `weighted_mean` gives, where it is known already
    """
    yes, design = np.asarray(yes, dtype=float), design or Design(len(yes))
    rows = rows_of(within, len(yes))
    value, error, freedom, n = moments or weighted_mean(yes, design, rows)
    if design.plain:
        low, high = wilson(float(np.nansum(yes[rows])), n, level=level)
        method = "share, Wilson interval"
    elif 0 < value < 1 and np.isfinite(error):
        logit = np.log(value / (1 - value))
        ends = t_interval(logit, error / (value * (1 - value)), freedom, level)
        low, high = (float(1 / (1 + np.exp(-end))) for end in ends)
        method = f"share, {method_words(design, freedom)} of the logit"
    else:
        used = rows & np.isfinite(yes)
        effective = kish(design.row_weights()[used], n)[0]
        low, high = wilson(value * effective, effective, level=level)
        method = f"share, {design.words}, Wilson interval on the effective n of {effective:.0f}"
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="share",
        n=n,
        n_dropped=int(rows.sum()) - n,
        method=method,
        group=group,
    )


def top_box(scores: np.ndarray, *, lowest: float) -> np.ndarray:
    """1 where a score is `lowest` or above, 0 where below, NaN where not answered."""
    scores = np.asarray(scores, dtype=float)
    return np.where(np.isfinite(scores), (scores >= lowest).astype(float), NAN)


def nps_points(scores: np.ndarray) -> np.ndarray:
    """100 for a promoter (9 or 10), -100 for a detractor (0 to 6), 0 for the rest.

    The mean of the result is the Net Promoter Score. Anything outside 0 to 10, such as a code for
    no answer, is NaN: counting it as a promoter is a known mistake.
    """
    scores = np.asarray(scores, dtype=float)
    points = np.select([scores >= 9, scores >= 7], [100.0, 0.0], default=-100.0)
    return np.where((scores >= 0) & (scores <= 10), points, NAN)


def nps_interval(
    promoters: float, passives: float, detractors: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Adjusted Wald interval of a Net Promoter Score in points (Rocks 2016).

    Three pseudo-respondents (3/4 promoter, 3/2 passive, 3/4 detractor) are added before the
    multinomial variance p + d - (p - d)^2 is taken, so that the interval holds in small samples
    and has a width where everybody agrees. It need not be centred on the score.
    """
    counts = np.array([promoters, passives, detractors], dtype=float)
    if not counts.sum() > 0:
        return NAN, NAN
    high_share, _, low_share = (counts + PSEUDO) / (counts.sum() + sum(PSEUDO))
    centre = high_share - low_share
    variance = (high_share + low_share - centre**2) / (counts.sum() + sum(PSEUDO))
    reach = stats.norm.ppf(0.5 + level / 2) * np.sqrt(variance)
    return 100 * float(max(centre - reach, -1.0)), 100 * float(min(centre + reach, 1.0))


def nps(
    scores: np.ndarray,
    *,
    key: str = "nps",
    name: str = "Net Promoter Score",
    design: Design | None = None,
    within: np.ndarray | None = None,
    level: float = 0.95,
    group: str = "",
    moments: Moments | None = None,
) -> Estimate:
    """Net Promoter Score: percentage of promoters less percentage of detractors, in points.

    Adjusted Wald interval for a simple random sample, linearised t interval under another design.

    Parameters
    ----------
    scores : (n,) float, 0 to 10; anything else is no answer
    within : (n,) bool, the part of the sample that is meant; all of it when None
    moments : what `weighted_mean` gives, where it is known already
    """
    points = nps_points(scores)
    design = design or Design(len(points))
    rows = rows_of(within, len(points))
    value, error, freedom, n = moments or weighted_mean(points, design, rows)
    if design.plain or not error > 0:
        counts = _effective_counts(points, rows, design, n)
        low, high = nps_interval(*counts, level=level)
        method = "NPS, adjusted Wald interval (Rocks 2016)"
        if not design.plain:
            method += f" on the effective n, {design.words} without spread between clusters"
    else:
        low, high = np.clip(t_interval(value, error, freedom, level), -100.0, 100.0)
        method = f"NPS, {method_words(design, freedom)}"
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=float(low),
        high=float(high),
        level=level,
        unit="points",
        n=n,
        n_dropped=int(rows.sum()) - n,
        method=method,
        group=group,
    )


def _effective_counts(points: np.ndarray, rows: np.ndarray, design: Design, n: int) -> list[float]:
    """Promoters, passives and detractors among the rows, together as many as n is worth."""
    used, weights = rows & np.isfinite(points), design.row_weights()
    scale = kish(weights[used], n)[0] / weights[used].sum() if n else 0.0
    return [scale * weights[used & (points == kind)].sum() for kind in (100.0, 0.0, -100.0)]


def nps_difference(
    scores: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
    group: str = "",
) -> Estimate:
    """Net Promoter Score of the rows `second` less that of the rows `first`, in points.

    For a simple random sample the pseudo-respondents of the adjusted Wald interval are shared
    between the sides, half to each, as Agresti and Caffo do for shares; the linearised interval
    under another design.
    """
    settings = {"design": design, "level": level, "group": group}
    return points_difference(nps_points(scores), first, second, key=key, name=name, **settings)


def points_difference(
    points: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    *,
    key: str,
    name: str,
    design: Design | None = None,
    level: float = 0.95,
    group: str = "",
) -> Estimate:
    """`nps_difference` of what `nps_points` gives: (n,) 100, 0, -100 or NaN."""
    design = design or Design(len(points))
    value, error, freedom, n = mean_contrast(points, design, [(1.0, second), (-1.0, first)])
    p = NAN
    if design.plain:
        low, high, p = _adjusted_difference(points[second], points[first], level)
        method = "difference of NPS, adjusted Wald interval"
    else:
        low, high = t_interval(value, error, freedom, level)
        method = f"difference of NPS, {method_words(design, freedom)}"
        if np.isfinite(error) and error > 0:
            p = two_sided_p(value / error, freedom)
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="points difference",
        n=n,
        n_dropped=int((first | second).sum()) - n,
        method=method,
        group=group,
        p=p,
    )


def _adjusted_difference(
    second: np.ndarray, first: np.ndarray, level: float
) -> tuple[float, float, float]:
    centres, variances = [], []
    for points in (second, first):
        counts = np.array([(points == kind).sum() for kind in (100.0, 0.0, -100.0)], dtype=float)
        if not counts.sum():
            return NAN, NAN, NAN
        shares = (counts + np.array(PSEUDO) / 2) / (counts.sum() + sum(PSEUDO) / 2)
        centre = shares[0] - shares[2]
        centres.append(centre)
        variances.append((shares[0] + shares[2] - centre**2) / (counts.sum() + sum(PSEUDO) / 2))
    centre, error = centres[0] - centres[1], float(np.sqrt(sum(variances)))
    reach = stats.norm.ppf(0.5 + level / 2) * error
    p = float(2 * stats.norm.sf(abs(centre) / error))
    return 100 * max(centre - reach, -2.0), 100 * min(centre + reach, 2.0), p
