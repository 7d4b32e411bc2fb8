"""Change from one wave to the next, beside the change that these samples could have shown."""

import dataclasses
from collections.abc import Iterable

import numpy as np
from scipy import stats

from crmresearch.data.survey import Survey
from crmresearch.methods.domains import domain_means
from crmresearch.methods.means import detectable, standard_error
from crmresearch.methods.multiplicity import METHODS, adjust
from crmresearch.methods.trend import Trend, trend
from crmresearch.methods.weighting import Design, t_interval
from crmresearch.report.claims import claims
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import hidden_groups
from crmresearch.survey.metrics import (
    Measure,
    by_group,
    contrast,
    difference,
    grouped,
    headline_measures,
)
from crmresearch.survey.panel import codes, followed, following, kept, linked
from crmresearch.survey.sample import parts, sampling

POWER = 0.8
CORRECTIONS = {"holm": "holm", "fdr_bh": "bh"}  # the parameter's words to `multiplicity`'s
SIZES = {  # the unsigned unit of each signed one
    "points difference": "points",
    "share difference": "percentage points",
    "scale difference": "scale points",
}


def between_waves(
    survey: Survey, *, level: float = 0.95, min_cell: int = 2, correction: str = "holm"
) -> list[Estimate]:
    """Change of every headline measure, and the smallest change that would have been found.

    The test is that of the data: people and accounts that answered in both waves are one cluster
    each, which makes it the paired test in a panel, the test of two samples where nobody answered
    twice, and the right one between the two otherwise.

    Parameters
    ----------
    min_cell : waves that may not be shown for being smaller are not compared either
    correction : ``holm`` or ``fdr_bh``, of the p values of the latest changes as one family; the
        intervals are those of each change alone

    Returns
    -------
    ``change.nps`` and so on from the last wave but one to the last, without a group; the same
    between earlier waves with the group ``waves: A to B``; after each ``change.nps.detectable``,
    the true change that would be found with 80% power. For the latest change also
    ``change.nps.power``, the chance of finding the smallest change that a claim takes an interest
    in; ``change.nps.same`` of those who answered in both waves; ``panel.again``, how many they
    are, and ``panel.nps``, how those who did not answer again differed. With three waves or more
    ``trend.nps`` and ``trend.nps.bend``. Empty with a single wave.
    """
    basis = linked(survey)
    people = codes(survey)
    found: list[Estimate] = []
    left: list[Estimate] = []
    trends: list[Estimate] = []
    pair = None
    for measure in headline_measures(survey):
        waves = shown_waves(survey, measure, basis, min_cell)
        for position in range(len(waves) - 1, 0, -1):
            earlier, later = waves[position - 1], waves[position]
            last = position == len(waves) - 1
            found += _change(survey, measure, earlier, later, basis, level, last)
            if last:
                pair = following(people, earlier[1], later[1], (earlier[0], later[0]))
                same, gone = followed(measure, pair, basis, level=level, min_cell=min_cell)
                found += [same] if same else []
                left += [gone] if gone else []
        trends += _trend(measure, waves, basis, level)
    latest = [item for item in found if not item.group and item.key.count(".") == 1]
    adjusted = iter(corrected(latest, correction))
    found = [next(adjusted) if item in latest else item for item in found]
    who = kept(pair) if pair else []
    return found + corrected(trends, correction) + who + corrected(left, correction)


def shown_waves(
    survey: Survey, measure: Measure, basis: Design, min_cell: int
) -> list[tuple[str, np.ndarray]]:
    """The waves whose figure of the measure may be shown: name and (n,) bool rows, in order."""
    known = np.isfinite(measure.values) & (basis.row_weights() > 0)
    everyone = {label: rows for _, label, rows in parts(survey, ("wave",))}
    sizes = {label: int((rows & known).sum()) for label, rows in everyone.items()}
    hidden = hidden_groups(sizes, min_cell, total=int(known.sum()))
    return [(x, rows) for x, rows in everyone.items() if sizes[x] and x not in hidden]


def corrected(estimates: list[Estimate], correction: str) -> list[Estimate]:
    """The estimates with p adjusted over those of them that have one, as one family."""
    p = np.array([item.p for item in estimates])
    tests = int(np.isfinite(p).sum())
    if tests < 2:
        return estimates
    adjusted = adjust(p, method=CORRECTIONS[correction])
    words = f"; p adjusted for {tests} tests ({METHODS[CORRECTIONS[correction]]})"
    return [
        item if q != q else dataclasses.replace(item, p=float(q), method=item.method + words)
        for item, q in zip(estimates, adjusted, strict=True)
    ]


