"""Drivers and outcome: which rows their correlations rest on, and how they are resampled."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.methods.drivers import fit
from crmresearch.methods.importance import johnson, relative_weights
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_table

COLUMNS = [f"x{place}" for place in range(1, 7)]


def rng():
    return np.random.default_rng(8)


@pytest.fixture
def survey():
    return golden_table("survey")


def test_the_same_seed_gives_the_same_draws(survey):
    one, two = (fit(survey[COLUMNS], survey["overall"], rng=rng(), resamples=50) for _ in range(2))
    assert_allclose(one.draws, two.draws)
    assert_allclose(one.mean_draws, two.mean_draws)
    assert_allclose(one.means, survey[COLUMNS].mean())


def test_clusters_are_resampled_whole(survey):
    many = pd.concat([survey.iloc[:60]] * 6, ignore_index=True)
    accounts = design(360, clusters=np.tile(np.arange(60), 6), cluster_name="account")
    settings_ = {"rng": rng(), "resamples": 400}
    rows = fit(many[COLUMNS], many["overall"], **settings_)
    whole = fit(many[COLUMNS], many["overall"], design=accounts, **settings_)
    assert_allclose(rows.matrix, whole.matrix)
    ratio = whole.draws.std(axis=0)[0, 1:] / rows.draws.std(axis=0)[0, 1:]
    assert_allclose(ratio, np.sqrt(6), rtol=0.25)
    assert "of accounts" in whole.words


def test_weights_go_along(survey):
    doubled = pd.concat([survey, survey.iloc[:100]], ignore_index=True)
    weights = np.where(np.arange(len(survey)) < 100, 2.0, 1.0)
    settings_ = {"rng": rng(), "resamples": 5}
    twice = fit(doubled[COLUMNS], doubled["overall"], **settings_)
    weighted = fit(
        survey[COLUMNS], survey["overall"], design=design(len(survey), weights), **settings_
    )
    assert_allclose(weighted.matrix, twice.matrix, atol=1e-12)


def test_pairwise_correlations_keep_those_who_met_only_some(survey):
    some = survey[COLUMNS].copy()
    some.loc[::4, "x2"] = np.nan
    found = fit(some, survey["overall"], rng=rng(), resamples=50)
    assert (found.n, found.n_dropped, found.complete) == (360, 0, 270)
    assert "pairwise" in found.words
    assert_allclose(found.matrix, some.assign(y=survey["overall"]).corr(), atol=1e-12)
    only = fit(some, survey["overall"], rng=rng(), resamples=5, complete=True)
    assert (only.n, only.n_dropped) == (270, 90)
    assert_allclose(only.matrix, some.assign(y=survey["overall"]).dropna().corr(), atol=1e-12)


def contradictory() -> tuple[pd.DataFrame, np.ndarray]:
    noise = np.random.default_rng(10)
    a = noise.normal(size=300)
    frame = pd.DataFrame({"a": a, "b": a, "c": a}) + noise.normal(size=(300, 3)) * 0.01
    frame.loc[:99, "a"], frame.loc[100:199, "b"] = np.nan, np.nan
    frame.loc[:99, "c"] *= -1
    return frame, a + noise.normal(size=300)


def test_contradictory_pairs_fall_back_to_complete_rows():
    found = fit(*contradictory(), rng=rng(), resamples=20)
    assert "complete rows" in found.words
    assert found.n == found.complete == 100


def test_resamples_of_pairs_could_belong_to_one_population():
    noise = np.random.default_rng(11)
    frame = pd.DataFrame(noise.normal(size=(30, 6)) + noise.normal(size=(30, 1)))
    frame = frame.mask(noise.random(frame.shape) < 0.35)
    found = fit(frame, noise.normal(size=30), rng=rng(), resamples=300)
    smallest = np.linalg.eigvalsh(found.draws)[:, 0]
    assert "pairwise" in found.words
    assert smallest.min() > 0
    assert (smallest < 0.011).any()  # otherwise nothing was tested
    assert_allclose(np.diagonal(found.draws, axis1=1, axis2=2), 1)


@given(st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_order_of_rows_and_units_do_not_matter(seed):
    noise = np.random.default_rng(seed)
    frame = pd.DataFrame(noise.normal(size=(40, 3)), columns=list("abc"))
    outcome = frame["a"] + noise.normal(size=40)
    order = noise.permutation(40)
    first = relative_weights(fit(frame, outcome, rng=rng(), resamples=2))
    second = relative_weights(
        fit(-3 * frame.iloc[order] + 1, outcome.to_numpy()[order], rng=rng(), resamples=2)
    )
    assert_allclose(first.raw, second.raw, atol=1e-10)
    assert (first.raw >= 0).all()
    assert first.r2 <= 1 + 1e-12
    assert_allclose(first.raw, johnson(first.fit.matrix))


@pytest.mark.parametrize(
    ("frame", "outcome"),
    [
        (pd.DataFrame({"a": [1.0]}), [2.0]),
        (pd.DataFrame({"a": [np.nan] * 9}), list(range(9))),
        (pd.DataFrame({"a": range(9)}), [4.0] * 9),
        (pd.DataFrame({"a": [3.0] * 9}), list(range(9))),
        (pd.DataFrame({"a": range(9)}), [np.nan] * 9),
        (pd.DataFrame(index=range(9)), list(range(9))),
        (pd.DataFrame(np.eye(20, 30)), list(range(20))),
    ],
)
def test_too_little_to_fit_is_none(frame, outcome):
    assert fit(frame, np.array(outcome, float), rng=rng()) is None


def test_rows_without_weight_do_not_count(survey):
    weights = np.where(np.arange(len(survey)) < 200, 1.5, 0.0)
    found = fit(
        survey[COLUMNS], survey["overall"], rng=rng(), resamples=5,
        design=design(len(survey), weights),
    )  # fmt: skip
    assert (found.n, found.n_dropped) == (200, 160)
    assert_allclose(found.matrix, survey[[*COLUMNS, "overall"]].head(200).corr(), atol=1e-12)
