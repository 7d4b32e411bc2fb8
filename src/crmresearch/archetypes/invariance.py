"""Whether the types mean the same in every group: the same profiles, whatever their shares.

Only then do shares compare like with like. Each indicator is tested on its own, the others being
held alike; where some differ, the mix is given once more with these indicators freed, so that it
shows whether the comparison hangs on them.

In 462 simulations of the demonstration data's design without a difference (people of both waves,
several of an account; half of them weighted), single signs were rejected at 5% in 4.3% of tests by
wave, 5.1% by brand and 5.0% by segment; a sign was said to differ in 2.8%, 4.3% and 3.9%, by any of
the three in 10.4%.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.groupings import ROLES, Groups, groups_of
from crmresearch.archetypes.multigroup import Multigroup, all_freed, multigroup
from crmresearch.archetypes.profile_gaps import freed_gap, largest_gap
from crmresearch.archetypes.score_tests import Scores, group_scores
from crmresearch.archetypes.types import Types
from crmresearch.archetypes.uncertainty import (
    Uncertainty,
    arcsine_interval,
    sandwich_words,
    uncertainty,
)
from crmresearch.data.survey import Survey
from crmresearch.methods.multiplicity import adjust
from crmresearch.report.estimates import NAN, Estimate

RULE = (
    "A sign differs where the test of equal probabilities in every type, adjusted for the number "
    "of signs, rejects them and the largest difference between two groups in a type is five "
    "percentage points or more (of an answer's scale; of four standard deviations of a quantity). "
    "Signs that differ are freed one by one, at most half of all, and the others tested anew. Each "
    "way of grouping is a family of its own: of surveys without any difference, about one in "
    "twenty-five is said to have one by wave, and one in ten by wave, brand or segment."
)
LEAST = 50  # respondents of a group whose profiles are compared
DIFFERENT = 0.05  # of the range of answers, or for quantities four times as many SDs


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The types in the groups of one role.

    Parameters
    ----------
    alike : fitted with the same profiles in all groups
    bic_gain : BIC of profiles of their own less that of the same profiles
    scores : of the tests; None where the data do not determine the profiles
    p : (J,) adjusted p values of the indicators, see `_freed_in_turn`
    gap : (J, 3) largest difference between two groups in a type, with its bounds
    freed, errors : fitted with the indicators freed that differ; None where none does
    """

    types: Types
    alike: Multigroup
    bic_gain: float
    scores: Scores | None
    p: np.ndarray
    gap: np.ndarray
    freed: Multigroup | None
    errors: Uncertainty | None

    @property
    def role(self) -> str:
        return self.alike.groups.role


def compare(types: Types, survey: Survey, *, min_cell: int = 1) -> list[Comparison]:
    """Test the profiles for every role in `groupings.ROLES` that the data have.

    Groups of fewer than `LEAST` respondents, or than `min_cell`, are left out. Empty with one type,
    or where these are as chosen by the respondents and so have no profiles.
    """
    if types.model.classes == 1 or types.indicators.as_chosen or not types.errors.identified:
        return []
    placed = types.model.patterns.row >= 0
    found = [groups_of(survey, role, placed, least=max(LEAST, min_cell)) for role in ROLES]
    return [_compared(types, groups) for groups in found if groups is not None]


def differences(found: Sequence[Comparison]) -> list[Estimate]:
    """What the comparisons found, one after the other.

    Returns
    -------
    For each role the BIC of a model in which every group has profiles of its own less that of the
    same profiles, with p of the test that all are the same (key ``invariance.<role>``); then for
    each indicator the largest difference between two groups in a type, with bounds that hold for
    all types and pairs of groups and p of the indicator's test, adjusted over the indicators
    (``invariance.<role>.<indicator>``).
    """
    return [item for one in found for item in (_overall(one), *_indicators(one))]


def freed_mix(found: Sequence[Comparison]) -> list[Estimate]:
    """The mix with the same profiles and with those freed that differ, where any do.

    Returns
    -------
    For each group and type the share under both models (``partial.<role>.<type>.same`` and
    ``.freed``), by the models themselves and not by BCH.
    """
    return [
        item
        for one in found
        if one.freed is not None
        for model, how in ((one.alike, "same"), (one.freed, "freed"))
        for item in _model_shares(one, model, how)
    ]


def _overall(one: Comparison) -> Estimate:
    test = one.scores.all_items() if one.scores else None
    words = _words(one)
    return Estimate(
        key=f"invariance.{one.role}",
        name=f"BIC with profiles of their own less with the same, by {one.role}",
        value=one.bic_gain,
        level=one.types.level,
        unit="criterion",
        n=one.alike.model.patterns.n,
        n_dropped=one.types.model.patterns.n - one.alike.model.patterns.n,
        method=f"latent classes in {words}; p of the score test that all profiles are the same",
        p=test.p if test else NAN,
    )


