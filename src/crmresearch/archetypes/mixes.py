"""The mix of types within brands, industries, segments or waves, corrected for misclassification.

The share of a type in a group is the mean of its respondents' BCH weights, which is unbiased where
counting likeliest types draws the groups together. Differences between groups take account of
accounts or people with answers in several of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from crmresearch.archetypes.classification import Linear, classify, share_bounds
from crmresearch.archetypes.groupings import ROLES
from crmresearch.archetypes.labels import HALF
from crmresearch.archetypes.mix_table import MixTable, mix_table
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.multiplicity import adjust, widest
from crmresearch.methods.wald import equal_means
from crmresearch.methods.weighting import t_interval
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.numbers import count
from crmresearch.report.suppression import hidden_groups

MOST = 20  # groups of one role that are shown, the largest of them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mix:
    """The mix of the types in the groups of one role; made by `tables`."""

    role: str
    table: MixTable

    def label(self, group: int) -> str:
        """As `Estimate.group` has it."""
        return f"{self.role}: {self.table.names[group]}"


def tables(types: Types, survey: Survey, *, roles: Sequence[str] = ROLES) -> list[Mix]:
    """The mix by every one of `roles` that the data have, of at most `MOST` groups each."""
    found = [(role, mix_table(types, survey, role)) for role in roles]
    return [Mix(role=role, table=_largest(table)) for role, table in found if table is not None]


def mix(types: Types, survey: Survey, role: str) -> list[Estimate]:
    """Share of each type within each group of the first variable with `role`.

    Cut at 0 and 1, which the share of a small group may cross.

    Returns
    -------
    One estimate a group and type, key ``mix.<role>.<number of the type>``; empty where the data
    lack the role, have one group of it, or there is one type only.
    """
    return [
        item
        for found in tables(types, survey, roles=[role])
        for k in range(types.model.classes)
        for item in _of_type(types, found, k)
    ]


def mixes(types: Types, found: Sequence[Mix], *, min_cell: int = 1) -> list[Estimate]:
    """The mix by every role, with a test of every type.

    Returns
    -------
    For each role the estimates of `mix`, then for each type the largest difference between two
    groups (key ``mix.<role>.<number>.gap``), with p of the test that its share is the same in all
    groups, adjusted by Benjamini and Hochberg over all types and roles. Groups that may not be
    shown, for fewer than `min_cell` people being in them, take no part in it.
    """
    pairs = _pairs(types, found)
    shares = [item for one, k in pairs for item in _of_type(types, one, k)]
    return [*shares, *_adjusted(_gaps(types, pairs, min_cell))]


def _pairs(types: Types, found: Sequence[Mix]) -> list[tuple[Mix, int]]:
    return [(one, k) for one in found for k in range(types.model.classes)]


def _gaps(types: Types, pairs: list[tuple[Mix, int]], min_cell: int) -> list[Estimate]:
    """The largest difference in each type, p not adjusted yet."""
    return [
        _gap(types, one, np.eye(types.model.classes)[k], _key(one, k), types.labels[k], min_cell)
        for one, k in pairs
    ]


def negative_types(types: Types) -> np.ndarray:
    """(K,) True for types that show half or more of the negative signs, not of the positive."""
    return (types.mean_of("negative") >= HALF) & (types.mean_of("positive") < HALF)


def negative_shares(types: Types, found: Sequence[Mix], *, min_cell: int = 1) -> list[Estimate]:
    """Share of customers whose type of relationship is negative, by every role.

    Returns
    -------
    The share among all and in each group (key ``negative``), then for each role the largest
    difference between two groups as in `mixes` (``negative.<role>.gap``). Its p is adjusted over
    the tests of `mixes` too: where one type is negative, that is the same test once more, which
    must not pass here for being counted among fewer. Empty without positive
    and negative signs, with one type, or where no type is negative by the rule of `negative_types`.
    """
    if types.model.classes < 2 or not types.indicators.sided:
        return []
    counted = negative_types(types).astype(float)
    overall = _overall(types, counted)
    if overall is None or not counted.any():
        return []
    name = overall.name
    shares = [item for one in found for item in _shares(types, one, counted, "negative", name)]
    gaps = [_gap(types, one, counted, f"negative.{one.role}", name, min_cell) for one in found]
    tests = [*gaps, *_gaps(types, _pairs(types, found), min_cell)]
    return [overall, *shares, *_adjusted(tests)[: len(gaps)]]


def _overall(types: Types, counted: np.ndarray) -> Estimate | None:
    """Share of the types `counted` among all respondents."""
    classified = classify(types)
    if classified.inverse is None:
        return None
    share = np.where(classified.placed, classified.design.row_weights(), 0.0)
    share /= share.sum()
    undone = classified.inverse @ counted
    put = np.bincount(classified.assigned.clip(min=0), share, len(undone))
    value = put @ undone
    # a change dD of the table moves what is undone by it by -shares dD D^-1
    influence = classified.influence(-np.outer(put @ classified.inverse, undone))
    influence += share * (undone[classified.assigned] - value)
    linear = Linear(
        np.array([value]), influence[:, None], classified.placed, share > 0, classified.design
    )
    low, high, _, words = linear.interval(np.ones(1), types.level)
    low, high, by_wilson = share_bounds(value, (low, high), linear.effective(), types.level)
    return Estimate(
        key="negative",
        name="Negative relationships",
        value=float(np.clip(value, 0, 1)),
        low=low,
        high=high,
        level=types.level,
        unit="share",
        n=int(np.count_nonzero(share)),
        method=f"BCH share, {words}{by_wilson}",
    )


def _of_type(types: Types, one: Mix, k: int) -> list[Estimate]:
    return _shares(types, one, np.eye(types.model.classes)[k], _key(one, k), types.labels[k])


def _key(one: Mix, k: int) -> str:
    return f"mix.{one.role}.{k + 1}"


def _shares(types: Types, one: Mix, counted: np.ndarray, key: str, name: str) -> list[Estimate]:
    """Share of the types `counted` in each group."""
    table, (value, covariance) = one.table, _together(one.table, counted)
    errors = np.sqrt(np.diag(covariance).clip(min=0))
    spread = types.model.patterns.total**2 / types.model.patterns.square.sum()
    n = table.n * min(spread / types.model.patterns.n, 1.0)
    bounds = [
        share_bounds(
            float(share),
            t_interval(float(share), float(error), table.freedom, types.level),
            float(people),
            types.level,
        )
        for share, error, people in zip(value, errors, n, strict=True)
    ]
    return [
        Estimate(
            key=key,
            name=name,
            value=float(np.clip(share, 0, 1)),
            low=low,
            high=high,
            level=types.level,
            unit="share",
            n=int(table.n[group]),
            method=f"BCH share, {table.words}{by_wilson}",
            group=one.label(group),
        )
        for group, (share, (low, high, by_wilson)) in enumerate(zip(value, bounds, strict=True))
    ]


def _together(table: MixTable, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(G,) summed shares of the types `counted`, and their (G, G) covariance."""
    covariance = np.einsum("gkhl,k,l->gh", table.covariance, counted, counted)
    return table.shares @ counted, covariance


