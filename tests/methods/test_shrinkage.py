"""Shrunken means and ranks: R's numbers, what is known in closed form, and simulation."""

import numpy as np
import pytest

from crmresearch.methods import shrinkage, standing
from crmresearch.validation.cases_survey_accounts import random_intercepts


def draw(rng, groups, sizes, rho):
    n = rng.choice(sizes, groups)
    codes = np.repeat(np.arange(groups), n)
    true = np.sqrt(rho) * rng.normal(size=groups)
    values = 5 + true[codes] + np.sqrt(1 - rho) * rng.normal(size=len(codes))
    return values, codes, true


def test_variances_and_predictions_agree_with_lme4():
    found = random_intercepts(True)
    assert found["between"] == pytest.approx(0.2170354, abs=5e-7)
    assert found["first"] == pytest.approx(-0.7780044, abs=5e-7)
    assert found["first_variance"] == pytest.approx(0.0354580, abs=5e-7)


def test_equal_groups_have_their_closed_form():
    rng = np.random.default_rng(2)
    codes = np.repeat(np.arange(40), 5)
    values = rng.normal(size=40)[codes] + rng.normal(size=200)
    means = np.array([values[codes == code].mean() for code in range(40)])
    between = 5 * means.var(ddof=1)
    within = ((values - means[codes]) ** 2).sum() / 160
    sums = shrinkage.collect(values, codes)
    one = shrinkage.fit(sums, shrinkage.reml(sums))
    assert one.variance == pytest.approx(within, rel=1e-6)
    assert one.variance * one.ratio == pytest.approx((between - within) / 5, rel=1e-6)
    shift, _ = shrinkage.predictions(sums, one)
    assert shift == pytest.approx((1 - within / between) * (means - values.mean()), abs=1e-6)


def test_profiles_do_not_change_the_model():
    rng = np.random.default_rng(4)
    values, codes, _ = draw(rng, 30, [1, 2, 4], 0.3)
    covariate = rng.normal(size=len(values))  # every group a profile of its own
    sums = shrinkage.collect(values, codes, covariate[:, None])
    one = shrinkage.fit(sums, 0.3)
    same = (codes[:, None] == codes).astype(float)
    spread = np.eye(len(values)) + 0.3 / 0.7 * same
    matrix = np.column_stack([np.ones(len(values)), covariate])
    inverse = np.linalg.inv(spread)
    effects = np.linalg.solve(matrix.T @ inverse @ matrix, matrix.T @ inverse @ values)
    assert one.effects[1] == pytest.approx(effects[1])
    left = values - matrix @ effects
    assert one.variance == pytest.approx(left @ inverse @ left / (len(values) - 2))
    shift, _ = shrinkage.predictions(sums, one)
    totals = np.array([(inverse @ left)[codes == code].sum() for code in range(30)])
    assert shift == pytest.approx(0.3 / 0.7 * totals)


def test_small_groups_are_drawn_in_the_most():
    codes = np.array([0] * 20 + [1] + [2] * 20 + [3] * 20)
    rng = np.random.default_rng(1)
    values = np.r_[rng.normal(1, 1, 20), 1.0, rng.normal(-1, 1, 20), rng.normal(0, 1, 20)]
    found = shrinkage.shrink(shrinkage.collect(values, codes))
    assert found.mean[1] < found.mean[0]
    assert found.sd[1] > found.sd[0]


def test_a_column_that_adds_nothing_is_dropped():
    rng = np.random.default_rng(6)
    values, codes, _ = draw(rng, 20, [2, 3], 0.2)
    kind = rng.integers(0, 2, len(values)).astype(float)
    alone = shrinkage.collect(values, codes, kind[:, None])
    doubled = shrinkage.collect(values, codes, np.column_stack([kind, 1 - kind, kind * 0]))
    assert doubled.columns.shape[1] == 2
    assert shrinkage.shrink(doubled).mean == pytest.approx(shrinkage.shrink(alone).mean)


