"""Joint confidence intervals of ranks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from crmresearch.methods import ranks


def rank_intervals(values, errors, level=0.95):
    """Ranks of independent normal quantities, all pairs told apart by Tukey's quantile."""
    y, e = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    apart = (y[:, None] - y[None, :]) / np.hypot(e[:, None], e[None, :])
    return ranks.from_pairs(apart > ranks.tukey(level, max(len(y), 2)))


def test_tukeys_quantiles_match_r():
    # R 4.2.2
    # > qtukey(.95, c(2, 3, 10, 200), Inf) / sqrt(2)
    expected = [1.95996398477, 2.34370058790, 3.16368375350, 4.59330428824]
    assert_allclose([ranks.tukey(0.95, k) for k in (2, 3, 10, 200)], expected, rtol=1e-6)
    # > qtukey(.95, c(3, 12, 40, 200), c(9, 18, 7.3, 12)) / sqrt(2)
    found = [ranks.tukey(0.95, k, df) for k, df in ((3, 9), (12, 18), (40, 7.3), (200, 12))]
    assert_allclose(found, [2.79200561169, 3.72391451517, 5.65147090416, 6.06213458635], rtol=3e-4)
    # > ptukey(2.5 * sqrt(2), 6, Inf, lower.tail = FALSE)   0.123978779844
    assert_allclose(ranks.tukey_p([-2.5], 6), [0.123978779844], rtol=1e-8)


def test_all_alike_may_have_any_rank():
    low, high = rank_intervals([1.0, 1.0, 1.0, 1.0], [0.1, 0.2, 0.1, 0.1])
    assert_array_equal(low, [1] * 4)
    assert_array_equal(high, [4] * 4)


def test_far_apart_have_one_rank_each_whatever_their_order():
    low, high = rank_intervals([3.0, 10.0, -4.0], [0.1, 0.1, 0.1])
    assert_array_equal(low, [2, 1, 3])
    assert_array_equal(high, [2, 1, 3])


def test_a_poorly_known_one_stays_open_while_others_are_settled():
    low, high = rank_intervals([0.0, 5.0, 10.0], [0.1, 50.0, 0.1])
    assert_array_equal(low, [2, 1, 1])
    assert_array_equal(high, [3, 3, 2])


def test_ranks_turn_round_with_the_sign():
    rng = np.random.default_rng(2)
    values, errors = rng.normal(0, 1, 12), rng.uniform(0.1, 0.6, 12)
    low, high = rank_intervals(values, errors)
    down, up = rank_intervals(-values, errors)
    assert_array_equal(low, 13 - up)
    assert_array_equal(high, 13 - down)
    assert (low <= high).all()
    assert (high - low).max() > 0


@pytest.mark.parametrize(
    "truth", [[0.0] * 5, [0, 0, 0, 1, 1], [0, 0.3, 0.6, 0.9, 1.2], [0, 5, 10, 15, 20]]
)
def test_all_true_ranks_are_held_at_once(truth):
    truth, errors = np.array(truth, dtype=float), np.array([0.2, 0.3, 0.4, 0.2, 0.6])
    best = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)  # of a tie, each of its ranks
    worst = 5 - (truth[None, :] < truth[:, None]).sum(axis=1)
    rng, held = np.random.default_rng(11), 0
    for draw in rng.normal(truth, errors, size=(300, 5)):
        low, high = rank_intervals(draw, errors)
        held += bool(((low <= best) & (high >= worst)).all())
    assert held / 300 >= 0.93


def test_one_alone_is_first():
    assert [x.tolist() for x in rank_intervals([2.0], [1.0])] == [[1], [1]]


def test_two_hundred_are_ranked_together():
    rng = np.random.default_rng(1)
    truth = np.sort(rng.normal(0, 1, 200))[::-1]
    low, high = rank_intervals(rng.normal(truth, 0.2), np.full(200, 0.2))
    true = np.arange(1, 201)
    assert ((low <= true) & (true <= high)).all()
    assert (high - low < 199).any()
