"""A contrast along a moderator: bounds, bands and what a study could have found."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmresearch.methods.interactions import moderated
from crmresearch.methods.moderation import (
    Line,
    clear,
    detectable,
    johnson_neyman,
    line,
    simultaneous_critical,
    times_people,
)
from crmresearch.methods.power import power
from crmresearch.methods.regression import contrast


def drawn(effect, slope, errors=(1.0, 0.5), correlation=0.0, df=100.0, centre=0.0):
    between = correlation * errors[0] * errors[1]
    variance = np.array([[errors[0] ** 2, between], [between, errors[1] ** 2]])
    return Line(effect, slope, variance, df, centre)


@pytest.mark.parametrize(
    ("effect", "slope", "number"),
    [(3.0, 1.5, 2), (3.0, 0.1, 2), (0.1, 0.1, 0), (0.0, 3.0, 2), (-3.0, 1.5, 2)],
)
def test_at_a_bound_an_end_of_the_interval_is_zero(effect, slope, number):
    found = drawn(effect, slope, correlation=0.3, centre=4.0)
    roots = johnson_neyman(found)
    assert len(roots) == number
    assert list(roots) == sorted(roots)
    value, error = found.at(roots)
    critical = stats.t.ppf(0.975, 100)
    assert np.abs(value) == pytest.approx(critical * error, rel=1e-9)


def test_bounds_part_what_is_clear_from_what_is_not():
    found = drawn(1.0, 1.5, errors=(0.4, 0.3), centre=3.0)
    low, high = johnson_neyman(found)
    at = clear(found, [low - 0.01, low + 0.01, high - 0.01, high + 0.01])
    assert at.tolist() == [-1.0, 0.0, 0.0, 1.0]
    # a slope that is not clear of zero itself: the contrast is clear only between the bounds
    flat = drawn(3.0, 0.1, errors=(0.4, 0.3))
    low, high = johnson_neyman(flat)
    assert clear(flat, [low - 1, (low + high) / 2, high + 1]).tolist() == [0.0, 1.0, 0.0]


def test_a_bound_at_infinity_is_left_out():
    critical = float(stats.t.ppf(0.975, 100))
    found = drawn(3.0, critical * 0.5)  # the slope is exactly as large as its reach
    [root] = johnson_neyman(found)
    value, error = found.at(root)
    assert abs(value) == pytest.approx(critical * error)
    assert johnson_neyman(drawn(0.0, 0.0)) == ()


def test_roots_keep_their_digits_far_from_the_centre():
    near = johnson_neyman(drawn(3.0, 1.5))
    far = johnson_neyman(drawn(3.0, 1.5, centre=1e6))
    assert np.array(far) - 1e6 == pytest.approx(near, abs=1e-8)


def test_the_simultaneous_band_lies_between_t_and_scheffe():
    found = drawn(1.0, 0.5, correlation=0.2, df=30.0)
    t = stats.t.ppf(0.975, 30)
    scheffe = (2 * stats.f.ppf(0.95, 2, 30)) ** 0.5
    assert simultaneous_critical(found, 2.0, 2.0) == pytest.approx(t, abs=1e-7)
    assert simultaneous_critical(found, -1e9, 1e9) == pytest.approx(scheffe, abs=1e-7)
    middle = simultaneous_critical(found, -1.0, 3.0)
    assert t < middle < scheffe
    assert middle < simultaneous_critical(found, -2.0, 4.0)


@pytest.mark.parametrize("df", [5.0, 60.0])
def test_the_simultaneous_band_holds_the_whole_line_at_its_level(df):
    """Drawn from the distribution itself, the largest error over a range, 95 times of 100."""
    rng = np.random.default_rng(20260101)
    found = drawn(0.0, 0.0, correlation=-0.4, df=df)
    critical = simultaneous_critical(found, -1.0, 2.5)
    both = rng.multivariate_normal([0, 0], found.variance, 40_000)
    both /= np.sqrt(rng.chisquare(df, 40_000) / df)[:, None]
    grid = np.linspace(-1.0, 2.5, 101)
    errors = found.at(grid)[1]
    largest = np.max(
        [np.abs(both[:, 0] + x * both[:, 1]) / e for x, e in zip(grid, errors, strict=True)], axis=0
    )
    assert np.mean(largest <= critical) == pytest.approx(0.95, abs=0.0035)


@pytest.mark.parametrize("df", [3, 20, 500])
def test_the_detectable_coefficient_has_the_power_asked_for(df):
    size = detectable(0.5, df, alpha=0.01, wanted=0.9)
    assert stats.nct.sf(stats.t.ppf(0.995, df), df, size / 0.5) == pytest.approx(0.9, abs=1e-9)


def test_the_detectable_coefficient_agrees_with_that_of_two_groups():
    error = (1 / 40 + 1 / 60) ** 0.5
    assert power(detectable(error, 98), 40, 60) == pytest.approx(0.8, abs=1e-6)
    assert detectable(error, 9_000) == pytest.approx(detectable(error, 20_000), rel=1e-3)


def test_an_interaction_of_half_the_size_takes_sixteen_times_the_people():
    rng = np.random.default_rng(1)
    n = 20_000
    member, moderator = rng.integers(0, 2, n).astype(float), rng.normal(50, 9, n)
    found = moderated(
        rng.normal(0, 1, n), member, pd.Series(moderator), pd.DataFrame(index=range(n))
    )
    assert times_people(found.line, found.spread) == pytest.approx(16, rel=0.05)


def test_the_line_is_that_of_the_fit():
    rng = np.random.default_rng(2)
    n = 200
    member, moderator = rng.integers(0, 2, n).astype(float), rng.normal(3, 1, n)
    outcome = member * (1 + 0.5 * moderator) + rng.normal(0, 1, n)
    found = moderated(outcome, member, pd.Series(moderator), pd.DataFrame(index=range(n)))
    value, error = found.line.at(4.0)
    same = contrast(found.fit, found.at(4.0), key="k", name="n")
    reach = stats.t.ppf(0.975, found.fit.df)
    assert value == pytest.approx(same.value)
    assert value + reach * error == pytest.approx(same.high)


def test_what_cannot_be_told_is_no_number():
    unknown = drawn(float("nan"), 1.0)
    assert johnson_neyman(unknown) == ()
    assert np.isnan(simultaneous_critical(unknown, 0, 1))
    assert np.isnan(times_people(unknown, 1.0))
    assert np.isnan(times_people(drawn(1.0, 1.0), 0.0))
    assert np.isnan(detectable(0.0, 10))
    assert np.isnan(detectable(1.0, 0))
    nothing = pd.DataFrame(index=range(3))
    fit = moderated([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], pd.Series([1.0, 2.0, 3.0]), nothing).fit
    assert not line(fit, "(contrast)", "(contrast x moderator)").known
