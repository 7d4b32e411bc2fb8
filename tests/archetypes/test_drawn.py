"""Samples drawn from a model: as many respondents, the same gaps, the model's probabilities."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes.drawn import samples
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse

from .conftest import customers


def mixed(n, seed):
    answers, kind, rng = customers(n, seed)
    frame = pd.DataFrame(answers[:, :3], columns=["a", "b", "c"])
    frame["scale"] = np.clip(np.round(4 - kind + rng.normal(0, 0.8, n)), 1, 5)
    frame["spend"] = 10 - 2 * kind + rng.normal(0, 1, n)
    return frame.mask(rng.random(frame.shape) < 0.1)


@pytest.mark.parametrize("gaps", [0.0, 0.15])
def test_samples_have_the_gaps_of_the_data_and_the_chances_of_the_model(gaps):
    answers, _, rng = customers(600, 1)
    answers[rng.random(answers.shape) < gaps] = np.nan
    model = fit(collapse(answers), 2, rng=rng)
    patterns, counts = samples(model, 40, rng)
    assert_allclose(counts.sum(axis=1), 600)
    own = np.unique(np.isnan(answers), axis=0, return_counts=True)
    drawn = np.repeat(~patterns.answered, counts[0].astype(int), axis=0)
    assert_allclose(np.unique(drawn, axis=0, return_counts=True)[1], own[1])
    answered = patterns.answered.T.astype(float) @ counts.sum(axis=0)
    yes = patterns.onehot[1::2] @ counts.sum(axis=0) / answered
    assert_allclose(yes, model.shares @ model.probs[:, 1::2], atol=0.02)
    assert_allclose(patterns.weight, counts.sum(axis=0))


def test_samples_of_scales_and_quantities_are_like_the_model():
    kinds = {"scale": "ordinal", "spend": "continuous"}
    model = fit(collapse(mixed(500, 2), kinds=kinds), 2, rng=np.random.default_rng(1))
    patterns, counts = samples(model, 20, np.random.default_rng(2))
    mass = patterns.onehot @ counts.sum(axis=0)
    first = patterns.starts[4]
    mean, square = mass[first + 1] / mass[first], mass[first + 2] / mass[first]
    means, variances = model.probs[:, first + 1], model.probs[:, first + 2]
    assert_allclose(mean, model.shares @ means, atol=0.1)
    assert_allclose(square, model.shares @ (means**2 + variances), rtol=0.03)
    scale = patterns.item == 3
    assert_allclose(
        mass[scale] / mass[scale].sum(), model.shares @ model.probs[:, scale], atol=0.02
    )


def test_an_answer_nobody_gives_stays_a_column():
    answers = np.array([[0, 0], [1, 1], [0, 1], [1, 2.0]] * 5)
    model = fit(collapse(answers), 1, rng=np.random.default_rng(0))
    patterns, counts = samples(model, 1, np.random.default_rng(0))
    assert patterns.onehot.shape[0] == 5
    assert counts.sum() == 20
