"""Reliability, against R's psych and lavaan, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.methods.one_factor import omega_gradient, one_factor
from crmresearch.methods.scales import alpha, item_rest, omega_total, standardised_alpha
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_number, golden_table

NAMES = {"key": "k", "name": "scale"}


@pytest.fixture
def items():
    return golden_table("survey")[["sa1", "sa2", "sa3", "sa4"]]


def test_alpha_and_feldt_match_psych(items):
    found = alpha(items, **NAMES)
    paths = ("alpha", "feldt.0", "feldt.1")
    expected = [golden_number(f"cronbach_alpha.{path}")[0] for path in paths]
    assert_allclose([found.value, found.low, found.high], expected, atol=1e-9)


def test_item_rest_matches_psych(items):
    found = item_rest(items, key="item", names={})
    expected = [golden_number(f"cronbach_alpha.item_rest.{place}")[0] for place in range(4)]
    assert_allclose([item.value for item in found], expected, atol=1e-9)
    assert [item.key for item in found] == [f"item.sa{place}" for place in (1, 2, 3, 4)]


def test_omega_and_its_model_match_lavaan(items):
    model = one_factor(items.to_numpy(float))
    for field, values in (("loadings", model.loadings), ("theta", model.uniquenesses)):
        expected = [golden_number(f"omega_total_1f.{field}.{place}")[0] for place in range(4)]
        assert_allclose(values, expected, atol=1e-5)
    found = omega_total(items, **NAMES)
    assert found.value == pytest.approx(golden_number("omega_total_1f.omega")[0], abs=1e-6)
    assert found.low < found.value < found.high


def test_the_slope_of_omega_is_its_derivative(items):
    answers = items.to_numpy(float)
    centred = answers - answers.mean(axis=0)
    white = centred @ np.linalg.inv(np.linalg.cholesky(np.cov(centred.T, ddof=0))).T

    def omega(covariance):
        made = white @ np.linalg.cholesky(covariance).T
        model = one_factor(made)
        common = model.loadings.sum() ** 2
        return common / (common + model.uniquenesses.sum())

    model = one_factor(answers)
    slope = omega_gradient(model)
    for row, column in [(0, 0), (0, 1), (2, 3), (3, 3)]:
        step = np.zeros((4, 4))
        step[row, column] = step[column, row] = 1e-4
        gain = (omega(model.covariance + step) - omega(model.covariance - step)) / 2e-4
        assert gain == pytest.approx(slope[row, column] * (1 if row == column else 2), rel=1e-4)


def sampled(rng, n, loadings, noise):
    factor = rng.normal(size=(n, 1))
    return pd.DataFrame(factor * loadings + rng.normal(size=(n, len(loadings))) * noise)


def test_alpha_understates_unequal_items_and_omega_covers():
    loadings, noise = np.array([1.2, 0.9, 0.5, 0.3]), np.array([0.8, 1.0, 0.9, 1.1])
    truth = loadings.sum() ** 2 / (loadings.sum() ** 2 + (noise**2).sum())
    rng = np.random.default_rng(5)
    found = [omega_total(sampled(rng, 250, loadings, noise), **NAMES) for _ in range(150)]
    covered = np.mean([item.low <= truth <= item.high for item in found])
    assert 0.9 <= covered <= 0.99
    assert np.mean([item.value for item in found]) == pytest.approx(truth, abs=0.01)
    assert alpha(sampled(rng, 20_000, loadings, noise), **NAMES).value < truth - 0.01


def test_omega_widens_where_accounts_answer_alike():
    rng = np.random.default_rng(6)
    one = sampled(rng, 60, np.array([1.0, 1, 1, 1]), np.ones(4))
    many = pd.concat([one] * 5, ignore_index=True)
    clustered = design(300, clusters=np.tile(np.arange(60), 5))
    alone, repeated = omega_total(one, **NAMES), omega_total(many, design=clustered, **NAMES)
    assert repeated.value == pytest.approx(alone.value, abs=1e-6)
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=0.05)


@given(st.integers(0, 2**31), st.integers(3, 6))
@settings(max_examples=25, deadline=None)
def test_units_and_order_of_items_do_not_matter(seed, k):
    rng = np.random.default_rng(seed)
    frame = sampled(rng, 80, rng.uniform(0.4, 1.2, k), np.ones(k))
    found = omega_total(frame, **NAMES)
    mirrored = omega_total(8 - frame[frame.columns[::-1]], **NAMES)
    assert mirrored.value == pytest.approx(found.value, abs=1e-5)
    assert alpha(8 - frame, **NAMES).value == pytest.approx(alpha(frame, **NAMES).value)


def test_rows_with_a_gap_are_left_out_and_counted(items):
    gaps = items.astype(float)
    gaps.iloc[:10, 0] = np.nan
    for found in (alpha(gaps, **NAMES), omega_total(gaps, **NAMES)):
        assert (found.n, found.n_dropped) == (350, 10)
    assert alpha(gaps, **NAMES).value == alpha(items.iloc[10:], **NAMES).value


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]}),
        pd.DataFrame({"a": [1.0, 2, 3]}),
        pd.DataFrame({"a": [], "b": [], "c": []}),
        pd.DataFrame({"a": [4.0] * 9, "b": [4.0] * 9, "c": [4.0] * 9}),
        pd.DataFrame({"a": [np.nan] * 9, "b": [1.0] * 9, "c": [2.0] * 9}),
        pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [1.0, 2, 3, 4, 5], "c": [2.0, 1, 5, 4, 3]}),
    ],
)
def test_what_has_no_omega_gets_none(frame):
    found = omega_total(frame, **NAMES)
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.method.startswith("omega total needs")


def test_constant_answers_have_no_alpha():
    found = alpha(pd.DataFrame({"a": [4.0] * 9, "b": [4.0] * 9}), **NAMES)
    assert np.isnan(found.value)


def test_an_improper_model_has_no_interval():
    # correlations that no single factor gives: r12 r13 / r23 above 1
    target = np.array([[1, 0.8, 0.8], [0.8, 1, 0.4], [0.8, 0.4, 1]])
    made = np.random.default_rng(7).normal(size=(100, 3))
    made -= made.mean(axis=0)
    made = made @ np.linalg.inv(np.linalg.cholesky(np.cov(made.T, ddof=0))).T
    found = omega_total(pd.DataFrame(made @ np.linalg.cholesky(target).T), **NAMES)
    assert 0 < found.value < 1
    assert np.isnan(found.low)
    assert "improper" in found.method


def clustered(rng, accounts=60, size=5, k=4, shared=0.4):
    """Parallel items of people whose accounts share a part of what they think and of their noise.

    Any linear mix keeps alpha at its value for independent people.
    """
    codes = np.repeat(np.arange(accounts), size)
    mix = np.sqrt(shared) * rng.normal(size=(accounts, k + 1))[codes]
    mix += np.sqrt(1 - shared) * rng.normal(size=(accounts * size, k + 1))
    return pd.DataFrame(mix[:, :1] + mix[:, 1:]), design(len(codes), clusters=codes)


@pytest.mark.parametrize("estimator", [alpha, standardised_alpha, omega_total])
def test_intervals_cover_with_clusters(estimator):
    rng, truth, hits, naive = np.random.default_rng(21), 0.8, 0, 0
    for _ in range(200):
        items, basis = clustered(rng, shared=0.8)
        found = estimator(items, design=basis, **NAMES)
        alone = estimator(items, **NAMES)
        hits += found.low <= truth <= found.high
        naive += alone.low <= truth <= alone.high
    assert 0.9 <= hits / 200 <= 0.985
    assert naive < hits - 15  # what ignoring the clusters costs


def test_item_rest_covers_with_clusters():
    rng, truth, hits = np.random.default_rng(22), 3 / np.sqrt(2 * 12), 0
    for _ in range(150):
        items, basis = clustered(rng, shared=0.8)
        found = item_rest(items, key="item", names={}, design=basis)[0]
        hits += found.low <= truth <= found.high
    assert 0.9 <= hits / 150 <= 0.985


@pytest.mark.slow
def test_weighted_intervals_cover_under_a_full_design():
    rng, truth, hits = np.random.default_rng(23), 0.8, np.zeros(3)
    for _ in range(1500):
        items, basis = clustered(rng)
        weights = rng.choice([0.4, 1.0, 2.5], size=len(items))
        weighted = design(len(items), weights, np.arange(len(items)) // 150, basis.clusters)
        for place, estimator in enumerate((alpha, standardised_alpha, omega_total)):
            found = estimator(items, design=weighted, **NAMES)
            hits[place] += found.low <= truth <= found.high
    assert (abs(hits / 1500 - 0.945) < 0.02).all()


def test_weights_count_rows(items):
    times = np.tile([1.0, 2.0, 0.0, 3.0], 90)
    repeated = items.loc[items.index.repeat(times.astype(int))]
    basis = design(len(items), times)
    for estimator in (alpha, standardised_alpha, omega_total):
        found = estimator(items, design=basis, **NAMES)
        assert found.value == pytest.approx(estimator(repeated, **NAMES).value, abs=1e-9)
        assert (found.n, found.n_dropped) == (270, 90)
    rest = item_rest(items, key="item", names={}, design=basis)
    same = item_rest(repeated, key="item", names={})
    assert [x.value for x in rest] == pytest.approx([x.value for x in same])


def test_spearman_brown_is_the_alpha_of_two_standardised_items(items):
    pair = items[["sa1", "sa2"]]
    r = pair.corr().iloc[0, 1]
    found = standardised_alpha(pair, **NAMES)
    assert found.value == pytest.approx(2 * r / (1 + r))
    assert found.method.startswith("Spearman-Brown coefficient, 2 items")


def test_repeated_and_opposed_items_have_no_interval_of_their_own():
    same = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [1.0, 2, 3, 4, 5]})
    found = standardised_alpha(same, **NAMES)
    assert found.value == pytest.approx(1)
    assert np.isnan([found.low, found.high]).all()
    opposed = same.assign(b=6 - same["b"])
    assert np.isnan(alpha(opposed, **NAMES).value)
    assert np.isnan(standardised_alpha(opposed, **NAMES).value)
    assert [x.value for x in item_rest(same, key="i", names={})] == pytest.approx([1, 1])


def test_an_item_answered_in_one_way_has_no_correlation(items):
    flat = items.assign(sa1=3.0)
    values = [x.value for x in item_rest(flat, key="i", names={})]
    assert np.isnan(values[0])
    assert np.isfinite(values[1:]).all()
    assert np.isnan(standardised_alpha(flat, **NAMES).value)
