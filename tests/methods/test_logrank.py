"""The log-rank test: who it tells apart, how often it errs, and what it makes of little."""

import numpy as np
import pytest

from crmresearch.methods.logrank import log_rank


def errs(seed, replicates, *, clustered):
    """Share of replicates in which groups that leave alike are told apart at 5%."""
    rng, found = np.random.default_rng(seed), np.zeros((replicates, 2))
    for row in range(replicates):
        account = np.arange(400) // 4
        pace = rng.gamma(1.0, 1.0, 100)[account] if clustered else np.ones(400)
        days, groups = rng.exponential(1, 400) / pace, account % 2
        seen = np.minimum(days, 2.0)
        settings = {"clusters": account} if clustered else {}
        found[row, 0] = log_rank(seen, days < 2, groups, **settings)[2] < 0.05
        found[row, 1] = log_rank(seen, days < 2, groups)[2] < 0.05
    return found.mean(axis=0)


def test_independent_customers_with_clusters_of_one_give_about_the_same():
    rng = np.random.default_rng(1)
    days, groups = rng.exponential(1, 500), rng.integers(0, 3, 500)
    plain = log_rank(days, np.ones(500, bool), groups)
    alone = log_rank(days, np.ones(500, bool), groups, clusters=np.arange(500))
    assert plain[1] == alone[1] == 2
    assert alone[0] == pytest.approx(plain[0], rel=0.15)


def test_entry_at_the_start_changes_nothing():
    rng = np.random.default_rng(2)
    days, groups = np.ceil(rng.exponential(9, 200)), rng.integers(0, 2, 200)
    left, start = rng.random(200) < 0.6, np.zeros(200)
    for clusters in (None, np.arange(200) // 5):
        one = log_rank(days, left, groups, clusters=clusters)
        assert log_rank(days, left, groups, entry=start, clusters=clusters) == pytest.approx(one)


@pytest.mark.parametrize(
    ("days", "left", "groups"),
    [([1.0], [True], [0]), ([1.0, 2], [False, False], [0, 1]), ([1.0, 2, 3], [True] * 3, [0] * 3)],
)
def test_too_little_to_test(days, left, groups):
    value, _, p = log_rank(np.array(days), np.array(left), np.array(groups))
    assert np.isnan(value)
    assert np.isnan(p)


def test_errs_as_often_as_declared():
    assert errs(3, 150, clustered=False)[1] == pytest.approx(0.05, abs=0.04)
    between, plain = errs(4, 150, clustered=True)
    assert between == pytest.approx(0.05, abs=0.04)
    assert plain > 0.12
