"""Matching and Rosenbaum's bound, against base R's numbers in validation, simulation and edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crmresearch.methods.pairs import nearest_pairs, sensitivity_value, signed_rank, upper_p

NUMBERS = st.lists(st.integers(0, 12), max_size=40)


@given(NUMBERS, NUMBERS, st.integers(0, 3))
def test_pairs_are_near_and_nobody_is_in_two(one, two, caliper):
    scores, others = np.array(one, dtype=float), np.array(two, dtype=float)
    first, second = nearest_pairs(scores, others, caliper=caliper)
    assert len(first) == len(second) == len(set(first)) == len(set(second))
    assert (np.abs(scores[first] - others[second]) <= caliper).all()
    left = np.setdiff1d(np.arange(len(scores)), first)
    free = np.setdiff1d(np.arange(len(others)), second)
    if len(left) and len(free):  # whoever is left has nobody near who is free
        assert np.abs(scores[left][:, None] - others[free]).min() > caliper


def test_exact_counterparts_are_found():
    rng = np.random.default_rng(1)
    scores = rng.normal(size=200)
    others = np.concatenate([rng.permutation(scores), rng.normal(9, 1, 300)])
    first, second = nearest_pairs(scores, others, caliper=1e-9)
    assert len(first) == 200
    np.testing.assert_array_equal(scores[first], others[second])


def test_ties_take_one_each():
    first, second = nearest_pairs(np.zeros(3), np.zeros(5), caliper=0.1)
    assert len(set(second)) == 3
    assert first.tolist() == [0, 1, 2]


def test_without_hidden_bias_it_is_wilcoxons_test():
    d = np.random.default_rng(2).normal(0.4, 1, 50)
    expected = stats.wilcoxon(d, alternative="greater", correction=False, method="asymptotic")
    assert upper_p(signed_rank(d), 1.0) == pytest.approx(expected.pvalue, rel=1e-9)


def test_of_yes_and_no_it_is_the_sign_test():
    d = np.repeat([1.0, -1.0, 0.0], [30, 12, 100])
    spread = math.sqrt(42 / 4)
    assert upper_p(signed_rank(d), 1.0) == pytest.approx(stats.norm.sf((30 - 21) / spread))


@pytest.mark.parametrize("alpha", [0.025, 0.05])
def test_at_the_sensitivity_value_p_is_alpha(alpha):
    found = signed_rank(np.random.default_rng(3).normal(0.6, 1, 80))
    gamma = sensitivity_value(found, alpha=alpha)
    assert gamma > 1
    assert upper_p(found, gamma) == pytest.approx(alpha, rel=1e-9)
    assert sensitivity_value(found.mirrored(), alpha=alpha) == 1.0


def test_nothing_that_differs_gives_nothing():
    for d in ([], [0.0, 0.0], [math.nan]):
        found = signed_rank(np.array(d))
        assert math.isnan(upper_p(found, 1.0))
        assert math.isnan(sensitivity_value(found))
    assert sensitivity_value(signed_rank(np.array([1.0]))) == 1.0


def test_a_coin_as_unfair_as_gamma_is_seldom_called_an_effect():
    """Pairs without any effect in which the larger answer is in the group with odds 2."""
    rng = np.random.default_rng(4)
    sizes = np.abs(rng.normal(size=(400, 100)))
    signs = np.where(rng.random((400, 100)) < 2 / 3, 1.0, -1.0)
    found = [signed_rank(row) for row in sizes * signs]
    assert np.mean([upper_p(x, 1.0) < 0.05 for x in found]) > 0.8
    assert np.mean([upper_p(x, 2.0) < 0.05 for x in found]) == pytest.approx(0.05, abs=0.03)
