"""The mix of types within brands, industries, segments or waves, corrected for misclassification.

The share of a type in a group is the mean of its respondents' BCH weights, which is unbiased where
counting likeliest types draws the groups together. Differences between groups take account of
accounts or people with answers in several of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from crmresearch.archetypes.classification import Classification, Linear, classify
from crmresearch.archetypes.groupings import ROLES, Groups, groups_of
from crmresearch.archetypes.labels import HALF
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.multiplicity import adjust, widest
from crmresearch.methods.wald import equal_means
from crmresearch.methods.weighting import method_words, t_interval
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.numbers import count
from crmresearch.report.suppression import hidden_groups


@dataclass(frozen=True, slots=True, eq=False)
class _Mix:
    """Shares (g q) of q types in each of g groups in turn, with their covariance."""

    groups: Groups
    value: np.ndarray
    covariance: np.ndarray
    freedom: int
    sizes: np.ndarray
    words: str
    level: float

    def at(self, column: int) -> np.ndarray:
        """(g,) where the shares of one type stand among all."""
        return np.arange(self.groups.number) * (len(self.value) // self.groups.number) + column


def mix(types: Types, survey: Survey, role: str) -> list[Estimate]:
    """Share of each type within each group of the first variable with `role`.

    Cut at 0 and 1, which the share of a small group may cross.

    Returns
    -------
    One estimate a group and type, key ``mix.<role>.<number of the type>``; empty where the data
    lack the role, have one group of it, or there is one type only.
    """
    keys = [f"mix.{role}.{k + 1}" for k in range(types.model.classes)]
    found = _grouped(types, survey, [role], np.eye(types.model.classes))
    return [item for shares in found for item in _shares(shares, keys, types.labels)]


def mixes(
    types: Types, survey: Survey, *, roles: Sequence[str] = ROLES, min_cell: int = 1
) -> list[Estimate]:
    """The mix by every role that the data have, with a test of every type.

    Returns
    -------
    For each role the estimates of `mix`, then for each type the largest difference between two
    groups (key ``mix.<role>.<number>.gap``), with p of the test that its share is the same in all
    groups, adjusted by Benjamini and Hochberg over all types and roles. Groups that may not be
    shown, for fewer than `min_cell` people being in them, take no part in it.
    """
    estimates, gaps = [], []
    for shares in _grouped(types, survey, roles, np.eye(types.model.classes)):
        keys = [f"mix.{shares.groups.role}.{k + 1}" for k in range(types.model.classes)]
        estimates += _shares(shares, keys, types.labels)
        gaps += [
            _gap(shares, k, key, name, min_cell)
            for k, (key, name) in enumerate(zip(keys, types.labels, strict=True))
        ]
    return [*estimates, *_adjusted(gaps)]


def negative_types(types: Types) -> np.ndarray:
    """(K,) True for types that show half or more of the negative signs, not of the positive."""
    return (types.mean_of("negative") >= HALF) & (types.mean_of("positive") < HALF)


def negative_shares(
    types: Types, survey: Survey, *, roles: Sequence[str] = ROLES, min_cell: int = 1
) -> list[Estimate]:
    """Share of customers whose type of relationship is negative, by every role of the data.

    Returns
    -------
    The share among all and in each group (key ``negative``), then for each role the largest
    difference between two groups as in `mixes` (``negative.<role>.gap``). Empty without positive
    and negative signs, with one type, or where no type is negative by the rule of `negative_types`.
    """
    negative = negative_types(types) if types.indicators.sided else np.zeros(1, dtype=bool)
    if not negative.any() or types.model.classes < 2:
        return []
    together, name = negative[:, None].astype(float), "Negative relationships"
    every = Groups("", ("all",), np.where(types.of_row >= 0, 0, -1))
    share = _mix(classify(types), every, together)
    if share is None:
        return []
    overall = _shares(share, ["negative"], [name])
    estimates, gaps = [replace(item, group="") for item in overall], []
    for shares in _grouped(types, survey, roles, together):
        estimates += _shares(shares, ["negative"], [name])
        gaps.append(_gap(shares, 0, f"negative.{shares.groups.role}", name, min_cell))
    return [*estimates, *_adjusted(gaps)]


def _grouped(
    types: Types, survey: Survey, roles: Sequence[str], together: np.ndarray
) -> list[_Mix]:
    """For each role of the data the shares of types, or of types taken `together`."""
    if types.model.classes < 2 or not set(roles) & set(survey.roles):
        return []
    classified = classify(types)
    counted = classified.placed & (classified.design.row_weights() > 0)
    by_role = [groups_of(survey, role, counted) for role in roles]
    found = [_mix(classified, groups, together) for groups in by_role if groups]
    return [shares for shares in found if shares is not None]


def _mix(classified: Classification, groups: Groups, together: np.ndarray) -> _Mix | None:
    """The shares of `together` (K, q), 1 for the types that count into a share."""
    weights = classified.weights()
    if weights is None:
        return None
    weights, undone = weights @ together, classified.inverse @ together
    value, influence = [], []
    for group in range(groups.number):
        share = np.where(groups.codes == group, classified.design.row_weights(), 0.0)
        share /= share.sum()
        put = np.bincount(classified.assigned.clip(min=0), share, len(undone))
        value.append(put @ undone)
        for column, mean in enumerate(value[-1]):
            # a change dD of the table moves what is undone by it by -shares dD D^-1
            table = -np.outer(put @ classified.inverse, undone[:, column])
            influence.append(share * (weights[:, column] - mean) + classified.influence(table))
    shares = Linear(
        np.concatenate(value),
        np.column_stack(influence),
        classified.placed,
        groups.codes >= 0,
        classified.design,
    )
    covariance, freedom = shares.covariance()
    return _Mix(
        groups,
        shares.value,
        covariance,
        freedom,
        np.bincount(groups.codes[groups.codes >= 0], minlength=groups.number),
        method_words(shares.design, freedom),
        classified.types.level,
    )


def _shares(shares: _Mix, keys: Sequence[str], names: Sequence[str]) -> list[Estimate]:
    errors = np.sqrt(np.diag(shares.covariance).clip(min=0))
    estimates = []
    for column, (key, name) in enumerate(zip(keys, names, strict=True)):
        for group, at in enumerate(shares.at(column)):
            value, error = float(shares.value[at]), float(errors[at])
            low, high = t_interval(value, error, shares.freedom, shares.level)
            estimates.append(
                Estimate(
                    key=key,
                    name=name,
                    value=float(np.clip(value, 0, 1)),
                    low=float(np.clip(low, 0, 1)),
                    high=float(np.clip(high, 0, 1)),
                    level=shares.level,
                    unit="share",
                    n=int(shares.sizes[group]),
                    method=f"BCH share, {shares.words}",
                    group=shares.groups.label(group),
                )
            )
    return estimates


def _gap(shares: _Mix, column: int, key: str, name: str, min_cell: int) -> Estimate:
    """The largest difference between two groups in one share, whichever two they are."""
    hidden = hidden_groups({str(at): int(n) for at, n in enumerate(shares.sizes)}, min_cell)
    shown = [at for at in range(shares.groups.number) if str(at) not in hidden]
    where = shares.at(column)[shown]
    value, block = shares.value[where], shares.covariance[np.ix_(where, where)]
    pairs = list(combinations(range(len(where)), 2))
    ends = []
    for first, second in pairs:
        variance = block[first, first] + block[second, second] - 2 * block[first, second]
        apart, error = float(value[first] - value[second]), float(variance.clip(min=0) ** 0.5)
        strict = 1 - (1 - shares.level) / len(pairs)
        ends.append(t_interval(apart, error, shares.freedom, strict))
    told = bool(ends) and bool(np.isfinite(ends).all())
    low, high = widest(ends) if told else (NAN, NAN)
    return Estimate(
        key=f"{key}.gap",
        name=f"{name}: largest difference by {shares.groups.role}",
        value=float(np.ptp(value)) if pairs else NAN,
        low=low,
        high=min(high, 1.0) if told else NAN,
        level=shares.level,
        unit="percentage points",
        n=int(shares.sizes[shown].sum()),
        method=f"BCH shares of {len(shown)} groups, Wald test, bounds over "
        f"{count(len(pairs), 'difference')} by Bonferroni, {shares.words}",
        p=equal_means(value, block, shares.freedom)[3] if pairs else NAN,
    )


def _adjusted(gaps: list[Estimate]) -> list[Estimate]:
    p = adjust(np.array([item.p for item in gaps]), method="bh")
    tested = int(np.isfinite(p).sum())
    words = f"; p by Benjamini-Hochberg over {tested} tests" if tested > 1 else ""
    return [
        replace(item, p=float(own), method=item.method + words)
        for item, own in zip(gaps, p, strict=True)
    ]
