"""The drift of types as estimates, and what to be wary of in it."""

import numpy as np

from crmresearch.archetypes.drift import Drift
from crmresearch.archetypes.matching import SAME_TYPE
from crmresearch.archetypes.profile_gaps import CELL
from crmresearch.archetypes.saved_model import SavedModel
from crmresearch.archetypes.stability import adjusted_rand
from crmresearch.data.survey import Survey
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import Caveat


def estimates(found: Drift | None) -> list[Estimate]:
    """What a table shows of the drift.

    Returns
    -------
    ``drift.before`` and ``drift.after``, the shares by type, and ``drift.share``, their change, and
    ``drift.scored``, the mean of scores by a saved model;
    ``drift.shares``, half the sum of all changes, with the p of none; ``drift.item.<variable>``,
    the largest change of a type's answers; ``drift.distance`` by type, from the nearest type found
    anew; ``drift.returned``, how many are near, ``drift.types``, how many BIC finds, and
    ``drift.agreement`` of placing the later respondents by the types of before and by those.
    """
    if found is None:
        return []
    return [*_shares(found), *_items(found), *_types(found)]


def drift_caveats(saved: SavedModel | None, survey: Survey) -> list[Caveat]:
    """What the comparison with a saved model cannot say."""
    if saved is None or not saved.sha256 or saved.sha256 != survey.source.get("sha256"):
        return []
    return [
        Caveat(
            key="drift.same",
            text="The saved model was fitted to these very data, so that nothing can have drifted; "
            "compare it with later ones.",
        )
    ]


def _shares(found: Drift) -> list[Estimate]:
    change, level = found.change, found.types.level
    rows = []
    for k in range(len(found.types.labels)):
        rows += _levels(found, k)
        low, high, p = change.interval(k, level)
        rows.append(
            Estimate(
                key="drift.share", name=f"Change from {found.before} to {found.after}",
                value=float(change.moved[k]), low=low, high=high, level=level, p=p,
                unit="share difference", method=change.how, **_of_type(found, k),
            )
        )  # fmt: skip
    return [
        *rows,
        Estimate(
            key="drift.shares",
            name="Respondents who would have to change type for the shares to be as before",
            value=float(np.abs(change.moved).sum() / 2),
            unit="share",
            n=found.n,
            p=change.joint(),
            method=f"half the sum of the changes; {change.how}, Wald test of none",
        ),
    ]


def _levels(found: Drift, k: int) -> list[Estimate]:
    """The share of one type before and after, and as scores by a saved model add up."""
    change = found.change
    parts = [
        ("drift.before", f"Share in {found.before}", change.before, change.how),
        ("drift.after", f"Share in {found.after}", change.after, change.how),
    ]
    if found.scored is not None:
        how = (
            "mean of the respondents' probabilities under the saved model; it lies between the "
            "saved share and that estimated anew"
        )
        parts.append(("drift.scored", "Mean probability, shares as saved too", found.scored, how))
    return [
        Estimate(
            key=key, name=name, value=float(np.clip(values[k], 0, 1)), unit="share", method=how,
            **_of_type(found, k),
        )
        for key, name, values, how in parts
    ]  # fmt: skip


def _of_type(found: Drift, k: int) -> dict:
    return {"n": found.expected(k), "group": f"type: {found.types.labels[k]}"}


def _items(found: Drift) -> list[Estimate]:
    return [
        Estimate(
            key=f"drift.item.{item.variable}",
            name=f"Largest change of a type in “{item.name}”",
            value=float(value),
            low=float(low),
            high=float(high),
            level=found.types.level,
            unit="percentage points",
            n=found.n,
            p=float(p),
            method=f"{found.tested}; expected change, types of {CELL} or more, simultaneous",
        )
        for item, p, (value, low, high) in zip(
            found.types.indicators.variables, found.p, found.gap, strict=False
        )
    ]


def _types(found: Drift) -> list[Estimate]:
    match, labels = found.returned, found.types.labels
    how = f"types found anew in {found.after}, paired by profile"
    rows = [
        Estimate(
            key="drift.distance", name="Distance from the nearest type found anew",
            value=float(match.distance[k]), unit="coefficient", n=found.expected(k),
            group=f"type: {label}", method=f"Hellinger distance, {how}",
        )
        for k, label in enumerate(labels)
    ]  # fmt: skip
    rule = f"within a distance of {SAME_TYPE:g}"
    agreement = adjusted_rand(match.placed * found.n)
    last = (
        ("drift.returned", f"Types of {found.before} that return in {found.after}",
         int((match.distance <= SAME_TYPE).sum()), "count", f"{how}, {rule}"),
        ("drift.of", f"Types of {found.before}", len(labels), "count", "as chosen"),
        ("drift.types", f"Types that BIC finds in {found.after}", found.anew, "count",
         "one more and one fewer tried"),
        ("drift.agreement", "Agreement of placing people by the types before and found anew",
         agreement, "coefficient", "adjusted Rand index of likeliest types"),
    )  # fmt: skip
    return rows + [
        Estimate(key=key, name=name, value=float(value), unit=unit, n=found.n, method=method)
        for key, name, value, unit, method in last
    ]
