"""Contrasts that interact with a moderator: fits, categories and bins."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols

from crmresearch.methods.interactions import binned, bins_of, joint, moderated, straight
from crmresearch.methods.moderation import simultaneous_critical
from crmresearch.methods.regression import contrast


def world(seed, n=300, bend=0.0):
    """A contrast of 0.3 + 0.4 z, errors larger with z, and a covariate that goes with both."""
    rng = np.random.default_rng(seed)
    moderator = np.round(rng.normal(0, 1, n), 2)
    other = 0.5 * moderator + rng.normal(0, 1, n)
    member = (rng.random(n) < 0.4).astype(float)
    noise = rng.normal(0, 1, n) * (1 + 0.4 * np.abs(moderator))
    effect = 0.3 + 0.4 * moderator + bend * moderator**2
    outcome = 2 + 0.5 * moderator + 0.6 * other + member * effect + noise
    return outcome, member, pd.Series(moderator), pd.DataFrame({"other": other})


def test_the_fit_is_that_of_a_formula():
    outcome, member, moderator, others = world(1)
    found = moderated(outcome, member, moderator, others)
    data = others.assign(y=outcome, g=member, z=moderator - moderator.mean())
    same = ols("y ~ g * z + other", data).fit(cov_type="HC3", use_t=True)
    got = dict(zip(found.fit.terms, found.fit.coefficients, strict=True))
    assert got["(contrast)"] == pytest.approx(same.params["g"], abs=1e-10)
    assert got["(contrast x moderator)"] == pytest.approx(same.params["g:z"], abs=1e-10)
    assert found.line.variance[1, 1] ** 0.5 == pytest.approx(same.bse["g:z"], abs=1e-10)
    test = joint(found, key="k", name="n")
    assert test.p == pytest.approx(same.pvalues["g:z"], abs=1e-10)


def test_the_largest_category_is_the_reference_and_empty_ones_are_none():
    rng = np.random.default_rng(3)
    kinds = pd.Series(pd.Categorical(rng.choice(["b", "c", "c"], 200), ["a", "b", "c"]))
    member = rng.integers(0, 2, 200).astype(float)
    outcome = rng.normal(0, 1, 200) + member * (kinds == "b")
    found = moderated(outcome, member, kinds, pd.DataFrame(index=range(200)))
    assert found.levels == ("c", "b")
    for level in found.levels:
        inside = (kinds == level).to_numpy()
        gap = outcome[inside & (member == 1)].mean() - outcome[inside & (member == 0)].mean()
        got = contrast(found.fit, found.effect(level), key="k", name="n").value
        assert got == pytest.approx(gap, abs=1e-10)


def test_a_category_with_one_of_the_groups_only_leaves_no_contrast():
    rng = np.random.default_rng(8)
    kinds = pd.Series(pd.Categorical(np.repeat(["a", "b"], [60, 40])))
    member = np.where(kinds == "a", 1.0, rng.integers(0, 2, 100))
    nothing = pd.DataFrame(index=range(100))
    found = moderated(rng.normal(0, 1, 100), member, kinds, nothing)
    for level in found.levels:
        assert np.isnan(contrast(found.fit, found.effect(level), key="k", name="n").value)


def test_bins_are_fitted_by_themselves():
    outcome, member, moderator, _ = world(4)
    nothing = pd.DataFrame(index=range(300))
    found = binned(outcome, member, moderator, nothing)
    assert [int((found.bins == part).sum()) for part in range(3)] == pytest.approx(
        [100, 100, 100], abs=4
    )
    inside = found.bins == 1
    data = pd.DataFrame({"y": outcome, "g": member, "z": moderator - found.medians[1]})[inside]
    alone = ols("y ~ g * z", data).fit()
    got = contrast(found.fit, found.at(1), key="k", name="n").value
    assert got == pytest.approx(alone.params["g"], abs=1e-10)


def test_a_bend_is_found_and_a_line_is_not():
    """At 5%, a line is called bent about one time in twenty; a strong bend nearly always."""
    called = {
        bend: np.mean(
            [
                straight(binned(*world(seed, 400, bend)), key="k", name="n").p < 0.05
                for seed in range(60)
            ]
        )
        for bend in (0.0, 1.0)
    }
    assert called[0.0] <= 0.13
    assert called[1.0] >= 0.9


def test_ties_share_a_bin_and_bins_have_no_gaps():
    assert bins_of(np.array([1.0, 1, 1, 1, 1, 2, 3, np.nan]), 3).tolist() == [
        0,
        0,
        0,
        0,
        0,
        1,
        1,
        -1,
    ]
    assert set(bins_of(np.repeat([1.0, 2.0], [1, 9]), 3)) == {0}
    nothing = pd.DataFrame(index=range(4))
    assert binned(np.arange(4.0), [0, 1, 0, 1], [5.0, 5, 5, 5], nothing) is None


def test_two_bins_of_one_value_each_leave_nothing_to_test():
    rng = np.random.default_rng(5)
    moderator = np.repeat([0.0, 1.0], [60, 140])  # two thirds and more are 1
    member = rng.integers(0, 2, 200).astype(float)
    found = binned(
        rng.normal(0, 1, 200), member, moderator, pd.DataFrame(index=range(200)), number=4
    )
    test = straight(found, key="k", name="n")
    assert np.isnan(test.value)
    assert np.isnan(test.p)


def test_a_bin_without_one_of_the_groups_has_no_contrast():
    rng = np.random.default_rng(6)
    moderator = np.tile([1.0, 2.0, 3.0], 30)
    member = np.where(moderator == 3, 1.0, rng.integers(0, 2, 90))
    found = binned(rng.normal(0, 1, 90), member, moderator, pd.DataFrame(index=range(90)))
    values = [contrast(found.fit, found.at(part), key="k", name="n").value for part in range(3)]
    assert np.isfinite(values[:2]).all()
    assert np.isnan(values[2])
    assert np.isnan(straight(found, key="k", name="n").p)


@pytest.mark.parametrize(
    ("outcome", "member", "moderator"),
    [
        ([1.0], [1.0], [2.0]),
        ([np.nan] * 20, [0.0, 1.0] * 10, list(range(20))),
        ([3.0] * 20, [0.0, 1.0] * 10, list(range(20))),
        (list(range(20)), [0.0, 1.0] * 10, [4.0] * 20),
        (list(range(20)), [1.0] * 20, list(range(20))),
    ],
    ids=["one row", "nothing known", "constant outcome", "constant moderator", "one group"],
)
def test_awkward_input_has_no_interaction(outcome, member, moderator):
    nothing = pd.DataFrame(index=range(len(outcome)))
    found = moderated(outcome, member, pd.Series(moderator, dtype=float), nothing)
    assert np.isnan(joint(found, key="k", name="n").p)
    assert not found.line.known


def test_rows_without_weight_do_not_count():
    outcome, member, moderator, others = world(7)
    weights = np.where(np.arange(300) < 100, 0.0, 1.0)
    found = moderated(outcome, member, moderator, others, weights=weights)
    part = slice(100, 300)
    same = moderated(
        outcome[part],
        member[part],
        moderator[part].reset_index(drop=True),
        others[part].reset_index(drop=True),
    )
    assert found.centre == pytest.approx(same.centre)
    assert found.spread == pytest.approx(same.spread)
    assert found.line.slope == pytest.approx(same.line.slope)


def coverage(replicates, n=300):
    """How often the intervals of simple slopes hold the truth, and the band all of the line."""
    points = np.array([-1.0, 0.0, 1.0])
    truth = 0.3 + 0.4 * points
    held, whole = np.zeros(3), 0
    for seed in range(replicates):
        found = moderated(*world(10_000 + seed, n))
        slopes = [contrast(found.fit, found.at(x), key="k", name="n") for x in points]
        held += [one.low <= true <= one.high for one, true in zip(slopes, truth, strict=True)]
        grid = np.linspace(-1.5, 1.5, 61)
        value, error = found.line.at(grid)
        reach = simultaneous_critical(found.line, -1.5, 1.5) * error
        whole += bool((np.abs(value - (0.3 + 0.4 * grid)) <= reach).all())
    return held / replicates, whole / replicates


def test_intervals_and_band_hold_the_truth():
    slopes, whole = coverage(120)
    assert (slopes >= 0.89).all()
    assert whole >= 0.89


@pytest.mark.slow
def test_intervals_and_band_hold_the_truth_as_often_as_they_say():
    slopes, whole = coverage(1500)
    assert ((slopes > 0.93) & (slopes < 0.97)).all()
    assert 0.93 < whole < 0.97
