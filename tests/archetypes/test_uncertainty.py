"""Standard errors against numerical derivatives, and intervals by their coverage."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import softmax

from crmresearch.archetypes.edges import profile_bounds
from crmresearch.archetypes.em import climb, posterior
from crmresearch.archetypes.latent import LatentClasses, fit
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.uncertainty import arcsine_interval, uncertainty
from crmresearch.methods.proportions import wilson
from crmresearch.methods.weighting import design

from .conftest import CHANCES, SHARES, customers

STEP = 1e-4


@pytest.fixture(scope="module")
def solution(golden) -> LatentClasses:
    frame = golden("lca_missing").iloc[:, :4]
    return fit(collapse(frame), 2, rng=np.random.default_rng(1))


def _parameters(model):
    items = model.probs.reshape(2, 4, 3)
    logits = np.log(items[:, :, 1:] / items[:, :, :1])
    return np.r_[np.log(model.shares[1] / model.shares[0]), logits.ravel()]


def _model_at(point):
    logits = np.concatenate([np.zeros((2, 4, 1)), point[1:].reshape(2, 4, 2)], axis=2)
    return softmax(np.r_[0.0, point[0]]), softmax(logits, axis=2).reshape(2, 12)


def _slope(function, point):
    moves = np.eye(len(point)) * STEP
    return np.stack([(function(point + m) - function(point - m)) / (2 * STEP) for m in moves], -1)


def test_errors_match_numerical_derivatives(solution):
    patterns = solution.patterns
    point = _parameters(solution)

    def scores(at):
        return posterior(patterns, *_model_at(at))[0]

    def doubt(at):
        chances = posterior(patterns, *_model_at(at))[1]
        return -(chances * np.log(chances)).sum(axis=1)

    def slope(at):
        return patterns.weight @ _slope(scores, at)

    covariance = np.linalg.inv(-_slope(slope, point))
    found = uncertainty(solution)
    for function, errors in (
        (lambda at: _model_at(at)[0], found.share_error),
        (lambda at: _model_at(at)[1].ravel(), found.prob_errors.ravel()),
    ):
        jacobian = _slope(function, point)
        assert_allclose(errors, np.sqrt(np.diag(jacobian @ covariance @ jacobian.T)), rtol=1e-4)
    unit = patterns.total * np.log(2)
    direct = -(doubt(point) - patterns.weight @ doubt(point) / patterns.total) / unit
    through = -patterns.weight @ _slope(doubt, point) / unit
    influence = direct + _slope(scores, point) @ (covariance @ through)
    assert_allclose(found.entropy_error(), np.sqrt(patterns.weight @ influence**2), rtol=1e-4)
    assert found.identified


def test_clusters_of_one_give_the_robust_errors_and_of_two_copies_the_same(golden):
    data = golden("lca").iloc[:200, :4].to_numpy(float)
    doubled = np.vstack([data, data])
    pairs = np.tile(np.arange(200), 2)
    once = fit(collapse(data), 2, rng=np.random.default_rng(1))
    twice = fit(collapse(doubled), 2, rng=np.random.default_rng(1))
    alone = uncertainty(once, design=design(200, np.r_[np.ones(199), 1 + 1e-6]))
    clustered = uncertainty(twice, design=design(400, clusters=pairs))
    # Copies tell nothing new: n stays 200, but for the small-sample factor of the clusters.
    assert_allclose(clustered.share_error, alone.share_error * np.sqrt(200 / 199), rtol=1e-3)
    assert (clustered.share_error > 1.3 * uncertainty(twice).share_error).all()


def test_an_interval_near_the_edge_stays_within_and_is_not_everything():
    low, high = arcsine_interval(0.98, 0.09, 0.95)
    assert 0.5 < low < 0.98 < high <= 1
    assert np.isnan(arcsine_interval(0.4, np.nan, 0.95)).all()


def test_at_the_edge_a_known_class_gives_the_likelihood_ratio_interval():
    # Two classes that share no answer, so that membership is certain: 40 of 40 say yes. The
    # likelihood ratio bound is exp(-1.9207 / 40); Wilson's is near it.
    rows = np.vstack([np.repeat([[1, 1, 1, 1]], 40, 0), np.repeat([[0, 0, 0, 0]], 60, 0)])
    model = fit(collapse(rows.astype(float)), 2, rng=np.random.default_rng(1))
    low, high = uncertainty(model).prob_interval(1, 1, 0.95)
    assert high == 1.0
    assert_allclose(low, np.exp(-1.9207294 / 40), atol=4e-3)
    assert abs(low - wilson(40, 40)[0]) < 0.05
    mirrored = uncertainty(model).prob_interval(1, 0, 0.95)
    assert_allclose(mirrored, (0, 1 - low), atol=1e-12)


def test_nothing_wanted_gives_no_bounds(solution):
    wanted = np.zeros(solution.probs.shape, dtype=bool)
    n = np.full((2, 4), 100.0)
    assert np.isnan(profile_bounds(solution, wanted, n, level=0.95)).all()


def test_a_model_that_is_not_identified_has_no_errors():
    # Three classes of four yes-or-no answers: 14 parameters, 15 cells, and still not determined.
    data = np.array([[int(bit) for bit in f"{cell:04b}"] for cell in range(16)], dtype=float)
    counts = [42, 23, 6, 25, 6, 24, 7, 38, 1, 4, 1, 6, 2, 9, 2, 20]
    model = fit(collapse(np.repeat(data, counts, axis=0)), 3, rng=np.random.default_rng(1))
    found = uncertainty(model)
    assert not found.identified
    assert np.isnan(found.share_error).all()


def _covered(reps, n, seed):
    rng_seed, inside, sharp = np.random.default_rng(seed), [], []
    full = np.stack([1 - CHANCES, CHANCES], axis=-1).reshape(4, -1)
    for _ in range(reps):
        data, _, _ = customers(n, rng_seed.integers(2**31))
        patterns = collapse(pd.DataFrame(data))
        best = climb(
            patterns, SHARES[:, None], full[:, None], cycles=300
        )  # labels stay the truth's
        shares, probs = best.shares[:, 0], best.probs[:, 0]
        model = LatentClasses(
            patterns=patterns, shares=shares, probs=probs,
            posterior=posterior(patterns, shares, probs)[1], loglik=float(best.loglik[0]),
            starts=1, finished=1, replicated=1, converged=True,
        )  # fmt: skip
        errors = uncertainty(model)
        for k in range(4):
            low, high = errors.share_interval(k, 0.95)
            sharp.append(low <= SHARES[k] <= high)
            for j in range(CHANCES.shape[1]):
                low, high = errors.prob_interval(k, 2 * j + 1, 0.95)
                inside.append(low <= CHANCES[k, j] <= high)
    return np.mean(inside), np.mean(sharp)


def test_intervals_cover_the_truth():
    probs, shares = _covered(25, 1000, 7)
    assert probs > 0.91
    assert shares > 0.88


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_say():
    probs, shares = _covered(400, 1000, 8)
    assert 0.93 < probs < 0.965
    assert 0.92 < shares < 0.975
