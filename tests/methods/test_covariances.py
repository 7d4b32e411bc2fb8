"""Means and covariances of answers and their bootstrap, against the rows taken one by one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.covariances import correlation, moments, products
from crmresearch.methods.moments import resampled, units
from crmresearch.methods.weighting import Design, design


def rng():
    return np.random.default_rng(4)


@pytest.fixture
def answers():
    noise = rng()
    table = noise.normal(size=(40, 3)) + noise.normal(size=(40, 1)) + [2.0, 500.0, -1.0]
    return table * [1.0, 3.0, 0.1]


def test_moments_are_numpys(answers):
    weights = rng().uniform(0.2, 3, 40)
    found = moments(answers, rng=rng(), design=design(40, weights), resamples=2)
    assert_allclose(found.means, np.average(answers, axis=0, weights=weights), rtol=1e-12)
    expected = np.cov(answers.T, aweights=weights, ddof=0)
    assert_allclose(found.covariance, expected, rtol=1e-9)
    assert_allclose(correlation(found.covariance), correlation(expected), atol=1e-12)


@pytest.mark.parametrize("clustered", [False, True])
def test_a_resample_is_its_rows(answers, clustered):
    """Count how often each unit is drawn, and repeat its rows as often."""
    groups = np.arange(40) // 3
    basis = design(40, None, None, groups if clustered else None)
    found = moments(answers, rng=rng(), design=basis, resamples=5)
    codes, _, strata = units(basis, np.ones(40, dtype=bool), rng())
    number = 14 if clustered else 40
    drawn = resampled(np.eye(number), 5, rng(), strata).round().astype(int)
    for times, means, covariance in zip(
        drawn, found.draw_means, found.draw_covariances, strict=True
    ):
        rows = np.repeat(np.arange(40), times if codes is None else times[codes])
        assert_allclose(means, answers[rows].mean(axis=0), rtol=1e-9)
        assert_allclose(covariance, np.cov(answers[rows].T, ddof=0), atol=1e-9)


def test_the_mean_is_put_anew_in_every_resample(answers):
    answers[[0, 5, 9], 0] = np.nan
    answers[[5, 20], 2] = np.nan
    found = moments(answers, rng=rng(), missing="mean", resamples=5)
    drawn = resampled(np.eye(40), 5, rng()).round().astype(int)
    cases = [(np.ones(40, dtype=int), found.means, found.covariance)]
    cases += list(zip(drawn, found.draw_means, found.draw_covariances, strict=True))
    for times, means, covariance in cases:
        part = answers[np.repeat(np.arange(40), times)]
        filled = np.where(np.isnan(part), np.nanmean(part, axis=0), part)
        assert_allclose(means, filled.mean(axis=0), rtol=1e-9)
        assert_allclose(covariance, np.cov(filled.T, ddof=0), atol=1e-9)
    assert found.imputed == pytest.approx(5 / 120)
    assert "mean put for missing answers" in found.words


def test_listwise_leaves_out_whoever_left_out_an_answer(answers):
    whole = moments(answers[3:], rng=rng(), resamples=2)
    answers[:3, 1] = np.nan
    found = moments(answers, rng=rng(), resamples=2)
    assert found.rows.sum() == 37
    assert_allclose(found.covariance, whole.covariance, rtol=1e-9)
    assert found.imputed == 0


def test_rows_in_groups_sum_to_the_rows(answers):
    weights = rng().uniform(size=40)
    codes = rng().permutation(np.arange(40) % 7)
    apart, together = products(answers, weights, None), products(answers, weights, codes)
    assert together.shape == (7, 6)
    for code in range(7):
        assert_allclose(together[code], apart[codes == code].sum(axis=0), rtol=1e-10)


def test_awkward_answers_make_no_moments(answers):
    empty = np.full((5, 2), np.nan)
    assert moments(empty, rng=rng()) is None
    assert moments(empty, rng=rng(), missing="mean") is None
    assert moments(answers[:1], rng=rng()) is None
    assert moments(answers, rng=rng(), design=Design(40, np.zeros(40))) is None
    half = answers.copy()
    half[:, 1] = np.nan
    assert moments(half, rng=rng(), missing="mean") is None
    with pytest.raises(ValueError, match="listwise, mean"):
        moments(answers, rng=rng(), missing="pairwise")


def test_an_item_without_spread_has_no_correlation(answers):
    answers[:, 1] = 4.0
    found = correlation(moments(answers, rng=rng(), resamples=2).covariance)
    assert np.isnan(found[1]).all()
    assert np.isnan(found[:, 1]).all()
    assert np.isfinite(found[0, 2])
