"""Pairs of types in one outcome, all at once, and the pairs on which claims are decided."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from crmresearch.archetypes.classification import Linear, classify
from crmresearch.archetypes.outcomes import Outcome, corrected_means, outcomes_of
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.groups import slug
from crmresearch.methods.multiplicity import widest
from crmresearch.methods.ranges import all_pairs
from crmresearch.methods.weighting import mean_contrast, method_words
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.suppression import hidden_groups


def outcome_differences(
    types: Types, survey: Survey, role: str, *, min_cell: int = 1
) -> list[Estimate]:
    """Differences between the types in `role`, corrected for classification error.

    All pairs with simultaneous (Bonferroni) intervals, first the type with more positive balance
    where that is known, each followed by the same pair of likeliest types (key ``.modal.``,
    studentized range); then bounds of the largest of them (``.gap``); then the type with the most
    positive balance less that with the least (``.positive``), which was not chosen by its outcome.
    Types that may not be shown, for fewer than `min_cell` people being of them, are left out.
    """
    outcome = next(outcomes_of(survey, (role,)), None)
    if outcome is None or types.model.classes < 2:
        return []
    values = survey.score(role).to_numpy(float)
    found = corrected_means(values, classify(types))
    order = _order(types, found, min_cell)
    if len(order) < 2:
        return []
    name, labels = outcome.name, types.labels
    pairs = [(int(a), int(b)) for a, b in combinations(order, 2)]
    family = f"BCH, Bonferroni over {len(pairs)} pairs" if len(pairs) > 1 else "BCH"
    every = [
        _difference(
            types, found, (a, b), len(pairs), key=f"{role}.{_pair_key(labels, a, b)}",
            name=f"{name}: {labels[a]} − {labels[b]}", method=family, unit=outcome.difference,
        )
        for a, b in pairs
    ]  # fmt: skip
    gap = _gap(every, f"{role}.gap", f"{name}, largest difference: ")
    sided = []
    if types.indicators.sided:
        first, last = int(order[0]), int(order[-1])
        sided.append(
            _difference(
                types, found, (first, last), 1, key=f"{role}.positive",
                name=f"{name}: {labels[first]} − {labels[last]}", unit=outcome.difference,
                method="BCH; the two types are chosen by their signs",
            )
        )  # fmt: skip
    plain = _modal_differences(types, values, pairs, outcome)
    return [*(item for both in zip(every, plain, strict=True) for item in both), gap, *sided]


def _gap(pairs: list[Estimate], key: str, name: str) -> Estimate:
    """The largest of all true differences, whichever pair it belongs to."""
    largest = max(pairs, key=lambda item: abs(item.value))
    ends = [(item.low, item.high) for item in pairs if item.low == item.low]
    low, high = widest(ends) if ends else (NAN, NAN)
    first, second = largest.name.partition(": ")[2].split(" − ")
    return replace(
        largest,
        key=key,
        name=name + (f"{first} − {second}" if largest.value >= 0 else f"{second} − {first}"),
        value=abs(largest.value),
        low=low,
        high=high,
        p=min((item.p for item in pairs if item.p == item.p), default=NAN),
        method=f"bounds of the largest of {len(pairs)} from their intervals; {largest.method}",
    )


def _order(types: Types, found: Linear | None, min_cell: int) -> np.ndarray:
    """The types whose mean may be shown, by likeliest types; the most positive first if known."""
    every = np.arange(0 if found is None else len(types.labels))
    sizes = {str(k): int((found.used & (types.of_row == k)).sum()) for k in every}
    hidden = hidden_groups(sizes, min_cell)
    order = np.argsort(-types.balance, kind="stable") if types.indicators.sided else every
    return np.array([k for k in order if sizes.get(str(k)) and str(k) not in hidden], dtype=int)


def _modal_differences(
    types: Types, values: np.ndarray, pairs: list[tuple[int, int]], outcome: Outcome
) -> list[Estimate]:
    """The same pairs of likeliest types, as Games and Howell but under the design."""
    design, assigned, labels = types.indicators.design, types.of_row, types.labels
    found = [
        mean_contrast(values, design, [(1.0, assigned == a), (-1.0, assigned == b)])
        for a, b in pairs
    ]
    value, error, freedom, n = (np.array(part, dtype=float) for part in zip(*found, strict=True))
    half, p = all_pairs(value, error, freedom, groups=len(labels), level=types.level)
    return [
        Estimate(
            key=f"{outcome.role}.modal.{_pair_key(labels, a, b)}",
            name=f"{outcome.name}, likeliest type: {labels[a]} − {labels[b]}",
            value=float(value[row]),
            low=float(value[row] - half[row]),
            high=float(value[row] + half[row]),
            level=types.level,
            unit=outcome.difference,
            n=int(n[row]),
            method="means of likeliest types, studentized range over all pairs, "
            + method_words(design, int(freedom[row])),
            p=float(p[row]),
        )
        for row, (a, b) in enumerate(pairs)
    ]


def _pair_key(labels: tuple[str, ...], a: int, b: int) -> str:
    return f"{slug(labels[a])}-{slug(labels[b])}"


def _difference(
    types: Types,
    found: Linear,
    pair: tuple[int, int],
    family: int,
    *,
    key: str,
    name: str,
    method: str,
    unit: str,
) -> Estimate:
    contrast = np.zeros(types.model.classes)
    contrast[pair[0]], contrast[pair[1]] = 1.0, -1.0
    low, high, p, words = found.interval(contrast, 1 - (1 - types.level) / family)
    return Estimate(
        key=key,
        name=name,
        value=float(found.value @ contrast),
        low=low,
        high=high,
        level=types.level,
        unit=unit,
        n=int(found.used.sum()),
        n_dropped=int((~found.used).sum()),
        method=f"{method}, {words}",
        p=min(1.0, p * family) if p == p else NAN,
    )
