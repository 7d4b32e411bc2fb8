"""Which shares can be told apart, all pairs at once."""

import numpy as np
from numpy.testing import assert_allclose

from crmresearch.methods.separable import Differences, differences


def told(separable: list[tuple[int, int]], p: int) -> Differences:
    low = np.full((p, p), -1.0)
    for one, other in separable:
        low[one, other] = low[other, one] = 0.5
    return Differences(np.zeros((p, p)), low, np.ones((p, p)), 0.95)


def test_groups_hold_every_pair_not_told_apart():
    assert told([], 3).groups() == [[0, 1, 2]]
    assert told([(0, 1), (0, 2), (1, 2)], 3).groups() == [[0], [1], [2]]
    assert told([(0, 2)], 3).groups() == [[0, 1], [1, 2]]
    # neighbours apart, the ends not: a group need not be of neighbours
    assert told([(0, 1)], 3).groups() == [[0, 2], [1, 2]]


def test_no_pair_in_a_group_is_separable_and_none_is_left_out():
    rng = np.random.default_rng(4)
    for _ in range(20):
        pairs = [(i, j) for i in range(7) for j in range(i) if rng.random() < 0.4]
        found = told(pairs, 7)
        groups = found.groups()
        for i in range(7):
            for j in range(i):
                together = any({i, j} <= set(group) for group in groups)
                assert together != bool(found.separable[i, j])
        assert not any(set(a) < set(b) for a in groups for b in groups)


def test_equal_shares_are_seldom_told_apart():
    """Five equal shares: some pair is told apart in about 5% of samples, not in a third."""
    rng, wrong, runs = np.random.default_rng(5), 0, 300
    for _ in range(runs):
        sample = rng.normal(size=5) * 0.01 + 0.2
        found = differences(sample, sample + rng.normal(size=(400, 5)) * 0.01, level=0.95)
        wrong += found.separable.any()
    assert 0.02 * runs < wrong < 0.09 * runs


def test_intervals_are_mirrored_and_clear_ones_told_apart():
    rng = np.random.default_rng(6)
    shares = np.array([0.6, 0.3, 0.1])
    found = differences(shares, shares + 0.02 * rng.normal(size=(500, 3)), level=0.95)
    assert_allclose(found.low, -found.high.T)
    assert found.separable.sum() == 6
    assert found.groups() == [[0], [1], [2]]


def test_few_draws_tell_nothing_apart():
    found = differences(np.array([0.9, 0.1]), np.full((5, 2), 0.5), level=0.95)
    assert np.isnan(found.low).all()
    assert found.groups() == [[0, 1]]


def test_what_never_varies_is_known():
    draws = np.tile([0.7, 0.3, 0.0, 0.0], (50, 1))
    found = differences(draws[0], draws, level=0.95)
    assert found.groups() == [[0], [1], [2, 3]]
