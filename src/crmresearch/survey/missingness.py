"""What was left unanswered, what was left out together, and by whom."""

import dataclasses

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.domains import domain_means
from crmresearch.methods.means import mean_difference
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.proportions import share
from crmresearch.methods.wald import equal_means
from crmresearch.methods.weighting import Design, weighted_mean
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import reveals
from crmresearch.survey.answering import MEASURED
from crmresearch.survey.metrics import Measure, headline_measures
from crmresearch.survey.sample import MOST_PARTS, labelled, sampling

MOST_PATTERNS = 5
MOST_TESTED = 6  # questions, those left out most
WORTH_TESTING = 0.01  # share missing below which a question is not tested
GROUPS = ("wave", "segment", "channel")


def missing(survey: Survey, *, level: float = 0.95) -> list[Estimate]:
    """Share without an answer of every question that all are asked, the largest first."""
    basis = sampling(survey).unweighted()
    found = [
        share(
            survey.answers[item.variable].isna().to_numpy(float),
            key=f"missing.{item.variable}",
            name=item.name,
            design=basis,
            level=level,
        )
        for item in _asked(survey)
    ]
    return sorted((item for item in found if item.n), key=lambda item: -item.value)


def _asked(survey: Survey) -> list[Variable]:
    return [item for item in survey.codebook.values() if set(item.roles).intersection(MEASURED)]


def patterns(survey: Survey, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Who left out what: the share that answered everything, and the commonest gaps.

    Parameters
    ----------
    min_cell : patterns of fewer people are counted as other ones, together with the least common
        named one where the others would be fewer than that

    Returns
    -------
    ``pattern.complete``, then ``pattern.1`` and so on, the commonest first, and ``pattern.other``.
    Empty with fewer than two questions or without anything missing.
    """
    items = _asked(survey)
    if len(items) < 2 or survey.answers.empty:
        return []
    codes, gaps = _codes(survey, items)
    sizes = np.bincount(codes)
    complete = int(np.flatnonzero(gaps.sum(axis=1) == 0)[0]) if (~gaps.any(axis=1)).any() else -1
    if complete >= 0 and len(sizes) == 1:
        return []
    order = [int(code) for code in np.argsort(-sizes, kind="stable") if code != complete]
    named = [code for code in order if sizes[code] >= max(min_cell, 1)][:MOST_PATTERNS]
    others = [code for code in order if code not in named]
    while named and 0 < sizes[others].sum() < min_cell:
        others.append(named.pop())
    rows = [("pattern.complete", "Nothing: every question answered", codes == complete)]
    for place, code in enumerate(named, start=1):
        names = [item.name for item, gap in zip(items, gaps[code], strict=True) if gap]
        rows.append((f"pattern.{place}", _gap(names), codes == code))
    if others:
        rows.append(("pattern.other", "Other gaps", np.isin(codes, others)))
    basis = sampling(survey).unweighted()
    return [
        share(yes.astype(float), key=key, name=name, design=basis, level=level)
        for key, name, yes in rows
    ]


def _codes(survey: Survey, items: list[Variable]) -> tuple[np.ndarray, np.ndarray]:
    """The pattern of each respondent (n,), and what each pattern leaves out (P, items)."""
    absent = [survey.answers[item.variable].isna().to_numpy() for item in items]
    codes = np.zeros(len(survey.answers), dtype=np.int64)
    for place, gap in enumerate(absent):
        codes = 2 * codes + gap
        if place % 30 == 29:  # numbered anew before the numbers grow too large
            codes = pd.factorize(codes)[0].astype(np.int64)
    codes, found = pd.factorize(codes)
    someone = np.zeros(len(found), dtype=np.int64)
    someone[codes] = np.arange(len(codes))
    return codes, np.column_stack([gap[someone] for gap in absent])


def _gap(names: list[str]) -> str:
    if len(names) == 1:
        return f"Only {names[0]}"
    shown = ", ".join(names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def related(survey: Survey, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Whether leaving a question out goes with satisfaction or with groups.

    If answers were missing completely at random, those who left a question out would be like
    those who answered it. The questions most often left out are tested, those missing for 1% or
    more; p is adjusted for all tests together (Holm).

    Parameters
    ----------
    min_cell : a difference that would give away the answers of fewer people is not made

    Returns
    -------
    ``missing.{variable}.{measure}``, the mean of a headline measure among those who left the
    question out less that of the others, and ``missing.{variable}.by.{role}``, the F of the share
    missing between the groups of a variable.
    """
    basis = sampling(survey)
    measures = headline_measures(survey)
    tested = sorted(
        (item for item in _asked(survey) if _often(survey, item, min_cell)),
        key=lambda item: -survey.answers[item.variable].isna().sum(),
    )[:MOST_TESTED]
    told: dict[str, list[np.ndarray]] = {}
    found = []
    for item in tested:
        absent = survey.answers[item.variable].isna().to_numpy()
        measure = next((one for one in measures if not _made_of(survey, one, item)), None)
        if measure is not None:
            known = np.isfinite(measure.values)
            groups = told.setdefault(measure.key, [known])
            if not reveals([*groups, known & absent], min_cell):
                groups.append(known & absent)
                found.append(_apart(item, measure, absent, basis, level))
        found += [_by(survey, item, absent, role, level) for role in GROUPS if role in survey.roles]
    found = [one for one in found if one is not None and one.p == one.p]
    adjusted = adjust(np.array([one.p for one in found])) if found else []
    words = f"; Holm p of {len(found)} tests"
    return [
        dataclasses.replace(one, p=float(p), method=one.method + words)
        for one, p in zip(found, adjusted, strict=True)
    ]


def _often(survey: Survey, item: Variable, min_cell: int) -> bool:
    gone = int(survey.answers[item.variable].isna().sum())
    n = len(survey.answers)
    return min(gone, n - gone) >= max(min_cell, 2) and gone >= WORTH_TESTING * n


def _made_of(survey: Survey, measure: Measure, item: Variable) -> bool:
    """Whether the measure rests on the item, so that it is unknown where the item is missing."""
    role = {"nps": "recommend", "satisfied": "satisfaction"}.get(measure.key, measure.key)
    return role in item.roles or measure.key in ("nps", "satisfied")


def _apart(
    item: Variable, measure: Measure, absent: np.ndarray, basis: Design, level: float
) -> Estimate:
    return mean_difference(
        measure.values,
        ~absent,
        absent,
        key=f"missing.{item.variable}.{measure.key}",
        name=f"{measure.name} of those without “{item.name}” less the others",
        design=basis,
        unit=measure.unit,
        level=level,
    )


def _by(
    survey: Survey, item: Variable, absent: np.ndarray, role: str, level: float
) -> Estimate | None:
    variable = survey.variables(role)[0]
    groups = labelled(survey.answers[variable.variable], variable)
    size = len(groups.cat.categories)
    if not 2 <= size <= MOST_PARTS:
        return None
    basis, codes = sampling(survey), groups.cat.codes.to_numpy()
    means = domain_means(absent.astype(float), codes, size, basis)
    freedom = survey.once(
        f"freedom {role}", lambda: weighted_mean(codes.astype(float), basis, codes >= 0)[2]
    )
    value, first, second, p = equal_means(means.means, means.covariance, freedom)
    return Estimate(
        key=f"missing.{item.variable}.by.{role}",
        name=f"F, “{item.name}” missing by {variable.name}",
        value=value,
        level=level,
        unit="statistic",
        n=int(means.n.sum()),
        n_dropped=int(means.dropped.sum()),
        method=f"Wald F({first}, {second:,.0f}) of the shares missing, {basis.words}",
        p=p,
    )
