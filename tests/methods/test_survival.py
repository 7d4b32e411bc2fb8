"""Kaplan-Meier curves and what is read from them, against hand-worked and R's numbers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.survival import (
    influence,
    kaplan_meier,
    log_log,
    mean_influence,
    median,
    restricted_mean,
)
from crmresearch.validation import cases_recovery_leaving
from crmresearch.validation.cases import cases

DAYS = np.array([2.0, 3, 3, 5, 8, 8, 9])
LEFT = np.array([True, True, False, True, False, True, False])


def test_every_number_of_r_is_met():
    asked = [case for case in cases("recovery") if case.module == "cases_recovery_leaving"]
    assert len(asked) > 80
    calls = {(case.call, repr(case.given)): case for case in asked}
    made = {
        key: getattr(cases_recovery_leaving, one.call)(**one.given) for key, one in calls.items()
    }
    ours = [made[case.call, repr(case.given)][case.part] for case in asked]
    off = [abs(number - case.published) for number, case in zip(ours, asked, strict=True)]
    assert not [case.id for size, case in zip(off, asked, strict=True) if not size < case.tolerance]


def test_curve_by_hand():
    curve = kaplan_meier(DAYS, LEFT)
    assert_allclose(curve.times, [2, 3, 5, 8, 9])
    assert_allclose(curve.at_risk, [7, 6, 4, 3, 1])
    assert_allclose(curve.events, [1, 1, 1, 1, 0])
    stay = np.cumprod([6 / 7, 5 / 6, 3 / 4, 2 / 3, 1])
    assert_allclose(curve.survival, stay)
    greenwood = np.cumsum([1 / 42, 1 / 30, 1 / 12, 1 / 6, 0])
    assert_allclose(curve.error, stay * np.sqrt(greenwood))
    area = 2 + 6 / 7 + 2 * 5 / 7 + 3 * (5 / 7 * 3 / 4)  # to day 8
    assert restricted_mean(curve, 8.0)[0] == pytest.approx(area)


def test_without_losses_the_curve_is_the_share_and_its_error_the_binomial():
    days = np.random.default_rng(1).permutation(np.arange(1.0, 41))
    curve = kaplan_meier(days, np.ones(40, bool))
    assert_allclose(curve.survival, 1 - np.arange(1, 41) / 40, atol=1e-12)
    share = curve.survival[9]
    assert curve.error[9] == pytest.approx(np.sqrt(share * (1 - share) / 40))
    assert median(curve)[0] == 20.5  # between the two middle days
    assert restricted_mean(curve, 40.0)[0] == pytest.approx(days.mean())


def test_influence_of_independent_customers_is_greenwood():
    rng = np.random.default_rng(2)
    days, left = rng.exponential(10, 300), rng.random(300) < 0.7
    curve, when = kaplan_meier(days, left), np.array([3.0, 8.0, 15.0])
    added = influence(curve, days, left, when)
    assert_allclose(np.sqrt((added**2).sum(axis=0)), curve.error[curve.at(when)], rtol=0.02)
    assert_allclose(added.sum(axis=0), 0, atol=1e-12)
    mean = mean_influence(curve, days, left, 12.0)
    assert np.sqrt((mean**2).sum()) == pytest.approx(restricted_mean(curve, 12.0)[1], rel=0.02)


def test_entry_on_the_first_day_changes_nothing():
    one, two = kaplan_meier(DAYS, LEFT), kaplan_meier(DAYS, LEFT, np.zeros(7))
    assert_allclose(one.survival, two.survival)
    assert_allclose(
        mean_influence(one, DAYS, LEFT, 8.0), mean_influence(two, DAYS, LEFT, 8.0, np.zeros(7))
    )


def test_survivors_only_are_put_right_by_delayed_entry():
    """Half are seen only if they stay to day 5: taken as watched from the start, few seem to go."""
    rng = np.random.default_rng(3)
    days, entry = rng.exponential(10, 40_000), np.where(rng.random(40_000) < 0.5, 5.0, 0.0)
    seen = days > entry
    days, entry, left = days[seen], entry[seen], np.ones(seen.sum(), bool)
    right, wrong = kaplan_meier(days, left, entry), kaplan_meier(days, left)
    true = np.exp(-0.3)
    assert right.survival[right.at(np.array([3.0]))][0] == pytest.approx(true, abs=0.02)
    assert wrong.survival[wrong.at(np.array([3.0]))][0] > true + 0.05


def test_intervals_keep_within_bounds():
    low, high = log_log(np.array([1.0, 0.99, 0.5, 0.0]), np.array([0, 0.02, 0.1, np.nan]), 0.95)
    assert low[0] == high[0] == 1.0
    assert 0 < low[1] < 0.99 < high[1] < 1
    assert np.isnan(low[3])


@pytest.mark.parametrize("left", [True, False])
def test_one_customer(left):
    curve = kaplan_meier(np.array([4.0]), np.array([left]))
    assert curve.survival[0] == (0.0 if left else 1.0)
    assert np.isnan(median(curve)[1])
    assert restricted_mean(curve, 4.0) == (4.0, 0.0)


def test_nobody_left_has_no_median():
    assert np.isnan(median(kaplan_meier(DAYS, np.zeros(7, bool)))).all()
