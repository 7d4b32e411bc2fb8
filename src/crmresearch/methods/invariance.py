"""Whether groups may be compared on a scale: the same pattern, the same loadings and intercepts.

Each step adds constraints to the one before and is judged by what they cost in fit. The scaled
difference test is that of Satorra & Bentler (2001), Psychometrika 66, 507-514, or where its factor
is not positive (2010), Psychometrika 75, 243-248. The RMSEA of the difference (Savalei, Brace &
Fouladi 2023, Psychological Methods) has an interval, which changes of CFI and RMSEA (Cheung &
Rensvold 2002; Chen 2007) lack.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods import cfa
from crmresearch.methods.cfa import Solution
from crmresearch.methods.cfa_fit import Fit, chi_squared, fit_measures, rmsea
from crmresearch.methods.cfa_robust import Robust, robust, sandwich
from crmresearch.methods.cfa_rows import Rows
from crmresearch.methods.cfa_saturated import Saturated, saturated
from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a set of constraints costs: a scaled test, and the misfit that it adds.

    Parameters
    ----------
    chi2, freedom, p : scaled difference test
    scaling : what it was divided by
    rmsea, low, high : RMSEA of the difference with its interval at `cfa_fit.RMSEA_LEVEL`
    """

    chi2: float
    freedom: int
    p: float
    scaling: float
    rmsea: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One model of the sequence; `difference` is None in the first."""

    name: str
    solution: Solution
    robust: Robust
    fit: Fit
    difference: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What freeing one loading or intercept in one group would change.

    Parameters
    ----------
    item, group : positions
    change, error : expected change of the parameter by the score test, with its robust error
    p : of the score test
    """

    item: int
    group: int
    change: float
    error: float
    p: float


def steps(rows: Rows, factor: Sequence[int], *, names: Sequence[str] = cfa.STEPS[:3]) -> list[Step]:
    """The models of `names` one after the other, each started from the one before.

    Raises
    ------
    numpy.linalg.LinAlgError
        Where a model is not identified by these answers.
    """
    moments = rows.moments
    free = saturated(rows)
    found: list[Step] = []
    for name in names:
        wanted = cfa.model(factor, groups=len(moments.sizes), step=name)
        start = found[-1].solution.values if found else None
        solution = cfa.fit(wanted, moments, start=start)
        errors = robust(solution, rows, free)
        fit = fit_measures(solution, trace=errors.trace, independence=free.independence)
        difference = _difference(found[-1], solution, errors, rows, free) if found else None
        found.append(Step(name, solution, errors, fit, difference))
    return found


def _difference(
    before: Step, solution: Solution, errors: Robust, rows: Rows, free: Saturated
) -> Difference:
    """The scaled test of the constraints that `solution` adds to the model before it."""
    freedom = solution.model.freedom - before.solution.model.freedom
    plain = max(chi_squared(solution) - chi_squared(before.solution), 0.0)
    scaling = (errors.trace - before.robust.trace) / freedom
    if not scaling > 0:
        at = _restated(solution, before.solution)
        scaling = (errors.trace - robust(at, rows, free).trace) / freedom
    return _tested(plain, freedom, scaling, solution)


def _tested(plain: float, freedom: int, scaling: float, solution: Solution) -> Difference:
    if not scaling > 0:
        return Difference(
            chi2=NAN, freedom=freedom, p=NAN, scaling=NAN, rmsea=NAN, low=NAN, high=NAN
        )
    chi2, n, groups = plain / scaling, solution.moments.total, solution.model.groups
    reach = rmsea(chi2, freedom, n, groups=groups, scaling=scaling)
    return Difference(
        chi2=chi2,
        freedom=freedom,
        p=float(stats.chi2.sf(chi2, freedom)),
        scaling=scaling,
        rmsea=reach[0],
        low=reach[1],
        high=reach[2],
    )


