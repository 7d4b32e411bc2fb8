"""What goes with the types: means and shares by type, corrected for classification error.

Respondents are put into their likeliest type, which is wrong for some, so that plain means of the
groups lie closer together than those of the types. The BCH method undoes this: each respondent
counts for every type with a weight from the inverse of the classification table, which may be
negative. Source: Bolck, Croon & Hagenaars (2004), Political Analysis 12(1):3-27; Vermunt (2010),
Political Analysis 18(4):450-469. The errors are linearised through all three steps, since the types
and the classification table are estimated from the same respondents.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy import stats

from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.groups import slug
from crmresearch.methods.means import mean
from crmresearch.methods.multiplicity import widest
from crmresearch.methods.ranges import all_pairs
from crmresearch.methods.weighting import (
    Design,
    linearised_variance,
    mean_contrast,
    method_words,
)
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.suppression import hidden_groups

ROLES = {"loyalty": "Loyalty", "satisfaction": "Satisfaction", "recommend": "Recommendation"}


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """Means by type with the influence (n, K) of every row on each.

    Rows that were `placed` in a type have some, through the fit, even where they have no outcome;
    those `used` have one.
    """

    value: np.ndarray
    influence: np.ndarray
    placed: np.ndarray
    used: np.ndarray
    design: Design

    def interval(self, contrast: np.ndarray, level: float) -> tuple[float, float, float, str]:
        """Bounds and two-sided p of a weighted sum of the means, and how they were made."""
        design, influence, used = self.design, self.influence @ contrast, self.placed
        if design.plain:
            design, influence, used = Design(int(used.sum())), influence[used], used[used]
        variance, freedom = linearised_variance(influence, design, used)
        value, error = float(self.value @ contrast), float(np.sqrt(variance))
        if not (error > 0 and freedom > 0):
            return NAN, NAN, NAN, "no interval"
        reach = float(stats.t.ppf(0.5 + level / 2, freedom)) * error
        p = float(2 * stats.t.sf(abs(value) / error, freedom))
        return value - reach, value + reach, p, method_words(design, freedom)


def classification_table(types: Types) -> np.ndarray:
    """(K, K) probability that a respondent of the row's type is put into the column's type."""
    model = types.model
    assigned = np.eye(model.classes)[model.modal]
    mass = model.posterior * model.patterns.weight[:, None]
    return (mass.T @ assigned) / mass.sum(axis=0)[:, None]


def bch_weights(types: Types) -> np.ndarray | None:
    """(n, K) how much each respondent counts for each type, zero where not placed.

    None where a type gets no respondent, or two types the same ones, so that nothing can be undone.
    """
    table = classification_table(types)
    if np.linalg.cond(table) > 1e6:
        return None
    inverse = np.linalg.inv(table)
    assigned = types.of_row
    placed = assigned >= 0
    weights = np.zeros((len(assigned), types.model.classes))
    weights[placed] = inverse[assigned[placed]]
    return weights


def corrected_means(values: np.ndarray, types: Types) -> Corrected | None:
    """BCH means of `values` (n,) by type; rows with NaN are left out."""
    weights = bch_weights(types)
    if weights is None:
        return None
    design, placed = types.indicators.design, types.of_row >= 0
    used = np.isfinite(values) & placed & (design.row_weights() > 0)
    weights = weights * np.where(used, design.row_weights(), 0.0)[:, None]
    total = weights.sum(axis=0)
    if not used.any() or (total <= 0).any():
        return None
    known = np.where(used, values, 0.0)
    value = weights.T @ known / total
    influence = weights * (known[:, None] - value) / total
    for k in range(types.model.classes):
        influence[:, k] += through_table(types, total * (value - value[k]) / total[k], k)
    return Corrected(value, influence, placed, used, design)


def through_table(types: Types, amount: np.ndarray, k: int) -> np.ndarray:
    """(n,) what each respondent adds to a corrected number of type `k` by way of the table.

    The table is estimated too, from the posteriors of the same respondents and so from the fit.
    A change dD of it moves the corrected number by -amount dD D^-1, column `k`.
    """
    model, table = types.model, classification_table(types)
    mass = model.patterns.weight @ model.posterior
    effect = -np.outer(amount / mass, np.linalg.inv(table)[:, k])  # of each cell of the table
    slope = effect[:, model.modal].T - (table * effect).sum(axis=1)
    per_pattern = (model.posterior * slope).sum(axis=1) + types.errors.influence(slope)
    row = model.patterns.row
    return np.where(row >= 0, per_pattern[row] * model.patterns.row_weight, 0.0)


def outcome_by_type(types: Types, survey: Survey, role: str) -> list[Estimate]:
    """Mean of `role` for each type, corrected (``.bch``) and by likeliest type (``.modal``).

    Empty where the data lack the role or there is one type only.
    """
    if role not in survey.roles or types.model.classes < 2:
        return []
    values = survey.score(role).to_numpy(float)
    name = _name(survey, role)
    found = corrected_means(values, types)
    estimates = []
    for k, label in enumerate(types.labels):
        plain = mean(
            values,
            key=f"{role}.modal",
            name=f"{name}, likeliest type",
            design=types.indicators.design,
            within=types.of_row == k,
            level=types.level,
            group=f"type: {label}",
        )
        if found is not None:
            estimates.append(_mean(types, found, k, f"{role}.bch", f"{name}, corrected", plain.n))
        estimates.append(plain)
    return estimates


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
    if role not in survey.roles or types.model.classes < 2:
        return []
    values = survey.score(role).to_numpy(float)
    found = corrected_means(values, types)
    order = _order(types, found, min_cell)
    if len(order) < 2:
        return []
    name, labels = _name(survey, role), types.labels
    pairs = [(int(a), int(b)) for a, b in combinations(order, 2)]
    family = f"BCH, Bonferroni over {len(pairs)} pairs" if len(pairs) > 1 else "BCH"
    every = [
        _difference(
            types, found, (a, b), len(pairs), key=f"{role}.{_pair_key(labels, a, b)}",
            name=f"{name}: {labels[a]} − {labels[b]}", method=family,
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
                name=f"{name}: {labels[first]} − {labels[last]}",
                method="BCH; the two types are chosen by their signs",
            )
        )  # fmt: skip
    plain = _modal_differences(types, values, pairs, role, name)
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


def _order(types: Types, found: Corrected | None, min_cell: int) -> np.ndarray:
    """The types whose mean may be shown, by likeliest types; the most positive first if known."""
    every = np.arange(0 if found is None else len(types.labels))
    sizes = {str(k): int((found.used & (types.of_row == k)).sum()) for k in every}
    hidden = hidden_groups(sizes, min_cell)
    order = np.argsort(-types.balance, kind="stable") if types.indicators.sided else every
    return np.array([k for k in order if sizes.get(str(k)) and str(k) not in hidden], dtype=int)


def _modal_differences(
    types: Types, values: np.ndarray, pairs: list[tuple[int, int]], role: str, name: str
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
            key=f"{role}.modal.{_pair_key(labels, a, b)}",
            name=f"{name}, likeliest type: {labels[a]} − {labels[b]}",
            value=float(value[row]),
            low=float(value[row] - half[row]),
            high=float(value[row] + half[row]),
            level=types.level,
            unit="scale difference",
            n=int(n[row]),
            method="means of likeliest types, studentized range over all pairs, "
            + method_words(design, int(freedom[row])),
            p=float(p[row]),
        )
        for row, (a, b) in enumerate(pairs)
    ]


def _pair_key(labels: tuple[str, ...], a: int, b: int) -> str:
    return f"{slug(labels[a])}-{slug(labels[b])}"


def _mean(types: Types, found: Corrected, k: int, key: str, name: str, n: int) -> Estimate:
    contrast = np.eye(types.model.classes)[k]
    low, high, _, words = found.interval(contrast, types.level)
    return Estimate(
        key=key,
        name=name,
        value=float(found.value[k]),
        low=low,
        high=high,
        level=types.level,
        unit="scale points",
        n=n,
        method=f"BCH mean, {words}; n is those whose likeliest type it is",
        group=f"type: {types.labels[k]}",
    )


def _difference(
    types: Types,
    found: Corrected,
    pair: tuple[int, int],
    family: int,
    *,
    key: str,
    name: str,
    method: str,
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
        unit="scale difference",
        n=int(found.used.sum()),
        n_dropped=int((~found.used).sum()),
        method=f"{method}, {words}",
        p=min(1.0, p * family) if p == p else NAN,
    )


def _name(survey: Survey, role: str) -> str:
    return survey.label(role).capitalize() if len(survey.variables(role)) > 1 else ROLES[role]
