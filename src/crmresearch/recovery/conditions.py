"""Single moderators along their range: where the contrast is clear of zero, and for how many."""

from dataclasses import dataclass

import numpy as np

from crmresearch.methods.interactions import Binned, binned, straight
from crmresearch.methods.moderation import clear, johnson_neyman, simultaneous_critical
from crmresearch.methods.regression import contrast
from crmresearch.methods.student import t_quantile
from crmresearch.recovery.cases import Cases, withheld
from crmresearch.recovery.curves import FEW_VALUES, Curve, common_range, curve_of
from crmresearch.recovery.interaction import Interaction
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import format_number

FIRST = 2  # interactions shown in detail whatever they came to: the first ones declared


@dataclass(frozen=True, slots=True)
class Detail:
    """One interaction in detail.

    `curve` is None for a moderator of categories, or where the two groups share no range of it.
    """

    interaction: Interaction
    estimates: tuple[Estimate, ...]
    curve: Curve | None = None


def chosen(found: list[Interaction], told: list[Interaction]) -> list[Interaction]:
    """The interactions to show in detail: the first declared, and those that Holm tells from zero.

    The first ones are shown whatever they came to. The others were picked by their size, which is
    therefore overstated on average.
    """
    return [item for place, item in enumerate(found) if place < FIRST or item in told]


def details(
    cases: Cases, chosen: list[Interaction], *, level: float = 0.95, min_cell: int = 10
) -> list[Detail]:
    """The contrast at values, in bins and in categories of each moderator, in the outcome's unit.

    Returns
    -------
    For a numeric moderator ``effect_at.<ends>.<k>``, at each value where there are up to seven and
    otherwise at the mean and one SD to either side, no farther than both groups reach;
    ``bin_effect.<ends>``, in three bins each by itself, with ``straight.<ends>``, the test of one
    line through them;
    ``support.<ends>``, the share of customers in the range that both groups share;
    ``told_above.<ends>`` and ``told_below.<ends>``, the share whose value lies where the band that
    holds for all values at once is above or below zero; and Johnson and Neyman's bounds,
    ``jn.<ends>.<k>`` by the interval at each value and ``jn_all.<ends>.<k>`` by that band, where
    they lie in that range. For one of categories ``effect_in.<ends>``, a group each.
    """
    return [
        _categories(item, level)
        if item.moderator.categories
        else _numeric(cases, item, level, min_cell)
        for item in chosen
    ]


def _categories(item: Interaction, level: float) -> Detail:
    counts = item.values[item.used].value_counts()
    order = [name for name in item.values.cat.categories if name in item.found.levels]
    return Detail(
        item,
        tuple(
            contrast(
                item.found.fit,
                item.found.effect(str(name)),
                key=f"effect_in.{item.ends}",
                name=f"{item.focus.name} in {item.outcome.name}",
                group=f"{item.moderator.name}: {name}",
                level=level,
                unit=item.outcome.difference,
                method="contrast in the category, linear regression",
                n=int(counts[name]),
                randomised=item.focus.randomised,
            )
            for name in order
        ),
    )


def _numeric(cases: Cases, item: Interaction, level: float, min_cell: int) -> Detail:
    values = item.values.to_numpy(dtype=float)[item.used]
    member = item.focus.member[item.used]
    low, high = common_range(values, member)
    inside = (values >= low) & (values <= high)
    weights = np.ones(len(values))
    if cases.sampling.weights is not None:
        weights = cases.sampling.weights[item.used]
    support = _share(item, "support", "in the range that both groups share", inside, weights)
    bins = _bins(cases, item, level, min_cell)
    if not low < high:
        return Detail(item, (*bins, support))
    line = item.found.line
    single = t_quantile((1 + level) / 2, line.df)
    wide = simultaneous_critical(line, low, high, level=level)
    sides = np.where(inside, clear(line, values, critical=wide), 0.0)
    estimates = [
        *_at(item, values, low, high, level),
        *bins,
        support,
        _share(item, "told_above", "where the band is above zero", sides > 0, weights),
        _share(item, "told_below", "where the band is below zero", sides < 0, weights),
        *_bounds(
            item, "jn", "at each value", johnson_neyman(line, critical=single), low, high, level
        ),
        *_bounds(
            item,
            "jn_all",
            "for all values at once",
            johnson_neyman(line, critical=wide),
            low,
            high,
            level,
        ),
    ]
    curve = curve_of(item, values, member, (low, high), single, wide, min_cell)
    return Detail(item, tuple(estimates), curve)


