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
from crmresearch.archetypes.residuals import pair_residuals
from crmresearch.archetypes.uncertainty import arcsine_interval, sandwich_words, uncertainty
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


def _of_kinds(n, seed, *, missing=0.0, spread="equal"):
    """Patterns of three scales, two quantities and a sign of two classes, and their true means."""
    rng = np.random.default_rng(seed)
    of = rng.choice(2, n, p=[0.6, 0.4])
    frame = pd.DataFrame(
        {
            **{f"o{j}": rng.binomial(4, np.where(of == 0, 0.3, 0.65)) for j in range(3)},
            **{f"q{j}": rng.normal(np.where(of == 0, 100.0, 130.0), 20.0) for j in range(2)},
            "b": rng.random(n) < np.where(of == 0, 0.2, 0.7),
        }
    ).astype(float)
    kinds = {name: "ordinal" if name[0] == "o" else "continuous" for name in frame.columns[:5]}
    patterns = collapse(frame.mask(rng.random(frame.shape) < missing), kinds=kinds, spread=spread)
    return fit(patterns, 2, starts=4, rng=np.random.default_rng(1))


def _kinds_point(model):
    """Thresholds, slope; means, logarithms of variances; logits: what the test perturbs."""
    point = [np.log(model.shares[1] / model.shares[0])]
    for first, count, kind in zip(
        model.patterns.starts, model.patterns.counts, model.patterns.kinds, strict=True
    ):
        own = model.probs[:, first : first + count]
        steps = np.diff(np.log(own), axis=1)
        if kind == "ordinal":
            point += [*steps[0], (steps[1] - steps[0]).mean()]
        elif kind == "continuous":
            equal = model.patterns.spread == "equal"
            point += [*own[:, 1] / 20, *np.log(own[: 1 if equal else 2, 2] / 400)]
        else:
            point += [*steps[:, 0]]
    return np.array(point)


def _kinds_at(model, point):
    probs, at = np.ones_like(model.probs), 1
    for first, count, kind in zip(
        model.patterns.starts, model.patterns.counts, model.patterns.kinds, strict=True
    ):
        if kind == "ordinal":
            logs = np.r_[0.0, np.cumsum(point[at : at + count - 1])]
            slope = point[at + count - 1] * np.arange(count)
            probs[:, first : first + count] = softmax([logs, logs + slope], axis=1)
            at += count
        elif kind == "continuous":
            size = 1 if model.patterns.spread == "equal" else 2
            probs[:, first + 1] = 20 * point[at : at + 2]
            probs[:, first + 2] = 400 * np.exp(point[at + 2 : at + 2 + size])
            at += 2 + size
        else:
            probs[:, first + 1] = 1 / (1 + np.exp(-point[at : at + 2]))
            probs[:, first] = 1 - probs[:, first + 1]
            at += 2
    assert at == len(point)
    return softmax([0.0, point[0]]), probs


@pytest.mark.parametrize("spread", ["equal", "own"])
def test_errors_of_scales_and_quantities_match_numerical_derivatives(spread):
    model = _of_kinds(500, 3, missing=0.05, spread=spread)
    point = _kinds_point(model)
    step = np.eye(len(point)) * 1e-3

    def loglik(at):
        return model.patterns.weight @ posterior(model.patterns, *_kinds_at(model, at))[0]

    def outcome(at):
        shares, probs = _kinds_at(model, at)
        return np.r_[shares, probs.ravel()]

    hessian = np.array(
        [
            [
                loglik(point + a + b) - loglik(point + a - b) - loglik(point - a + b)
                + loglik(point - a - b)
                for b in step
            ]
            for a in step
        ]
    ) / 4e-6  # fmt: skip
    jacobian = np.stack([(outcome(point + a) - outcome(point - a)) / 2e-3 for a in step], axis=-1)
    numerical = np.sqrt(np.diag(jacobian @ np.linalg.inv(-hessian) @ jacobian.T))
    errors = uncertainty(model)
    assert errors.identified
    assert len(errors.inverse) == model.parameters == len(point)
    assert_allclose(np.r_[errors.share_error, errors.prob_errors.ravel()], numerical, rtol=1e-4)


