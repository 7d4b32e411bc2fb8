"""Cox's model: invariances, awkward input, and how often its intervals hold."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from crmresearch.methods.cox import cox


def world(rng, *, n=600, effect=0.6, per=1, alike=0.0, whole=True):
    """Customers who leave at a pace that x multiplies; those of one account leave together.

    A Gaussian copula ties the times of an account, so that the hazard of each is still
    proportional: the ratio is exp(effect) whatever `alike` is.
    """
    account = np.arange(n) // per
    shared = rng.normal(0, 1, n // per)[account]
    score = np.sqrt(alike) * shared + np.sqrt(1 - alike) * rng.normal(0, 1, n)
    x = (rng.random(n // per) < 0.5)[account].astype(float)
    z = rng.normal(0, 1, n)
    days = -np.log(stats.norm.sf(score)) * 400 / np.exp(effect * x + 0.3 * z)
    seen = rng.uniform(100, 365, n)
    left = days <= seen
    time = np.minimum(days, seen)
    return (np.ceil(time) if whole else time), left, np.column_stack([x, z]), account


def covered(seed, replicates, **settings):
    """Shares of replicates in which robust and model intervals hold the true coefficient."""
    rng, held = np.random.default_rng(seed), np.zeros((replicates, 2))
    for row in range(replicates):
        time, left, x, account = world(rng, **settings)
        fit = cox(time, left, x, clusters=account)
        off = abs(fit.coefficients[0] - 0.6)
        reach = stats.t.ppf(0.975, fit.df) * fit.robust[0, 0] ** 0.5
        held[row] = off < reach, off < 1.96 * fit.model[0, 0] ** 0.5
    return held.mean(axis=0)


def test_two_customers_by_hand():
    """L = (e^b / (e^b + 1)) (1 / 1) ... of three: the first departure is the only informative."""
    fit = cox(np.array([1.0, 2, 3, 4]), np.array([True, True, True, False]), [[1.0], [0], [1], [0]])
    b = fit.coefficients[0]
    hr = np.exp(b)
    by_hand = np.log(hr / (2 * hr + 2)) + np.log(1 / (hr + 2)) + np.log(hr / (hr + 1))
    assert fit.loglik[1] == pytest.approx(by_hand)
    assert fit.loglik[0] == pytest.approx(-np.log(4) - np.log(3) - np.log(2))


def test_order_scale_and_copies_of_columns():
    time, left, x, account = world(np.random.default_rng(1))
    fit = cox(time, left, x, clusters=account)
    order = np.random.default_rng(2).permutation(len(time))
    again = cox(5 * time[order], left[order], x[order] * [1, 10] + 3, clusters=account[order])
    assert_allclose(again.coefficients, fit.coefficients / [1, 10], rtol=1e-6)
    assert_allclose(again.robust[0, 0], fit.robust[0, 0], rtol=1e-6)
    assert_allclose(again.proportional, fit.proportional, rtol=1e-5)
    copied = cox(time, left, np.column_stack([x, x[:, 1]]))
    assert copied.coefficients[0] == pytest.approx(fit.coefficients[0], abs=1e-6)
    assert np.isnan(copied.coefficients[1:]).all()


def test_cutting_a_customers_time_in_two_changes_nothing():
    time, left, x, _ = world(np.random.default_rng(3), n=200)
    whole = cox(time, left, x)
    half = np.floor(time / 2)
    parts = cox(
        np.r_[half, time][np.r_[half, time] > 0],
        np.r_[np.zeros(200, bool), left][np.r_[half, time] > 0],
        np.vstack([x, x])[np.r_[half, time] > 0],
        entry=np.r_[np.zeros(200), half][np.r_[half, time] > 0],
        clusters=np.r_[np.arange(200), np.arange(200)][np.r_[half, time] > 0],
    )
    assert_allclose(parts.coefficients, whole.coefficients, rtol=1e-6)
    assert_allclose(parts.robust, whole.robust, rtol=1e-6)


def test_a_group_that_nobody_leaves_has_no_bound():
    time, left, x, _ = world(np.random.default_rng(4), n=300)
    nobody = (np.arange(300) < 40).astype(float)
    fit = cox(time, left & (nobody == 0), np.column_stack([nobody, x[:, 1]]))
    assert np.isnan(fit.coefficients[0])
    assert np.isnan(fit.robust[0]).all()
    assert np.isfinite(fit.coefficients[1])


def test_a_hazard_that_changes_is_found():
    rng = np.random.default_rng(5)
    x = (rng.random(3000) < 0.5).astype(float)
    days = np.where(x == 1, rng.weibull(2.0, 3000), rng.weibull(0.8, 3000))
    changing = cox(days, np.ones(3000, bool), x[:, None])
    assert changing.proportional[0] < 1e-6
    steady = cox(rng.exponential(1, 3000), np.ones(3000, bool), x[:, None])
    assert steady.proportional[0] > 0.001


@pytest.mark.parametrize(
    ("time", "left", "x"),
    [
        ([3.0], [True], [[1.0]]),
        ([3.0, 4.0, 5.0], [False] * 3, [[1.0], [0.0], [1.0]]),
        ([3.0] * 4, [True] * 4, np.empty((4, 0))),
    ],
)
def test_too_little_to_fit(time, left, x):
    fit = cox(np.array(time), np.array(left), np.array(x))
    assert np.isnan(fit.coefficients).all()
    assert fit.df == 0


def test_all_leave_on_one_day_or_nothing_varies():
    fit = cox(np.full(30, 3.0), np.ones(30, bool), np.arange(30.0)[:, None])
    assert fit.coefficients[0] == pytest.approx(0, abs=1e-6)
    flat = cox(np.arange(1.0, 31), np.ones(30, bool), np.ones((30, 1)))
    assert np.isnan(flat.coefficients[0])


def test_intervals_hold():
    robust, model = covered(10, 50, n=400)
    assert min(robust, model) >= 0.88
    robust, model = covered(11, 60, n=600, per=4, alike=0.6)
    assert robust >= 0.88
    assert model < robust


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [{}, {"whole": False}, {"n": 1200, "per": 4, "alike": 0.6}],
    ids=["ties", "continuous", "accounts"],
)
def test_intervals_hold_in_many_worlds(settings):
    assert 0.93 <= covered(12, 1000, **settings)[0] <= 0.97
