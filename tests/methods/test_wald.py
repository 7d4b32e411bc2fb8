"""The Wald test of equal means: its size, and what cannot be told."""

import numpy as np
import pytest

from crmresearch.methods.domains import domain_means
from crmresearch.methods.wald import equal_means
from crmresearch.methods.weighting import design


def wald(values, codes, basis, freedom):
    size = int(codes.max(initial=-1)) + 1
    means = domain_means(values, codes, size, basis)
    return equal_means(means.means, means.covariance, freedom)


def test_two_groups_give_the_square_of_t():
    rng = np.random.default_rng(1)
    values, codes = rng.normal(size=80), np.arange(80) % 2
    basis = design(80, rng.uniform(1, 3, 80))
    found = domain_means(values, codes, 2, basis)
    value, error, _ = found.contrast([-1, 1])
    statistic, first, second, _ = equal_means(found.means, found.covariance, 79)
    assert statistic == pytest.approx((value / error) ** 2)
    assert (first, second) == (1, 78)


def test_it_errs_as_often_as_it_says():
    rng = np.random.default_rng(2)
    accounts = np.repeat(np.arange(80), 5)
    basis = design(400, rng.uniform(0.5, 2, 400), clusters=accounts)
    codes = rng.integers(0, 3, 400)
    found = [
        wald(rng.normal(0, 0.5, 80)[accounts] + rng.normal(size=400), codes, basis, 79)[3]
        for _ in range(500)
    ]
    assert 0.025 <= np.mean(np.array(found) < 0.05) <= 0.08


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([], []),
        ([1.0], [0]),
        ([1.0, 2.0, 3.0], [0, 0, 0]),
        ([1.0, 1.0, 1.0, 1.0], [0, 0, 1, 1]),
        ([1.0, 2.0], [0, 1]),
        ([np.nan, np.nan, 1.0, 2.0], [0, 0, 1, 1]),
    ],
)
def test_nothing_is_said_where_nothing_can_be_told(values, codes):
    values, codes = np.array(values, dtype=float), np.array(codes, dtype=int)
    basis = design(len(values), np.arange(len(values)) + 1.0)
    assert np.isnan(wald(values, codes, basis, len(values) - 1)[3])


def test_groups_in_which_nobody_did_it_count_as_alike():
    values, codes = np.array([0.0] * 40 + [0, 1] * 10), np.repeat([0, 1, 2], 20)
    basis = design(60, np.arange(60) + 50.0)
    statistic, groups, _, p = wald(values, codes, basis, 59)
    together = wald(values, np.minimum(codes // 2, 1), basis, 59)
    assert (groups, together[1]) == (1, 1)
    assert statistic == pytest.approx(together[0])
    assert p < 0.001


def test_all_in_one_group_and_nobody_in_another_is_no_chance():
    values, codes = np.repeat([0.0, 1.0], 20), np.repeat([0, 1], 20)
    found = wald(values, codes, design(40, np.arange(40) + 1.0), 39)
    assert (found[0], found[3]) == (np.inf, 0)