def _kinds_covered(reps, n, seed):
    """How often 95% intervals of the mean of a scale and of a quantity hold the truth."""
    scales, quantities = [], []
    for rep in range(reps):
        model = _of_kinds(n, seed + rep)
        errors = uncertainty(model)
        low = int(model.probs[:, model.patterns.starts[3] + 1].argmin())
        for k, chance, mean in ((low, 0.3, 100.0), (1 - low, 0.65, 130.0)):
            for j, values, truth in (
                (0, np.arange(5.0), 4 * chance),
                (3, np.array([0.0, 1.0, 0.0]), mean),
            ):
                first = model.patterns.starts[j]
                part = slice(first, first + len(values))
                apart = abs(model.probs[k, part] @ values - truth)
                (scales if j == 0 else quantities).append(
                    apart < 1.96 * errors.mean_error(k, part, values)
                )
    return np.mean(scales), np.mean(quantities)


def test_means_of_scales_and_quantities_cover_the_truth():
    scales, quantities = _kinds_covered(12, 500, 100)
    assert scales > 0.8
    assert quantities > 0.8


@pytest.mark.slow
def test_means_of_scales_and_quantities_cover_the_truth_as_often_as_they_say():
    scales, quantities = _kinds_covered(400, 500, 1000)
    assert 0.93 < scales < 0.97
    assert 0.93 < quantities < 0.97


def test_a_scale_that_a_class_answers_at_one_end_keeps_the_others_errors():
    rng = np.random.default_rng(5)
    of = rng.integers(2, size=400)
    scales = rng.binomial(4, np.where(of == 0, 0.2, 0.8), (3, 400)).T.astype(float)
    scales[:, 0] = np.where(of == 0, 0.0, scales[:, 0])
    scales[:, 1] = np.where(of == 0, scales[:, 1].clip(max=1), scales[:, 1].clip(min=3))
    model = fit(collapse(scales, kinds={str(j): "ordinal" for j in range(3)}), 2, starts=4, rng=rng)
    errors = uncertainty(model)
    assert np.isfinite(errors.share_error).all()
    assert np.isfinite(errors.prob_errors).all()


def test_residuals_are_small_within_classes_and_large_for_a_pair_that_goes_together():
    rng = np.random.default_rng(6)
    of = rng.integers(2, size=1500)
    quantities = rng.normal(np.where(of == 0, 0.0, 3.0), 1.0, (3, 1500)).T
    quantities[:, 2] += 0.7 * (quantities[:, 1] - np.where(of == 0, 0.0, 3.0))
    frame = pd.DataFrame(quantities, columns=list("xyz"))
    frame["s"] = rng.binomial(4, np.where(of == 0, 0.3, 0.7)).astype(float)
    frame["b"] = (rng.random(1500) < np.where(of == 0, 0.2, 0.8)).astype(float)
    kinds = {"x": "continuous", "y": "continuous", "z": "continuous", "s": "ordinal"}
    model = fit(collapse(frame, kinds=kinds), 2, starts=4, rng=rng)
    residual, largest = pair_residuals(model)
    assert residual.shape == largest.shape == (5, 5)
    assert_allclose(residual, residual.T)
    worst = np.unravel_index(residual.argmax(), residual.shape)
    assert set(worst) == {1, 2}
    assert residual[1, 2] > 20
    rest = residual.copy()
    rest[1, 2] = rest[2, 1] = 0.0
    assert rest.max() < 3.84
    # Two quantities: n times the square of the difference of correlations, but for their scale.
    known = np.corrcoef(quantities[:, 1], quantities[:, 2])[0, 1]
    means = (model.probs[:, model.patterns.starts[1:3] + 1] - quantities.mean(axis=0)[1:]) / (
        quantities.std(axis=0)[1:]
    )
    assert_allclose(largest[1, 2], abs(known - model.shares @ means.prod(axis=1)), rtol=1e-6)


def test_what_a_sandwich_leaves_out_is_not_said_of_it():
    sampled = design(4, [1, 2, 1, 2], strata=[0, 0, 1, 1], clusters=[0, 0, 1, 1])
    assert sampled.words == "weighted, stratified, clustered by cluster"
    assert sandwich_words(sampled) == "weighted, clustered by cluster, sandwich"
