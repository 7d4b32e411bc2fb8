"""Means by type by maximum likelihood: limits, yes and no, and where there is no maximum."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes import distal
from crmresearch.archetypes.distal import likelihood_means
from crmresearch.archetypes.outcomes import corrected_means

from .test_membership import drawn, placed


@pytest.fixture(scope="module")
def sample():
    answers, _, y, left = drawn("apart", 1500, 3)
    return placed(answers), y, left


def test_shares_equal_the_corrected_ones(sample):
    # For yes and no both fit the shares of likeliest types exactly.
    classified, _, left = sample
    likely, corrected = (
        likelihood_means(left, classified, share=True),
        corrected_means(left, classified),
    )
    assert_allclose(likely.value, corrected.value, atol=1e-6)
    assert_allclose(likely.covariance()[0], corrected.covariance()[0], rtol=1e-4)


def test_it_is_more_precise_where_the_outcome_is_normal(sample):
    classified, y, _ = sample
    likely, corrected = likelihood_means(y, classified), corrected_means(y, classified)
    assert np.diag(likely.covariance()[0]).sum() < np.diag(corrected.covariance()[0]).sum()
    assert_allclose(likely.value, corrected.value, atol=0.1)


def test_many_different_answers_are_rounded_without_harm(sample, monkeypatch):
    classified, y, _ = sample
    exact = likelihood_means(y, classified)
    monkeypatch.setattr(distal, "MANY", 100)
    monkeypatch.setattr(distal, "BLOCK", 64)
    rounded = likelihood_means(y, classified)
    assert_allclose(rounded.value, exact.value, atol=2e-4)
    assert_allclose(rounded.covariance()[0], exact.covariance()[0], rtol=2e-3)


def test_units_of_the_outcome_do_not_matter(sample):
    classified, y, _ = sample
    plain, other = likelihood_means(y, classified), likelihood_means(1e6 + 1000 * y, classified)
    assert_allclose((other.value - 1e6) / 1000, plain.value, atol=1e-4)


def test_without_a_proper_maximum_there_is_none(sample):
    classified, y, left = sample
    constant = np.full(len(y), 4.0)
    assert likelihood_means(constant, classified) is None
    assert likelihood_means(np.zeros(len(y)), classified, share=True) is None
    assert likelihood_means(np.full(len(y), np.nan), classified) is None
    alike = np.where(classified.assigned == 0, 7.0, y)  # one type gives one answer only
    assert likelihood_means(alike, classified) is None
    assert corrected_means(alike, classified) is not None
    few = np.full(len(y), np.nan)
    few[0] = 1.0
    assert likelihood_means(few, classified) is None
    assert likelihood_means(few, classified, share=True) is None