def _restated(solution: Solution, before: Solution) -> Solution:
    """The estimates of the stricter model in the terms of the one before it."""
    slots, model = solution.model.slots, before.model
    values = solution.values.copy()
    rows, columns = slots.pairs
    for g, own in enumerate(values):
        if (model.numbers[g, slots.means] < 0).all():
            own[slots.intercepts] += own[slots.loadings] * own[slots.means][slots.factor]
            own[slots.means] = 0.0
        variances = np.flatnonzero(rows == columns)
        if (model.numbers[g, slots.bounds[0] + variances] < 0).all():
            root = np.sqrt(own[slots.spreads][variances])
            own[slots.loadings] *= root[slots.factor]
            own[slots.spreads] /= root[rows] * root[columns]
    return Solution(model, solution.moments, values, solution.discrepancy, solution.steps)


def by_factor(step: Step, *, factor: int) -> Difference:
    """Score test of what this step holds alike, for the items of one factor.

    All items but the first of the factor are freed in all groups but the first, which is the same
    model whichever item is kept.
    """
    model = step.solution.model
    own = np.flatnonzero(model.slots.factor == factor)[1:] + _start(step)
    places = (np.arange(1, model.groups)[:, None] * model.slots.size + own).ravel()
    slopes, information, variance = _freed(step)
    inner = information[np.ix_(places, places)]
    plain = float(slopes[places] @ np.linalg.solve(inner, slopes[places]))
    spread = variance[np.ix_(places, places)]
    scaling = float(np.trace(np.linalg.solve(inner, spread))) / len(places)
    return _tested(max(plain, 0.0), len(places), scaling, step.solution)


def releases(step: Step) -> list[Release]:
    """Every item in every group: what freeing it there would change, the clearest first.

    Chosen from many, the first looks larger than it is.
    """
    model = step.solution.model
    slopes, information, variance = _freed(step)
    found = []
    for g in range(model.groups):
        for a in range(model.slots.items):
            place = g * model.slots.size + _start(step) + a
            inner, spread = information[place, place], variance[place, place]
            if inner > 0 and spread > 0:
                found.append(
                    Release(
                        item=a,
                        group=g,
                        change=float(slopes[place] / inner),
                        error=float(np.sqrt(spread) / inner),
                        p=float(stats.chi2.sf(slopes[place] ** 2 / spread, 1)),
                    )
                )
    return sorted(found, key=lambda item: -abs(item.change / item.error))


def freed(step: Step, rows: Rows, release: Release) -> tuple[float, float]:
    """How far a parameter lies from that of the other groups when it is free, with its error.

    The model is fitted again, since the expected change of a score test overstates large ones. NaN
    where that model is not identified.
    """
    tight = step.solution.model
    place = _start(step) + release.item
    numbers = tight.numbers.copy()
    shared = numbers[release.group, place]
    numbers[release.group, place] = tight.free
    model = dataclasses.replace(tight, numbers=numbers)
    try:
        found = cfa.fit(model, rows.moments, start=step.solution.values)
        covariance = sandwich(found, rows)[1]
    except np.linalg.LinAlgError:
        return NAN, NAN
    others = [g for g in range(model.groups) if g != release.group]
    contrast = np.zeros(model.free)
    contrast[[tight.free, shared]] = 1.0, -1.0
    change = found.values[release.group, place] - found.values[others[0], place]
    return float(change), float(np.sqrt(contrast @ covariance @ contrast))


def _start(step: Step) -> int:
    """Where the parameters that this step holds alike begin: loadings, intercepts or uniques."""
    slots = step.solution.model.slots
    return {"metric": 0, "scalar": slots.bounds[2], "strict": slots.bounds[1]}[step.name]


def _freed(step: Step) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes (G s,) of all slots, and the information and robust variance (G s, G s) of them.

    Both are of what is left when the model's own parameters have adjusted.
    """
    solution = step.solution
    model, size = solution.model, solution.model.slots.size
    slopes = np.zeros(model.groups * size)
    whole = np.zeros((model.groups * size,) * 2)
    blocks = solution.blocks()
    for g in range(model.groups):
        here = slice(g * size, (g + 1) * size)
        slopes[here], whole[here, here] = solution.slopes(g), blocks[g]
    pick = model.selection()
    adjust = np.eye(len(whole)) - whole @ pick @ np.linalg.solve(pick.T @ whole @ pick, pick.T)
    return slopes, adjust @ whole, adjust @ step.robust.meat @ adjust.T
