"""Single moderators along their range: points, bins, bounds and what is hidden."""

import numpy as np
import pytest

from crmresearch.recovery import conditions, whom
from crmresearch.recovery.figures import conditions as figures
from crmresearch.recovery.headlines import conditions as headlines
from crmresearch.report import style
from crmresearch.report.estimates import find


def people(seed=1, n=600, slope=-0.4, bend=0.0, **more):
    """Complainers to whom resolving gives 0.8 and `slope` for every step of severity."""
    rng = np.random.default_rng(seed)
    severity = rng.integers(1, 6, n).astype(float)
    resolved = (rng.random(n) < 0.5).astype(float)
    effect = 0.8 + slope * (severity - 3) + bend * (severity - 3) ** 2
    return {
        "complained": np.ones(n),
        "resolved": resolved,
        "severity": severity,
        "covariate": rng.normal(10, 2, n),
        "complaint_channel": rng.choice(["Shop", "Phone"], n),
        "loyalty": 4 + resolved * effect + rng.normal(0, 1, n),
    } | more


def details(found, asked="severity, covariate, complaint_channel", min_cell=10):
    items = whom.interactions(
        found, found.outcomes[0], whom.declared(found, asked), min_cell=min_cell
    )
    return conditions.details(found, items, min_cell=min_cell)


def drawn(found, estimates):
    with style.canvas() as figure:
        caption = figures.details(found, sesoi=0.2)(estimates, figure)
        figure.canvas.draw()
        return len(figure.axes), caption


def test_a_moderator_of_few_values_is_read_at_each(cases):
    severity, tenure, channel = details(cases(**people()))
    at = [x for x in severity.estimates if x.key.startswith("effect_at.")]
    assert [x.name.rpartition("= ")[2] for x in at] == ["1", "2", "3", "4", "5"]
    steps = np.diff([x.value for x in at])
    assert steps == pytest.approx([steps[0]] * 4)
    at = [x for x in tenure.estimates if x.key.startswith("effect_at.")]
    assert [x.name.rpartition("(")[2] for x in at] == [
        "1 SD below the mean)", "the mean)", "1 SD above the mean)",
    ]  # fmt: skip
    inside = [x for x in channel.estimates if x.group]
    assert [x.group.partition(": ")[2] for x in inside] == ["Phone", "Shop"]
    assert sum(x.n for x in inside) == 600
    assert channel.curve is None


def test_the_bounds_part_those_told_from_the_others(cases):
    [severity] = details(cases(**people(2, slope=-0.5)), "severity")
    ends = "loyalty.resolved.severity"
    bounds = [x.value for x in severity.estimates if x.key.startswith("jn.")]
    assert tuple(bounds) == severity.curve.roots
    wide = find(severity.estimates, f"jn_all.{ends}.1").value
    assert 1 < wide < bounds[0] < 5  # the band of all values is wider, so it ends sooner
    values = severity.interaction.values[severity.interaction.used]
    above = find(severity.estimates, f"told_above.{ends}").value
    assert above == pytest.approx((values < wide).mean())


def test_customers_outside_the_shared_range_are_not_spoken_of(cases):
    data = people(3, slope=0.0)
    moved = data["covariate"] + 5 * data["resolved"]
    [tenure] = details(cases(**data | {"covariate": moved}), "covariate")
    support = find(tenure.estimates, "support.loyalty.resolved.covariate").value
    assert support < 0.6
    low, high = tenure.curve.grid[[0, -1]]
    at = [x for x in tenure.estimates if x.key.startswith("effect_at.")]
    points = [float(x.name.partition("= ")[2].partition(" ")[0]) for x in at]  # three digits
    assert low - 0.05 <= min(points) <= max(points) <= high + 0.05
    told = [find(tenure.estimates, f"told_{side}.loyalty.resolved.covariate").value
            for side in ("above", "below")]  # fmt: skip
    assert sum(told) <= support


def test_groups_that_share_no_range_have_no_line(cases):
    data = people(3, slope=0.0)
    moved = data["covariate"] + 50 * data["resolved"]
    [tenure] = details(cases(**data | {"covariate": moved}), "covariate")
    assert tenure.curve is None
    assert find(tenure.estimates, "support.loyalty.resolved.covariate").value == 0.0
    bins = [x for x in tenure.estimates if x.key.startswith("bin_effect.")]
    assert [np.isnan(x.value) for x in bins] == [True, False, True]  # the middle one straddles
    title = headlines.details(list(tenure.estimates))
    assert title.startswith("The groups compared share no range of the moderator")
    assert drawn([tenure], list(tenure.estimates))[0] == 1


