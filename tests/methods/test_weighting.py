"""Designs and linearised variances, against R's survey package."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.methods.means import mean, mean_difference
from crmresearch.methods.weighting import (
    design,
    kish,
    linearised_variance,
    mean_contrast,
    weighted_mean,
)
from crmresearch.validation.references import golden_number, golden_table


@pytest.fixture
def survey():
    return golden_table("survey")


@pytest.fixture
def stratified(survey):
    return design(len(survey), survey["w"], survey["stratum"], survey["psu"])


def golden(path):
    return golden_number(f"survey_design.{path}")[0]


def test_means_and_errors_match_r(survey, stratified):
    for place, values in enumerate([survey["loyalty"], survey["nps"] >= 9]):
        value, error, freedom, n = weighted_mean(values.to_numpy(float), stratified)
        assert_allclose([value, error], [golden(f"mean.{place}"), golden(f"se.{place}")], atol=1e-9)
        assert (freedom, n) == (golden("df"), len(survey))


def test_groups_match_svyby(survey, stratified):
    for place, segment in enumerate(["basic", "plus", "premium"]):
        rows = (survey["segment"] == segment).to_numpy()
        value, error, *_ = weighted_mean(survey["loyalty"].to_numpy(), stratified, rows)
        assert_allclose(
            [value, error], [golden(f"by.{place}"), golden(f"by_se.{place}")], atol=1e-9
        )


def test_a_change_between_waves_counts_each_cluster_once(survey):
    # > d <- svydesign(~psu, data = S, weights = ~w)   # R survey 4.1-1
    # > svycontrast(svyby(~loyalty, ~wave, d, svymean, covmat = TRUE), c(-1, 1))
    # contrast 1.1569, SE 1.2245
    basis = design(len(survey), survey["w"], clusters=survey["psu"])
    waves = survey["wave"].to_numpy()
    parts = [(1.0, waves == 2), (-1.0, waves == 1)]
    value, error, *_ = mean_contrast(survey["loyalty"].to_numpy(), basis, parts)
    assert_allclose([value, error], [1.1569, 1.2245], atol=5e-5)


def test_weights_alone_and_clusters_alone_match_r(survey):
    # > SE(svymean(~loyalty, svydesign(~1, weights = ~w, data = S)))     0.590555513737
    # > SE(svymean(~loyalty, svydesign(~psu, weights = ~1, data = S)))   0.434592813484
    n, loyalty = len(survey), survey["loyalty"].to_numpy()
    assert weighted_mean(loyalty, design(n, survey["w"]))[1] == pytest.approx(0.590555513737)
    clustered = design(n, clusters=survey["psu"])
    assert weighted_mean(loyalty, clustered)[1] == pytest.approx(0.434592813484)


def test_kish_is_one_plus_the_squared_variation():
    weights = np.array([1.0, 1, 2, 4])
    effective, effect = kish(weights, 4)
    assert effect == pytest.approx(1 + (weights.std() / weights.mean()) ** 2)
    assert effective == pytest.approx(4 / effect)
    assert kish(None, 7) == (7.0, 1.0)


def test_what_changes_nothing_is_left_out():
    assert design(3, [2, 2, 2], ["a", "a", "a"], ["x", "y", "z"]).plain
    assert design(3, [0, 0, np.nan]).plain
    mixed = design(4, [1, np.nan, -2, 3], None, ["x", "x", None, None])
    assert_allclose(mixed.weights, [1, 0, 0, 3])
    assert len(set(mixed.clusters)) == 3


def test_clusters_are_nested_in_strata():
    found = design(4, None, ["a", "a", "b", "b"], [1, 1, 1, 1])
    assert len(set(found.clusters)) == 2


def test_a_lonely_stratum_overstates_rather_than_vanishes():
    values = np.array([1.0, 5.0, 2.0, 4.0, 9.0])
    lonely = design(5, None, ["a", "a", "a", "a", "b"])
    variance, freedom = linearised_variance(values - values.mean(), lonely, np.ones(5, bool))
    assert variance > 0
    assert freedom == 3


@given(st.lists(st.integers(1, 7), min_size=2, max_size=30), st.integers(0, 2**31), st.booleans())
@settings(max_examples=50, deadline=None)
def test_order_of_rows_and_size_of_weights_do_not_matter(answers, seed, clustered):
    rng = np.random.default_rng(seed)
    values, n = np.array(answers, float), len(answers)
    weights = rng.uniform(0.2, 3, n)
    clusters = rng.integers(0, 5, n) if clustered else None
    order = rng.permutation(n)
    first = weighted_mean(values, design(n, weights, clusters=clusters))
    moved = None if clusters is None else clusters[order]
    second = weighted_mean(values[order], design(n, 10 * weights[order], clusters=moved))
    assert_allclose(first, second, rtol=1e-9, atol=1e-12)


def test_a_plain_group_does_not_depend_on_the_others():
    values = np.array([1.0, 2, 3, 4, 100, 200])
    rows = np.array([True] * 4 + [False] * 2)
    found = mean(values, key="m", name="m", within=rows)
    alone = mean(values[:4], key="m", name="m")
    assert found == alone


def test_a_mean_stays_on_its_scale_and_needs_spread():
    assert mean([7, 7, 6], key="m", name="m", low=1, high=7).high == 7
    same = mean([5, 5, 5], key="m", name="m")
    assert same.value == 5
    assert np.isnan(same.low)
    single = mean([5], key="m", name="m")
    assert (single.value, single.n) == (5, 1)
    assert np.isnan(single.low)
    assert mean([], key="m", name="m").n == 0


def test_a_panel_finds_a_smaller_change_than_two_samples():
    rng = np.random.default_rng(3)
    people = rng.normal(5, 1, 200)
    values = np.r_[people, people + 0.2] + rng.normal(0, 0.2, 400)
    first = np.repeat([True, False], 200)
    person = np.tile(np.arange(200), 2)
    settings_ = {"key": "c", "name": "change"}
    samples = mean_difference(values, first, ~first, **settings_)
    panel = mean_difference(values, first, ~first, design=design(400, clusters=person), **settings_)
    assert samples.value == pytest.approx(panel.value)
    assert panel.high - panel.low < 0.5 * (samples.high - samples.low)


def test_clustered_intervals_cover_where_plain_ones_do_not():
    rng = np.random.default_rng(4)
    accounts = np.repeat(np.arange(40), 8)
    clustered = design(320, clusters=accounts)
    hits = {"plain": 0, "clustered": 0}
    for _ in range(300):
        values = rng.normal(0, 1, 40)[accounts] + rng.normal(0, 1, 320)
        for name, basis in (("plain", None), ("clustered", clustered)):
            found = mean(values, key="m", name="m", design=basis)
            hits[name] += found.low <= 0 <= found.high
    assert hits["clustered"] / 300 > 0.91
    assert hits["plain"] / 300 < 0.8


def test_frames_with_text_clusters_are_taken():
    frame = pd.DataFrame({"account": ["A", "A", None, "B"], "x": [1.0, 2, 3, 4]})
    basis = design(4, clusters=frame["account"], cluster_name="account")
    assert basis.words == "unweighted, clustered by account"
    assert weighted_mean(frame["x"].to_numpy(), basis)[2] == 2
