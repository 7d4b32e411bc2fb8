"""Weighted differences: what R gives is in the cases; here awkward groups and known truth."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from crmresearch.methods.balance import standardised_differences
from crmresearch.methods.doubly_robust import augmented_difference
from crmresearch.methods.influence import estimate
from crmresearch.methods.propensity import (
    balancing,
    propensity,
    weighted_difference,
)
from crmresearch.methods.weighting import Design, design, linearised_variance


def draw(seed, n, *, each=1, bend=0.0):
    """Members by two covariates, whose effect grows with the first; `each` rows a cluster."""
    rng = np.random.default_rng(seed)
    columns = np.column_stack([rng.normal(size=n), rng.random(n) < 0.4]).astype(float)
    chance = 1 / (1 + np.exp(1.2 - 0.8 * columns[:, 0] - 0.5 * columns[:, 1]))
    member = rng.random(n) < chance
    effect = 0.5 + 0.4 * columns[:, 0]
    shared = np.repeat(rng.normal(0, 0.7, n // each), each) if each > 1 else 0.0
    values = columns @ [0.8, -0.4] + bend * columns[:, 0] ** 2 + effect * member + shared
    values = values + rng.normal(size=n)
    truth = {
        "att": effect[member].mean(),
        "ato": float(np.average(effect, weights=chance * (1 - chance))),
        "ate": effect.mean(),
    }
    return columns, member, values, truth


@pytest.fixture(scope="module")
def known():
    """The truth of `draw` in a very large population."""
    return draw(0, 2_000_000)[3]


def covered(known, replicates, n, each):
    """Share of replicates in which the 95% interval covers the truth, and the mean errors."""
    inside = {"att": 0, "ato": 0, "ate": 0, "aipw_att": 0, "aipw_ate": 0}
    bias = dict.fromkeys(inside, 0.0)
    for seed in range(1, replicates + 1):
        columns, member, values, _ = draw(seed, n, each=each)
        basis = design(n, clusters=np.arange(n) // each)
        score = propensity(member, columns)
        for kind in inside:
            target = kind[-3:]
            if kind.startswith("aipw"):
                found = augmented_difference(values, member, score, target=target)
            else:
                found = weighted_difference(values, member, score, target=target)
            item = estimate(found, basis, key="k", name="n", method="", terms=score.terms)
            inside[kind] += item.low <= known[target] <= item.high
            bias[kind] += (item.value - known[target]) / replicates
    return {kind: number / replicates for kind, number in inside.items()}, bias


@pytest.mark.parametrize("each", [1, 4])
def test_intervals_cover_the_truth_of_their_own_target(known, each):
    shares, bias = covered(known, 60, 400, each)
    assert min(shares.values()) >= 0.85
    assert max(abs(x) for x in bias.values()) < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("each", [1, 4])
def test_intervals_cover_95_in_100(known, each):
    shares, bias = covered(known, 1000, 800, each)
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares
    assert max(abs(x) for x in bias.values()) < 0.02


def test_overlap_weights_balance_exactly_and_others_nearly():
    columns, member, _, _ = draw(4, 900)
    score = propensity(member, columns)
    before = standardised_differences(columns, member, np.ones(900))
    assert np.abs(before).max() > 0.3
    ato = standardised_differences(columns, member, balancing(score, member, "ato"))
    assert_allclose(ato, 0, atol=1e-8)
    att = standardised_differences(columns, member, balancing(score, member, "att"))
    assert np.abs(att).max() < 0.1


def test_a_weight_of_two_is_the_row_twice():
    columns, member, values, _ = draw(5, 200)
    twice = np.concatenate([np.arange(200), np.arange(0, 200, 3)])
    weights = 1.0 + (np.arange(200) % 3 == 0)
    one = propensity(member, columns, weights=5 * weights)
    two = propensity(member[twice], columns[twice])
    assert_allclose(one.coefficients, two.coefficients, atol=1e-9)
    for target in ("raw", "ate", "att", "ato"):
        a = weighted_difference(values, member, one, target=target)
        b = weighted_difference(values[twice], member[twice], two, target=target)
        assert a.value == pytest.approx(b.value, abs=1e-9)
        # the row twice is one cluster of two rows
        sums = np.bincount(twice, b.influence)
        assert a.influence @ a.influence == pytest.approx(sums @ sums)


def test_perfect_separation_is_told_and_not_numbered():
    columns = np.arange(40.0)[:, None]
    member = columns[:, 0] > 19
    score = propensity(member, columns)
    assert score.separated
    values = np.random.default_rng(1).normal(size=40)
    assert math.isnan(weighted_difference(values, member, score, target="att").value)
    assert math.isnan(augmented_difference(values, member, score).value)
    assert math.isfinite(weighted_difference(values, member, score, target="raw").value)


def test_a_level_that_only_the_comparison_has_counts_for_nothing():
    columns, member, values, _ = draw(6, 500)
    only = (np.arange(500) % 5 == 0) & ~member
    score = propensity(member, np.column_stack([columns, only]))
    assert not score.separated
    alone = propensity(member[~only], columns[~only])
    for target in ("att", "ato"):
        a = weighted_difference(values, member, score, target=target)
        b = weighted_difference(values[~only], member[~only], alone, target=target)
        assert a.value == pytest.approx(b.value, abs=1e-6)
        assert a.influence @ a.influence == pytest.approx(b.influence @ b.influence, rel=1e-5)


def test_columns_that_repeat_others_or_do_not_vary_change_nothing():
    columns, member, values, _ = draw(7, 300)
    more = np.column_stack([np.full(300, 3.0), columns, columns[:, 0] * 2 + 1])
    for target in ("att", "ato", "ate"):
        a = weighted_difference(values, member, propensity(member, columns), target=target)
        b = weighted_difference(values, member, propensity(member, more), target=target)
        assert a.value == pytest.approx(b.value, abs=1e-9)
        assert_allclose(a.influence, b.influence, atol=1e-9)
    assert propensity(member, more).terms == 3


def test_a_column_far_from_zero_is_as_good_as_another():
    columns, member, values, _ = draw(8, 300)
    far = columns + [1e7, 0]
    a, b = (
        augmented_difference(values, member, propensity(member, x), target="att")
        for x in (columns, far)
    )
    assert a.value == pytest.approx(b.value, abs=1e-6)


def test_without_covariates_every_rung_is_the_raw_difference():
    _, member, values, _ = draw(9, 100)
    score = propensity(member, np.empty((100, 0)))
    raw = values[member].mean() - values[~member].mean()
    for target in ("raw", "ate", "att", "ato"):
        found = weighted_difference(values, member, score, target=target)
        assert found.value == pytest.approx(raw)
    assert augmented_difference(values, member, score).value == pytest.approx(raw)


def test_the_raw_interval_is_welchs():
    _, member, values, _ = draw(12, 60)
    found = weighted_difference(values, member, propensity(member, np.ones((60, 1))), target="raw")
    item = estimate(found, Design(60), key="k", name="n", method="")
    welch = stats.ttest_ind(values[member], values[~member], equal_var=False)
    interval = welch.confidence_interval()
    assert (item.low, item.high) == pytest.approx((interval.low, interval.high))
    assert item.p == pytest.approx(welch.pvalue)


def test_degrees_of_freedom_between_clusters_are_of_the_rarer_group():
    _, member, values, _ = draw(13, 120)
    member = np.arange(120) < 12  # of 3 of 30 clusters
    found = weighted_difference(values, member, propensity(member, np.ones((120, 1))), target="raw")
    basis = design(120, clusters=np.arange(120) // 4)
    item = estimate(found, basis, key="k", name="n", method="")
    share = np.where(member, 4 / 12, 4 / 108)
    influence = found.influence / np.sqrt(1 - share)
    error = linearised_variance(influence, basis, np.ones(120, dtype=bool))[0] ** 0.5
    assert (item.high - item.value) / error == pytest.approx(stats.t.ppf(0.975, 2))


@pytest.mark.parametrize("member", [[], [True], [False, False, False], [True] * 4])
def test_one_group_has_no_difference(member):
    member = np.array(member, dtype=bool)
    score = propensity(member, np.arange(float(len(member)))[:, None])
    values = np.arange(float(len(member)))
    found = weighted_difference(values, member, score, target="att")
    item = estimate(found, Design(len(member)), key="k", name="n", method="")
    assert math.isnan(item.value)
    assert math.isnan(item.low)
    assert math.isnan(augmented_difference(values, member, score).value)


def test_an_outcome_that_does_not_vary_has_a_difference_without_interval():
    columns, member, _, _ = draw(10, 80)
    found = weighted_difference(np.full(80, 4.0), member, propensity(member, columns), target="att")
    item = estimate(found, Design(80), key="k", name="n", method="")
    assert item.value == 0
    assert math.isnan(item.low)


def test_targets_are_named():
    columns, member, values, _ = draw(11, 50)
    score = propensity(member, columns)
    with pytest.raises(ValueError, match="target is one of"):
        weighted_difference(values, member, score, target="atc")
    with pytest.raises(ValueError, match="'att' or 'ate'"):
        augmented_difference(values, member, score, target="ato")