def _indicators(one: Comparison) -> list[Estimate]:
    patterns = one.alike.model.patterns
    return [
        Estimate(
            key=f"invariance.{one.role}.{item.variable}",
            name=f"{item.name}, by {one.role}",
            value=float(gap[0]),
            low=float(gap[1]),
            high=float(gap[2]),
            level=one.types.level,
            unit="percentage points",
            n=patterns.n,
            n_dropped=one.types.model.patterns.n - patterns.n,
            method=f"largest difference in a type, {_words(one)}, {_how(one, j)}, Bonferroni "
            "bounds; score test, p by Benjamini-Hochberg over the signs",
            p=float(p),
        )
        for j, (item, gap, p) in enumerate(
            zip(one.types.indicators.variables, one.gap, one.p, strict=True)
        )
    ]


def _how(one: Comparison, j: int) -> str:
    return "as freed" if one.freed and j in one.freed.freed else "expected change"


def _words(one: Comparison) -> str:
    design = one.types.indicators.design
    how = "expected information" if design.plain else sandwich_words(design)
    return f"{one.alike.groups.number} groups, {how}"


def _model_shares(one: Comparison, model: Multigroup, how: str) -> list[Estimate]:
    groups, level = model.groups, one.types.level
    known = one.errors if how == "freed" else None
    known = known or uncertainty(model.model, design=one.types.indicators.design)
    errors = model.share_errors(known)
    names = [one.types.indicators.variables[j].name for j in model.freed]
    told = f"with {', '.join(names)} freed" if names else "with the same profiles"
    sizes = np.bincount(groups.codes[groups.within(one.types.model.patterns)])
    return [
        _share(
            key=f"partial.{one.role}.{k + 1}.{how}",
            name=f"{label}, {'freed' if names else 'same'}",
            value=float(model.shares[k, group]),
            error=float(errors[k, group]),
            level=level,
            n=int(sizes[group]),
            method=f"latent class share {told}, {_words(one)}, arcsine interval",
            group=groups.label(group),
        )
        for k, label in enumerate(one.types.labels)
        for group in range(groups.number)
    ]


def _share(*, value: float, error: float, level: float, **fields) -> Estimate:
    low, high = arcsine_interval(value, error, level)
    return Estimate(value=value, low=low, high=high, level=level, unit="share", **fields)


def _compared(types: Types, groups: Groups) -> Comparison:
    patterns, design = types.model.patterns, types.indicators.design
    alike = multigroup(types.model, groups)
    loglik, parameters = all_freed(alike, patterns)
    bic = -2 * loglik + np.log(alike.model.patterns.total) * parameters
    scores = group_scores(alike, patterns, design)
    items = len(patterns.names)
    p, gap = np.full(items, NAN), np.full((items, 3), NAN)
    freed, errors = None, None
    if scores is not None:
        freed, p, gap = _freed_in_turn(types, alike, scores)
    if freed is not None:
        errors = uncertainty(freed.model, design=design)
        for j in freed.freed:
            gap[j] = freed_gap(freed, errors, scores, j, types.level)
    return Comparison(
        types=types,
        alike=alike,
        bic_gain=float(bic - alike.bic),
        scores=scores,
        p=p,
        gap=gap,
        freed=freed,
        errors=errors,
    )


def _freed_in_turn(
    types: Types, alike: Multigroup, scores: Scores
) -> tuple[Multigroup | None, np.ndarray, np.ndarray]:
    """Free what differs, the most significant first, since it makes others seem to differ.

    Returns
    -------
    The model with these freed, at most half of all, or None; p values, adjusted by Benjamini and
    Hochberg, of each indicator when it was freed or else at the end; and the largest gaps likewise.
    """
    patterns, level = types.model.patterns, types.level
    items = len(patterns.names)
    raw, p, gap, model = np.full(items, NAN), np.full(items, NAN), np.full((items, 3), NAN), None
    while True:
        left = np.setdiff1d(np.arange(items), model.freed if model else ())
        raw[left] = [scores.item_test(j).p for j in left]
        p[left] = adjust(raw, method="bh")[left]
        gap[left] = [largest_gap(scores, patterns, j, level) for j in left]
        different = left[(p[left] < 1 - level) & (gap[left, 0] >= DIFFERENT)]
        if not len(different) or items - len(left) >= items // 2:
            return model, p, gap
        worst = different[raw[different].argmin()]
        model = multigroup(types.model, alike.groups, {worst, *(model.freed if model else ())})
        found = group_scores(model, patterns, types.indicators.design)
        if found is None:
            return model, p, gap
        scores = found
