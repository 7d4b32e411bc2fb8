"""Refits to many reweightings at once: as good as one at a time, and resampled as designed."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.refits import best_of, refit, resampled, starts_near
from crmresearch.methods.weighting import design

from .conftest import customers


@pytest.fixture(scope="module")
def model():
    patterns = collapse(customers(500, 5)[0])
    return fit(patterns, 3, rng=np.random.default_rng(1))


def test_refits_together_are_those_of_each_alone(model):
    rng = np.random.default_rng(2)
    weights = rng.gamma(1.0, size=(6, len(model.patterns.codes)))
    shares, probs = starts_near(model, 6, 3, rng)
    together = refit(model.patterns, weights, shares, probs)
    assert together.converged.all()
    alone = [
        refit(model.patterns, weights[[row]], shares[:, [row]], probs[:, [row]]).loglik[0]
        for row in range(6)
    ]
    assert_allclose(together.loglik, alone, atol=1e-3)


def test_a_refit_to_the_same_weights_stays_where_it_is(model):
    shares, probs = starts_near(model, 1, 0, np.random.default_rng(0))
    again = refit(model.patterns, model.patterns.weight[None], shares, probs)
    assert_allclose(again.loglik[0], model.loglik, atol=1e-4)


def test_the_best_of_each_weighting_goes_on(model):
    shares, probs = starts_near(model, 2, 2, np.random.default_rng(0))
    found = refit(model.patterns, np.ones((2, len(model.patterns.codes))), shares, probs)
    found.loglik = np.array([3.0, 5.0])
    kept, number = best_of(found, 1, 1)
    assert (kept.loglik.tolist(), number) == ([5.0], 1)
    assert best_of(found, 2, 4)[1] == 1


def test_resamples_have_the_spread_of_respondents_drawn_anew():
    answers = customers(400, 6)[0]
    patterns = collapse(answers)
    drawn = resampled(patterns, design(400), 4000, np.random.default_rng(1))
    assert_allclose(drawn.mean(axis=0), patterns.weight, rtol=0.15)
    assert_allclose(drawn.var(axis=0), patterns.weight, rtol=0.3)
    weights = np.random.default_rng(2).choice([0.5, 2.0], 400)
    heavy = collapse(answers, weights=weights)
    drawn = resampled(heavy, design(400, weights), 4000, np.random.default_rng(1))
    assert_allclose(drawn.mean(axis=0), heavy.weight, rtol=0.15)
    assert_allclose(drawn.var(axis=0), heavy.square, rtol=0.3)


def test_clusters_are_resampled_whole():
    answers = np.repeat(customers(100, 6)[0], 4, axis=0)  # four of an account say the same
    patterns = collapse(answers)
    account = np.repeat(np.arange(100), 4)
    clustered = design(400, None, None, account)
    drawn = resampled(patterns, clustered, 4000, np.random.default_rng(1))
    assert_allclose(drawn.mean(axis=0), patterns.weight, rtol=0.15)
    assert_allclose(drawn.var(axis=0), 4 * patterns.weight, rtol=0.3)
