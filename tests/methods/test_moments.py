"""Moments of pairs, summed by rows, clusters or random groups, and their bootstrap."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import moments
from crmresearch.methods.weighting import Design, design


def table(n: int = 400, missing: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(3)
    found = rng.normal(size=(n, 4)) + rng.normal(size=(n, 1)) + [5, 0, -3, 100]
    return np.where(rng.random((n, 4)) < missing, np.nan, found)


def of(part: np.ndarray, basis: Design) -> moments.Contributions:
    rows = np.ones(len(part), dtype=bool)
    return moments.contributions(part, basis, rows, np.random.default_rng(1))


def test_correlations_and_means_are_those_of_pandas():
    part = table()
    found = of(part, Design(400))
    frame = pd.DataFrame(part)
    assert_allclose(moments.correlations(found.total(), 4), frame.corr(), atol=1e-12)
    assert_allclose(found.means(found.total()), frame.mean(), rtol=1e-12)


def test_groups_add_up_to_what_rows_do(monkeypatch):
    part, weights = table(), np.random.default_rng(2).uniform(0.5, 2, 400)
    clusters = np.arange(400) // 3
    rows = of(part, design(400, weights))
    whole = of(part, design(400, weights, clusters=clusters, cluster_name="account"))
    assert (len(rows.sums), len(whole.sums), whole.unit) == (400, 134, "accounts")
    assert_allclose(whole.total(), rows.total(), atol=1e-10)
    first = rows.sums[:3].sum(axis=0)
    assert_allclose(whole.sums[0], first, atol=1e-12)
    monkeypatch.setattr(moments, "ROWS", 7)  # clusters that lie across blocks
    assert_allclose(of(part, design(400, weights, clusters=clusters)).sums, whole.sums, atol=1e-12)


def test_many_rows_are_summed_in_random_groups():
    part = table(12_000, missing=0)
    found = of(part, Design(12_000))
    assert len(found.sums) == 10_000
    assert found.unit == "10,000 random groups of rows"
    assert_allclose(
        moments.correlations(found.total(), 4), np.corrcoef(part, rowvar=False), atol=1e-12
    )
    draws = moments.correlations(found.resamples(300, np.random.default_rng(4)), 4)
    r = np.corrcoef(part, rowvar=False)[0, 1]
    assert draws[:, 0, 1].std() == pytest.approx((1 - r**2) / np.sqrt(12_000), rel=0.15)


def test_groups_stay_within_strata():
    strata = np.repeat([0, 1], [300, 100])
    basis = design(400, None, strata)
    rows = np.ones(400, dtype=bool)
    codes, unit, of_units = moments.units(basis, rows, np.random.default_rng(1), most=40)
    assert (len(of_units), unit) == (40, "40 random groups of rows")
    assert (of_units[codes] == strata).all()
    assert np.bincount(of_units).tolist() == [30, 10]


def test_resamples_within_strata_have_the_right_variance():
    """Two units a stratum: the plain bootstrap would find half the variance."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(200, 1)) + np.repeat(np.arange(100), 2)[:, None]
    strata = np.repeat(np.arange(100), 2)
    draws = moments.resampled(values, 4000, rng, strata)
    pairs = values.reshape(100, 2)
    assert draws.var() == pytest.approx(((pairs[:, 0] - pairs[:, 1]) ** 2).sum(), rel=0.1)
    assert draws.mean() == pytest.approx(values.sum(), abs=1)


def test_a_stratum_of_one_is_kept():
    draws = moments.resampled(np.array([[5.0], [1.0], [3.0]]), 50, np.random.default_rng(1),
                              np.array([0, 1, 1]))  # fmt: skip
    assert set(draws.ravel()) == {7.0, 11.0}


def test_without_spread_or_pairs_there_is_no_correlation():
    part = np.array([[1, 5, 1.0], [2, np.nan, 1], [3, np.nan, 2], [np.nan, 6, 2]])
    matrix = moments.correlations(of(part, Design(4)).total(), 3)
    assert np.isnan(matrix[0, 1])
    assert np.isfinite(matrix[0, 2])


def test_few_draws_make_no_interval():
    assert np.isnan(moments.percentiles(np.arange(19.0), 0.95)).all()
    low, high = moments.percentiles(np.arange(101.0), 0.9)
    assert (low, high) == (pytest.approx(5), pytest.approx(95))


def test_sums_of_codes_keep_their_order():
    values = np.array([[1.0], [10], [100], [1000]])
    assert moments.summed(values, np.array([1, 0, 1, 2])).ravel().tolist() == [10, 101, 1000]