def test_a_bend_is_a_caveat(cases):
    bent = details(cases(**people(4, slope=0.0, bend=0.6)), "severity")
    [caveat] = conditions.caveats(bent)
    assert caveat.key == "recovery.bent.loyalty.resolved.severity"
    assert "the bins do not lie on one line (p < .001)" in caveat.text
    assert conditions.caveats(details(cases(**people(5)), "severity")) == []


def test_bins_and_bars_of_few_customers_are_not_shown(cases):
    data = people(6, n=60)
    data["resolved"][data["severity"] >= 4] = 0
    data["resolved"][np.flatnonzero(data["severity"] >= 4)[:3]] = 1
    [severity] = details(cases(**data), "severity")
    bins = [x for x in severity.estimates if x.key.startswith("bin_effect.")]
    assert np.isnan(bins[-1].value)
    assert bins[-1].n == 0
    counts = severity.curve.shares * np.array([[(data["resolved"] == x).sum()] for x in (0, 1)])
    assert ((counts == 0) | (counts >= 10)).all()


def test_the_first_declared_and_the_told_are_shown(cases):
    found = cases(**people(7, slope=-0.6))
    asked = whom.declared(found, "covariate, complaint_channel, severity")
    items = whom.interactions(found, found.outcomes[0], asked)
    told = whom.clear(items, whom.family(items))
    assert conditions.chosen(items, told) == items
    assert conditions.chosen(items, []) == items[:2]


def test_titles_and_captions(cases):
    found = details(cases(**people(8, slope=-0.5)))
    estimates = [x for one in found for x in one.estimates]
    title = headlines.details(estimates)
    assert title.startswith("Resolved − unresolved complaints in loyalty: +1.")
    assert "scale points at severity = 1, " in title
    assert title.endswith("% of those compared.")
    panels, caption = drawn(found, estimates)
    assert panels == 3
    assert "dashed lines stand where" in caption
    alone = headlines.details(list(found[2].estimates))
    assert "for “" in alone
    assert headlines.details([]).startswith("Not in these data: ")
    assert drawn([], []) == (0, "No interaction can be shown.")


def test_in_an_experiment_the_contrast_is_an_effect(cases):
    rng = np.random.default_rng(9)
    found = cases(
        "experiment",
        condition=np.repeat(["none", "sorry"], 80),
        loyalty=rng.normal(4, 1, 160),
        severity=np.arange(160) % 5 + 1,
    )
    [one] = details(found, "severity")
    effects = [x for x in one.estimates if x.key.startswith(("effect_at", "bin_effect"))]
    assert effects
    assert all(x.randomised for x in effects)


def test_weights_enter_the_shares(cases):
    data = people(10, slope=-0.5)
    weights = np.where(data["severity"] < 3, 3.0, 0.5)
    plain, weighted = (
        find(details(found, "severity")[0].estimates, "told_above.loyalty.resolved.severity").value
        for found in (cases(**data), cases(**data, weight=weights))
    )
    assert weighted > plain


def bounds_and_slopes(cases, replicates):
    """How often slopes at 1, 3 and 5 hold the truth, and the region told is truly so."""
    held, right = np.zeros(3), 0
    for seed in range(replicates):
        found = cases(**people(20_000 + seed, n=250, slope=-0.4))
        [one] = details(found, "severity")
        at = {
            x.name.rpartition("= ")[2]: x for x in one.estimates if x.key.startswith("effect_at.")
        }
        held += [at[str(z)].low <= 0.8 - 0.4 * (z - 3) <= at[str(z)].high for z in (1, 3, 5)]
        truth = 0.8 - 0.4 * (one.curve.grid - 3)
        right += bool(((one.curve.low_all <= truth) & (truth <= one.curve.high_all)).all())
    return held / replicates, right / replicates


def test_slopes_and_region_hold_the_truth(cases):
    held, right = bounds_and_slopes(cases, 25)
    assert (held >= 0.84).all()
    assert right >= 0.84


@pytest.mark.slow
def test_slopes_and_region_hold_the_truth_as_often_as_they_say(cases):
    held, right = bounds_and_slopes(cases, 600)
    assert ((held > 0.93) & (held < 0.97)).all()
    assert 0.93 < right < 0.97


def test_without_complaints_told_apart_there_is_nothing(cases):
    assert details(cases(problem=[0, 1] * 20, loyalty=[4.0, 5.0] * 20)) == []
