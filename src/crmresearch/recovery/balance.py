"""Whether weights made the groups of each contrast alike, and what they cost."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmresearch.methods.balance import standardised_differences
from crmresearch.methods.propensity import balancing
from crmresearch.methods.weighting import kish
from crmresearch.recovery.alike import Compared, named
from crmresearch.recovery.cases import Cases, withheld
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import format_number

UNITS = {"Beyond the others": "share", "n": "count", "Compared with": "count"}  # of `overlap`
LIMIT = 0.1  # SD; a customary limit, see Austin (2009), Statistics in Medicine 28, 3083-3107
THIN = 0.1  # share of a group beyond nearly all of the others, from which on it is a caveat
KINDS = {"before": "raw", "overlap": "ato", "att": "att"}
WORDS = {
    "before": "before weighting",
    "overlap": "under overlap weights",
    "att": "weighted to the group",
}


def differences(cases: Cases, one: Compared, *, min_cell: int = 10) -> list[Estimate]:
    """Standardised mean differences of every covariate, before and after weighting.

    Returns
    -------
    ``balance.<contrast>.<kind>.<number of the column>`` in SD, kind ``before``, ``overlap`` or
    ``att``; without an interval, as they describe these customers. Empty without covariates, and
    where the groups have nobody in common. Indicators of a category with fewer than `min_cell`
    customers are not shown.
    """
    if one.score.separated:
        return []
    columns, base = one.columns.to_numpy(), one.score.weights
    found = []
    for kind, target in KINDS.items():
        weights = balancing(one.score, one.member, target)
        values = standardised_differences(columns, one.member, weights, base=base)
        for place, (column, value) in enumerate(zip(one.columns, values, strict=True)):
            estimate = Estimate(
                key=f"balance.{one.contrast}.{kind}.{place + 1}",
                name=f"{one.label} − {cases.reference}: {column}, {WORDS[kind]}",
                value=float(value),
                unit="SD",
                n=len(one.values),
                n_dropped=one.dropped,
                method="difference of means in the root mean square of both groups' SD",
            )
            found.append(withheld(estimate, _fewest(columns[:, place]), min_cell))
    return found


def overlap(cases: Cases, one: Compared) -> dict[str, object]:
    """How much two groups overlap, and what is left of them under weights.

    Returns
    -------
    Sizes; Kish's effective numbers of the group and of the comparison under both weights; where
    nine tenths of the propensities of each lie; the share of the group whose propensity is above
    that of all but one in a hundred of the comparison; and whether they can be compared at all.
    """
    row: dict[str, object] = {
        "Contrast": one.label,
        "n": int(one.member.sum()),
        "Compared with": int((~one.member).sum()),
    }
    if one.score.separated:
        return row | {"Weights": f"not computed: {named(cases)} tell the groups apart"}
    effective = {
        (kind, side): kish(weights[rows], int(rows.sum()))[0]
        for kind in ("overlap", "att")
        for weights in [balancing(one.score, one.member, KINDS[kind])]
        for side, rows in ((True, one.member), (False, ~one.member))
    }
    ours, theirs = one.score.chance[one.member], one.score.chance[~one.member]
    return row | {
        "Effective n, overlap weights": _pair(
            effective["overlap", True], effective["overlap", False]
        ),
        "Effective n, weighted to the group": _pair(
            effective["att", True], effective["att", False]
        ),
        "Propensities of the group": _range(ours),
        "Propensities of the others": _range(theirs),
        "Beyond the others": float((ours > np.quantile(theirs, 0.99)).mean()),
        "Weights": "untrimmed",
    }


def caveats(table: pd.DataFrame) -> list[Caveat]:
    """Contrasts whose groups hardly overlap, from the rows of `overlap`."""
    if table.empty or "Beyond the others" not in table:
        return []
    thin = table[table["Beyond the others"] > THIN]
    if thin.empty:
        return []
    groups = ", ".join(
        f"{format_number(share, 'share')} of {name}"
        for name, share in zip(thin["Contrast"], thin["Beyond the others"], strict=True)
    )
    text = (
        f"{groups} have next to nobody like them among those they are "
        "compared with. Regression carries its line on to them, weights to the group rest on the "
        "few there are, and overlap weights leave them out."
    )
    return [Caveat(key="recovery.overlap", text=text)]


def worst(estimates: Sequence[Estimate], kind: str) -> Estimate | None:
    """The largest difference of one kind, None where there is none."""
    found = [x for x in estimates if x.key.split(".")[2] == kind and x.value == x.value]
    return max(found, key=lambda item: abs(item.value), default=None)


def _fewest(column: np.ndarray) -> int:
    """Customers on the rarer side of an indicator; all of them for a number."""
    if not np.isin(column, (0.0, 1.0)).all():
        return len(column)
    return int(min(column.sum(), len(column) - column.sum()))


def _pair(first: float, second: float) -> str:
    return f"{first:,.0f} and {second:,.0f}"


def _range(chance: np.ndarray) -> str:
    low, high = np.quantile(chance, [0.05, 0.95])
    return f"{format_number(low, 'share')} to {format_number(high, 'share')}"
