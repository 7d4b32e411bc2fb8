"""How much of the contrast of delighted complainers may be due to how they were chosen."""

import math

import numpy as np
from scipy import stats

from crmresearch.methods.association import correlation
from crmresearch.methods.columns import predictor_columns
from crmresearch.methods.selection import Selection, correlation_to_reach, selection
from crmresearch.methods.weighting import Design
from crmresearch.recovery.cases import Cases, Outcome, known
from crmresearch.recovery.contrasts import family, kinds, restored_family
from crmresearch.recovery.verdicts import smallest
from crmresearch.report.estimates import Estimate, find

STEP = 0.1  # between the correlations at which the contrast is shown
LEAST, MOST = 0.3, 0.9  # the largest correlation shown is between these


def bound(
    cases: Cases,
    outcome: Outcome,
    estimates: list[Estimate],
    *,
    sesoi: float = 0.2,
    sesoi_share: float = 0.05,
) -> list[Estimate]:
    """The correlation of rating and error at which selection alone would explain the contrast.

    Delighted complainers are chosen by a rating that came after the recovery. Where the rating has
    the correlation r with whatever else lifts the outcome, choosing by it adds r · s · λ to their
    mean: s is the SD of the outcome and λ how far their mean rating lies above that of all
    complainers, in its SD, both beyond the covariates (the contrast is then that adjusted for
    them). How rating and outcome go together among complainers is the most that r can be as long as
    better handling does no harm, since some of it may be what the handling did.

    Parameters
    ----------
    estimates : of `contrasts.compare`
    sesoi, sesoi_share : smallest difference of interest, in SD and of shares

    Returns
    -------
    ``selection.<outcome>.zero`` and ``….interest``, the correlation at which the contrast would be
    zero, or no more than the smallest difference of interest; ``….observed``, that of rating and
    outcome; ``selected.<outcome>.<hundredths>``, the contrast at correlations from 0 up. Empty
    where the handling was not rated or the contrast is not shown.
    """
    kind = kinds(cases)[-1]
    judged = find(estimates, f"{family(cases)}.{outcome.key}.delighted.{kind}")
    gap = find(estimates, f"gap.{outcome.key}.delighted.{kind}")
    if judged is None or gap is None or not judged.low < judged.high:
        return []
    found, seen = _among_complainers(cases, outcome, judged.level)
    scale = (gap.high - gap.low) / (judged.high - judged.low)
    if not found.most > 0 or not seen.low <= seen.high:
        return []
    targets = {
        "zero": (0.0, "no difference"),
        "interest": (
            smallest(judged.unit, sesoi=sesoi, sesoi_share=sesoi_share),
            "a difference of no interest",
        ),
    }
    needed = [
        _needed(judged, found, scale, target, f"selection.{outcome.key}.{name}", left)
        for name, (target, left) in targets.items()
    ]
    return [*needed, seen, *_curve(judged, found, scale, seen.high, outcome)]


def _curve(
    judged: Estimate, found: Selection, scale: float, high: float, outcome: Outcome
) -> list[Estimate]:
    """The contrast at correlations from 0 to beyond the highest that was seen."""
    last = min(max(math.ceil(high / STEP - 1e-9) * STEP, LEAST), MOST)
    return [
        _less(
            judged,
            found,
            scale,
            float(r),
            0.0,
            key=f"selected.{outcome.key}.{round(100 * r)}",
            name=f"delighted complainers if rating and error correlate {r:.1f}",
        )
        for r in np.arange(round(last / STEP) + 1) * STEP
    ]


