"""People asked twice: who is paired with whom, and differences in their changes."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmresearch.methods.influence import estimate
from crmresearch.methods.panel import consecutive, difference_in_changes
from crmresearch.methods.regression import ordinary_least_squares
from crmresearch.methods.weighting import Design, design


def test_pairs_are_of_one_person_in_waves_that_follow():
    person = ["a", "b", "a", "a", "c", None, None, "b", "d", "d"]
    wave = [0, 0, 1, 3, 2, 0, 1, 1, 0, -1]
    earlier, later = consecutive(person, wave)
    assert list(zip(earlier.tolist(), later.tolist(), strict=True)) == [(0, 2), (1, 7)]


def test_somebody_twice_in_a_wave_is_not_paired_there():
    earlier, later = consecutive(["a"] * 5, [0, 0, 1, 2, 2])
    assert len(earlier) == len(later) == 0
    earlier, later = consecutive(["a"] * 4, [0, 0, 1, 2])
    assert (earlier.tolist(), later.tolist()) == ([2], [3])


@pytest.mark.parametrize("rows", [0, 1])
def test_nobody_is_paired_alone(rows):
    earlier, later = consecutive(["a"] * rows, [0] * rows)
    assert len(earlier) == len(later) == 0


def test_last_wave_of_one_does_not_run_into_the_first_of_the_next():
    earlier, _ = consecutive(["a", "b"], [1, 0])
    assert len(earlier) == 0


def test_two_waves_give_the_two_way_fixed_effects():
    rng = np.random.default_rng(4)
    n = 60
    first, second = rng.normal(size=(2, n))
    happened = rng.random(n) < 0.4
    fit = difference_in_changes(second - first, happened)
    people = pd.Categorical(np.tile(np.arange(n), 2))
    dummies = pd.DataFrame(
        {
            "treated": np.concatenate([np.zeros(n), happened]),
            "wave": np.repeat([0.0, 1.0], n),
            "person": people,
        }
    )
    full = ordinary_least_squares(np.concatenate([first, second]), dummies)
    at = full.terms.index("treated")
    assert fit.value == pytest.approx(full.coefficients[at])


def test_periods_have_their_own_mean_change_and_weights_count():
    change = np.array([1.0, 1, 3, 3, 2, 2, 6, 6])
    happened = np.array([0, 0, 1, 1, 0, 0, 1, 1])
    period = np.repeat([1, 2], 4)
    fit = difference_in_changes(change, happened, period=period)
    assert fit.value == pytest.approx(3.0)
    heavy = np.where(period == 1, 9.0, 1.0)
    fit = difference_in_changes(change, happened, period=period, weights=heavy)
    assert fit.value == pytest.approx(2.2)


def test_nobody_to_whom_it_happened_has_no_difference():
    fit = difference_in_changes(np.arange(8.0), np.zeros(8))
    assert np.isnan(fit.value)


def test_periods_and_weights_are_those_of_a_regression():
    rng = np.random.default_rng(8)
    change, happened, period = rng.normal(size=90), rng.random(90) < 0.4, rng.integers(0, 3, 90)
    weights = rng.uniform(0.5, 2, 90)
    found = difference_in_changes(change, happened, period=period, weights=weights)
    frame = pd.DataFrame({"it": happened * 1.0, "period": pd.Categorical(period)})
    full = ordinary_least_squares(change, frame, weights=weights, cluster=np.arange(90))
    at = full.terms.index("it")
    assert found.value == pytest.approx(full.coefficients[at])
    bare = full.covariance[at, at] * (90 - 4) / 90  # without CR1's factors
    assert found.influence @ found.influence == pytest.approx(bare)


def test_an_interval_between_persons_is_welchs():
    rng = np.random.default_rng(9)
    change, happened = rng.normal(size=40), np.arange(40) < 12
    found = difference_in_changes(change, happened)
    item = estimate(found, Design(40), key="k", name="n", method="")
    welch = stats.ttest_ind(change[happened], change[~happened], equal_var=False)
    assert item.p == pytest.approx(welch.pvalue)


def covered(replicates):
    """Share of 95% intervals that cover a fall of 0.4, persons and accounts alike, trend apart."""
    inside = 0
    for seed in range(replicates):
        rng = np.random.default_rng(seed)
        accounts = np.repeat(np.arange(60), 4)
        level = rng.normal(size=240) + rng.normal(size=60)[accounts]
        happened = rng.random(240) < 1 / (1 + np.exp(1 + 0.8 * level))  # the unhappy more often
        shock = rng.normal(0, 0.4, 60)[accounts]
        first = level + rng.normal(0, 0.6, 240)
        second = level + 0.2 + shock - 0.4 * happened + rng.normal(0, 0.6, 240)
        found = difference_in_changes(second - first, happened)
        item = estimate(found, design(240, clusters=accounts), key="k", name="n", method="")
        inside += item.low <= -0.4 <= item.high
    return inside / replicates


def test_intervals_cover_a_change_that_raw_groups_would_overstate():
    assert covered(80) >= 0.87


@pytest.mark.slow
def test_intervals_cover_95_in_100():
    assert 0.93 <= covered(1000) <= 0.97
