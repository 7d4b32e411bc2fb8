"""Log odds of the types: coverage, attenuation, and what happens without an end."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes import latent
from crmresearch.archetypes.classification import classify
from crmresearch.archetypes.distal import likelihood_means
from crmresearch.archetypes.membership import METHODS, Crossed, fit
from crmresearch.archetypes.one_step import one_step
from crmresearch.archetypes.outcomes import corrected_means
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.uncertainty import uncertainty
from crmresearch.methods.weighting import Design, design

YES = {
    "apart": np.array([[0.9] * 7, [0.1] * 4 + [0.9] * 3, [0.1] * 7]),
    "overlapping": np.array([[0.8] * 7, [0.25] * 3 + [0.75] * 4, [0.2] * 7]),
}
SIZE = {"apart": 600, "overlapping": 1000}
START, SLOPE = np.array([0, -0.2, -0.4]), np.array([0, 0.6, -0.5])
MEANS, LEFT = np.array([5.0, 4.0, 3.0]), np.array([0.1, 0.3, 0.6])


def drawn(kind, n, seed):
    """Answers, covariate, outcome and leaving of n customers of three types."""
    rng = np.random.default_rng(seed)
    x = rng.choice([-1.5, -0.5, 0.5, 1.5], n)
    chances = chance(x)
    own = (rng.random(n)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    answers = (rng.random((n, 7)) < YES[kind][own]).astype(float)
    left = (rng.random(n) < LEFT[own]).astype(float)
    return answers, x, MEANS[own] + rng.normal(0, 1, n), left


def chance(x):
    odds = np.exp(START + np.multiply.outer(x, SLOPE))
    return odds / odds.sum(axis=-1, keepdims=True)


def placed(answers, classes=3, sampling=None, seed=1):
    weights = None if sampling is None else sampling.weights
    patterns = collapse(answers, weights=weights)
    model = latent.fit(patterns, classes, starts=10, rng=np.random.default_rng(seed))
    row = patterns.row
    return classify(
        SimpleNamespace(
            model=model,
            errors=uncertainty(model, design=sampling),
            of_row=np.where(row >= 0, model.modal[row], -1),
            indicators=SimpleNamespace(design=sampling or Design(len(answers))),
            kept={},
        )
    )


def crossed(x, classified):
    values, code = np.unique(x, return_inverse=True)
    wide = len(classified.table)
    weight = classified.design.row_weights()
    cells = np.bincount(code * wide + classified.assigned, weight, len(values) * wide)
    matrix = np.column_stack([np.ones(len(values)), values])
    return Crossed(matrix, cells.reshape(-1, wide), code)


def held(found, truth):
    """Which of the true numbers the intervals hold."""
    bounds = [found.interval(row, 0.95)[:2] for row in np.eye(len(found.value))]
    return [low <= value <= high for value, (low, high) in zip(truth, bounds, strict=True)]


def sample_coverage(kind, seed):
    """Which intervals of one sample hold the truth, by estimator."""
    answers, x, y, left = drawn(kind, SIZE[kind], seed)
    classified = placed(answers, seed=seed)
    yes = classified.types.model.probs[:, 1::2]
    true = [int(np.abs(YES[kind] - row).sum(axis=1).argmin()) for row in yes]
    if sorted(true) != [0, 1, 2]:
        return {}
    found, predictors = {}, crossed(x, classified)
    for method in METHODS:
        model = fit(predictors, classified, method=method)
        found[method] = held(model.slopes([1]), SLOPE[true][1:] - SLOPE[true][0])
        if method == "ml":
            sides = []
            for value in (0.5, -0.5):
                matrix = predictors.matrix.copy()
                matrix[:, 1] = value
                sides.append(model.shares(matrix))
            share = model.numbers(*(high - low for high, low in zip(*sides, strict=True)))
            found["share"] = held(share, (chance(0.5) - chance(-0.5))[true])
    found["bch mean"] = held(corrected_means(y, classified), MEANS[true])
    for name, values, truth in (("ml mean", y, MEANS), ("ml left", left, LEFT)):
        likely = likelihood_means(values, classified, share=name == "ml left")
        if likely is not None:
            found[name] = held(likely, truth[true])
    return found


def coverage(kind, samples):
    found = [sample_coverage(kind, 1000 + seed) for seed in range(samples)]
    names = {name for one in found for name in one}
    return {name: np.mean([x for one in found for x in one.get(name, [])]) for name in names}


def test_intervals_hold_the_truth():
    found = coverage("apart", 7)
    assert all(found[name] > 0.75 for name in found if name != "modal"), found


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["apart", "overlapping"])
def test_intervals_hold_the_truth_as_often_as_they_say(kind):
    found = coverage(kind, 400)
    uncorrected = found.pop("modal")
    assert all(0.925 < share < 0.975 for share in found.values()), found
    assert uncorrected < min(found.values())


@pytest.fixture(scope="module")
def sample():
    answers, x, y, left = drawn("overlapping", 3000, 5)
    return placed(answers), x, y, left


def test_three_steps_undo_what_likeliest_types_attenuate(sample):
    classified, x, _, _ = sample
    yes = classified.types.model.probs[:, 1::2]
    true = [int(np.abs(YES["overlapping"] - row).sum(axis=1).argmin()) for row in yes]
    truth = SLOPE[true][1:] - SLOPE[true][0]
    predictors = crossed(x, classified)
    away = {
        method: np.abs(fit(predictors, classified, method=method).coefficients[1] - truth).max()
        for method in METHODS
    }
    assert away["ml"] < away["modal"] > away["bch"]


def test_each_row_may_be_a_combination_of_its_own(sample):
    classified, x, _, _ = sample
    once = crossed(x, classified)
    counts = np.eye(3)[classified.assigned]
    each = Crossed(np.column_stack([np.ones(len(x)), x]), counts, np.arange(len(x)))
    for method in METHODS:
        one, other = fit(once, classified, method=method), fit(each, classified, method=method)
        assert_allclose(one.coefficients, other.coefficients, atol=1e-8)
        pair = [model.slopes([1]).covariance()[0] for model in (one, other)]
        assert_allclose(*pair, rtol=1e-6)


def test_weights_of_two_are_rows_given_twice_in_the_estimates():
    answers, x, y, _ = drawn("apart", 500, 8)
    twice = np.r_[0:500, 0:250]
    weighted = placed(answers, sampling=design(500, np.r_[[2.0] * 250, [1.0] * 250]))
    repeated = placed(answers[twice])
    one = fit(crossed(x, weighted), weighted)
    other = fit(crossed(x[twice], repeated), repeated)
    assert_allclose(one.coefficients, other.coefficients, atol=1e-4)
    means = [corrected_means(y, weighted).value, corrected_means(y[twice], repeated).value]
    assert_allclose(*means, atol=1e-4)
    likely = [likelihood_means(y, weighted).value, likelihood_means(y[twice], repeated).value]
    assert_allclose(*likely, atol=1e-4)


def test_rows_doubled_within_clusters_keep_their_errors():
    answers, x, y, _ = drawn("apart", 400, 9)
    single = placed(answers)
    twice = np.tile(np.arange(400), 2)
    pairs = placed(answers[twice], sampling=design(800, clusters=twice))
    errors = [
        np.sqrt(np.diag(fit(crossed(values, found), found).slopes([1]).covariance()[0]))
        for values, found in ((x, single), (x[twice], pairs))
    ]
    assert_allclose(*errors, rtol=1e-4)
    errors = [
        np.sqrt(np.diag(corrected_means(values, found).covariance()[0]))
        for values, found in ((y, single), (y[twice], pairs))
    ]
    assert_allclose(*errors, rtol=1e-4)


def test_a_type_that_does_not_occur_leaves_log_odds_finite_and_says_so(sample):
    classified, x, _, _ = sample
    only = np.where(classified.assigned == 1, 1.0, np.where(x > 0, 1.0, 0.0))
    predictors = crossed(only, classified)
    assert predictors.counts[0, 1] == 0
    found = fit(predictors, classified, method="modal")
    assert found.eased
    assert np.isfinite(found.coefficients).all()
    assert np.isfinite(found.slopes([1]).covariance()[0]).all()
    assert not fit(crossed(x, classified), classified, method="modal").eased
    assert fit(predictors, classified, method="bch") is None  # fewer than no respondents


def test_nobody_to_fit(sample):
    classified, x, _, _ = sample
    nobody = Crossed(np.ones((0, 2)), np.zeros((0, 3)), np.full(len(x), -1))
    assert fit(nobody, classified) is None
    with pytest.raises(ValueError, match="not one of"):
        fit(nobody, classified, method="two-step")


def test_chosen_types_have_nothing_to_correct(sample):
    classified, x, y, left = sample
    model = classified.types.model
    sure = SimpleNamespace(
        posterior=np.eye(3)[model.modal], patterns=model.patterns, classes=3, modal=model.modal
    )
    chosen = classify(
        SimpleNamespace(
            model=sure,
            errors=None,
            of_row=classified.assigned,
            indicators=SimpleNamespace(design=classified.design),
            kept={},
        )
    )
    assert chosen.certain
    assert_allclose(chosen.table, np.eye(3))
    plain = fit(crossed(x, chosen), chosen, method="modal")
    for method in METHODS:
        found = fit(crossed(x, chosen), chosen, method=method)
        assert_allclose(found.coefficients, plain.coefficients, atol=1e-7)
        assert_allclose(
            found.slopes([1]).covariance()[0], plain.slopes([1]).covariance()[0], rtol=1e-6
        )
    means = [y[classified.assigned == k].mean() for k in range(3)]
    assert_allclose(corrected_means(y, chosen).value, means)
    shares = [left[classified.assigned == k].mean() for k in range(3)]
    assert_allclose(likelihood_means(left, chosen, share=True).value, shares, atol=1e-6)


def test_one_step_agrees_with_three_where_the_model_is_right(sample):
    classified, x, _, _ = sample
    predictors = crossed(x, classified)
    three = fit(predictors, classified)
    one = one_step(
        classified.types.model, predictors.matrix, predictors.row, classified.design,
        start=three.coefficients,
    )  # fmt: skip
    error = np.sqrt(np.diag(three.slopes([1]).covariance()[0]))
    assert np.all(np.abs(one.coefficients[1] - three.coefficients[1]) < error)
    assert one.loglik > classified.types.model.loglik
    assert one.moved < 0.1
    cold = one_step(classified.types.model, predictors.matrix, predictors.row, classified.design)
    assert_allclose(cold.coefficients, one.coefficients, atol=1e-3)
    nobody = np.full(len(x), -1)
    assert one_step(classified.types.model, predictors.matrix, nobody, classified.design) is None
