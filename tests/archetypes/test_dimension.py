"""One dimension against a printed two-parameter model, R, its equivalences and its derivatives."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes.dimension import _Line, fit_located, fit_normal, refit
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse
from crmresearch.validation.references import table


def two_of(patterns):
    return fit(patterns, 2, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def mixed():
    """Two yes-or-no answers, a scale, a quantity and three unordered categories, with gaps."""
    rng = np.random.default_rng(1)
    place = rng.normal(size=300)
    chance = 1 / (1 + np.exp(-(place[:, None] * [0.5, 1.5] - [0.3, 0.0])))
    frame = pd.DataFrame((rng.random((300, 2)) < chance).astype(float), columns=["a", "b"])
    frame["scale"] = np.clip(np.round(3 + place + rng.normal(size=300)), 1, 5)
    frame["spend"] = 20 + 30 * place + rng.normal(0, 10, 300)
    frame["colour"] = (place + rng.normal(size=300) > 0) + rng.integers(0, 2, 300)
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    return collapse(frame, kinds={"scale": "ordinal", "spend": "continuous"})


def test_the_two_parameter_model_as_printed():
    # Rizopoulos (2006), Journal of Statistical Software 17(5): ltm(LSAT ~ z1)
    counts = table("lsat")
    rows = counts.loc[counts.index.repeat(counts["count"]), "pattern"]
    patterns = collapse(np.array([[int(answer) for answer in row] for row in rows]))
    assert patterns.n == 1000
    found = fit_normal(two_of(patterns))
    assert_allclose(found.loglik, -2466.653, atol=6e-4)
    assert_allclose(found.bic, 5002.384, atol=1e-3)
    slopes = np.abs(found.vector[5:10])  # printed where the search had a gradient of 0.024 left
    assert_allclose(slopes, [0.8254, 0.7229, 0.8905, 0.6886, 0.6575], atol=1e-3)


@pytest.mark.parametrize("normal", [True, False])
def test_the_gradient_is_that_of_the_likelihood(mixed, normal):
    line = _Line(mixed, 7 if normal else 3, normal=normal)
    places = () if normal else (np.array([-1.0, 0.2, 1.0]), np.array([0.0, 0.3, -0.2]))
    at = line.start(two_of(mixed), *places)
    at = at + np.random.default_rng(2).normal(0, 0.1, len(at))
    weight = mixed.weight / mixed.total
    numeric = [
        (line.loss(at + step, weight)[0] - line.loss(at - step, weight)[0]) / 2e-5
        for step in np.eye(len(at)) * 1e-5
    ]
    assert_allclose(line.loss(at, weight)[1], numeric, atol=1e-8)


def test_two_places_are_two_classes(mixed):
    two = two_of(mixed)
    located = fit_located(fit_normal(two), two, 2)
    assert_allclose(located.loglik, two.loglik, atol=1e-4)
    assert located.parameters == two.parameters
    assert_allclose(located.density @ mixed.weight, located.loglik, atol=1e-6)


def test_more_places_never_fit_worse_and_never_better_than_as_many_classes(mixed):
    two = two_of(mixed)
    normal = fit_normal(two)
    three = fit_located(normal, two, 3)
    classes = fit(mixed, 3, starts=6, rng=np.random.default_rng(1), near=two)
    assert two.loglik - 1e-6 <= three.loglik <= classes.loglik + 1e-6
    assert three.parameters < classes.parameters


def test_parameters_of_a_known_line_are_recovered():
    rng = np.random.default_rng(3)
    slope, ease = np.array([0.6, 1.0, 1.5, 2.0, 1.0, 0.8]), np.array([0.5, 0, -0.5, 0.3, 1, -1])
    place = rng.normal(size=6000)
    chance = 1 / (1 + np.exp(-(place[:, None] * slope + ease)))
    patterns = collapse((rng.random((6000, 6)) < chance).astype(float))
    found = fit_normal(two_of(patterns))
    assert_allclose(np.abs(found.vector[6:12]), slope, atol=0.2)
    assert_allclose(found.vector[:6], ease, atol=0.12)


def test_refits_follow_the_weights(mixed):
    model = fit_normal(two_of(mixed))
    assert_allclose(refit(model, mixed.weight).loglik, model.loglik, atol=1e-3)
    assert_allclose(refit(model, 3 * mixed.weight).loglik, 3 * model.loglik, atol=1e-2)
    tilted = mixed.weight * np.random.default_rng(1).gamma(1.0, size=len(mixed.weight))
    again = refit(model, tilted)
    assert again.loglik > tilted @ model.density


def test_answers_that_separate_completely_stay_finite():
    answers = np.repeat([[0.0] * 4, [1.0] * 4, [0, 0, 1, 1.0]], 30, axis=0)
    two = two_of(collapse(answers))
    for model in (fit_normal(two), fit_located(fit_normal(two), two, 3)):
        assert np.isfinite(model.loglik)
        assert np.isfinite(model.density).all()
