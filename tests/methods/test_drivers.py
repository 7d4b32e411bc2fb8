"""Relative weights, against R and printed examples, and their bootstrap."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.methods.drivers import (
    importance,
    johnson,
    lead,
    rank_probabilities,
    relative_weights,
)
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_number, golden_table


def rng():
    return np.random.default_rng(8)


@pytest.fixture
def survey():
    return golden_table("survey")


COLUMNS = [f"x{place}" for place in range(1, 7)]


def test_weights_match_r(survey):
    found = relative_weights(survey[COLUMNS], survey["overall"], rng=rng(), resamples=20)
    expected = [golden_number(f"key_drivers.johnson.{place}")[0] for place in range(6)]
    assert_allclose(found.raw, expected, atol=1e-10)
    assert found.r2 == pytest.approx(golden_number("key_drivers.r2")[0], abs=1e-10)


def test_swiss_matches_the_printed_weights():
    # R datasets::swiss, correlations of the predictors (Agriculture, Examination, Education,
    # Catholic, Infant.Mortality) and Fertility; Johnson .04841690 .15470825 .27196410 .11468003
    # .11696572, R2 .7067350
    lower = [
        [1],
        [-0.68654221, 1],
        [-0.63952252, 0.69841530, 1],
        [0.40109505, -0.57274183, -0.15385892, 1],
        [-0.06085861, -0.11402160, -0.09932185, 0.17549591, 1],
        [0.35307918, -0.64588274, -0.66378886, 0.46368470, 0.41655603, 1],
    ]
    matrix = np.zeros((6, 6))
    for row, values in enumerate(lower):
        matrix[row, : row + 1] = matrix[: row + 1, row] = values
    expected = [0.04841690, 0.15470825, 0.27196410, 0.11468003, 0.11696572]
    assert_allclose(johnson(matrix), expected, rtol=1e-5)


def test_intervals_cover_and_ranks_sum_to_one(survey):
    found = relative_weights(survey[COLUMNS], survey["overall"], rng=rng(), resamples=400)
    estimates = importance(found, key="driver", names={"x1": "First"})
    assert estimates[0].key == "driver.r2"
    assert estimates[1].name == "First"
    assert all(item.low <= item.value <= item.high for item in estimates)
    assert sum(item.value for item in estimates[1:]) == pytest.approx(1)
    ranks = rank_probabilities(found)
    assert_allclose(ranks.sum(axis=0), 1)
    assert_allclose(ranks.sum(axis=1), 1)
    assert ranks.loc["x1", 1] > 0.95


def test_the_lead_of_equal_drivers_is_not_clear():
    noise = np.random.default_rng(9)
    equal = pd.DataFrame(noise.normal(size=(400, 4)), columns=list("abcd"))
    outcome = equal.sum(axis=1) + noise.normal(size=400)
    found = lead(relative_weights(equal, outcome, rng=rng(), resamples=300), key="l", name="lead")
    assert found.low < 0 < found.value
    clear = lead(
        relative_weights(equal, outcome + 2 * equal["c"], rng=rng(), resamples=300),
        key="l",
        name="lead",
    )
    assert clear.low > 0


def test_the_lead_of_a_picked_winner_is_no_surer_than_its_level():
    """Two drivers tie for the first place: whichever leads, its lead is clear in 5% of samples."""
    draw, clear = np.random.default_rng(4), 0
    for _ in range(150):
        x = pd.DataFrame(draw.normal(size=(200, 3)) + 0.7 * draw.normal(size=(200, 1)))
        y = x.to_numpy() @ [0.5, 0.5, 0.1] + draw.normal(size=200)
        found = relative_weights(x, y, rng=draw, resamples=200)
        clear += lead(found, key="l", name="lead").low > 0
    assert clear <= 150 * 0.11  # 5%, give or take three standard errors


def test_the_same_seed_gives_the_same_draws(survey):
    one, two = (
        relative_weights(survey[COLUMNS], survey["overall"], rng=rng(), resamples=50)
        for _ in range(2)
    )
    assert_allclose(one.draws, two.draws)


def test_clusters_are_resampled_whole(survey):
    one = survey.iloc[:60]
    many = pd.concat([one] * 6, ignore_index=True)
    accounts = design(360, clusters=np.tile(np.arange(60), 6), cluster_name="account")
    settings_ = {"rng": rng(), "resamples": 400}
    rows = relative_weights(many[COLUMNS], many["overall"], **settings_)
    whole = relative_weights(many[COLUMNS], many["overall"], design=accounts, **settings_)
    assert_allclose(rows.raw, whole.raw)
    assert whole.draws.std() > 1.5 * rows.draws.std() or whole.draws[:, 0].std() > 1.5 * (
        rows.draws[:, 0].std()
    )
    assert "of accounts" in whole.words


def test_weights_go_along(survey):
    doubled = pd.concat([survey, survey.iloc[:100]], ignore_index=True)
    weights = np.where(np.arange(len(survey)) < 100, 2.0, 1.0)
    settings_ = {"rng": rng(), "resamples": 5}
    twice = relative_weights(doubled[COLUMNS], doubled["overall"], **settings_)
    weighted = relative_weights(
        survey[COLUMNS], survey["overall"], design=design(len(survey), weights), **settings_
    )
    assert_allclose(weighted.raw, twice.raw, atol=1e-12)


def test_pairwise_correlations_keep_those_who_met_only_some(survey):
    some = survey[COLUMNS].copy()
    some.loc[::4, "x2"] = np.nan
    found = relative_weights(some, survey["overall"], rng=rng(), resamples=50)
    assert (found.n, found.n_dropped, found.complete) == (360, 0, 270)
    assert "pairwise" in found.words
    table = some.assign(y=survey["overall"])
    assert_allclose(found.raw, johnson(table.corr().to_numpy()), atol=1e-12)


def test_contradictory_pairs_fall_back_to_complete_rows():
    noise = np.random.default_rng(10)
    a = noise.normal(size=300)
    frame = pd.DataFrame({"a": a, "b": a, "c": a}) + noise.normal(size=(300, 3)) * 0.01
    frame.loc[:99, "a"], frame.loc[100:199, "b"] = np.nan, np.nan
    frame.loc[:99, "c"] *= -1
    outcome = a + noise.normal(size=300)
    found = relative_weights(frame, outcome, rng=rng(), resamples=20)
    assert "complete rows" in found.words
    assert found.n == found.complete == 100


@given(st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_order_of_rows_and_units_do_not_matter(seed):
    noise = np.random.default_rng(seed)
    frame = pd.DataFrame(noise.normal(size=(40, 3)), columns=list("abc"))
    outcome = frame["a"] + noise.normal(size=40)
    order = noise.permutation(40)
    first = relative_weights(frame, outcome, rng=rng(), resamples=2)
    second = relative_weights(
        -3 * frame.iloc[order] + 1, outcome.to_numpy()[order], rng=rng(), resamples=2
    )
    assert_allclose(first.raw, second.raw, atol=1e-10)
    assert (first.raw >= 0).all()
    assert first.r2 <= 1 + 1e-12


@pytest.mark.parametrize(
    ("frame", "outcome"),
    [
        (pd.DataFrame({"a": [1.0]}), [2.0]),
        (pd.DataFrame({"a": [np.nan] * 9}), list(range(9))),
        (pd.DataFrame({"a": range(9)}), [4.0] * 9),
        (pd.DataFrame({"a": [3.0] * 9}), list(range(9))),
        (pd.DataFrame({"a": range(9)}), [np.nan] * 9),
        (pd.DataFrame(index=range(9)), list(range(9))),
    ],
)
def test_too_little_to_fit_is_none(frame, outcome):
    assert relative_weights(frame, np.array(outcome, float), rng=rng()) is None


def test_a_driver_without_spread_has_no_weight(survey):
    frame = survey[["x1", "x2"]].assign(same=4.0)
    found = relative_weights(frame, survey["overall"], rng=rng(), resamples=30)
    assert found.raw[2] == 0
    assert importance(found, key="d", names={})[-1].value == 0
    alone = relative_weights(survey[["x1"]], survey["overall"], rng=rng(), resamples=30)
    assert lead(alone, key="l", name="lead") is None
