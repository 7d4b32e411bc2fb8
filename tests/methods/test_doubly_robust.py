"""Right where either model is: with one of them wrong, and not with both."""

import numpy as np
import pytest

from crmresearch.methods.doubly_robust import augmented_difference
from crmresearch.methods.propensity import propensity, weighted_difference


def bent(seed, n, *, outcome, chance):
    """Members with an effect of 0.5; outcome and chance bend in a covariate where asked."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    curve = x[:, 0] ** 2 - 1
    member = rng.random(n) < 1 / (1 + np.exp(0.6 - 0.6 * x[:, 1] - (0.7 * curve if chance else 0)))
    values = x[:, 1] + 0.5 * member + (curve if outcome else 0) + rng.normal(size=n)
    return x, member, values


@pytest.mark.parametrize("target", ["att", "ate"])
@pytest.mark.parametrize(
    ("outcome", "chance", "right"),
    [(False, False, True), (True, False, True), (False, True, True), (True, True, False)],
)
def test_one_right_model_is_enough(target, outcome, chance, right):
    x, member, values = bent(3, 40_000, outcome=outcome, chance=chance)
    found = augmented_difference(values, member, propensity(member, x), target=target)
    error = (found.influence @ found.influence) ** 0.5
    assert bool(abs(found.value - 0.5) < 3.5 * error) is right


@pytest.mark.parametrize("target", ["att", "ate"])
def test_stacked_error_is_that_of_repetition_where_a_model_is_wrong(target):
    values, errors, plain = [], [], []
    for seed in range(200):
        x, member, y = bent(seed, 400, outcome=False, chance=True)
        score = propensity(member, x)
        found = augmented_difference(y, member, score, target=target)
        bare = augmented_difference(y, member, score, target=target, stacked=False)
        assert bare.value == found.value
        values.append(found.value)
        errors.append((found.influence @ found.influence) ** 0.5)
        plain.append((bare.influence @ bare.influence) ** 0.5)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.15)
    assert np.mean(plain) != pytest.approx(np.mean(errors), rel=1e-6)


def test_regression_narrows_what_weights_leave_open():
    x, member, values = bent(5, 2000, outcome=False, chance=False)
    values = values + 3 * x[:, 0]
    score = propensity(member, x)
    doubly = augmented_difference(values, member, score)
    weighted = weighted_difference(values, member, score, target="att")
    assert doubly.influence @ doubly.influence <= weighted.influence @ weighted.influence


def test_a_comparison_no_larger_than_the_model_is_not_extrapolated():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(30, 4))
    member = np.arange(30) >= 4
    assert np.isnan(augmented_difference(rng.normal(size=30), member, propensity(member, x)).value)