def _gap(
    types: Types, one: Mix, counted: np.ndarray, key: str, name: str, min_cell: int
) -> Estimate:
    """The largest difference between two groups in one share, whichever two they are."""
    table = one.table
    hidden = hidden_groups({str(at): int(n) for at, n in enumerate(table.n)}, min_cell)
    shown = np.array([at for at in range(len(table.n)) if str(at) not in hidden], dtype=int)
    value, covariance = _together(table, counted)
    value, covariance = value[shown], covariance[np.ix_(shown, shown)]
    pairs = list(combinations(range(len(shown)), 2))
    ends = []
    for first, second in pairs:
        variance = covariance[first, first] + covariance[second, second]
        error = float((variance - 2 * covariance[first, second]).clip(min=0) ** 0.5)
        strict = 1 - (1 - types.level) / len(pairs)
        ends.append(t_interval(float(value[first] - value[second]), error, table.freedom, strict))
    told = bool(ends) and bool(np.isfinite(ends).all())
    low, high = widest(ends) if told else (NAN, NAN)
    return Estimate(
        key=f"{key}.gap",
        name=f"{name}: largest difference by {one.role}",
        value=float(min(np.ptp(value), 1.0)) if pairs else NAN,
        low=low,
        high=min(high, 1.0) if told else NAN,
        level=types.level,
        unit="percentage points",
        n=int(table.n[shown].sum()),
        method=f"BCH shares of {len(shown)} groups, Wald test, bounds over "
        f"{count(len(pairs), 'difference')} by Bonferroni, {table.words}",
        p=equal_means(value, covariance, table.freedom)[3] if pairs else NAN,
    )


def _largest(table: MixTable) -> MixTable:
    if len(table.names) <= MOST:
        return table
    kept = np.sort(np.argsort(-table.n, kind="stable")[:MOST])
    return replace(
        table,
        names=tuple(table.names[group] for group in kept),
        n=table.n[kept],
        shares=table.shares[kept],
        masses=table.masses[kept],
        covariance=table.covariance[
            np.ix_(kept, range(table.shares.shape[1]), kept, range(table.shares.shape[1]))
        ],
        left_out=table.left_out + len(table.names) - MOST,
    )


def _adjusted(gaps: list[Estimate]) -> list[Estimate]:
    p = adjust(np.array([item.p for item in gaps]), method="bh")
    tested = int(np.isfinite(p).sum())
    words = f"; p by Benjamini-Hochberg over {tested} tests" if tested > 1 else ""
    return [
        replace(item, p=float(own), method=item.method + words)
        for item, own in zip(gaps, p, strict=True)
    ]
