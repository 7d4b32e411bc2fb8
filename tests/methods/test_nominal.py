"""Kappa and Cramér's V: printed examples, coverage, and tables that tell nothing."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.nominal import cramers_v, joint_shares, kappa, v_of
from crmresearch.methods.weighting import Design, design

RNG = np.random.default_rng


def of_table(counts) -> tuple[np.ndarray, np.ndarray]:
    cells = np.array(counts)
    rows, columns = np.indices(cells.shape)
    return np.repeat(rows.ravel(), cells.ravel()), np.repeat(columns.ravel(), cells.ravel())


def k(first, second, **given):
    return kappa(np.asarray(first), np.asarray(second), key="k", name="Kappa", **given)


def v(first, second, **given):
    return cramers_v(np.asarray(first), np.asarray(second), key="v", name="V", **given)


def test_kappa_by_hand():
    # 20 both yes, 15 both no, of 50: agreement .7, by chance .5
    found = k(*of_table([[20, 5], [10, 15]]))
    assert_allclose(found.value, 0.4)
    assert found.low < 0.4 < found.high < 1
    assert found.n == 50


def test_v_of_two_by_two_is_phi():
    first, second = of_table([[20, 5], [10, 15]])
    assert_allclose(v(first, second).value, abs(np.corrcoef(first, second)[0, 1]))


def test_the_slope_of_v_is_that_of_small_changes():
    table = np.array([[0.2, 0.05, 0.1], [0.1, 0.3, 0.25]])
    value, slope = v_of(table)
    step = 1e-7
    for at in np.ndindex(table.shape):
        moved = table.copy()
        moved[at] += step
        # the chi-squared form divides by the margins of what is given, whatever it adds up to
        one, two = moved.sum(axis=1), moved.sum(axis=0)
        direct = np.sqrt((moved**2 / np.outer(one, two)).sum() - 1)
        assert_allclose((direct - value) / step, slope[at], atol=1e-5)


def test_a_weight_of_two_is_a_row_twice_in_the_value():
    first, second = RNG(1).integers(0, 3, (2, 60))
    second = np.where(RNG(2).random(60) < 0.5, first, second)
    weight = RNG(3).integers(1, 4, 60).astype(float)
    twice = np.repeat(np.arange(60), weight.astype(int))
    for measure in (k, v):
        weighted = measure(first, second, design=design(60, weight))
        assert_allclose(weighted.value, measure(first[twice], second[twice]).value)


def test_rows_given_twice_within_clusters_tell_no_more():
    first, second = RNG(4).integers(0, 3, (2, 80))
    second = np.where(RNG(5).random(80) < 0.5, first, second)
    twice = np.tile(np.arange(80), 2)
    for measure in (k, v):
        alone = measure(first, second)
        clustered = measure(first[twice], second[twice], design=design(160, clusters=twice))
        assert_allclose([clustered.low, clustered.high], [alone.low, alone.high], atol=1e-6)


def test_missing_codes_and_zero_weights_are_left_out():
    first, second = of_table([[20, 5], [10, 15]])
    more = np.append(first, [-1, 0, 1]), np.append(second, [0, -1, 0])
    found = k(*more, design=design(53, np.append(np.ones(52), 0.0)))
    assert_allclose(found.value, 0.4)
    assert (found.n, found.n_dropped) == (50, 3)


@pytest.mark.parametrize(
    ("first", "second"),
    [([], []), ([0], [0]), ([-1, -1], [0, 1]), ([0, 0, 0], [0, 0, 0]), ([2, 2], [2, 2])],
)
def test_what_tells_nothing_has_no_value(first, second):
    codes = np.array(first, int), np.array(second, int)
    for found in (k(*codes), v(*codes)):
        assert np.isnan(found.value)
        assert np.isnan(found.low)


def test_full_agreement_is_one_without_an_interval():
    for found in (k([0, 1, 2, 0], [0, 1, 2, 0]), v([0, 1, 2, 0], [2, 0, 1, 2])):
        assert_allclose(found.value, 1.0)
        assert np.isnan(found.high)


def test_unused_categories_and_codes_of_one_side_only():
    first, second = np.array([0, 4, 4, 0, 4]), np.array([0, 4, 0, 0, 2])
    table, rows = joint_shares(first, second, Design(5))
    assert rows.all()
    assert_allclose(table.sum(), 1)
    assert np.isfinite(v(first, second).value)
    assert_allclose(k(first, second).value, (0.6 - 0.36) / (1 - 0.36))


def coverage(replicates: int, n: int, seed: int) -> np.ndarray:
    """Share of intervals of kappa and V that hold the truth, in clusters of two alike rows."""
    rng = RNG(seed)
    table = np.array([[0.30, 0.06, 0.04], [0.08, 0.20, 0.04], [0.02, 0.06, 0.20]])
    chance = table.sum(axis=1) @ table.sum(axis=0)
    truth = (np.trace(table) - chance) / (1 - chance), v_of(table)[0]
    held = np.zeros(2)
    for _ in range(replicates):
        drawn = np.repeat(rng.choice(9, n, p=table.ravel()), 2)
        sampling = design(2 * n, clusters=np.repeat(np.arange(n), 2))
        for at, measure in enumerate((k, v)):
            found = measure(drawn // 3, drawn % 3, design=sampling)
            held[at] += found.low <= truth[at] <= found.high
    return held / replicates


def test_intervals_hold_the_truth():
    assert (coverage(100, 200, 6) >= 0.89).all()


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    held = coverage(1000, 200, 7)
    assert ((held >= 0.93) & (held <= 0.97)).all()