def _at(
    item: Interaction, values: np.ndarray, low: float, high: float, level: float
) -> list[Estimate]:
    points = np.unique(values)
    points = points[(points >= low) & (points <= high)]
    words = {}
    if len(points) > FEW_VALUES:
        centre, spread = item.found.centre, item.found.spread
        below, above = max(low, centre - spread), min(high, centre + spread)
        words = {
            below: "1 SD below the mean" if below > low else "the low end of the shared range",
            centre: "the mean",
            above: "1 SD above the mean" if above < high else "the high end of the shared range",
        }
        points = np.array([point for point in words if low <= point <= high])
    return [
        contrast(
            item.found.fit,
            item.found.at(float(point)),
            key=f"effect_at.{item.ends}.{place}",
            name=f"{item.focus.name} in {item.outcome.name}, at {item.moderator.name} = {point:.3g}"
            + (f" ({words[point]})" if point in words else ""),
            level=level,
            unit=item.outcome.difference,
            method="contrast at the value, linear regression",
            randomised=item.focus.randomised,
        )
        for place, point in enumerate(points, 1)
    ]


def _bins(cases: Cases, item: Interaction, level: float, min_cell: int) -> list[Estimate]:
    used, member = item.used, item.focus.member[item.used]
    values = item.values.to_numpy(dtype=float)[used]
    cluster = None if cases.sampling.clusters is None else cases.sampling.clusters[used]
    weights = None if cases.sampling.weights is None else cases.sampling.weights[used]
    outcome = cases.frame[item.outcome.key].to_numpy()[used]
    found = binned(outcome, member, values, item.others[used], cluster=cluster, weights=weights)
    if found is None:
        return []
    test = straight(
        found, key=f"straight.{item.ends}", name=f"{item.name}, bins against one line", level=level
    )
    parts = range(len(found.medians))
    return [*(_bin(item, found, part, member, level, min_cell) for part in parts), test]


def _bin(
    item: Interaction, found: Binned, part: int, member: np.ndarray, level: float, min_cell: int
) -> Estimate:
    inside = found.bins == part
    estimate = contrast(
        found.fit,
        found.at(part),
        key=f"bin_effect.{item.ends}",
        name=f"{item.focus.name} in {item.outcome.name}, in the bin",
        group=f"{item.moderator.name}: about {found.medians[part]:.3g}",
        level=level,
        unit=item.outcome.difference,
        method="contrast at the median of its bin, a line a bin",
        n=int(inside.sum()),
        randomised=item.focus.randomised,
    )
    smallest = min(int((member[inside] == side).sum()) for side in (0, 1))
    return withheld(estimate, smallest, min_cell)


def _share(
    item: Interaction, key: str, words: str, chosen: np.ndarray, weights: np.ndarray
) -> Estimate:
    return Estimate(
        key=f"{key}.{item.ends}",
        name=f"{item.name}: customers {words}",
        value=float(weights[chosen].sum() / weights.sum()),
        unit="share",
        n=len(weights),
        method="share of the customers compared",
    )


def _bounds(
    item: Interaction,
    key: str,
    words: str,
    roots: tuple[float, ...],
    low: float,
    high: float,
    level: float,
) -> list[Estimate]:
    return [
        Estimate(
            key=f"{key}.{item.ends}.{place}",
            name=f"{item.name}: clear of zero from or up to this value, {words}",
            value=root,
            level=level,
            unit="number",
            n=item.found.fit.n,
            method=f"Johnson-Neyman, exact root, interval {words}",
        )
        for place, root in enumerate((root for root in roots if low <= root <= high), 1)
    ]


def caveats(found: list[Detail]) -> list[Caveat]:
    """One for every interaction whose bins do not lie on one line."""
    bent = [
        item
        for detail in found
        for item in detail.estimates
        if item.key.startswith("straight.") and item.p < 1 - item.level
    ]
    return [
        Caveat(
            key=f"recovery.bent.{item.key.partition('.')[2]}",
            text=f"{item.name.rpartition(',')[0]}: the bins do not lie on one line "
            f"(p {_p(item.p)}), so the line, its bounds and the interaction per SD describe it "
            "badly; read the bins.",
        )
        for item in bent
    ]


def _p(value: float) -> str:
    text = format_number(value, "p")
    return text if text.startswith("<") else f"= {text}"
