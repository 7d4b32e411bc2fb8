"""Bootstrap intervals: R's numbers stand in the validation cases; here their behaviour."""

import numpy as np
import pytest

from crmresearch.methods.resample_intervals import acceleration, bias, interval, quantile


def test_quantiles_lie_on_order_statistics_where_they_hit_one():
    ordered = np.arange(1.0, 100.0)
    assert quantile(ordered, 0.05) == 5.0
    assert 5.0 < quantile(ordered, 0.055) < 6.0
    assert (quantile(ordered, 0.001), quantile(ordered, 0.9999)) == (1.0, 99.0)


def test_bca_of_symmetric_draws_is_the_percentile_interval():
    draws = np.random.default_rng(1).normal(size=999)
    draws = np.concatenate([draws, -draws])
    left_out = np.array([-1.0, 1.0, -2.0, 2.0])
    plain = interval(0.0, draws, level=0.9)
    assert interval(0.0, draws, left_out, level=0.9, kind="bca") == pytest.approx(plain)


def test_bca_moves_with_the_bias_and_the_acceleration():
    draws = np.random.default_rng(2).normal(size=5000)
    low, high = interval(0.0, draws, level=0.95)
    shifted = interval(0.3, draws, level=0.95, kind="bca")
    assert shifted[0] > low
    assert shifted[1] > high
    skewed = interval(0.0, draws, np.array([-3.0, 1.0, 1.0, 1.0]), level=0.95, kind="bca")
    assert skewed[1] > high


@pytest.mark.parametrize("draws", [np.empty(0), np.ones(19), np.full(50, np.nan)])
def test_too_few_draws_have_no_interval(draws):
    assert np.isnan(interval(1.0, draws, level=0.95)).all()


def test_draws_without_spread_have_an_interval_without_width():
    for kind in ("percentile", "bca"):
        assert interval(2.0, np.full(50, 2.0), np.full(9, 2.0), level=0.95, kind=kind) == (2.0, 2.0)


def test_missing_draws_are_left_out_and_a_missing_value_has_no_interval():
    draws = np.r_[np.arange(100.0), np.nan]
    assert interval(50.0, draws, level=0.9) == interval(50.0, draws[:-1], level=0.9)
    assert np.isnan(interval(np.nan, draws, level=0.9)).all()


def test_all_draws_on_one_side_leave_a_finite_bias():
    assert np.isfinite(bias(-1.0, np.arange(50.0)))
    assert acceleration(None) == acceleration(np.ones(5)) == acceleration(np.empty(0)) == 0.0


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="basic"):
        interval(0.0, np.arange(50.0), level=0.95, kind="basic")