def less_selection(cases: Cases, outcome: Outcome, estimates: list[Estimate]) -> list[Estimate]:
    """The contrast of delighted complainers less all that selection may have added.

    All that rating and outcome share among complainers is taken for selection, which leaves about
    the contrast of all complainers: the least that handling can have done, as the contrast itself
    is the most.

    Returns
    -------
    ``less_selection.<outcome>.delighted`` and ``less_selection_restored…``, for superiority and
    equivalence, in the unit in which the contrast is judged; empty as for `bound`.
    """
    kind, made = kinds(cases)[-1], []
    starts = {family(cases): "less_selection", restored_family(cases): "less_selection_restored"}
    gap = find(estimates, f"gap.{outcome.key}.delighted.{kind}")
    for start, key in starts.items():
        judged = find(estimates, f"{start}.{outcome.key}.delighted.{kind}")
        if judged is None or gap is None or not judged.low < judged.high:
            return []
        if not made:
            found, seen = _among_complainers(cases, outcome, judged.level)
            scale = (gap.high - gap.low) / (judged.high - judged.low)
            if not found.most > 0 or not seen.low <= seen.high:
                return []
            half = (math.atanh(seen.high) - math.atanh(seen.low)) / 2 * (1 - seen.value**2)
            error = half / stats.norm.ppf((1 + judged.level) / 2)
        reach = error * stats.norm.ppf((1 + judged.level) / 2)
        made.append(
            _less(
                judged,
                found,
                scale,
                seen.value,
                reach,
                key=f"{key}.{outcome.key}.delighted",
                name=f"{judged.name}, less selection",
            )
        )
    return made


def _among_complainers(cases: Cases, outcome: Outcome, level: float) -> tuple[Selection, Estimate]:
    """The selection, and the correlation of rating and outcome, beyond the covariates."""
    weights = cases.sampling.row_weights()
    rating = cases.frame["handling"].to_numpy() if cases.has("handling") else np.empty(0)
    values = cases.frame[outcome.key].to_numpy()
    rows = np.zeros(len(values), dtype=bool)
    if len(rating):
        rows = np.isfinite(rating) & np.isfinite(values) & (weights > 0)
        rows &= cases.covariates.notna().all(axis=1).to_numpy()
    design = cases.sampling.without_margins().take(rows)
    columns = predictor_columns(cases.covariates[rows]).to_numpy()
    heavy = np.sqrt(weights[rows])[:, None]
    both = np.column_stack([rating[rows], values[rows]]) if rows.any() else np.empty((0, 2))
    held = 0
    if len(both):
        slopes, _, held, _ = np.linalg.lstsq(columns * heavy, both * heavy, rcond=1e-10)
        both = both - columns @ slopes
    found = selection(
        both[:, 0],
        both[:, 1],
        known(cases.frame["delighted"])[rows] if len(both) else np.empty(0, dtype=bool),
        design=design,
        held=max(int(held) - 1, 0),
    )
    return found, _observed(both, design, outcome, level, len(columns[0]) > 1 if len(both) else 0)


def _observed(
    both: np.ndarray, design: Design, outcome: Outcome, level: float, adjusted: bool
) -> Estimate:
    return correlation(
        both[:, 0],
        both[:, 1],
        key=f"selection.{outcome.key}.observed",
        name=f"rating of the handling and {outcome.name}, among complainers"
        + (", covariates held" if adjusted else ""),
        design=design,
        level=level,
    )


def _needed(
    judged: Estimate, found: Selection, scale: float, target: float, key: str, left: str
) -> Estimate:
    crit = float(stats.norm.ppf((1 + judged.level) / 2))
    error = (judged.high - judged.low) / 2 / crit * scale
    value, spread = correlation_to_reach(judged.value * scale, error, target * scale, found)
    return Estimate(
        key=key,
        name=f"correlation of rating and error that would leave {left}",
        value=value,
        low=value - crit * spread,
        high=value + crit * spread,
        level=judged.level,
        unit="correlation",
        n=judged.n,
        n_dropped=judged.n_dropped,
        method=f"(contrast − {target:g}) / (s λ), λ = {found.chosen_by:.2f} from {found.chosen:,} "
        f"of {found.n:,} complainers, delta method",
    )


def _less(
    judged: Estimate,
    found: Selection,
    scale: float,
    r: float,
    reach: float,
    *,
    key: str,
    name: str,
) -> Estimate:
    """The contrast at a correlation that is known, or known to ± `reach`."""
    most = found.most / scale
    crit = float(stats.norm.ppf((1 + judged.level) / 2))
    half = math.hypot((judged.high - judged.low) / 2, most * reach)
    half = math.hypot(half, r * most * found.log_error * crit)
    value = judged.value - r * most
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=value - half,
        high=value + half,
        level=judged.level,
        unit=judged.unit,
        n=judged.n,
        n_dropped=judged.n_dropped,
        method=f"contrast less r s λ, r = {r:.2f}, λ = {found.chosen_by:.2f}",
    )
