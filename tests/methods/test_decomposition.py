"""The division of a change: exact, with errors that cover the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crmresearch.methods.decomposition import decompose
from crmresearch.methods.means import mean_difference
from crmresearch.methods.weighting import Design, design


def by_hand(values, groups, later, weights):
    """Shares, means and the two parts, group by group."""
    size = groups.max() + 1
    share, mean = np.zeros((2, size)), np.zeros((2, size))
    for wave in (0, 1):
        for group in range(size):
            rows = (later == wave) & (groups == group)
            share[wave, group] = weights[rows].sum()
            mean[wave, group] = weights[rows] @ values[rows] / weights[rows].sum()
    share /= share.sum(axis=1, keepdims=True)
    centre = (share * mean).sum(axis=1).mean()
    mix = (share[1] - share[0]) * (mean.mean(axis=0) - centre)
    return mix, (mean[1] - mean[0]) * share.mean(axis=0)


def survey(seed, n=300, clusters=0):
    rng = np.random.default_rng(seed)
    groups, later = rng.integers(0, 3, n), rng.integers(0, 2, n)
    values = rng.normal(groups + 0.3 * later * groups, 1.0)
    accounts = rng.integers(0, clusters, n) if clusters else None
    if clusters:
        values += rng.normal(size=clusters)[accounts]
    return values, groups, later, rng.uniform(0.5, 2, n), accounts


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_parts_add_up_to_the_change_of_the_means(seed):
    values, groups, later, weights, accounts = survey(seed, clusters=60)
    basis = design(300, weights, clusters=accounts)
    found = decompose(values, groups, later, basis)
    mix, within = by_hand(values, groups, later, weights)
    assert found.composition == pytest.approx(mix)
    assert found.within == pytest.approx(within)
    change = mean_difference(values, later == 0, later == 1, key="d", name="d", design=basis)
    assert found.total == pytest.approx(change.value)
    reach = stats.t.ppf(0.975, found.freedom) * found.total_error
    assert (change.value - reach, change.value + reach) == pytest.approx((change.low, change.high))


def test_errors_are_those_of_numerical_derivatives():
    values, groups, later, weights, accounts = survey(3, n=60, clusters=20)
    basis = design(60, weights, clusters=accounts)
    found = decompose(values, groups, later, basis)

    def parts(w):
        return np.concatenate(by_hand(values, groups, later, w))

    influence = []
    for row in range(60):
        step = np.where(np.arange(60) == row, 1e-5 * weights[row], 0.0)
        influence.append((parts(weights + step) - parts(weights - step)) / 2e-5)
    totals = np.zeros((20, 6))
    np.add.at(totals, accounts, np.array(influence))
    totals = totals[np.bincount(accounts, minlength=20) > 0]
    errors = (len(totals) / (len(totals) - 1) * (totals**2).sum(axis=0)) ** 0.5
    assert found.composition_errors == pytest.approx(errors[:3], rel=1e-6)
    assert found.within_errors == pytest.approx(errors[3:], rel=1e-6)


def test_a_simple_sample_has_welchs_error_of_the_total():
    values, groups, later, *_ = survey(5)
    found = decompose(values, groups, later, Design(300))
    sides = values[later == 0], values[later == 1]
    assert found.total_error == pytest.approx(
        sum(side.var(ddof=1) / len(side) for side in sides) ** 0.5
    )


def covered(clusters: int, runs: int, seed: int) -> np.ndarray:
    """How often the intervals of the sums and of the first group's parts hold the truth."""
    rng = np.random.default_rng(seed)
    shares, means = (
        np.array([[0.5, 0.3, 0.2], [0.35, 0.35, 0.3]]),
        np.array([[1.0, 2, 4], [1.5, 2, 5]]),
    )
    centre = (shares * means).sum(axis=1).mean()
    mix = (shares[1] - shares[0]) * (means.mean(axis=0) - centre)
    within = (means[1] - means[0]) * shares.mean(axis=0)
    truth = np.array([mix.sum(), within.sum(), mix[0], within[0]])
    hits = np.zeros(4)
    n = 240
    later = np.tile([0, 1], n // 2)
    accounts = np.arange(n) // 4  # two answers of each wave in an account
    for _ in range(runs):
        groups = np.where(later == 1, rng.choice(3, n, p=shares[1]), rng.choice(3, n, p=shares[0]))
        values = means[later, groups] + rng.normal(size=n)
        if clusters:
            values += rng.normal(size=n)[accounts]
        basis = design(n, clusters=accounts if clusters else None)
        found = decompose(values, groups, later, basis)
        value = [found.composition.sum(), found.within.sum(), found.composition[0], found.within[0]]
        error = [
            found.composition_error,
            found.within_error,
            found.composition_errors[0],
            found.within_errors[0],
        ]
        reach = stats.t.ppf(0.975, found.freedom) * np.array(error)
        hits += np.abs(np.array(value) - truth) < reach
    return hits / runs


@pytest.mark.parametrize("clusters", [0, 1])
def test_intervals_cover_the_parts(clusters):
    found = covered(clusters, runs=500, seed=6)
    assert (found > 0.92).all()
    assert (found < 0.98).all()


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [0, 1])
def test_intervals_cover_the_parts_in_many_samples(clusters):
    found = covered(clusters, runs=5000, seed=7)
    assert (found > 0.938).all()
    assert (found < 0.962).all()


def test_only_the_mix_changes_where_the_groups_do_not():
    groups = np.r_[np.repeat([0, 1], [8, 2]), np.repeat([0, 1], [2, 8])]
    found = decompose(groups.astype(float), groups, np.repeat([0, 1], 10), Design(20))
    assert found.within.tolist() == [0, 0]
    assert found.composition.sum() == pytest.approx(0.6)
    assert found.within_error == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("values", "groups", "later"),
    [
        ([], [], []),
        ([1.0], [0], [0]),
        ([np.nan, np.nan], [0, 0], [0, 1]),
        ([1.0, 2.0, 3.0], [0, 0, 1], [0, 1, 1]),  # a group without an earlier answer
        ([1.0, 2.0], [-1, -1], [0, 1]),
    ],
)
def test_what_cannot_be_divided_is_none(values, groups, later):
    arrays = np.array(values), np.array(groups, dtype=int), np.array(later, dtype=int)
    assert decompose(*arrays, Design(len(values))) is None


def test_rows_of_no_weight_no_wave_or_no_group_do_not_count():
    values, groups, later, weights, _ = survey(8)
    weights[:50] = 0
    groups[50:70] = -1
    later[70:90] = -1
    kept = slice(90, None)
    part = decompose(values[kept], groups[kept], later[kept], design(210, weights[kept]))
    assert decompose(values, groups, later, design(300, weights)).total == pytest.approx(part.total)
