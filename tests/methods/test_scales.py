"""Reliability, against R's psych and lavaan, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.methods.scales import alpha, item_rest, omega_gradient, omega_total, one_factor
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