def coverage(rho, groups, sizes, times, seed):
    rng = np.random.default_rng(seed)
    inside = {"score": [], "rank": [], "truly": [], "reliability": [], "wrong": []}
    for _ in range(times):
        values, codes, true = draw(rng, groups, sizes, rho)
        found = shrinkage.shrink(shrinkage.collect(values, codes))
        low, high = found.interval()
        inside["score"].append(np.mean((low <= 5 + true) & (5 + true <= high)))
        places = standing.ranks(found, rng=rng, draws=300)
        real = np.argsort(np.argsort(true)) + 1
        inside["rank"].append(np.mean((places.low <= real) & (real <= places.high)))
        lowest = np.argsort(found.shift, kind="stable")[: places.placed]
        share = (real[lowest] <= places.placed).mean()
        inside["truly"].append(places.truly[1] <= share <= places.truly[2])
        sizes_of = np.bincount(codes)
        exact = np.mean(sizes_of * rho / (1 + (sizes_of - 1) * rho))
        low, high = standing.reliability(found)[1:]
        inside["reliability"].append(low <= exact <= high)
        called = standing.clear(found)
        told = called != 0
        inside["wrong"].append((np.sign(true[told]) != called[told]).mean() if told.any() else 0.0)
    return {name: float(np.mean(values)) for name, values in inside.items()}


def test_intervals_hold_and_few_calls_are_wrong():
    held = coverage(0.2, 60, [1, 2, 2, 5], 60, seed=8)
    assert 0.92 <= held["score"] <= 0.99
    assert 0.92 <= held["rank"] <= 0.99
    assert held["truly"] >= 0.9
    assert held["reliability"] >= 0.88
    assert held["wrong"] <= 0.07


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rho", "groups", "sizes"),
    [(0.15, 300, [1, 1, 2, 3, 6]), (0.5, 30, [2, 3, 8]), (0.15, 60, [1, 1, 2, 3])],
)
def test_intervals_hold_in_many_samples(rho, groups, sizes):
    held = coverage(rho, groups, sizes, 400, seed=9)
    assert 0.935 <= held["score"] <= 0.985
    assert 0.935 <= held["rank"] <= 0.985
    assert held["truly"] >= 0.93
    assert held["reliability"] >= 0.93
    assert held["wrong"] <= 0.055


def test_many_groups_have_the_ranks_that_simulating_all_gives(monkeypatch):
    rng = np.random.default_rng(10)
    values, codes, _ = draw(rng, 400, [1, 2, 4], 0.3)
    found = shrinkage.shrink(shrinkage.collect(values, codes))
    full = standing.ranks(found, rng=np.random.default_rng(1), draws=2000)
    monkeypatch.setattr(standing, "MOST", 0)
    quick = standing.ranks(found, rng=np.random.default_rng(1))
    assert np.abs(quick.low - full.low).mean() < 8
    assert np.abs(quick.high - full.high).mean() < 8
    assert np.abs(quick.lowest - full.lowest).max() < 0.06
    assert quick.truly[0] == pytest.approx(full.truly[0], abs=0.05)


def test_ranks_follow_the_seed_and_the_scores():
    values, codes, _ = draw(np.random.default_rng(3), 25, [3, 4], 0.5)
    found = shrinkage.shrink(shrinkage.collect(values, codes))
    one, same = (standing.ranks(found, rng=np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(one.low, same.low)
    assert (one.low >= 1).all()
    assert (one.high <= 25).all()
    assert (one.low <= one.high).all()
    worst = np.argmin(found.shift)
    assert one.lowest[worst] == one.lowest.max()


def test_groups_that_nobody_speaks_for_have_no_rank():
    values = np.array([1.0, 2.0, 4.0, 6.0, np.nan, 5.0])
    codes = np.array([0, 0, 1, 1, 2, 3])
    found = shrinkage.shrink(shrinkage.collect(values, codes))
    places = standing.ranks(found, rng=np.random.default_rng(1))
    assert np.isnan(places.low).tolist() == [False, False, True, False]
    assert standing.clear(found, wrong=1.0)[2] == 0


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([], []),
        ([1.0], [0]),
        ([1.0, 2.0, 3.0], [0, 1, 2]),
        ([1.0, 2.0, 3.0], [0, 0, 0]),
        ([2.0, 2.0, 2.0, 2.0], [0, 0, 1, 1]),
        ([1.0, 1.0, 2.0, 2.0], [0, 0, 1, 1]),
        ([np.nan] * 4, [0, 0, 1, 1]),
        ([1.0, 2.0, 3.0], [-1, -1, -1]),
    ],
)
def test_nothing_is_made_of_nothing(values, codes):
    assert shrinkage.collect(np.array(values), np.array(codes, dtype=int)) is None


def test_groups_that_do_not_differ_are_called_alike():
    codes = np.repeat(np.arange(10), 4)
    values = np.tile([1.0, 2.0, 3.0, 4.0], 10)
    sums = shrinkage.collect(values, codes)
    assert shrinkage.reml(sums) == 0.0
    found = shrinkage.shrink(sums)
    assert found.mean == pytest.approx(np.full(10, 2.5))
    assert not standing.clear(found).any()