def _change(
    survey: Survey,
    measure: Measure,
    earlier: tuple[str, np.ndarray],
    later: tuple[str, np.ndarray],
    basis: Design,
    level: float,
    last: bool,
) -> list[Estimate]:
    settings = {
        "key": f"change.{measure.key}",
        "name": f"{measure.name}, {earlier[0]} to {later[0]}",
        "level": level,
        "group": "" if last else f"waves: {earlier[0]} to {later[0]}",
    }
    [(variable, waves)] = grouped(survey, ("wave",)).items()
    if basis is sampling(survey) and not basis.plain:  # then the waves' means are known already
        means = by_group(survey, measure, variable, waves)
        sides = tuple(list(waves).index(name) for name in (earlier[0], later[0]))
        change = contrast(measure, means, sides, basis, **settings)
    else:
        change = difference(measure, earlier[1], later[1], design=basis, **settings)
    if not change.low <= change.high:
        return [change] if change.value == change.value else []
    return [change, smallest(change), *(_power(change) if last else [])]


def smallest(change: Estimate, *, level: float | None = None) -> Estimate:
    """The true change or difference that would be found with 80% power, from the error of `change`.

    Parameters
    ----------
    level : of the test; that of the estimate when None
    """
    level = change.level if level is None else level
    return dataclasses.replace(
        change,
        key=f"{change.key}.detectable",
        name=f"{change.name}: smallest {_kind(change)} that would be found",
        value=detectable(standard_error(change), level=level, power=POWER),
        low=np.nan,
        high=np.nan,
        level=level,
        unit=SIZES[change.unit],
        method=f"two-sided test at {1 - level:.2g}, {POWER:.0%} power, from the standard error of "
        f"the {_kind(change)}",
        p=np.nan,
    )


def _kind(change: Estimate) -> str:
    return "change" if change.key.startswith("change.") else "difference"


def _power(change: Estimate) -> Iterable[Estimate]:
    """The chance of finding the smallest change that the study's claims take an interest in."""
    error = standard_error(change)
    for claim in claims("survey"):
        if claim.decided_by == change.key and claim.rule in ("differs", "superior") and error > 0:
            reach = stats.norm.ppf(0.5 + change.level / 2)
            shift = claim.bound / error
            yield dataclasses.replace(
                change,
                key=f"{change.key}.power",
                name=f"{change.name}: chance of finding a true change of {claim.bound:g}",
                value=float(stats.norm.sf(reach - shift) + stats.norm.cdf(-reach - shift)),
                low=np.nan,
                high=np.nan,
                unit="share",
                method="power of the two-sided test from the standard error of the change",
                p=np.nan,
            )


def _trend(
    measure: Measure, waves: list[tuple[str, np.ndarray]], basis: Design, level: float
) -> list[Estimate]:
    """The straight line through three or more waves, and the test of departure from it."""
    if len(waves) < 3:
        return []
    which = np.full(basis.n, -1)
    for position, (_, rows) in enumerate(waves):
        which[rows] = position
    means = domain_means(measure.values, which, len(waves), basis)
    times, step = _times([label for label, _ in waves])
    line = trend(means, times)
    common = {
        "n": int(means.n.sum()),
        "n_dropped": int(means.dropped.sum()),
        "level": level,
    }
    span = f"{waves[0][0]} to {waves[-1][0]}"
    name = f"{measure.name}, change per {step}, {span}"
    design = "unweighted" if basis.plain else basis.words
    words = f"linear contrast of {len(waves)} waves, {design}"
    found = [_slope(measure, line, name, words, common)]
    if line.p == line.p:
        bend = Estimate(
            key=f"trend.{measure.key}.bend",
            name=f"{measure.name}: departure from a straight line",
            value=line.f,
            unit="statistic",
            p=line.p,
            method=f"adjusted Wald F({line.terms}, {line.f_freedom:,.0f})",
            **common,
        )
        found.append(bend)
    return [item for item in found if item.value == item.value]


def _slope(measure: Measure, line: Trend, name: str, words: str, common: dict) -> Estimate:
    low, high = t_interval(line.slope, line.error, line.freedom, common["level"])
    known = line.error > 0 and line.freedom > 0
    return Estimate(
        key=f"trend.{measure.key}",
        name=name,
        value=line.slope,
        low=low,
        high=high,
        unit=measure.unit,
        p=float(2 * stats.t.sf(abs(line.slope) / line.error, line.freedom)) if known else np.nan,
        method=f"{words}, t interval, {line.freedom:,.0f} df",
        **common,
    )


def _times(labels: list[str]) -> tuple[np.ndarray, str]:
    """When the waves were: their numbers where the labels are such and rise, else 0, 1, 2."""
    try:
        times = np.array([float(label) for label in labels])
    except ValueError:
        times = np.array([])
    if len(times) and np.isfinite(times).all() and (np.diff(times) > 0).all():
        step = "wave" if np.allclose(np.diff(times), 1) else "1 in the number of the wave"
        return times, step
    return np.arange(len(labels), dtype=float), "wave"
