"""Design effects against simulated variances; the weighted less the unweighted mean."""

import numpy as np
import pytest

from crmresearch.methods.design_effects import design_effect, weighting_shift
from crmresearch.methods.weighting import design, kish, weighted_mean


def test_a_simple_random_sample_has_none():
    values = np.random.default_rng(1).normal(size=50)
    assert design_effect(values, design(50)) == pytest.approx(1)


def test_weights_that_tell_nothing_cost_what_kish_says():
    rng = np.random.default_rng(2)
    weights, values = rng.uniform(0.2, 4, 40_000), rng.normal(size=40_000)
    effect = design_effect(values, design(40_000, weights))
    assert effect == pytest.approx(kish(weights, 40_000)[1], rel=0.02)


def test_the_design_effect_is_the_ratio_of_simulated_variances():
    rng = np.random.default_rng(3)
    accounts = np.repeat(np.arange(50), 6)
    weights = rng.uniform(0.5, 3, 300)
    basis = design(300, weights, clusters=accounts)
    means, effects = [], []
    for _ in range(400):
        values = rng.normal(0, 0.7, 50)[accounts] + rng.normal(0, 1, 300)
        means.append(weighted_mean(values, basis)[0])
        effects.append(design_effect(values, basis))
    true = np.var(means) / ((0.7**2 + 1) / 300)
    assert np.mean(effects) == pytest.approx(true, rel=0.15)
    assert true > 2


@pytest.mark.parametrize("values", [[], [4.0], [np.nan] * 4, [3.0] * 5])
def test_without_spread_there_is_no_design_effect(values):
    assert np.isnan(design_effect(values, design(len(values), np.arange(len(values)) + 1.0)))


def test_the_shift_is_the_difference_of_the_two_means():
    values, weights = np.array([1.0, 2, 5, np.nan, 9]), np.array([1.0, 3, 2, 1, 0])
    value, error, freedom, n = weighting_shift(values, design(5, weights))
    assert value == pytest.approx((1 + 6 + 10) / 6 - 8 / 3)  # who has no weight is in neither
    assert error > 0
    assert (freedom, n) == (2, 3)
    assert weighting_shift(np.full(5, np.nan), design(5, weights))[3] == 0


def test_weights_that_are_equal_for_all_but_the_uncounted_shift_nothing():
    values = np.random.default_rng(5).normal(size=60)
    weights = np.r_[0.0, np.full(59, 1 / 3)]
    assert weighting_shift(values, design(60, weights)) == (0.0, 0.0, 58, 59)  # no rounding


def test_equal_weights_shift_nothing():
    values = np.random.default_rng(4).normal(size=30)
    found = weighting_shift(values, design(30, clusters=np.arange(30) // 3))
    assert found[:2] == pytest.approx((0, 0), abs=1e-12)


def test_intervals_of_the_shift_cover():
    rng = np.random.default_rng(5)
    hits, times = 0, 500
    for _ in range(times):
        group = rng.random(300) < 0.7  # oversampled, and a point higher
        values, weights = rng.normal(0, 1, 300) + group, np.where(group, 0.5 / 0.7, 0.5 / 0.3)
        value, error, *_ = weighting_shift(values, design(300, weights))
        hits += abs(value - (0.5 - 0.7)) <= 1.968 * error
    assert 0.925 <= hits / times <= 0.975
